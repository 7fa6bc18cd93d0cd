package instrument_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// BenchmarkDo is an operation around nothing, with no record due, against a
// bare span of the same provider.
func BenchmarkDo(b *testing.B) {
	tel, err := telemetry.Setup(b.Context(), telemetry.WithLogDir(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	defer tel.Shutdown(context.Background()) //nolint:errcheck // Nothing is left to tell it to.
	empty := func(context.Context) error { return nil }
	for _, c := range []struct {
		name string
		ctx  context.Context //nolint:containedctx // One case's.
	}{
		{"bare", b.Context()},
		{"fields", telemetry.With(b.Context(), telemetry.AccountID("ACC123"), telemetry.RuleID("MAX_LOSS"))},
	} {
		tracer := tel.TracerProvider().Tracer("bench")
		b.Run("span/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, span := tracer.Start(c.ctx, "op")
				span.End()
			}
		})
		b.Run("do/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = instrument.Do(c.ctx, "op", empty, instrument.Threshold(time.Hour))
			}
		})
		b.Run("level/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = instrument.Do(c.ctx, "op", empty, instrument.AtLevel(slog.LevelDebug))
			}
		})
	}
}
