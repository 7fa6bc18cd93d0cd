package logread_test

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/logread"
)

// TestOpenWhileRotated reads again and again while a writer writes, rotates and
// compresses as fast as it can. What was written before a reading began must
// be in it, with nothing missing between.
func TestOpenWhileRotated(t *testing.T) {
	dir := t.TempDir()
	live := filepath.Join(dir, "daemon.log")
	var written atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		at := start
		for rotation := 0; !stop.Load() && rotation < 150; rotation++ {
			f, err := os.OpenFile(live, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
			if err != nil {
				t.Error(err)
				return
			}
			for range 20 {
				n := written.Load() + 1
				at = at.Add(time.Millisecond)
				if _, err := f.WriteString(rec(at, "INFO", "daemon", strconv.FormatInt(n, 10), strconv.FormatInt(n, 10), "A")); err != nil {
					t.Error(err)
				}
				written.Store(n)
			}
			_ = f.Close()
			backup := filepath.Join(dir, "daemon-"+at.Format("2006-01-02T15-04-05.000")+".log")
			if err := os.Rename(live, backup); err != nil {
				t.Error(err)
			}
			if rotation%2 == 0 {
				compress(t, backup)
			}
		}
	})
	defer wg.Wait()
	defer stop.Store(true)
	for range 30 {
		least := written.Load()
		if least == 0 {
			time.Sleep(time.Millisecond)
			continue
		}
		set, err := logread.Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		next := int64(1)
		_, err = set.Each(t.Context(), logread.Filter{}, func(r *logread.Record) error {
			if got := r.Text(logread.Message); got != strconv.FormatInt(next, 10) {
				return fmt.Errorf("got record %s, want %d", got, next)
			}
			next++
			return nil
		})
		set.Close()
		if err != nil {
			t.Fatal(err)
		}
		if next <= least {
			t.Fatalf("got %d records, want at least %d", next-1, least)
		}
	}
}

func compress(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	f, err := os.Create(path + ".gz")
	if err != nil {
		t.Error(err)
		return
	}
	zw := gzip.NewWriter(f)
	_, _ = zw.Write(b)
	_ = zw.Close()
	_ = f.Close()
	if err := os.Remove(path); err != nil {
		t.Error(err)
	}
}
