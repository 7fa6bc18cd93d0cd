package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// rotationTable is the latency of the calls that rotate, and of all calls, over
// some rotations at 10 MB.
func rotationTable(w io.Writer, _, _ int) {
	const rotations = 12
	subjects := []subject{ours("this module, masked"), zapped("zap, lumberjack"), zerologged("zerolog, lumberjack")}
	fmt.Fprintln(w, "rotation\trotating call p50\tall calls p50\tp99\tp99.9\tmax")
	for _, s := range subjects {
		dir, err := os.MkdirTemp("", "bench")
		check(err)
		log, closeLog := s.open(filepath.Join(dir, "logs"))
		live := filepath.Join(dir, "logs", "daemon.log")
		var all, rotating []time.Duration
		var size int64
		for i := 0; len(rotating) < rotations; i++ {
			begin := time.Now()
			log(i)
			took := time.Since(begin)
			all = append(all, took)
			info, err := os.Stat(live) // Outside of what is timed.
			check(err)
			if info.Size() < size {
				rotating = append(rotating, took)
			}
			size = info.Size()
		}
		check(closeLog())
		_ = os.RemoveAll(dir) // Lumberjack may still be compressing in it.
		slices.Sort(all)
		at := func(p float64) time.Duration { return all[int(p*float64(len(all)-1))] }
		fmt.Fprintf(w, "%s\t%v\t%v\t%v\t%v\t%v\n", s.name, median(rotating), at(.5), at(.99), at(.999), all[len(all)-1])
	}
}
