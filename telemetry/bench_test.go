package telemetry_test

import (
	"log/slog"
	"testing"

	"riskmanager.internal/otel/telemetry"
)

func BenchmarkLog(b *testing.B) {
	tel, err := telemetry.Setup(b.Context(), telemetry.WithLogDir(b.TempDir()), telemetry.WithoutGlobals())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(b.Context()) }()
	ctx := telemetry.With(b.Context(), telemetry.AccountID("PRAC-V2-12345-67890"), telemetry.EventType("trade"))
	log := tel.Logger(telemetry.Daemon)
	b.Run("enabled", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			log.LogAttrs(ctx, slog.LevelInfo, "Trade processed",
				slog.String("symbol", "CON.F.US.MNQ.U25"), slog.Int("quantity", i&7), slog.Float64("price", 20185.75),
				slog.Int("order_id", i), slog.String("side", "buy"), slog.Float64("duration_ms", 45.23))
		}
	})
	b.Run("disabled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			log.LogAttrs(ctx, slog.LevelDebug, "Trade processed", slog.String("symbol", "CON.F.US.MNQ.U25"))
		}
	})
}
