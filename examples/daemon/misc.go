package main

import (
	"context"
	"fmt"
	"math"
	"sync"
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

// wait waits for wg, but not for longer than d.
func wait(wg *sync.WaitGroup, d time.Duration) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		wg.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-time.After(d):
		return fmt.Errorf("enforcement not finished after %v", d)
	}
}

// cents rounds an amount, so that the logs show no more digits than money has.
func cents(v float64) float64 { return math.Round(v*100) / 100 }
