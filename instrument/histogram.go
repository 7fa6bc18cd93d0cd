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

// record adds a duration. The operation becomes the exemplar of its octave if
// it is due to be recorded, or the first, and its trace is sampled.
func (h *histogram) record(d time.Duration, span trace.Span, due bool) {
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
	c := h.octave(i)
	c.n[i&(octave-1)].Add(1)
	if due || c.exemplar.Load() == nil {
		if sc := span.SpanContext(); sc.IsSampled() {
			c.exemplar.Store(&exemplar{at: time.Now(), duration: d, span: sc})
		}
	}
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

// bucket returns the index of the bucket (base^i, base^(i+1)] that holds d in
// seconds. It reads the exponent and the mantissa from the float's bits: a
// logarithm would cost more than all the rest.
func bucket(d time.Duration) int {
	bits := math.Float64bits(float64(d) / float64(time.Second))
	exp := int(bits>>mantissa) - 1023
	m := bits & (1<<mantissa - 1)
	i := int(guess[m>>(mantissa-guessBits)])
	for i < octave && m > bounds[i] {
		i++
	}
	return exp<<scale + i - 1 // The upper bound belongs to the bucket.
}

// mantissa is how many bits that of a float64 has.
const (
	mantissa  = 52
	guessBits = 6
)

// bounds are the lower bounds of the buckets of an octave, as mantissas; guess
// gives, for the first bits of a mantissa, the first bound that may not be
// below it.
var bounds, guess = func() (b [octave]uint64, g [1 << guessBits]uint8) {
	for i := range b {
		b[i] = math.Float64bits(math.Exp2(float64(i)/octave)) & (1<<mantissa - 1)
	}
	for j := range g {
		for g[j] < octave && b[g[j]] < uint64(j)<<(mantissa-guessBits) {
			g[j]++
		}
	}
	return b, g
}()

// bound returns the lower bound of bucket i, in seconds.
func bound(i int) float64 { return math.Exp2(float64(i) / octave) }
