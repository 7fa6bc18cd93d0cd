package telemetry_test

import (
	"log/slog"
	"testing"

	"riskmanager.internal/otel/telemetry"
)

func TestFoldRepeats(t *testing.T) {
	on := true
	tel, dir := start(t, telemetry.WithConfig(telemetry.Config{FoldRepeats: &on}))
	for i := range 10 {
		ctx := telemetry.NewCorrelation(t.Context())
		telemetry.Logger(telemetry.Daemon).WarnContext(ctx, "no quote", "symbol", "ES")
		telemetry.Logger(telemetry.Daemon).InfoContext(ctx, "different", "i", i)
		telemetry.Logger(telemetry.API).ErrorContext(ctx, "failed")
		telemetry.Logger(telemetry.Enforcement).InfoContext(ctx, "flatten")
	}
	stop(t, tel) // The summaries that are due are written.

	records := read(t, dir, "daemon.log")
	for message, want := range map[string]int{"no quote": 4, "different": 10, "failed": 10, "flatten": 10} {
		if got := len(only(records, message)); got != want {
			t.Errorf("%s: got %d records, want %d", message, got, want)
		}
	}
	summary := only(records, "no quote")[3]
	if summary["repeated"] != 7. || summary["symbol"] != "ES" || summary["level"] != "WARNING" {
		t.Errorf("got summary %v, want repeated 7", summary)
	}
	if got := tel.Stats().Folded; got != 7 {
		t.Errorf("got %d folded, want 7", got)
	}
}

func TestRepeatsAreWrittenByDefault(t *testing.T) {
	_, dir := start(t)
	for range 10 {
		slog.Info("again")
	}
	if got := len(read(t, dir, "daemon.log")); got != 10 {
		t.Errorf("got %d records, want 10", got)
	}
}
