package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"riskmanager.internal/otel/telemetry"
)

// inject returns the baggage header that a request with ctx would carry.
func inject(ctx context.Context, tel *telemetry.Telemetry) string {
	c := propagation.MapCarrier{}
	tel.Propagator().Inject(ctx, c)
	return c.Get("baggage")
}

func TestPropagate(t *testing.T) {
	tel, _ := start(t)
	base := telemetry.With(t.Context(), telemetry.AccountID("ACC 123"), telemetry.EventType("trade"), slog.Int("n", 1),
		slog.String("api_key", secretText), slog.String("note", "password="+secretText), slog.Group("g", slog.Int("a", 1)))
	for _, tt := range []struct {
		name string
		keys []string
		want string
	}{
		{name: "chosen", keys: []string{"account_id"}, want: "account_id=ACC%20123"},
		{name: "typed", keys: []string{"n"}, want: "n=1"},
		{name: "none"},
		{name: "absent", keys: []string{"order_id"}},
		{name: "sensitive key", keys: []string{"api_key"}},
		{name: "group", keys: []string{"g"}},
		{name: "sensitive value", keys: []string{"note"}, want: "note=password=***MASKED***"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inject(telemetry.Propagate(base, tt.keys...), tel)
			if tt.name == "sensitive value" { // How baggage escapes is its own affair.
				if strings.Contains(got, "horse") || !strings.Contains(got, "MASKED") {
					t.Errorf("got %q, want the value masked", got)
				}
				return
			}
			if got != tt.want {
				t.Errorf("got baggage %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPropagateManyFields(t *testing.T) {
	tel, _ := start(t)
	ctx := t.Context()
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = fmt.Sprint("k", i)
		ctx = telemetry.With(ctx, slog.String(keys[i], strings.Repeat("v", 200))) //nolint:fatcontext // Nesting is what is tested.
	}
	if got := len(inject(telemetry.Propagate(ctx, keys...), tel)); got == 0 || got > 8192 {
		t.Errorf("got %d bytes of baggage, want some, and at most what W3C allows", got)
	}
}

func TestBaggageOfOthersIsMasked(t *testing.T) {
	tel, _ := start(t)
	prop, err := baggage.NewKeyValuePropertyRaw("token", secretText)
	if err != nil {
		t.Fatal(err)
	}
	var members []baggage.Member
	for key, v := range map[string]string{"fine": "1", "password": secretText, "note": "api_key=" + secretText} {
		m, err := baggage.NewMemberRaw(key, v)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, m)
	}
	m, err := baggage.NewMemberRaw("with", "2", prop)
	if err != nil {
		t.Fatal(err)
	}
	b, err := baggage.New(append(members, m)...)
	if err != nil {
		t.Fatal(err)
	}
	got := inject(baggage.ContextWithBaggage(t.Context(), b), tel)
	for _, part := range []string{"horse", "password"} {
		if strings.Contains(got, part) {
			t.Errorf("got baggage %q with %q in it", got, part)
		}
	}
	for _, part := range []string{"fine=1", "with=2"} {
		if !strings.Contains(got, part) {
			t.Errorf("got baggage %q, want %s kept", got, part)
		}
	}
}

func TestWithBaggage(t *testing.T) {
	tel, _ := start(t)
	ctx := tel.Propagator().Extract(telemetry.With(t.Context(), telemetry.EventType("mine")),
		propagation.MapCarrier{"baggage": "account_id=ACC%20123,event_type=theirs,admin=yes"})
	got := telemetry.Fields(telemetry.WithBaggage(ctx, "account_id", "event_type", "absent"))
	if s := fmt.Sprint(got); s != "[event_type=mine account_id=ACC 123]" {
		t.Errorf("got fields %s", s)
	}
}

func ExamplePropagate() {
	ctx := telemetry.With(context.Background(), telemetry.AccountID("ACC123"), slog.String("api_key", "never"))
	ctx = telemetry.Propagate(ctx, "account_id", "api_key")
	fmt.Println(baggage.FromContext(ctx))
	// Output: account_id=ACC123
}
