package instrument

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

const (
	durationName        = "risk_manager.operation.duration"
	durationDescription = "Duration of operations, by operation and status."
	durationUnit        = "s"

	// maxBuckets bounds the buckets of a data point; it is the specification's
	// default for exponential histograms.
	maxBuckets = 160
)

var _ sdkmetric.Producer = (*state)(nil)

// Produce implements the SDK's Producer: it hands the histograms of operations
// to whatever reads the metrics.
func (s *state) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	now := time.Now()
	var points []metricdata.ExponentialHistogramDataPoint[float64]
	s.operations.each(func(name string, d *durations) {
		for st := range statuses {
			if h := d[st].Load(); h != nil {
				p := h.dataPoint()
				p.Attributes = attribute.NewSet(attribute.String(keyOperation, name), attribute.String(keyStatus, st.String()))
				p.StartTime, p.Time = s.since, now
				points = append(points, p)
			}
		}
	})
	if len(points) == 0 {
		return nil, nil
	}
	return []metricdata.ScopeMetrics{{
		Scope: instrumentation.Scope{Name: scopeName},
		Metrics: []metricdata.Metrics{{
			Name: durationName, Description: durationDescription, Unit: durationUnit,
			Data: metricdata.ExponentialHistogram[float64]{Temporality: metricdata.CumulativeTemporality, DataPoints: points},
		}},
	}}, nil
}

// dataPoint returns the histogram as OpenTelemetry's, at the finest scale that
// keeps it within maxBuckets.
func (h *histogram) dataPoint() metricdata.ExponentialHistogramDataPoint[float64] {
	var t tally
	t.add(h)
	p := metricdata.ExponentialHistogramDataPoint[float64]{
		Count: t.count, Sum: t.sum.Seconds(), Scale: scale, ZeroCount: t.zero,
		Min: metricdata.NewExtrema(t.min.Seconds()), Max: metricdata.NewExtrema(t.max.Seconds()),
	}
	first, last := t.bounds()
	if first <= last {
		for shift := 0; ; shift++ {
			if (last>>shift)-(first>>shift) < maxBuckets {
				p.Scale = int32(scale - shift)
				p.PositiveBucket.Offset = int32(first >> shift) //nolint:gosec // It is at least base.
				p.PositiveBucket.Counts = make([]uint64, (last>>shift)-(first>>shift)+1)
				for i := first; i <= last; i++ {
					p.PositiveBucket.Counts[(i>>shift)-(first>>shift)] += t.buckets[i-base]
				}
				break
			}
		}
	}
	for i := range h.octaves {
		c := h.octaves[i].Load()
		if c == nil {
			continue
		}
		if e := c.exemplar.Load(); e != nil {
			tid, sid := e.span.TraceID(), e.span.SpanID()
			p.Exemplars = append(p.Exemplars, metricdata.Exemplar[float64]{
				Time: e.at, Value: e.duration.Seconds(), TraceID: tid[:], SpanID: sid[:],
			})
		}
	}
	return p
}

// base is the index of the lowest bucket.
const base = lowest * octave

// tally is the sum of histograms at one moment.
type tally struct {
	buckets       [octaves * octave]uint64 // Bucket i at i-base.
	count, zero   uint64
	sum, min, max time.Duration
}

func (t *tally) add(h *histogram) {
	t.zero += h.zero.Load()
	t.count += h.zero.Load()
	for o := range h.octaves {
		c := h.octaves[o].Load()
		if c == nil {
			continue
		}
		for i := range c.n {
			n := c.n[i].Load()
			t.buckets[o*octave+i] += n
			t.count += n
		}
	}
	t.sum += time.Duration(h.sum.Load())
	t.max = max(t.max, time.Duration(h.max.Load()))
	if least := h.min.Load(); least > 0 && (t.min == 0 || time.Duration(least-1) < t.min) {
		t.min = time.Duration(least - 1)
	}
}

// bounds returns the indexes of the first and the last bucket with a count;
// the first is behind the last if there is none.
func (t *tally) bounds() (first, last int) {
	isFull := func(n uint64) bool { return n > 0 }
	first = slices.IndexFunc(t.buckets[:], isFull)
	if first < 0 {
		return 0, -1
	}
	last = len(t.buckets) - 1
	for t.buckets[last] == 0 {
		last--
	}
	return first + base, last + base
}

// quantile returns the duration that a share q of all are not above, to within
// the width of a bucket (2.2 %).
func (t *tally) quantile(q float64) time.Duration {
	if t.count == 0 {
		return 0
	}
	rank := q * float64(t.count)
	seen := float64(t.zero)
	if rank <= seen && t.zero > 0 {
		return 0
	}
	for i, n := range t.buckets {
		if n == 0 {
			continue
		}
		if seen += float64(n); seen >= rank {
			within := 1 - (seen-rank)/float64(n)
			lower, upper := bound(i+base), bound(i+base+1)
			d := time.Duration((lower + within*(upper-lower)) * float64(time.Second))
			return min(max(d, t.min), t.max)
		}
	}
	return t.max
}
