// Quickstart is the fewest lines that make sense: set up, log, shut down.
package main

import (
	"context"
	"log"
	"log/slog"

	"riskmanager.internal/otel/telemetry"
)

func main() {
	ctx := context.Background()
	tel, err := telemetry.Setup(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer tel.Shutdown(ctx) //nolint:errcheck // Nothing is left to tell it to.

	slog.Info("daemon started", "version", "1.0.0")

	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"), telemetry.EventType("trade"))
	telemetry.Logger(telemetry.API).InfoContext(ctx, "logged in", "api_key", "never written")
}
