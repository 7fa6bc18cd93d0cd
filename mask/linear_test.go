package mask_test

import (
	"math"
	"testing"
	"time"

	"riskmanager.internal/otel/mask"
)

// TestLinear scans hostile texts in pieces and as a whole: the same bytes, so
// that whatever else the machine does costs both alike. Were the scan a
// square, the whole would take as many times longer as there are pieces.
func TestLinear(t *testing.T) {
	const n, pieces, slack = 4_000, 32, 8
	whole := hostile(pieces * n)
	for name, piece := range hostile(n) {
		t.Run(name, func(t *testing.T) {
			a, b := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			for range 20 {
				a, b = min(a, took(piece, pieces)), min(b, took(whole[name], 1))
				if b <= slack*max(a, time.Millisecond) {
					return
				}
			}
			t.Errorf("not linear: %d bytes took %v in %d pieces, %v as a whole", len(whole[name]), a, pieces, b)
		})
	}
}

func took(s string, times int) time.Duration {
	start := time.Now()
	for range times {
		mask.Default().String(s)
	}
	return time.Since(start)
}
