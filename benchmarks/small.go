package main

import (
	"bytes"
	stdgzip "compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"riskmanager.internal/otel/telemetry"
)

// smallTable is what a call costs whose level is not enabled.
func smallTable(w io.Writer, _, _ int) {
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	tel, err := telemetry.Setup(context.Background(), telemetry.WithLogDir(dir))
	check(err)
	ctx := telemetry.With(context.Background(), telemetry.AccountID(account))
	log := telemetry.Logger(telemetry.API)
	disabled := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			log.LogAttrs(ctx, slog.LevelDebug, message, slog.Int("n", 1))
		}
	})
	fmt.Fprintln(w, "no record written\tns\tallocations")
	fmt.Fprintf(w, "a disabled level\t%.1f\t%d\n", float64(disabled.T)/float64(disabled.N), disabled.AllocsPerOp())
	check(tel.Shutdown(ctx))
}

// compressionTable compares the compressors on a file that this module wrote.
func compressionTable(w io.Writer, rounds, _ int) {
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	log, closeLog := ours("").open(dir)
	for i := range 18_000 {
		log(i)
	}
	check(closeLog())
	text, err := os.ReadFile(filepath.Join(dir, "daemon.log"))
	check(err)
	timeOf := func(z io.WriteCloser) time.Duration {
		c0 := cpu()
		_, err := z.Write(text)
		check(err)
		check(z.Close())
		return cpu() - c0
	}
	var std, fast []time.Duration
	var ratios []float64
	var a, b bytes.Buffer
	for range rounds {
		a.Reset()
		b.Reset()
		s := timeOf(stdgzip.NewWriter(&a))
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		check(err)
		f := timeOf(z)
		std, fast, ratios = append(std, s), append(fast, f), append(ratios, float64(f)/float64(s))
	}
	fmt.Fprintf(w, "compression of %.1f MB\tCPU\tratio of sizes\tours / theirs, CPU\n", float64(len(text))/1e6)
	fmt.Fprintf(w, "lumberjack's (compress/gzip)\t%v\t%.3f\t\n", median(std), float64(a.Len())/float64(len(text)))
	fmt.Fprintf(w, "this module's\t%v\t%.3f\t%.2f\n", median(fast), float64(b.Len())/float64(len(text)), median(ratios))
}

// memoryTable is the resident memory of an idle Setup over an empty program's.
func memoryTable(w io.Writer, _, _ int) {
	resident := func(flag string) int {
		out, err := exec.Command(os.Args[0], flag).Output()
		check(err)
		n, err := strconv.Atoi(strings.TrimSpace(string(out)))
		check(err)
		return n
	}
	empty, idle := resident("-empty"), resident("-idle")
	fmt.Fprintf(w, "resident memory\tan empty program %.1f MiB\tan idle Setup %.1f MiB\tdifference %.1f MiB\n",
		float64(empty)/1024, float64(idle)/1024, float64(idle-empty)/1024)
}

func printResident(setUp bool) {
	if setUp {
		dir, err := os.MkdirTemp("", "bench")
		check(err)
		defer os.RemoveAll(dir)
		tel, err := telemetry.Setup(context.Background(), telemetry.WithLogDir(dir))
		check(err)
		defer tel.Shutdown(context.Background()) //nolint:errcheck // The process ends.
	}
	status, err := os.ReadFile("/proc/self/status")
	check(err)
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			fmt.Println(strings.Fields(kb)[0])
		}
	}
}
