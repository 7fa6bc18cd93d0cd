package instrument

import (
	"math"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// The resolution: 2^scale buckets to each doubling of the duration, each 2.2 %
// wider than the one before (base2 exponential histogram,
// https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram).
const (
	scale  = 5
	octave = 1 << scale

	// A duration of 1 ns to 292 years, in seconds, lies between 2^-30 and 2^34.
	lowest  = -30
	octaves = 64
)

// histogram counts durations. It is written to without a lock, since that of
// the SDK costs a third of a span at each operation; it takes memory only for
// the octaves that occur. The zero value is ready to use.
type histogram struct {
	sum, max atomic.Int64 // Nanoseconds.
	min      atomic.Int64 // Nanoseconds + 1, so that zero means none.
	zero     atomic.Uint64
	octaves  [octaves]atomic.Pointer[counts]
}

// counts are the buckets of one octave.
type counts struct {
	n        [octave]atomic.Uint64
	exemplar atomic.Pointer[exemplar]
}

// exemplar is an operation that stands for those in its octave.
type exemplar struct {
	at       time.Time
	duration time.Duration
	span     trace.SpanContext
}

func (h *histogram) record(d time.Duration) {
	d = max(d, 0)
	h.sum.Add(int64(d))
	for old := h.max.Load(); int64(d) > old && !h.max.CompareAndSwap(old, int64(d)); {
		old = h.max.Load()
	}
	for old := h.min.Load(); (old == 0 || int64(d) < old-1) && !h.min.CompareAndSwap(old, int64(d)+1); {
		old = h.min.Load()
	}
	if d == 0 {
		h.zero.Add(1)
		return
	}
	i := bucket(d)
	h.octave(i).n[i&(octave-1)].Add(1)
}

// octave returns the counts that bucket i is among.
func (h *histogram) octave(i int) *counts {
	p := &h.octaves[i>>scale-lowest]
	c := p.Load()
	if c == nil {
		p.CompareAndSwap(nil, new(counts))
		c = p.Load()
	}
	return c
}

// exemplify keeps an operation of a sampled trace as an exemplar: one that is
// recorded, or the first of its octave.
func (h *histogram) exemplify(d time.Duration, sc trace.SpanContext, recorded bool) {
	if d <= 0 || !sc.IsSampled() {
		return
	}
	c := h.octave(bucket(d))
	if recorded || c.exemplar.Load() == nil {
		c.exemplar.Store(&exemplar{at: time.Now(), duration: d, span: sc})
	}
}

// bucket returns the index of the bucket (base^i, base^(i+1)] that holds d in
// seconds, by way of the logarithm of the mantissa alone, which keeps powers of
// two exact.
func bucket(d time.Duration) int {
	frac, exp := math.Frexp(d.Seconds())
	return exp<<scale + int(math.Log(frac)*(octave*math.Log2E)) - 1
}

// bound returns the lower bound of bucket i, in seconds.
func bound(i int) float64 { return math.Exp2(float64(i) / octave) }
