package telemetry_test

import (
	"context"
	"testing"
	"time"

	"riskmanager.internal/otel/telemetry"
)

func TestShutdownIsBoundedWhateverHangs(t *testing.T) {
	dir := t.TempDir()
	tel, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir), telemetry.WithoutGlobals())
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	tel.OnShutdown(func(context.Context) { <-release })
	tel.OnShutdown(func(context.Context) { panic("a hook's") })
	tel.Logger(telemetry.Daemon).Info("one")

	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := tel.Shutdown(ctx); err != nil {
		t.Errorf("got %v: a hook that hangs is no loss", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if got := len(read(t, dir, "daemon.log")); got != 1 {
		t.Errorf("got %d records, want 1", got)
	}
	start(t, telemetry.WithLogDir(dir)) // The directory is free.
	close(release)
}
