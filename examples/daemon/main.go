// Command daemon is a risk manager in small: it follows the trading accounts of
// a ProjectX gateway, holds every event against the firm's rules, and closes
// positions and locks accounts out where a rule is broken. It shows how such a
// program is instrumented, from end to end:
//
//	go run ./examples/daemon          # until Ctrl-C
//	go run ./examples/daemon -for 10s # and then see what it wrote
//
// Nothing has to be set up: the gateway is a simulated one, in this process,
// with traders that break every rule and with the faults of a real one.
//
// Where to look:
//
//	main.go      set up and shut down, signals
//	daemon.go    start and end, periodic work
//	hub.go       the event hubs: connections, reconnections, gaps
//	pipeline.go  event -> state -> rules: one trace for each event
//	enforce.go   what is done about a breach: the calls of the API, the audit records
//	alert.go     a worker that panics now and then, contained
//	admin.go     health, statistics and the log level over HTTP
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/gateway"
	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

const version = "1.0.0"

const (
	// How long the daemon may take to finish its work and to deliver its
	// records: together less than the 5 s that it promises for a shutdown.
	drainTimeout = 2 * time.Second
	flushTimeout = 2 * time.Second

	// workTimeout bounds one enforcement or alert, so that the next check may
	// try again.
	workTimeout = 10 * time.Second
)

// The loggers. They find the telemetry at each call, so they can be package variables.
var (
	daemonLog      = telemetry.Logger(telemetry.Daemon)
	enforcementLog = telemetry.Logger(telemetry.Enforcement)
	apiLog         = telemetry.Logger(telemetry.API)
	stateLog       = telemetry.Named("risk_manager.state") // Any name will do: it goes to daemon.log.
)

// errTimeIsUp is a cancellation too, so that what it ends has not failed.
var errTimeIsUp = fmt.Errorf("the time given by -for is up: %w", context.Canceled)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 after a good run, 1 after a failure, 2 for a
// command line that is not understood.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f, err := parseFlags(args, stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	// Ctrl-C and SIGTERM end ctx, and with it everything that is given it.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Another Ctrl-C kills, should the first hang. Until then it changes nothing:
	// timeout(1) and others signal a process twice.
	context.AfterFunc(ctx, func() { time.AfterFunc(drainTimeout+flushTimeout, stop) })
	if f.duration > 0 {
		// Not a timeout: a deadline that passes is a failure, and this end is none.
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer time.AfterFunc(f.duration, func() { cancel(errTimeIsUp) }).Stop()
	}
	if err := serve(ctx, f, stdout, stderr); err != nil {
		complain(stderr, err)
		return 1
	}
	return 0
}

// complain writes an error where no logger does. So it is masked by hand: an
// error of the gateway may quote a key.
func complain(stderr io.Writer, err error) {
	fmt.Fprintln(stderr, "daemon:", mask.Default().String(err.Error()))
}

// serve runs the daemon until ctx ends.
func serve(ctx context.Context, f flags, stdout, stderr io.Writer) (err error) {
	// The one call that sets up logs, spans and metrics.
	tel, err := telemetry.Setup(ctx, f.telemetry()...)
	if err != nil {
		return err
	}
	defer func() {
		printSlowest(stdout, instrument.SummaryOf(tel))
		// By now ctx has ended: the last records need a deadline of their own.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		if err := tel.Shutdown(ctx); err != nil {
			complain(stderr, err) // A collector that is away is no failure of the daemon.
		}
		err = errors.Join(err, printReport(stdout, tel.Config()))
	}()
	defer toggleDebug(ctx, tel)()

	stopAdmin, err := startAdmin(ctx, f.admin, tel)
	if err != nil {
		return err
	}
	defer stopAdmin()

	gw, err := gateway.Start(ctx, gateway.Config{Seed: f.seed, Speed: f.speed})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gw.Close()) }()

	settings := newSettings(f, gw)
	d, err := newDaemon(settings)
	if err != nil {
		return err
	}
	daemonLog.InfoContext(ctx, "Daemon started", slog.String("version", version), slog.Any("settings", settings))
	if err := d.run(ctx); err != nil {
		daemonLog.ErrorContext(ctx, "Daemon failed", slog.Any("error", err))
		return err
	}
	daemonLog.InfoContext(ctx, "Daemon stopped", slog.String("reason", context.Cause(ctx).Error()))
	return nil
}
