package exporters

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"riskmanager.internal/otel/mask"
)

// ForwardConfig configures a [Forward]. Each zero field means its default.
type ForwardConfig struct {
	// OTLP is where and how all signals go, unless a signal says otherwise.
	OTLP

	// Logs, Traces and Metrics are the signals. One without an endpoint of its
	// own goes to the general one; without either it is off.
	Logs, Traces, Metrics ForwardSignal

	// RetryMin and RetryMax bound the wait between two attempts while the
	// collector is away: it doubles from the one to the other, with jitter.
	// Zero means 500 ms and 5 s.
	RetryMin, RetryMax time.Duration

	// RetryAfterMax caps the wait that a collector asks for (Retry-After).
	// Zero means 2 minutes.
	RetryAfterMax time.Duration

	// ShutdownGrace is how long Shutdown goes on at a collector that takes
	// nothing, within its context. Zero means 2 s.
	ShutdownGrace time.Duration

	// Masker masks what does not come masked. Nil means [mask.Default].
	Masker *mask.Masker

	// Notice is told when a collector goes away, refuses, comes back, and how
	// many records it did not get. It is called from the senders' goroutines,
	// several at a time, never from a log call, and must not log by way of
	// this Forward. Nil means nobody is told.
	Notice func(level slog.Level, msg string, attrs ...slog.Attr)

	// Producer adds metrics to those of the provider that the metric reader is
	// registered with. Nil means there are none.
	Producer sdkmetric.Producer

	// LogExporter, SpanExporter and MetricExporter replace the OTLP exporter
	// of their signal: it gets the same masked records, in order, behind the
	// same queue and retries. They are shut down with the Forward.
	LogExporter    sdklog.Exporter
	SpanExporter   sdktrace.SpanExporter
	MetricExporter sdkmetric.Exporter
}

// ForwardSignal configures one signal of a [Forward].
type ForwardSignal struct {
	// Off turns the signal off.
	Off bool

	// OTLP overrides the general values, field by field.
	OTLP

	// QueueRecords and QueueBytes bound what is held for the collector, in
	// records and in their estimated size. Beyond either the least important
	// go first: DEBUG, then INFO, then WARNING, and the oldest of those; ERROR
	// and enforcement records last. Zero means 100,000 and 64 MiB.
	QueueRecords int
	QueueBytes   int64

	// BatchRecords is the most records in one request. Zero means 512. Requests
	// are bounded to about 2 MiB as well.
	BatchRecords int

	// Interval is how long a record waits for its batch to fill (zero means
	// 1 s); for metrics, the time between two pushes (zero means 60 s).
	Interval time.Duration
}

// maxBatchBytes bounds a request, by the size of its records in memory: a gRPC
// server takes 4 MiB unless it is told otherwise.
const maxBatchBytes = 2 << 20

// Forward sends masked logs, traces and metrics to a collector by OTLP. Use
// [NewForward], register [Forward.LogProcessor], [Forward.SpanProcessor] and
// [Forward.MetricReader] with the SDK's providers, and call
// [Forward.Shutdown] at the end.
//
// Nothing that is logged waits for the network: records go into a bounded
// queue, and a goroutine for each signal sends them in batches and retries for
// as long as the process lives. Its methods are safe for concurrent use.
type Forward struct {
	logs    *logForward
	traces  *spanForward
	metrics *metricForward
}

// NewForward starts forwarding. It makes no connection yet. Its errors wrap
// [ErrConfig] where a change of the configuration would mend them, name every
// fault at once, and never hold a header's value or the endpoint's credentials.
func NewForward(ctx context.Context, cfg ForwardConfig) (_ *Forward, err error) {
	if cfg.Masker == nil {
		cfg.Masker = mask.Default()
	}
	f := &Forward{}
	defer func() {
		if err != nil {
			gone, cancel := context.WithCancel(context.Background())
			cancel()
			err = errors.Join(err, f.Shutdown(gone))
		}
	}()
	var errs []error
	if cfg.on(cfg.Logs, cfg.LogExporter != nil) {
		f.logs, err = newLogForward(ctx, cfg)
		errs = append(errs, err)
	}
	if cfg.on(cfg.Traces, cfg.SpanExporter != nil) {
		f.traces, err = newSpanForward(ctx, cfg)
		errs = append(errs, err)
	}
	if cfg.on(cfg.Metrics, cfg.MetricExporter != nil) {
		f.metrics, err = newMetricForward(ctx, cfg)
		errs = append(errs, err)
	}
	if err = errors.Join(errs...); err != nil {
		return nil, err
	}
	return f, nil
}

func (cfg *ForwardConfig) on(s ForwardSignal, exporter bool) bool {
	return !s.Off && (exporter || s.Endpoint != "" || cfg.Endpoint != "")
}

// connect resolves the target of a signal and makes its client, unless an
// exporter replaces it.
func (cfg *ForwardConfig) connect(name string, s ForwardSignal, replaced bool) (*client, *redactor, *bulletin, error) {
	news := &bulletin{signal: name, endpoint: "custom exporter", notice: cfg.Notice}
	if replaced {
		return nil, newRedactor(cfg.Masker, nil), news, nil
	}
	t, err := resolveTarget(s, cfg.OTLP, "/v1/"+name)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("exporters: otlp %s: %w: %w", name, ErrConfig, err)
	}
	errs := newRedactor(cfg.Masker, t.secrets)
	news.endpoint = errs.clean(t.show)
	c, err := newClient(t)
	if err != nil {
		return nil, nil, nil, errs.wrap("exporters: otlp "+name, err)
	}
	return c, errs, news, nil
}

// sender returns the configuration of the sender of a signal.
func (cfg *ForwardConfig) sender(name string, s ForwardSignal, c *client) senderConfig {
	sc := senderConfig{
		signal:       "otlp " + name,
		maxItems:     orDefault(s.QueueRecords, 100_000),
		maxBytes:     orDefault(s.QueueBytes, 64<<20),
		batchItems:   orDefault(s.BatchRecords, 512),
		batchBytes:   maxBatchBytes,
		interval:     orDefault(s.Interval, time.Second),
		timeout:      orDefault(s.over(cfg.OTLP).Timeout, 10*time.Second),
		retryMin:     orDefault(cfg.RetryMin, 500*time.Millisecond),
		retryMax:     orDefault(cfg.RetryMax, 5*time.Second),
		retryWaitMax: orDefault(cfg.RetryAfterMax, 2*time.Minute),
		grace:        orDefault(cfg.ShutdownGrace, 2*time.Second),
	}
	if c != nil {
		sc.timeout = c.target.timeout
	}
	sc.batchItems = min(sc.batchItems, sc.maxItems)
	return sc
}

func orDefault[N int | int64 | time.Duration](v, def N) N {
	if v <= 0 {
		return def
	}
	return v
}

// LogProcessor returns the processor for the SDK's LoggerProvider, nil if logs
// are off. It sends the in-flight record of package telemetry; records of other
// pipelines are masked here.
func (f *Forward) LogProcessor() sdklog.Processor {
	if f == nil || f.logs == nil {
		return nil
	}
	return f.logs
}

// SpanProcessor returns the processor for the SDK's TracerProvider, nil if
// traces are off. It masks the spans.
func (f *Forward) SpanProcessor() sdktrace.SpanProcessor {
	if f == nil || f.traces == nil {
		return nil
	}
	return f.traces
}

// MetricReader returns the reader for the SDK's MeterProvider, nil if metrics
// are off. It masks the metrics. It belongs to one provider.
func (f *Forward) MetricReader() sdkmetric.Reader {
	if f == nil || f.metrics == nil {
		return nil
	}
	return f.metrics.reader
}

// Flush delivers what is held now, or returns an error saying how much was
// not delivered when ctx is done.
func (f *Forward) Flush(ctx context.Context) error {
	return f.each(ctx, (*logForward).ForceFlush, (*spanForward).ForceFlush, (*metricForward).flush)
}

// Shutdown delivers what it can before ctx is done, the most important records
// first, gives up early on a collector that takes nothing, and returns an error
// saying how many records were not delivered and why. Later calls return nil.
func (f *Forward) Shutdown(ctx context.Context) error {
	return f.each(ctx, (*logForward).Shutdown, (*spanForward).Shutdown, (*metricForward).shutdown)
}

// each calls the function of each signal that is on, all at the same time.
func (f *Forward) each(
	ctx context.Context,
	logs func(*logForward, context.Context) error,
	traces func(*spanForward, context.Context) error,
	metrics func(*metricForward, context.Context) error,
) error {
	if f == nil {
		return nil
	}
	var calls []func() error
	if f.logs != nil {
		calls = append(calls, func() error { return logs(f.logs, ctx) })
	}
	if f.traces != nil {
		calls = append(calls, func() error { return traces(f.traces, ctx) })
	}
	if f.metrics != nil {
		calls = append(calls, func() error { return metrics(f.metrics, ctx) })
	}
	results := make(chan error, len(calls))
	for _, call := range calls {
		go func() { results <- call() }()
	}
	errs := make([]error, 0, len(calls))
	for range calls {
		errs = append(errs, <-results)
	}
	return errors.Join(errs...)
}

// Stats returns the counters. For logs and traces Accepted is always exactly
// Delivered + Dropped + Held.
func (f *Forward) Stats() ForwardStats {
	var s ForwardStats
	if f == nil {
		return s
	}
	if f.logs != nil {
		s.Logs = f.logs.sender.snapshot()
	}
	if f.traces != nil {
		s.Traces = f.traces.sender.snapshot()
	}
	if f.metrics != nil {
		s.Metrics = f.metrics.snapshot()
	}
	return s
}
