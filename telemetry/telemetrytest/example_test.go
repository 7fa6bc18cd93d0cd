package telemetrytest_test

import (
	"context"
	"log/slog"
	"testing"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
	"riskmanager.internal/otel/telemetry/telemetrytest"
)

// flatten is what a test of it would look at.
func flatten(ctx context.Context, account, apiKey string) error {
	ctx = telemetry.With(ctx, telemetry.AccountID(account))
	return instrument.Do(ctx, "flatten", func(context.Context) error { return nil },
		instrument.On(telemetry.Enforcement), instrument.Attrs(slog.String("api_key", apiKey)))
}

// It is a test of flatten, which package testing would call.
func Example() {
	_ = func(t *testing.T) { //nolint:thelper // func TestFlatten(t *testing.T) {
		tel := telemetrytest.New(t)
		if err := flatten(tel.Context(), "ACC123", canary); err != nil {
			t.Fatal(err)
		}
		r := tel.Record(telemetry.Enforcement, "flatten completed")
		if got := r.Get("context", "account_id"); got != "ACC123" {
			t.Errorf("got account %v, want ACC123", got)
		}
		tel.AssertNoSecret(canary)
	}
	// Output:
}
