package instrument

import (
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace/noop"
)

// Bucket is that of a duration.
func Bucket(d time.Duration) int { return bucket(d) }

// Bound is the lower bound of a bucket, in seconds.
func Bound(i int) float64 { return bound(i) }

// Constants of the histogram.
const (
	Scale      = scale
	MaxBuckets = maxBuckets
	MaxNames   = maxNames
)

// Quantiles returns quantiles of durations as the histogram sees them, and its
// data point.
func Quantiles(ds []time.Duration, qs ...float64) ([]time.Duration, metricdata.ExponentialHistogramDataPoint[float64]) {
	var h histogram
	for _, d := range ds {
		h.record(d, noop.Span{}, false)
	}
	var t tally
	t.add(&h)
	var out []time.Duration
	for _, q := range qs {
		out = append(out, t.quantile(q))
	}
	return out, h.dataPoint()
}
