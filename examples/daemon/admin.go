package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// startAdmin serves the telemetry's own endpoints until the function that it
// returns is called: health, statistics, and the level to read and to change.
//
//	curl http://ADDRESS/health
//	curl -X PUT -d DEBUG http://ADDRESS/level
//
// They ask nobody who they are, so the address should be a loopback one.
func startAdmin(ctx context.Context, addr string, tel *telemetry.Telemetry) (stop func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-admin: %w", err)
	}
	server := &http.Server{
		Handler:           instrument.Admin(tel),
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          slog.NewLogLogger(daemonLog.Handler(), slog.LevelWarn),
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		defer instrument.Recover(ctx) // The daemon can do without.
		if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			daemonLog.ErrorContext(ctx, "Admin endpoints are gone", slog.Any("error", err))
		}
	})
	daemonLog.InfoContext(ctx, "Admin endpoints are served", slog.String("url", "http://"+ln.Addr().String()+"/health"))
	return func() {
		_ = server.Close() // Its connections are nobody's loss.
		wg.Wait()
	}, nil
}
