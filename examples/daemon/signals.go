package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"riskmanager.internal/otel/telemetry"
)

// toggleDebug turns DEBUG on with a SIGHUP, and off with the next, until the
// function that it returns is called.
func toggleDebug(ctx context.Context, tel *telemetry.Telemetry) (stop func()) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	var wg sync.WaitGroup
	usual := max(tel.Level(), slog.LevelInfo)
	wg.Go(func() {
		for range hup {
			level := slog.LevelDebug
			if tel.Level() <= slog.LevelDebug {
				level = usual
			}
			tel.SetLevel(level)
			daemonLog.WarnContext(ctx, "Log level changed", slog.String("to", level.String()))
		}
	})
	return func() {
		signal.Stop(hup)
		close(hup)
		wg.Wait()
	}
}
