//go:build unix

package faulttest_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otellog "go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/telemetry"
)

// TestFlatOut logs 20,000 records as fast as eight callers can. Nothing in the
// way of a record to its files drops any.
func TestFlatOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tel := setup(t, dir, rotation(2, 0, false))
	const callers, each = 8, 2500
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() { fill(t, tel, c*each, (c+1)*each, 0) })
	}
	wg.Wait()
	want := make([]int, callers*each)
	for n := range want {
		want[n] = n
	}
	collect(t, dir).check(t, want) // Before Shutdown: nothing is held back.
	s := tel.Stats()
	if s.Accepted != callers*each || s.Files["daemon"].Lines != callers*each || s.Files["api"].Lines != callers*each/4 {
		t.Errorf("Stats() = %+v, want %d records", s, callers*each)
	}
	for name, f := range s.Files {
		if f.Lost.Total() != 0 || f.HeldLines != 0 {
			t.Errorf("Stats().Files[%q] = %+v, want nothing lost and nothing held", name, f)
		}
	}
	shutdown(t, tel)
}

// TestRotateAtOnce rotates with every record, several times in a millisecond.
func TestRotateAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := exporters.NewFile(t.Context(), exporters.FileConfig{
		Dir: dir, MaxSize: 150, MaxBackups: -1, DisableCompression: true,
		Streams: exporters.Streams()[:1],
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(file.Processor()))
	log := provider.Logger("risk_manager.daemon")
	begun := time.Now()
	const n = 200
	for i := range n {
		var r otellog.Record
		r.SetSeverity(otellog.SeverityInfo)
		r.SetBody(attribute.StringValue("record"))
		r.AddAttributes(attribute.Int("n", i))
		log.Emit(t.Context(), r)
	}
	took := time.Since(begun)
	rotated := file.Stats()["daemon"].Rotated
	if err := file.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	entries, err := filepath.Glob(filepath.Join(dir, "daemon*.log"))
	if err != nil {
		t.Fatal(err)
	}
	var got fileLog
	for _, name := range entries {
		got.add([]byte(readFile(t, name)))
	}
	numbers := got.numbers()
	slices.Sort(numbers)
	if len(slices.Compact(numbers)) != n || len(got.torn) > 0 || rotated != n-1 {
		t.Errorf("%d records in %d files, %d rotations, %d torn lines; want %d records", len(numbers), len(entries), rotated, len(got.torn), n)
	}
	t.Logf("%d rotations in %v", rotated, took)
}

// TestClockBack starts with backups of a clock that was ahead. They are older
// than what is written now, whatever their names say, and go first.
func TestClockBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := time.Now().Add(-time.Hour)
	for _, year := range []string{"2098", "2099"} {
		name := filepath.Join(dir, "daemon-"+year+"-01-01T00-00-00.000.log")
		if err := os.WriteFile(name, []byte("{\"n\":-1,\"timestamp\":\"old\"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	tel := setup(t, dir, rotation(1, 2, false))
	want := fill(t, tel, 0, 80, 40_000) // Three files full.
	shutdown(t, tel)
	l := collect(t, dir)[telemetry.Daemon]
	if len(l.files) != 3 {
		t.Errorf("files %v, want 2 backups and the live one", l.files)
	}
	got := l.numbers()
	slices.Sort(got)
	if len(got) < 50 || !slices.Equal(got, want[len(want)-len(got):]) {
		t.Errorf("records %v, want the newest without a hole", got)
	}
}

// TestOldBackups finds backups of each file when it starts.
func TestOldBackups(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, s := range telemetry.Streams() {
		for _, days := range []int{6, 8} {
			at := time.Now().AddDate(0, 0, -days)
			for _, end := range []string{".log", ".log.gz"} {
				name := strings.TrimSuffix(s.Filename(), ".log") + at.UTC().Format("-2006-01-02T15-04-05.000") + end
				if end == ".log.gz" {
					name = strings.Replace(name, ".000.", ".001.", 1)
				}
				name = filepath.Join(dir, name)
				if err := os.WriteFile(name, []byte("{\"timestamp\":\"old\"}\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(name, at, at); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	tel := setup(t, dir, rotation(10, 0, false))
	for _, s := range telemetry.Streams() {
		backups, err := filepath.Glob(filepath.Join(dir, strings.TrimSuffix(s.Filename(), ".log")+"-*"))
		if err != nil || len(backups) != 2 {
			t.Errorf("%s: backups %v, %v; want the two of 6 days", s.Filename(), backups, err)
		}
	}
	shutdown(t, tel)
}

// TestOpenClose sets up and shuts down a hundred times.
func TestOpenClose(t *testing.T) {
	// Not parallel: it counts what the process has.
	dir := t.TempDir()
	cycle := func() {
		tel, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir), telemetry.WithOTLP("http://127.0.0.1:9"))
		if err != nil {
			t.Fatal(err)
		}
		slog.Info("record")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_ = tel.Shutdown(ctx) // The collector is not there.
	}
	descriptors := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			entries, _ = os.ReadDir("/dev/fd")
		}
		return len(entries)
	}
	cycle() // What is made once, as lumberjack's mill.
	goroutines, fds := runtime.NumGoroutine(), descriptors()
	for range 100 {
		cycle()
	}
	faulttest.Eventually(t, "goroutines and descriptors are back to what they were", func() bool {
		return runtime.NumGoroutine() <= goroutines && descriptors() <= fds
	})
	if l := collect(t, dir)[telemetry.Daemon]; len(l.lines) < 101 {
		t.Errorf("%d lines, want 101", len(l.lines))
	}
}
