package main

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// cpu returns the CPU time that this process has used, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cost is what one call of a subject took in one round.
type cost struct {
	cpu, wall time.Duration // A record.
	allocs    float64
}

// round runs n records over g goroutines and returns what one cost.
func (s subject) round(n, g int) cost {
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	log, closeLog := s.open(filepath.Join(dir, "logs"))
	for i := range 1000 { // Warm pools and caches.
		log(i)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c0, t0 := cpu(), time.Now()
	var wg sync.WaitGroup
	for k := range g {
		wg.Go(func() {
			for i := k; i < n; i += g {
				log(i)
			}
		})
	}
	wg.Wait()
	c := cost{cpu: (cpu() - c0) / time.Duration(n), wall: time.Since(t0) / time.Duration(n)}
	runtime.ReadMemStats(&after)
	c.allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	check(closeLog())
	return c
}

func median[T cmp.Ordered](v []T) T {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// compare runs the subjects in turn, rounds times, so that a machine whose
// speed drifts drifts for all of them.
func compare(subjects []subject, rounds, n, g int) [][]cost {
	costs := make([][]cost, len(subjects))
	for range rounds {
		for i, s := range subjects {
			costs[i] = append(costs[i], s.round(n, g))
		}
	}
	return costs
}

// ratio is the median of the ratios within each round.
func ratio(a, b []cost, of func(cost) time.Duration) float64 {
	r := make([]float64, len(a))
	for i := range a {
		r[i] = float64(of(a[i])) / float64(of(b[i]))
	}
	return median(r)
}

func byCPU(c cost) time.Duration  { return c.cpu }
func byWall(c cost) time.Duration { return c.wall }
