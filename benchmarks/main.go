// Benchmarks prints what a record costs through this module and through its
// peers, side by side: the subjects run in turn, round after round, in one
// process, and each figure is the median over the rounds.
//
//	cd benchmarks && go run .
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"text/tabwriter"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 11, "rounds of each comparison")
	records := flag.Int("records", 60_000, "records a round")
	only := flag.String("only", "", "one of: cost, scaling, rotation, small, operations, masking, compression, memory, reading")
	profile := flag.String("cpuprofile", "", "profile this module's records at one goroutine into this file, and exit")
	idle := flag.Bool("idle", false, "internal: set up, print the resident memory, exit")
	empty := flag.Bool("empty", false, "internal: print the resident memory, exit")
	flag.Parse()
	if *idle || *empty {
		printResident(*idle)
		return
	}
	if *profile != "" {
		profileOurs(*profile, *rounds**records)
		return
	}
	fmt.Printf("%s %s/%s, %d CPUs, %d rounds of %d records\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *rounds, *records)
	for _, part := range []struct {
		name string
		run  func(w io.Writer, rounds, records int)
	}{
		{"cost", costTable},
		{"scaling", scalingTable},
		{"rotation", rotationTable},
		{"small", smallTable},
		{"operations", operationsTable},
		{"masking", maskingTable},
		{"compression", compressionTable},
		{"memory", memoryTable},
		{"reading", readingTable},
	} {
		if *only != "" && *only != part.name {
			continue
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		part.run(w, *rounds, *records)
		check(w.Flush())
		fmt.Println()
	}
}

// profileOurs writes the CPU profile of n records.
func profileOurs(path string, n int) {
	f, err := os.Create(path)
	check(err)
	check(pprof.StartCPUProfile(f))
	ours("").round(n, 1)
	pprof.StopCPUProfile()
	check(f.Close())
}

// costTable is the CPU time of one record at one goroutine.
func costTable(w io.Writer, rounds, records int) {
	subjects := []subject{
		ours("this module, masked"), zapped("zap, unmasked"), zerologged("zerolog, unmasked"),
		slogged("slog, unmasked", func(w io.Writer) io.Writer { return w }),
		slogged("slog, seven regexes", func(w io.Writer) io.Writer { return newSevenRegexes(w) }), sdkUsual("otelslog, stdoutlog, unmasked"),
	}
	costs := compare(subjects, rounds, records, 1)
	fmt.Fprintln(w, "one goroutine\tCPU ns a record\twall ns\tallocations\tours / theirs, CPU")
	for i, s := range subjects {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.1f\t%.2f\n", s.name, medianOf(costs[i], byCPU), medianOf(costs[i], byWall),
			costs[i][0].allocs, ratio(costs[0], costs[i], byCPU))
	}
}

// scalingTable is the throughput at several goroutines.
func scalingTable(w io.Writer, rounds, records int) {
	subjects := []subject{ours("this module, masked"), zapped("zap, unmasked"), zerologged("zerolog, unmasked")}
	fmt.Fprintln(w, "goroutines\tsubject\tCPU ns a record\twall ns\tthroughput, ours / theirs")
	for _, g := range []int{1, 2, 8, 64} {
		costs := compare(subjects, rounds, records, g)
		for i, s := range subjects {
			fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%.2f\n", g, s.name, medianOf(costs[i], byCPU), medianOf(costs[i], byWall),
				1/ratio(costs[0], costs[i], byWall))
		}
	}
}

func medianOf(costs []cost, of func(cost) time.Duration) int64 {
	v := make([]time.Duration, len(costs))
	for i := range costs {
		v[i] = of(costs[i])
	}
	return median(v).Nanoseconds()
}
