package main

import (
	"context"
	"math"
	"time"
)

// sleep waits for d or until ctx ends, and reports whether d has passed.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// cents rounds an amount, so that the logs show no more digits than money has.
func cents(v float64) float64 { return math.Round(v*100) / 100 }
