package instrument_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"riskmanager.internal/otel/telemetry"
	"riskmanager.internal/otel/telemetry/telemetrytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary is a secret that masking finds by its key and by its form.
const canary = "sk_live_9f8e7d6c5b4a39281706f5e4"

// bench is a Telemetry of a test's own at level INFO.
type bench struct {
	*telemetrytest.Telemetry
	t   *testing.T
	ctx context.Context //nolint:containedctx // Of the test.
}

func setup(t *testing.T, opts ...telemetry.Option) *bench {
	t.Helper()
	opts = append([]telemetry.Option{telemetry.WithLevel(slog.LevelInfo), telemetry.WithoutGlobals()}, opts...)
	tel := telemetrytest.New(t, opts...)
	return &bench{Telemetry: tel, t: t, ctx: tel.Context()}
}

type record = telemetrytest.Record

// one returns the only record of daemon.log with that message.
func (b *bench) one(message string) record {
	b.t.Helper()
	return b.Record(telemetry.Daemon, message)
}

// messages returns those of daemon.log, with their levels.
func (b *bench) messages() []string {
	b.t.Helper()
	got := []string{}
	for _, r := range b.Records(telemetry.Daemon) {
		got = append(got, r.Level()+" "+r.Message())
	}
	return got
}

// all returns the records of daemon.log with that message.
func (b *bench) all(message string) []record {
	b.t.Helper()
	var found []record
	for _, r := range b.Records(telemetry.Daemon) {
		if r.Message() == message {
			found = append(found, r)
		}
	}
	return found
}

// want fails unless r has these fields.
func (b *bench) want(r record, fields map[string]any) {
	b.t.Helper()
	for key, want := range fields {
		if got := r[key]; fmt.Sprint(got) != fmt.Sprint(want) {
			b.t.Errorf("%s: %s: got %v, want %v", r.Message(), key, got, want)
		}
	}
}

func attr(s tracetest.SpanStub, key string) string {
	for _, a := range s.Attributes {
		if string(a.Key) == key {
			return a.Value.String()
		}
	}
	return ""
}

func debugLevel() telemetry.Option { return telemetry.WithLevel(slog.LevelDebug) }
