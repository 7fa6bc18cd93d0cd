// Package telemetrytest helps to test what a program logs and traces:
//
//	func TestFlatten(t *testing.T) {
//		tel := telemetrytest.New(t)
//		flatten(tel.Context(), "ACC123")
//
//		r := tel.Record(telemetry.Enforcement, "flatten completed")
//		if got := r.Get("context", "account_id"); got != "ACC123" {
//			t.Errorf("got account %v, want ACC123", got)
//		}
//		tel.AssertNoSecret(apiKey)
//	}
package telemetrytest
