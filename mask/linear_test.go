package mask_test

import (
	"math"
	"testing"
	"time"

	"riskmanager.internal/otel/mask"
)

// TestLinear scans hostile texts of two lengths. Eight times the text may take
// eight times as long and some more, for the machine's sake, but not 64 times.
func TestLinear(t *testing.T) {
	const n, factor, slack = 4_000, 32, 8 // A square would take 1,024 times as long.
	long := hostile(factor * n)
	for name, short := range hostile(n) {
		t.Run(name, func(t *testing.T) {
			for attempt := range 3 {
				a, b := fastest(short), fastest(long[name])
				if b <= factor*slack*max(a, 50*time.Microsecond) {
					return
				}
				t.Logf("attempt %d: %d bytes took %v, %d bytes %v", attempt, len(short), a, len(long[name]), b)
			}
			t.Error("not linear")
		})
	}
}

func fastest(s string) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 5 {
		start := time.Now()
		mask.Default().String(s)
		best = min(best, time.Since(start))
	}
	return best
}
