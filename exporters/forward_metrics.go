package exporters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"riskmanager.internal/otel/mask"
)

// metricForward sends the metrics. It makes one attempt at each interval: the
// sums are cumulative, so that the next push makes up for a failed one.
//
// It collects by itself. The SDK's periodic reader sends nothing when a single
// callback fails, and takes the process down when one panics.
type metricForward struct {
	masker   *mask.Masker
	exporter sdkmetric.Exporter
	producer sdkmetric.Producer // Nil if there is none.
	timeout  time.Duration
	errs     *redactor
	news     *bulletin
	origin   originCache
	client   *client
	reader   *metricReader

	turn   chan struct{}      // Capacity 1: held by the push under way.
	cancel context.CancelFunc // Ends the pushes at intervals.
	done   chan struct{}      // Closed when they have ended.

	closing atomic.Bool
	mu      sync.Mutex // Guards stats.
	stats   MetricStats
}

// metricReader is the reader that belongs to the provider, which flushes it and
// shuts it down as it does with a periodic one.
type metricReader struct {
	*sdkmetric.ManualReader
	forward *metricForward
}

func (r *metricReader) ForceFlush(ctx context.Context) error { return r.forward.flush(ctx) }
func (r *metricReader) Shutdown(ctx context.Context) error   { return r.forward.shutdown(ctx) }

func newMetricForward(ctx context.Context, cfg ForwardConfig) (*metricForward, error) {
	c, errs, news, err := cfg.connect("metrics", cfg.Metrics, cfg.MetricExporter != nil)
	if err != nil {
		return nil, err
	}
	f := &metricForward{
		masker: cfg.Masker, exporter: cfg.MetricExporter, producer: cfg.Producer,
		timeout: cfg.sender("metrics", cfg.Metrics, c).timeout,
		errs:    errs, news: news, client: c,
		turn: make(chan struct{}, 1), done: make(chan struct{}),
	}
	f.stats.Up = true
	if f.exporter == nil {
		if f.exporter, err = c.metricExporter(ctx); err != nil {
			return nil, errs.wrap("exporters: otlp metrics", err)
		}
	}
	f.reader = &metricReader{forward: f, ManualReader: sdkmetric.NewManualReader(
		sdkmetric.WithTemporalitySelector(f.exporter.Temporality),
		sdkmetric.WithAggregationSelector(f.exporter.Aggregation),
	)}
	ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go f.run(ctx, orDefault(cfg.Metrics.Interval, time.Minute))
	return f, nil
}

func (f *metricForward) run(ctx context.Context, interval time.Duration) {
	defer close(f.done)
	for {
		select {
		case <-time.After(interval):
			f.push(ctx) //nolint:errcheck // Counted, and a notice tells of the first.
		case <-ctx.Done():
			return
		}
	}
}

// push sends the metrics as they stand, or returns why it could not.
func (f *metricForward) push(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("otlp metrics: not delivered: %w", ctx.Err())
	}
	defer func() { <-f.turn }()
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()

	var rm metricdata.ResourceMetrics
	err := guard(func() error { return f.collect(ctx, &rm) })
	switch {
	case errors.Is(err, sdkmetric.ErrReaderNotRegistered), errors.Is(err, sdkmetric.ErrReaderShutdown):
		return nil
	case err != nil && !isPanic(err) && len(rm.ScopeMetrics) > 0: // A callback's error: the others' metrics are there.
		otel.Handle(f.errs.wrap("otlp metrics: collect", err))
		err = nil
	}
	a := attempt(ctx, f.errs, func(ctx context.Context) error {
		if err != nil {
			return err
		}
		return f.exporter.Export(ctx, maskMetrics(f.masker, &f.origin, &rm))
	})
	if a.verdict != verdictDelivered && errors.Is(ctx.Err(), context.Canceled) { // Cut short here, which is no fault of the collector.
		return fmt.Errorf("otlp metrics: not delivered: %w", ctx.Err())
	}
	f.mu.Lock()
	f.stats.Up = a.verdict == verdictDelivered
	if a.panicked {
		f.stats.Panics++
	}
	if f.stats.Up {
		f.stats.Pushed++
		f.stats.Rejected += uint64(a.rejected) //nolint:gosec // Counts are not negative.
	} else {
		f.stats.Failed++
		f.stats.LastError = a.text
	}
	f.mu.Unlock()
	if a.verdict == verdictDelivered {
		f.news.delivered(int(a.rejected), a.message, true)
	} else {
		f.news.failed(a)
	}
	f.news.tell()
	if a.verdict != verdictDelivered {
		return fmt.Errorf("otlp metrics: not delivered%s", because(a.text))
	}
	return nil
}

func (f *metricForward) collect(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	err := f.reader.Collect(ctx, rm)
	if f.producer == nil {
		return err
	}
	more, moreErr := f.producer.Produce(ctx)
	rm.ScopeMetrics = append(rm.ScopeMetrics, more...)
	return errors.Join(err, moreErr)
}

func (f *metricForward) flush(ctx context.Context) error {
	if f.closing.Load() {
		return nil
	}
	return f.push(ctx)
}

// shutdown makes the last push. It returns when ctx is done, whatever the
// exporter does. The provider and the Forward both call it, in either order.
func (f *metricForward) shutdown(ctx context.Context) error {
	if !f.closing.CompareAndSwap(false, true) {
		return nil
	}
	f.cancel()
	done := make(chan error, 1)
	go func() {
		<-f.done
		err := f.push(ctx)
		//nolint:errcheck // Nothing is held: what a push could not deliver is known.
		guard(func() error {
			return errors.Join(f.reader.ManualReader.Shutdown(ctx), closeBoth(f.exporter.Shutdown, f.client)(ctx))
		})
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // An exporter that honors its context ends now.
	case err := <-done:
		return err
	case <-time.After(50 * time.Millisecond):
		return fmt.Errorf("otlp metrics: last push not delivered: %w", ctx.Err())
	}
}

func (f *metricForward) snapshot() MetricStats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// maskMetrics returns a masked copy of rm: names, descriptions, the attributes
// of points and exemplars, scopes and the resource.
func maskMetrics(m *mask.Masker, cache *originCache, rm *metricdata.ResourceMetrics) *metricdata.ResourceMetrics {
	out := &metricdata.ResourceMetrics{ScopeMetrics: slices.Clone(rm.ScopeMetrics)}
	out.Resource, _ = cache.resource(m, rm.Resource)
	for i := range out.ScopeMetrics {
		sm := &out.ScopeMetrics[i]
		sm.Scope, _ = maskScope(m, sm.Scope)
		sm.Metrics = slices.Clone(sm.Metrics)
		for j := range sm.Metrics {
			metric := &sm.Metrics[j]
			metric.Name, metric.Description = maskText(m, metric.Name), maskText(m, metric.Description)
			metric.Unit = maskText(m, metric.Unit)
			metric.Data = maskData(m, metric.Data)
		}
	}
	return out
}

func maskData(m *mask.Masker, data metricdata.Aggregation) metricdata.Aggregation {
	switch d := data.(type) {
	case metricdata.Gauge[int64]:
		d.DataPoints = maskPoints(m, d.DataPoints)
		return d
	case metricdata.Gauge[float64]:
		d.DataPoints = maskPoints(m, d.DataPoints)
		return d
	case metricdata.Sum[int64]:
		d.DataPoints = maskPoints(m, d.DataPoints)
		return d
	case metricdata.Sum[float64]:
		d.DataPoints = maskPoints(m, d.DataPoints)
		return d
	case metricdata.Histogram[int64]:
		d.DataPoints = maskHistogram(m, d.DataPoints)
		return d
	case metricdata.Histogram[float64]:
		d.DataPoints = maskHistogram(m, d.DataPoints)
		return d
	case metricdata.ExponentialHistogram[int64]:
		d.DataPoints = maskExponential(m, d.DataPoints)
		return d
	case metricdata.ExponentialHistogram[float64]:
		d.DataPoints = maskExponential(m, d.DataPoints)
		return d
	case metricdata.Summary:
		d.DataPoints = slices.Clone(d.DataPoints)
		for i := range d.DataPoints {
			d.DataPoints[i].Attributes, _ = maskSet(m, d.DataPoints[i].Attributes)
		}
		return d
	default:
		return nil // A kind this code does not know cannot be inspected: it stays here.
	}
}

func maskPoints[N int64 | float64](m *mask.Masker, in []metricdata.DataPoint[N]) []metricdata.DataPoint[N] {
	out := slices.Clone(in)
	for i := range out {
		out[i].Attributes, _ = maskSet(m, out[i].Attributes)
		out[i].Exemplars = maskExemplars(m, out[i].Exemplars)
	}
	return out
}

func maskHistogram[N int64 | float64](
	m *mask.Masker, in []metricdata.HistogramDataPoint[N],
) []metricdata.HistogramDataPoint[N] {
	out := slices.Clone(in)
	for i := range out {
		out[i].Attributes, _ = maskSet(m, out[i].Attributes)
		out[i].Exemplars = maskExemplars(m, out[i].Exemplars)
	}
	return out
}

func maskExponential[N int64 | float64](
	m *mask.Masker, in []metricdata.ExponentialHistogramDataPoint[N],
) []metricdata.ExponentialHistogramDataPoint[N] {
	out := slices.Clone(in)
	for i := range out {
		out[i].Attributes, _ = maskSet(m, out[i].Attributes)
		out[i].Exemplars = maskExemplars(m, out[i].Exemplars)
	}
	return out
}

func maskExemplars[N int64 | float64](m *mask.Masker, in []metricdata.Exemplar[N]) []metricdata.Exemplar[N] {
	out := slices.Clone(in)
	for i := range out {
		out[i].FilteredAttributes, _ = maskAttributes(m, out[i].FilteredAttributes)
	}
	return out
}
