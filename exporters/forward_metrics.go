package exporters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"riskmanager.internal/otel/mask"
)

// metricForward is the metric exporter of a [Forward], behind the SDK's
// periodic reader. It makes one attempt at each interval: the sums are
// cumulative, so that the next push makes up for a failed one.
type metricForward struct {
	masker   *mask.Masker
	exporter sdkmetric.Exporter
	timeout  time.Duration
	errs     *redactor
	news     *bulletin
	origin   originCache
	client   *client
	reader   *forwardReader

	asked atomic.Int32 // Flushes and shutdowns under way: they want errors.

	mu    sync.Mutex // Guards stats.
	stats MetricStats
}

var _ sdkmetric.Exporter = (*metricForward)(nil)

// forwardReader is a periodic reader whose ForceFlush and Shutdown report a
// failed push. The periodic ones do not: each would go to otel.Handle, while a
// notice tells of the first.
type forwardReader struct {
	*sdkmetric.PeriodicReader
	asked *atomic.Int32
}

func (r *forwardReader) ForceFlush(ctx context.Context) error {
	r.asked.Add(1)
	defer r.asked.Add(-1)
	return r.PeriodicReader.ForceFlush(ctx)
}

func (r *forwardReader) Shutdown(ctx context.Context) error {
	r.asked.Add(1)
	defer r.asked.Add(-1)
	// The provider and the Forward both shut it down, in either order.
	return ignore(r.PeriodicReader.Shutdown(ctx), sdkmetric.ErrReaderShutdown)
}

func newMetricForward(ctx context.Context, cfg ForwardConfig) (*metricForward, error) {
	c, errs, news, err := cfg.connect("metrics", cfg.Metrics, cfg.MetricExporter != nil)
	if err != nil {
		return nil, err
	}
	sc := cfg.sender("metrics", cfg.Metrics, c)
	f := &metricForward{
		masker: cfg.Masker, exporter: cfg.MetricExporter, timeout: sc.timeout,
		errs: errs, news: news, client: c,
	}
	f.stats.Up = true
	if f.exporter == nil {
		if f.exporter, err = c.metricExporter(ctx); err != nil {
			return nil, errs.wrap("exporters: otlp metrics", err)
		}
	}
	opts := []sdkmetric.PeriodicReaderOption{
		sdkmetric.WithInterval(orDefault(cfg.Metrics.Interval, time.Minute)),
		sdkmetric.WithTimeout(sc.timeout),
	}
	if cfg.Producer != nil {
		opts = append(opts, sdkmetric.WithProducer(cfg.Producer))
	}
	f.reader = &forwardReader{asked: &f.asked, PeriodicReader: sdkmetric.NewPeriodicReader(f, opts...)}
	return f, nil
}

// Temporality implements [sdkmetric.Exporter].
func (f *metricForward) Temporality(k sdkmetric.InstrumentKind) metricdata.Temporality {
	return f.exporter.Temporality(k)
}

// Aggregation implements [sdkmetric.Exporter].
func (f *metricForward) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return f.exporter.Aggregation(k)
}

// Export implements [sdkmetric.Exporter]: one masked push.
func (f *metricForward) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	a := attempt(ctx, f.errs, func(ctx context.Context) error {
		return f.exporter.Export(ctx, maskMetrics(f.masker, &f.origin, rm))
	})
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
	if a.verdict != verdictDelivered && f.asked.Load() > 0 {
		return fmt.Errorf("otlp metrics: not delivered%s", because(a.text))
	}
	return nil
}

// ForceFlush implements [sdkmetric.Exporter]. Nothing is held here.
func (f *metricForward) ForceFlush(context.Context) error { return nil }

// Shutdown implements [sdkmetric.Exporter].
func (f *metricForward) Shutdown(ctx context.Context) error {
	//nolint:errcheck // Nothing is held: what a push could not deliver is known.
	guard(func() error { return closeBoth(f.exporter.Shutdown, f.client)(ctx) })
	return nil
}

func (f *metricForward) flush(ctx context.Context) error {
	return ignore(f.reader.ForceFlush(ctx), sdkmetric.ErrReaderShutdown, sdkmetric.ErrReaderNotRegistered)
}

// shutdown makes the last push. It returns when ctx is done, whatever the
// exporter does.
func (f *metricForward) shutdown(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		done <- ignore(f.reader.Shutdown(ctx), sdkmetric.ErrReaderShutdown, sdkmetric.ErrReaderNotRegistered)
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

// ignore returns nil for the given errors.
func ignore(err error, targets ...error) error {
	if slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) }) {
		return nil
	}
	return err
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
