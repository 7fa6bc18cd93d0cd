package main_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// BenchmarkFilter filters the same file by one account with risklog and jq, and
// reports the processor time a gigabyte, user and system, as cpu-s/GB.
func BenchmarkFilter(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "daemon.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	size := writeRecords(b, f, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), 100_000)
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	risklog := build(b)
	commands := map[string][]string{
		"risklog": {risklog, "show", "-json", "-dir", dir, "-account", "ACC123"},
		"jq":      {"jq", "-c", `select(.context.account_id == "ACC123")`, path},
	}
	for _, name := range []string{"risklog", "jq"} {
		b.Run(name, func(b *testing.B) { benchmarkCommand(b, size, commands[name]) })
	}
}

// BenchmarkTrace finds one trace in seven compressed backups of 10 MB.
func BenchmarkTrace(b *testing.B) {
	dir := b.TempDir()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var size int64
	for i := range 7 {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("daemon-2026-03-01T1%d-00-00.000.log.gz", 3+i)))
		if err != nil {
			b.Fatal(err)
		}
		zw := gzip.NewWriter(f)
		size += writeRecords(b, zw, at.Add(time.Duration(i)*time.Hour), 20_000)
		if err := zw.Close(); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	benchmarkCommand(b, size, []string{build(b), "trace", "-slowest", "-dir", dir, "-account", "ACC123"})
}

func build(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "risklog")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

func benchmarkCommand(b *testing.B, size int64, command []string) {
	b.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		b.Skipf("%s is not installed", command[0])
	}
	var used time.Duration
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), command[0], command[1:]...)
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	b.SetBytes(size)
	b.ReportMetric(used.Seconds()/float64(b.N)/float64(size)*1e9, "cpu-s/GB")
}

// writeRecords writes records such as the daemon's, and returns their size.
func writeRecords(b *testing.B, w io.Writer, at time.Time, n int) (size int64) {
	b.Helper()
	rnd := rand.New(rand.NewPCG(1, uint64(at.Unix())))
	buf := bufio.NewWriter(w)
	for i := range n {
		at = at.Add(time.Duration(rnd.IntN(2000)) * time.Microsecond)
		id := fmt.Sprintf("%016x%016x", rnd.Uint64(), rnd.Uint64())
		k, err := fmt.Fprintf(buf, `{"timestamp":%q,"level":%q,"logger":"risk_manager.daemon","message":"Trade processed %d","context":{"correlation_id":"%s-%s-%s-%s-%s","account_id":"ACC%03d","event_type":"trade"},`+
			`"symbol":"ES","quantity":%d,"operation":"process_trade","duration_ms":%.3f,"status":"ok","source":{"function":"main.process","file":"main.go","line":42},"trace_id":%q,"span_id":%q,"uid":"01J%023d"}`+"\n",
			at.Format("2006-01-02T15:04:05.000000Z"), []string{"DEBUG", "INFO", "INFO", "WARNING", "ERROR"}[rnd.IntN(5)], i,
			id[:8], id[8:12], id[12:16], id[16:20], id[20:], rnd.IntN(200), i%7, rnd.Float64()*100, id, id[:16], at.UnixMicro()*1000+int64(i%1000))
		if err != nil {
			b.Fatal(err)
		}
		size += int64(k)
	}
	if err := buf.Flush(); err != nil {
		b.Fatal(err)
	}
	return size
}
