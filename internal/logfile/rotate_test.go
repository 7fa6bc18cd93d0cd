//go:build unix

package logfile_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/internal/logfile"
)

// TestFileRotations rotates 200 times in a loop, several times a millisecond.
func TestFileRotations(t *testing.T) {
	t.Parallel()
	for _, compress := range []bool{false, true} {
		t.Run(fmt.Sprintf("compress=%v", compress), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "daemon.log")
			cfg := logfileConfig(path)
			cfg.MaxBytes, cfg.Compress = 100, compress
			f := open(t, cfg)
			want := fill(t, f, 0, 200)
			closeFile(t, f)
			got := collect(t, path)
			got.check(t, want)
			got.inOrder(t)
			if len(got.files) != 200 || f.Stats().Rotated != 199 {
				t.Errorf("%d files after %d rotations, want 200 and 199", len(got.files), f.Stats().Rotated)
			}
		})
	}
}

// TestFileRotateSize keeps every file within its size, whole lines in each,
// also where several callers' lines go into one write.
func TestFileRotateSize(t *testing.T) {
	t.Parallel()
	const callers, each, maxBytes = 16, 300, 10_000
	path := filepath.Join(t.TempDir(), "daemon.log")
	cfg := logfileConfig(path)
	cfg.MaxBytes = maxBytes
	f := open(t, cfg)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() { fill(t, f, c*each, (c+1)*each) })
	}
	wg.Wait()
	closeFile(t, f)
	got := collect(t, path)
	slices.Sort(got.numbers)
	for i, n := range got.numbers {
		if i != n {
			t.Fatalf("record %d is missing or doubled", i)
		}
	}
	if len(got.numbers) != callers*each {
		t.Errorf("%d records, want %d", len(got.numbers), callers*each)
	}
	if want := callers * each * 100 / maxBytes; len(got.files) != want {
		t.Errorf("%d files, want %d full ones", len(got.files), want)
	}
	for _, name := range got.files {
		if info, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err != nil || info.Size() > maxBytes {
			t.Errorf("%s: %d bytes, %v; want at most %d", name, info.Size(), err, maxBytes)
		}
	}
	if want := int64(callers * each); f.Stats().Lines != want || f.Stats().Bytes != want*100 {
		t.Errorf("Stats() = %+v, want %d lines of 100 bytes", f.Stats(), want)
	}
}

// TestFileLargeLine appends lines larger than a file may be.
func TestFileLargeLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "daemon.log")
	cfg := logfileConfig(path)
	cfg.MaxBytes, cfg.Buffer = 1000, 500
	f := open(t, cfg)
	for n := range 6 {
		if err := f.Append(numbered(n, 50+n%2*5000), slog.LevelInfo); err != nil {
			t.Fatal(err)
		}
	}
	closeFile(t, f)
	got := collect(t, path)
	got.check(t, []int{0, 1, 2, 3, 4, 5})
	if len(got.files) != 6 {
		t.Errorf("files %v, want 6", got.files)
	}
}

// TestFileOpenFull opens a file that is full already.
func TestFileOpenFull(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{false, true} {
		t.Run(fmt.Sprintf("clock back=%v", back), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "daemon.log")
			if err := os.WriteFile(path, numbered(1, 1000), 0o644); err != nil {
				t.Fatal(err)
			}
			files := 2
			if back {
				files++
				at := time.Now().UTC().Add(time.Hour).Format(stampFormat)
				if err := os.WriteFile(strings.TrimSuffix(path, ".log")+"-"+at+".log", numbered(0, 1000), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cfg := logfileConfig(path)
			cfg.MaxBytes = 1000
			f := open(t, cfg)
			fill(t, f, 2, 5)
			closeFile(t, f)
			got := collect(t, path)
			got.check(t, []int{1, 2, 3, 4})
			got.inOrder(t)
			if len(got.files) != files || f.Stats().Rotated != 1 {
				t.Errorf("files %v, %d rotations; want %d and 1", got.files, f.Stats().Rotated, files)
			}
			for _, name := range got.files {
				if info, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err != nil || info.Mode() != 0o600 {
					t.Errorf("%s: %v, %v; want mode 0600", name, info.Mode(), err)
				}
			}
		})
	}
}

// TestFileLiveNameStays opens the live name all along while it is rotated.
func TestFileLiveNameStays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "daemon.log")
	cfg := logfileConfig(path)
	cfg.MaxBytes, cfg.MaxBackups = 300, 3
	f := open(t, cfg)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
				return
			}
		}
	})
	fill(t, f, 0, 3000)
	close(stop)
	wg.Wait()
}

// TestFileClockBack finds backups named in the future. What is rotated now is
// newer than they are, so that they go first.
func TestFileClockBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "daemon.log")
	future := time.Now().AddDate(1, 0, 0)
	for n := range 7 {
		at := future.Add(time.Duration(n) * time.Hour)
		name := strings.TrimSuffix(path, ".log") + "-" + at.UTC().Format(stampFormat) + ".log"
		if err := os.WriteFile(name, numbered(-7+n, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 { // Written by the wrong clock too.
			if err := os.Chtimes(name, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := open(t, logfile.Config{Path: path, MaxBytes: 1000})
	want := fill(t, f, 0, 60)
	closeFile(t, f)
	f = open(t, logfile.Config{Path: path, MaxBytes: 1000}) // Removes what is too much.
	closeFile(t, f)
	got := collect(t, path)
	got.check(t, want)
	got.inOrder(t)
	if len(got.files) != 8 {
		t.Errorf("files %v, want 7 backups and the live one", got.files)
	}
}

// TestFileClockWasWrong finds backups of a time when the clock was ahead, and
// later ones. The later ones stay, whatever the names say.
func TestFileClockWasWrong(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "daemon.log")
	write := func(n int, stamp, modified time.Time) {
		t.Helper()
		name := strings.TrimSuffix(path, ".log") + "-" + stamp.UTC().Format(stampFormat) + ".log"
		if err := errors.Join(os.WriteFile(name, numbered(n, 100), 0o600), os.Chtimes(name, modified, modified)); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for n := range 5 {
		ahead := now.AddDate(1, 0, n)
		write(n, ahead, ahead)
	}
	for n := range 3 {
		at := now.Add(time.Duration(n-10) * time.Minute)
		write(10+n, at, at)
	}
	// Named for being unique after those of the wrong time.
	write(20, now.AddDate(1, 0, 9), now.Add(-time.Minute))
	f := open(t, logfile.Config{Path: path, MaxBackups: 4})
	closeFile(t, f)
	got := collect(t, path)
	got.check(t, []int{10, 11, 12, 20})
	if len(got.numbers) != 4 {
		t.Errorf("records %v, want 10, 11, 12 and 20", got.numbers)
	}
}

// TestFileMaxBackups keeps the newest, a file and its .gz counted once.
func TestFileMaxBackups(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "daemon.log")
	stem := strings.TrimSuffix(path, ".log") + "-"
	now := time.Now().UTC()
	var names []string
	for n := range 10 {
		name := stem + now.Add(-time.Duration(n)*time.Hour).Format(stampFormat) + ".log"
		names = append(names, filepath.Base(name))
		for _, suffix := range []string{"", ".gz"}[:1+n%2] {
			if err := os.WriteFile(name+suffix, numbered(n, 100), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Not ours.
	others := []string{"daemon-old.log", "daemon-2006-01-02.log", "daemonx-2006-01-02T15-04-05.000.log", "daemon-2006-01-02T15-04-05.000.log.bak"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := open(t, logfile.Config{Path: path, MaxBackups: 3})
	if got := f.Stats().Pruned; got != 11 {
		t.Errorf("Stats().Pruned = %d, want 11: 7 backups, 4 of them twice", got)
	}
	closeFile(t, f)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want := append([]string{"daemon.log", names[0], names[1], names[1] + ".gz", names[2]}, others...)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

// TestFileMaxAge has a backup turn seven days old while nothing happens.
func TestFileMaxAge(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(dir, "daemon.log")
		stem := strings.TrimSuffix(path, ".log") + "-"
		write := func(age time.Duration) string {
			name := stem + time.Now().UTC().Add(-age).Format(stampFormat) + ".log.gz"
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return name
		}
		const quiet = 6*time.Minute + 30*time.Second
		old, turning, young := write(8*24*time.Hour), write(7*24*time.Hour-quiet), write(time.Hour)
		touched := write(2 * time.Hour)
		if then := time.Now().AddDate(0, 0, -8); os.Chtimes(touched, then, then) != nil {
			t.Fatal("Chtimes")
		}
		exists := func(name string) bool { _, err := os.Stat(name); return err == nil }
		f, err := logfile.Open(logfile.Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if exists(old) || exists(touched) || !exists(turning) {
			t.Errorf("after Open: named 8 days ago %v, written 8 days ago %v, just under 7 days old %v; want false, false, true",
				exists(old), exists(touched), exists(turning))
		}
		time.Sleep(quiet - time.Second)
		synctest.Wait()
		if !exists(turning) {
			t.Error("gone before its time")
		}
		time.Sleep(90 * time.Second)
		synctest.Wait()
		if exists(turning) || !exists(young) {
			t.Errorf("90 s after: 7 days old %v, an hour old %v; want false, true", exists(turning), exists(young))
		}
		if err := f.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestFileGoroutines opens and closes 100 times: no goroutine is left, and no
// file that was opened ahead.
func TestFileGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 100 {
		dir := t.TempDir()
		f := open(t, logfile.Config{Path: filepath.Join(dir, "daemon.log"), MaxBytes: 200, Compress: true})
		// One more, once that of the file before has quite gone.
		faulttest.Eventually(t, "one goroutine for each file", func() bool { return runtime.NumGoroutine() <= before+1 })
		fill(t, f, 0, 10)
		closeFile(t, f)
		if left, err := filepath.Glob(dir + "/.*"); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %q, %v", left, err)
		}
	}
	faulttest.Eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}

// TestFileHalfRotated starts from each state that a kill can leave.
func TestFileHalfRotated(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Add(-time.Minute)
	tests := []struct {
		name  string
		leave func(live, backup, next string) error
		files int
	}{
		{name: "next opened", files: 1, leave: func(_, _, next string) error {
			return os.WriteFile(next, nil, 0o600)
		}},
		{name: "linked", files: 1, leave: func(live, backup, next string) error {
			if err := os.WriteFile(next, nil, 0o600); err != nil {
				return err
			}
			return os.Link(live, backup)
		}},
		{name: "linked and replaced", files: 2, leave: func(live, backup, next string) error {
			if err := os.WriteFile(next, nil, 0o600); err != nil {
				return err
			}
			if err := os.Link(live, backup); err != nil {
				return err
			}
			return os.Rename(next, live)
		}},
		{name: "renamed, by lumberjack", files: 2, leave: func(live, backup, _ string) error {
			return os.Rename(live, backup)
		}},
		{name: "half compressed", files: 1, leave: func(_, backup, _ string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(backup), "."+filepath.Base(backup)+".gz.tmp"), []byte("half"), 0o600)
		}},
		{name: "half a .gz, by lumberjack", files: 2, leave: func(live, backup, _ string) error {
			if err := os.Rename(live, backup); err != nil {
				return err
			}
			return os.WriteFile(backup+".gz", []byte("half"), 0o600)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			live := filepath.Join(dir, "daemon.log")
			if err := os.WriteFile(live, numbered(0, 100), 0o600); err != nil {
				t.Fatal(err)
			}
			backup := filepath.Join(dir, "daemon-"+now.Format(stampFormat)+".log")
			if err := tt.leave(live, backup, filepath.Join(dir, ".daemon.log.7.next")); err != nil {
				t.Fatal(err)
			}
			f := open(t, logfile.Config{Path: live, Compress: true})
			fill(t, f, 1, 2)
			faulttest.Eventually(t, "backups are compressed", func() bool {
				return tt.files == 1 || f.Stats().Compressed == 1
			})
			closeFile(t, f)
			got := collect(t, live)
			got.check(t, []int{0, 1})
			got.inOrder(t)
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != tt.files {
				t.Errorf("files %v, %v; want %d", entries, err, tt.files)
			}
		})
	}
}
