package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

// LevelCritical is the level of records that say the daemon cannot do its work;
// the severity FATAL of OpenTelemetry.
const LevelCritical = slog.Level(12)

// reportGrace is how long past its context Shutdown waits for those whom it cut
// short to say what they could not deliver. Half of it is theirs if the context
// has ended before.
const reportGrace = 100 * time.Millisecond

// shutdownLimit bounds Shutdown and Flush beyond what their context does.
const shutdownLimit = 10 * time.Second

// Telemetry is what one [Setup] made: the files, the providers of
// OpenTelemetry, the masker. All methods are safe for concurrent use, and on a
// nil Telemetry.
type Telemetry struct {
	cfg        Config // Immutable once set, as are the fields below.
	masker     *mask.Masker
	resolver   value.Resolver
	policy     policy
	limits     limits
	files      *exporters.File
	forward    *exporters.Forward // Nil without OTLP, which its methods allow.
	processor  *processor
	background context.Context //nolint:containedctx // For what the telemetry itself reports.

	loggers    *sdklog.LoggerProvider
	tracers    *sdktrace.TracerProvider
	meters     *sdkmetric.MeterProvider
	reader     *sdkmetric.ManualReader
	producers  *producers
	propagator propagation.TextMapPropagator
	errors     *errorHandler

	counters counters

	byName sync.Map // string -> *logger
	mu     sync.Mutex
	levels levels // Guarded by mu.
	hooks  []func(context.Context)

	closing  atomic.Bool
	closed   atomic.Bool   // The files are closed, or about to be.
	done     chan struct{} // Closed when closeErr is set.
	closeErr error
}

// logger returns what name means in t.
func (t *Telemetry) logger(name string) *logger {
	if l, ok := t.byName.Load(name); ok {
		return l.(*logger)
	}
	l := &logger{tel: t, name: name, otel: otelslog.NewHandler(name, otelslog.WithLoggerProvider(t.loggers))}
	t.mu.Lock()
	defer t.mu.Unlock()
	l.level.Store(int64(t.levels.of(name)))
	got, _ := t.byName.LoadOrStore(name, l)
	return got.(*logger)
}

// SetLevel changes the global level at run time. Loggers with a level of their
// own in log_levels, and their children, keep it.
func (t *Telemetry) SetLevel(level slog.Level) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.levels.global = level
	t.byName.Range(func(name, l any) bool {
		l.(*logger).level.Store(int64(t.levels.of(name.(string))))
		return true
	})
}

// Level returns the global level.
func (t *Telemetry) Level() slog.Level {
	if t == nil {
		return slog.LevelInfo
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.levels.global
}

// Config returns the configuration in effect: every field is set.
func (t *Telemetry) Config() Config {
	if t == nil {
		return Config{}
	}
	return t.cfg
}

// Masker returns the masker of this configuration.
func (t *Telemetry) Masker() *mask.Masker {
	if t == nil {
		return mask.Default()
	}
	return t.masker
}

// LoggerProvider returns OpenTelemetry's logger provider.
func (t *Telemetry) LoggerProvider() log.LoggerProvider {
	if t == nil {
		return noopLoggers
	}
	return t.loggers
}

// TracerProvider returns OpenTelemetry's tracer provider.
func (t *Telemetry) TracerProvider() trace.TracerProvider {
	if t == nil {
		return noopTracers
	}
	return t.tracers
}

// MeterProvider returns OpenTelemetry's meter provider.
func (t *Telemetry) MeterProvider() metric.MeterProvider {
	if t == nil {
		return noopMeters
	}
	return t.meters
}

// Collect reads the metrics as they stand, exported or not.
func (t *Telemetry) Collect(ctx context.Context, into *metricdata.ResourceMetrics) error {
	if t == nil {
		return nil
	}
	return t.reader.Collect(ctx, into)
}

// Propagator returns the propagator of this configuration.
func (t *Telemetry) Propagator() propagation.TextMapPropagator {
	if t == nil {
		return propagation.NewCompositeTextMapPropagator()
	}
	return t.propagator
}

// OnShutdown has f called when Shutdown begins, while records are still
// written, after the functions given before it. It reports false, and f is not
// called, when Shutdown has begun already.
func (t *Telemetry) OnShutdown(f func(context.Context)) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing.Load() {
		return false
	}
	t.hooks = append(t.hooks, f)
	return true
}

// newNotice returns a record in which the telemetry reports on itself.
func newNotice(level slog.Level, msg string, attrs ...slog.Attr) *record.Record {
	r := record.Get()
	r.Time = time.Now().UTC().Truncate(time.Microsecond)
	r.MintUID(r.Time)
	r.Level = level
	r.Logger = exporters.TelemetryLogger
	r.Body = slog.StringValue(msg)
	for _, a := range attrs {
		r.Add(a)
	}
	return r
}

// notice writes a record about the telemetry itself to every sink.
func (t *Telemetry) notice(level slog.Level, msg string, attrs ...slog.Attr) {
	r := newNotice(level, msg, attrs...)
	defer record.Put(r)
	t.write(r)
}

// write sends a record that no slog call made through the SDK to the sinks.
func (t *Telemetry) write(r *record.Record) {
	bare := slog.NewRecord(r.Time, r.Level, "", 0)
	_ = t.logger(r.Logger).otel.Handle(record.NewContext(t.background, r), bare) // It returns no error.
}

// writeFiles writes r to the files alone and reports whether they took it.
func (t *Telemetry) writeFiles(r *record.Record) bool {
	if t.closed.Load() {
		return false
	}
	r.Mask(t.masker)
	ctx := record.NewContext(t.background, r)
	return safely(func() error { return t.files.Processor().OnEmit(ctx, &sdklog.Record{}) }) == nil
}

// Flush writes what is held: records that a disk refused, and the queues of
// the forward. It is bounded by ctx and by 10 s.
func (t *Telemetry) Flush(ctx context.Context) error {
	if t == nil || t.closed.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, shutdownLimit)
	defer cancel()
	return errors.Join(t.files.ForceFlush(ctx), t.forward.Flush(ctx))
}

// Shutdown writes what is held and closes everything, the files first, so that
// a collector which hangs costs no record of theirs. It gives slog's default,
// the log package and OpenTelemetry's globals back. It is idempotent, bounded
// by ctx and by 10 s, and its error joins what could not be written or
// delivered. A ctx that has ended before leaves it a moment, in which files are
// closed and a collector that answers at once gets what is held. Loggers write
// to stderr afterwards, masked.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, shutdownLimit)
	defer cancel()
	if t.closing.CompareAndSwap(false, true) {
		go func() {
			t.closeErr = t.close(ctx)
			close(t.done)
		}()
	}
	late := make(chan struct{})
	defer context.AfterFunc(ctx, func() { time.AfterFunc(reportGrace, func() { close(late) }) })()
	select {
	case <-t.done:
		return t.closeErr
	case <-late:
		return fmt.Errorf("telemetry: shutdown: %w", ctx.Err())
	}
}

// close ends everything. Each step honours ctx, but for a log call that is
// stuck in a disk.
func (t *Telemetry) close(ctx context.Context) error {
	if ctx.Err() != nil { // As that of a signal has: what takes no time is done all the same.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), reportGrace/2)
		defer cancel()
	}
	t.last(ctx)
	t.unregister() //nolint:contextcheck // As register.
	t.closed.Store(true)

	// The providers wait for every call under way, one of which may be stuck
	// in a disk or an exporter: so the sinks close on their own.
	err := t.files.Shutdown(ctx)
	closers := []func(context.Context) error{t.loggers.Shutdown, t.tracers.Shutdown, t.meters.Shutdown, t.forward.Shutdown}
	errs := make(chan error, len(closers))
	for _, f := range closers {
		go func() { errs <- f(ctx) }()
	}
	for range closers {
		err = errors.Join(err, <-errs)
	}
	if err != nil {
		return fmt.Errorf("telemetry: shutdown: %w", err)
	}
	return nil
}

// last has the last records written: what OnShutdown was given, and summaries
// of repeats. It gives up after a fraction of the time there is, since their
// writer may be stuck.
func (t *Telemetry) last(ctx context.Context) {
	t.mu.Lock()
	hooks := t.hooks
	t.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, f := range hooks {
			_ = safely(func() error { f(ctx); return nil })
		}
		if t.processor.folder != nil {
			t.processor.folder.close()
		}
	}()
	limit := shutdownLimit
	if deadline, ok := ctx.Deadline(); ok {
		limit = time.Until(deadline)
	}
	select {
	case <-done:
	case <-time.After(limit / 4):
	}
}
