package telemetry

import (
	"context"
	"log" //nolint:depguard // Its writer and flags are taken and given back.
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
)

// The process's current Telemetry is the one set up last of those that are not
// shut down. This state cannot be a value that is passed around: loggers in
// package variables, slog's default and OpenTelemetry's globals are the
// process's, and so is what they lead to.
var (
	currentTelemetry atomic.Pointer[Telemetry]

	// attached is set once a context carries a Telemetry: until then nobody
	// pays for looking.
	attached atomic.Bool

	globals struct {
		sync.Mutex
		active  []*Telemetry // Guarded by the mutex; the last one is current.
		restore func()       // Guarded by the mutex; puts back what was there before the first.
	}
)

type telemetryKey struct{}

// NewContext returns a copy of ctx that leads loggers, spans and instrument's
// operations to t instead of the current Telemetry. It is for tests and for a
// program with several.
func NewContext(ctx context.Context, t *Telemetry) context.Context {
	attached.Store(true)
	return context.WithValue(ctx, telemetryKey{}, t)
}

// FromContext returns the Telemetry of ctx, else the process's current one,
// else nil, whose methods are safe.
func FromContext(ctx context.Context) *Telemetry {
	if ctx != nil && attached.Load() {
		if t, ok := ctx.Value(telemetryKey{}).(*Telemetry); ok {
			return t
		}
	}
	return currentTelemetry.Load()
}

// register makes t the current Telemetry.
func (t *Telemetry) register() {
	globals.Lock()
	defer globals.Unlock()
	if len(globals.active) == 0 {
		globals.restore = snapshot()
	}
	globals.active = append(globals.active, t)
	t.install()
}

// install points the process at t. The caller holds the globals' mutex.
func (t *Telemetry) install() {
	currentTelemetry.Store(t)
	otel.SetTracerProvider(t.tracers)
	otel.SetMeterProvider(t.meters)
	otel.SetLoggerProvider(t.loggers)
	otel.SetTextMapPropagator(t.propagator)
	otel.SetErrorHandler(t.errors)
	otel.SetLogger(t.errors.logr())
	log.SetPrefix("")
	log.SetFlags(log.Lshortfile) // By this slog knows to find the caller of log.Print.
	slog.SetDefault(Logger(Daemon))
}

// unregister takes t out and makes the one set up before it current again; the
// last one to leave puts back what was there before.
func (t *Telemetry) unregister() {
	globals.Lock()
	defer globals.Unlock()
	i := slices.Index(globals.active, t)
	if i < 0 {
		return
	}
	wasCurrent := i == len(globals.active)-1
	globals.active = slices.Delete(globals.active, i, i+1)
	if n := len(globals.active); n > 0 {
		if wasCurrent {
			globals.active[n-1].install()
		}
		return
	}
	currentTelemetry.Store(nil)
	globals.restore()
}

// snapshot returns a function that puts back what is in the places that Setup
// takes. The error handler and diagnostics stay ours: they write to stderr
// then, and OpenTelemetry has no way to give the old ones back.
func snapshot() (restore func()) {
	tracers, meters, loggers := otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetLoggerProvider()
	propagator := otel.GetTextMapPropagator()
	defaultLogger, w, flags, prefix := slog.Default(), log.Writer(), log.Flags(), log.Prefix()
	return func() {
		otel.SetTracerProvider(tracers)
		otel.SetMeterProvider(meters)
		otel.SetLoggerProvider(loggers)
		otel.SetTextMapPropagator(propagator)
		slog.SetDefault(defaultLogger)
		log.SetOutput(w)
		log.SetFlags(flags)
		log.SetPrefix(prefix)
	}
}
