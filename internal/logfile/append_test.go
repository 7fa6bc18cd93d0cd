//go:build unix

package logfile_test

import (
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"riskmanager.internal/otel/internal/logfile"
)

// TestFileConcurrentSafe appends from many callers while the file is rotated,
// flushed, counted and closed.
func TestFileConcurrentSafe(t *testing.T) {
	t.Parallel()
	const callers, each = 16, 500
	path := filepath.Join(t.TempDir(), "daemon.log")
	cfg := logfileConfig(path)
	cfg.MaxBytes, cfg.Compress = 50_000, true
	f := open(t, cfg)
	var wg sync.WaitGroup
	last := make([]int, callers)
	for c := range callers {
		wg.Go(func() {
			for n := range each {
				if err := f.Append(numbered(c*each+n, 100+n), slog.Level(n%13-4)); err != nil {
					t.Error(err)
					return
				}
				last[c] = n
				switch n % 100 {
				case 50:
					_ = f.Stats()
				case 99:
					if err := f.Flush(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	closeFile(t, f)
	got := collect(t, path)
	var want []int
	for n := range callers * each {
		want = append(want, n)
	}
	got.check(t, want)
	if len(got.numbers) != callers*each {
		t.Errorf("%d records, want %d", len(got.numbers), callers*each)
	}
	next := make([]int, callers) // Each caller's own are in its order.
	for _, n := range got.numbers {
		if c := n / each; n%each != next[c] {
			t.Fatalf("record %d of caller %d follows %d", n%each, c, next[c]-1)
		} else {
			next[c]++
		}
	}
}

// TestFileAppendAllocs pins the price of a lone caller.
func TestFileAppendAllocs(t *testing.T) {
	f := open(t, logfile.Config{Path: filepath.Join(t.TempDir(), "daemon.log"), MaxBytes: 1 << 30})
	line := numbered(0, 300)
	allocs := testing.AllocsPerRun(10_000, func() {
		if err := f.Append(line, slog.LevelInfo); err != nil {
			t.Error(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations an Append, want 0", allocs)
	}
}
