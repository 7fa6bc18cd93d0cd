package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	lognoop "go.opentelemetry.io/otel/log/noop"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"golang.org/x/term"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

// What a nil Telemetry gives.
var (
	noopLoggers = lognoop.NewLoggerProvider()
	noopTracers = tracenoop.NewTracerProvider()
	noopMeters  = metricnoop.NewMeterProvider()
)

// Setup starts the telemetry: it reads the configuration (defaults, then the
// YAML file, then the environment, then opts), takes the log directory, opens
// the four files, and registers slog's default, OpenTelemetry's global
// providers, propagators and error handler. Call Shutdown at the end of main.
//
// All faults of the configuration are reported at once; the error then wraps
// [ErrConfig]. It also fails when another process owns the directory, after
// waiting up to 5 s or until ctx is done. When it fails, what it opened is
// closed and the process is as it was before.
//
// Several may be set up at once, each with a directory of its own: the last
// one is the current one, until its Shutdown.
func Setup(ctx context.Context, opts ...Option) (_ *Telemetry, err error) {
	o := newOptions(opts)
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	masker, err := mask.New(cfg.maskConfig())
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w: %w", ErrConfig, err)
	}
	t := &Telemetry{
		cfg:        cfg,
		masker:     masker,
		resolver:   value.Resolver{Sensitive: masker.Key},
		policy:     policy{ids: *cfg.Context.CorrelationIDs, auto: *cfg.Context.AutoGenerate},
		limits:     limits{count: *cfg.SDK.LogAttributeCount, length: *cfg.SDK.LogAttributeLength},
		background: context.WithoutCancel(ctx),
		levels:     cfg.levels(),
		producers:  &producers{},
		done:       make(chan struct{}),
	}
	t.errors = &errorHandler{tel: t, verbose: cfg.logrVerbosity()}
	if err := t.open(ctx, o); err != nil {
		return nil, fmt.Errorf("telemetry: %w", errors.Join(err, t.abandon(ctx)))
	}
	if !o.withoutGlobals {
		t.register() //nolint:contextcheck // What the process reports has no caller's context.
	}
	if masker.Disabled() {
		t.notice(slog.LevelWarn, "masking is off: secrets are written as they are", slog.String("setting", "security.mask_sensitive")) //nolint:contextcheck // As register.
	}
	return t, nil
}

// open opens the sinks and makes the providers over them.
func (t *Telemetry) open(ctx context.Context, o options) (err error) {
	dir, err := filepath.Abs(t.cfg.LogDir)
	if err != nil {
		return fmt.Errorf("log_dir: %w", err)
	}
	if t.files, err = exporters.NewFile(ctx, t.cfg.fileConfig(dir, t.masker)); err != nil {
		return err
	}
	sinks := []sdklog.Processor{t.files.Processor()}
	if *t.cfg.EnableConsole {
		sinks = append(sinks, exporters.NewConsole(o.console, t.cfg.colors(o.console), t.masker))
	}
	res := newResource(t.cfg, t.masker)
	if t.cfg.forwards() {
		if t.forward, err = exporters.NewForward(ctx, t.forwardConfig()); err != nil {
			return err
		}
	}
	if p := t.forward.LogProcessor(); p != nil {
		sinks = append(sinks, p)
	}
	t.processor = &processor{tel: t, sinks: sinks}
	if *t.cfg.FoldRepeats {
		t.processor.folder = newFolder(t.write)
	}
	// The records' keys are unique before the SDK sees them, and most
	// attributes travel past it: its own index would be work for nothing.
	t.loggers = sdklog.NewLoggerProvider(sdklog.WithResource(res),
		sdklog.WithProcessor(t.processor), sdklog.WithAllowKeyDuplication(),
		sdklog.WithAttributeCountLimit(-1), sdklog.WithAttributeValueLengthLimit(-1)) // See limits.

	traceOpts := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(res), sdktrace.WithSampler(newSampler(t.cfg, t.masker)), sdktrace.WithIDGenerator(idGenerator{}),
	}
	t.reader = sdkmetric.NewManualReader(sdkmetric.WithProducer(t.producers))
	metricOpts := []sdkmetric.Option{
		sdkmetric.WithResource(res), sdkmetric.WithReader(t.reader),
	}
	if p := t.forward.SpanProcessor(); p != nil {
		traceOpts = append(traceOpts, sdktrace.WithSpanProcessor(p))
	}
	if r := t.forward.MetricReader(); r != nil {
		metricOpts = append(metricOpts, sdkmetric.WithReader(r))
	}
	t.tracers = sdktrace.NewTracerProvider(traceOpts...)
	t.meters = sdkmetric.NewMeterProvider(metricOpts...)
	if err := t.observe(); err != nil {
		return err
	}
	t.propagator, err = newPropagator(t.cfg.propagators(), t.masker)
	return err
}

func (t *Telemetry) forwardConfig() exporters.ForwardConfig {
	c := t.cfg.forwardConfig(t.masker, t.notice)
	c.Producer = t.producers
	return c
}

// abandon closes what a Setup that failed had opened.
func (t *Telemetry) abandon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	var err error
	if t.files != nil {
		err = t.files.Shutdown(ctx)
	}
	return errors.Join(err, t.forward.Shutdown(ctx))
}

// newPropagator returns the propagators that OTEL_PROPAGATORS names.
func newPropagator(names []string, m *mask.Masker) (propagation.TextMapPropagator, error) {
	var ps []propagation.TextMapPropagator
	for _, n := range names {
		switch n {
		case "tracecontext":
			ps = append(ps, propagation.TraceContext{})
		case "baggage":
			ps = append(ps, newBaggage(m))
		case "none":
		default:
			return nil, fmt.Errorf("%w: OTEL_PROPAGATORS: got %q, want tracecontext, baggage or none", ErrConfig, n)
		}
	}
	return propagation.NewCompositeTextMapPropagator(ps...), nil
}

// colors reports whether the console is coloured: on a terminal, unless
// NO_COLOR is set (https://no-color.org) or the configuration says otherwise.
func (c Config) colors(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && *c.Development.ColoredConsole && os.Getenv("NO_COLOR") == "" &&
		os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}
