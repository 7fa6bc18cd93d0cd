package instrument_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"riskmanager.internal/otel/instrument"
)

func TestBucketHoldsItsDurations(t *testing.T) {
	check := func(d time.Duration) {
		t.Helper()
		i := instrument.Bucket(d)
		s := float64(d) / float64(time.Second)
		// Bounds are compared to within the rounding of their computation.
		if lower, upper := instrument.Bound(i), instrument.Bound(i+1); s <= lower*(1-1e-14) || s > upper*(1+1e-14) {
			t.Errorf("%v: got bucket %d = (%v, %v], want one that holds it", d, i, lower, upper)
		}
	}
	for _, d := range []time.Duration{1, 2, 3, 1000, time.Millisecond, time.Second, 2 * time.Second, time.Second / 2, time.Hour, math.MaxInt64} {
		check(d)
		check(d + 1 - 1)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		check(time.Duration(r.Int64()>>r.IntN(62) | 1))
	}
	// A power of two is the upper bound of its bucket, which includes it.
	if got, want := instrument.Bucket(time.Second), -1; got != want {
		t.Errorf("1 s: got bucket %d, want %d", got, want)
	}
}

func TestQuantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, tt := range []struct {
		name string
		next func() time.Duration
	}{
		{"uniform", func() time.Duration { return time.Duration(1 + r.IntN(int(time.Second))) }},
		{"log-normal", func() time.Duration { return time.Duration(math.Exp(r.NormFloat64()*2+12)) + 1 }},
		{"constant", func() time.Duration { return 5 * time.Millisecond }},
		{"two far apart", func() time.Duration { return []time.Duration{time.Microsecond, time.Hour}[r.IntN(2)] }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ds := make([]time.Duration, 20_001)
			for i := range ds {
				ds[i] = tt.next()
			}
			qs := []float64{0, 0.25, 0.5, 0.95, 0.99, 1}
			got, _ := instrument.Quantiles(ds, qs...)
			slices.Sort(ds)
			for i, q := range qs {
				want := ds[int(q*float64(len(ds)-1))]
				if rel := math.Abs(float64(got[i]-want)) / float64(want); rel > 0.03 {
					t.Errorf("quantile %v: got %v, want %v to within 3 %%", q, got[i], want)
				}
			}
		})
	}
}

func TestQuantilesOfFew(t *testing.T) {
	for _, tt := range []struct {
		ds   []time.Duration
		want string
	}{
		{nil, "[0s 0s]"},
		{[]time.Duration{0}, "[0s 0s]"},
		{[]time.Duration{-5}, "[0s 0s]"},
		{[]time.Duration{7 * time.Millisecond}, "[7ms 7ms]"},
	} {
		if got, _ := instrument.Quantiles(tt.ds, 0.5, 0.99); fmt.Sprint(got) != tt.want {
			t.Errorf("%v: got %v, want %v", tt.ds, got, tt.want)
		}
	}
}

func TestDataPoint(t *testing.T) {
	ds := []time.Duration{0, 1, time.Microsecond, time.Millisecond, time.Millisecond, time.Second, time.Hour}
	_, p := instrument.Quantiles(ds, 1)
	if p.Count != 7 || p.ZeroCount != 1 || p.Scale > instrument.Scale {
		t.Errorf("got count %d, zeros %d, scale %d", p.Count, p.ZeroCount, p.Scale)
	}
	if n := len(p.PositiveBucket.Counts); n == 0 || n > instrument.MaxBuckets {
		t.Errorf("got %d buckets, want 1 to %d", n, instrument.MaxBuckets)
	}
	// Each duration is in the bucket that the data model puts it in.
	base := math.Exp2(math.Exp2(-float64(p.Scale)))
	want := map[int]uint64{}
	for _, d := range ds[1:] {
		i := int(math.Ceil(math.Log(d.Seconds())/math.Log(base)-1e-9)) - 1
		want[i]++
	}
	for i, n := range p.PositiveBucket.Counts {
		if got := int(p.PositiveBucket.Offset) + i; n != want[got] {
			t.Errorf("bucket %d: got %d, want %d", got, n, want[got])
		}
	}
	if p.Sum < 3601 || p.Sum > 3601.01 {
		t.Errorf("got sum %v", p.Sum)
	}
}
