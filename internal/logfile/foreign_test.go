//go:build unix

package logfile_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/internal/logfile"
)

// TestFileForeign changes the live file under the feet of its writer, as
// logrotate and people do, once while it is busy and once while it is idle.
func TestFileForeign(t *testing.T) {
	t.Parallel()
	rename := func(t *testing.T, path string) {
		t.Helper()
		if err := os.Rename(path, path+".1"); err != nil {
			t.Error(err)
		}
	}
	tests := []struct {
		name   string
		change func(t *testing.T, path string)
		// kept says that records of before the change are to be found too.
		kept bool
	}{
		{name: "renamed", change: rename, kept: true},
		{name: "renamed and created", kept: true, change: func(t *testing.T, path string) {
			t.Helper()
			rename(t, path)
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Error(err)
			}
		}},
		{name: "copied and truncated", change: func(t *testing.T, path string) {
			t.Helper()
			if err := os.Truncate(path, 0); err != nil {
				t.Error(err)
			}
		}},
		{name: "deleted", change: func(t *testing.T, path string) {
			t.Helper()
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		}},
		{name: "directory deleted", change: func(t *testing.T, path string) {
			t.Helper()
			// Again where the writer was quick enough to be back in between.
			faulttest.Eventually(t, "the directory is gone", func() bool { return os.RemoveAll(filepath.Dir(path)) == nil })
		}},
		{name: "directory renamed", change: func(t *testing.T, path string) {
			t.Helper()
			if err := os.Rename(filepath.Dir(path), filepath.Dir(path)+".old"); err != nil {
				t.Error(err)
			}
		}},
		{name: "replaced", change: func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path+".new", nil, 0o600); err != nil {
				t.Error(err)
			}
			if err := os.Rename(path+".new", path); err != nil {
				t.Error(err)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name+" while idle", func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "logs", "daemon.log")
			synctest.Test(t, func(t *testing.T) {
				cfg := logfileConfig(path)
				cfg.MaxBytes = 60_000 // It is a rotated file that is changed.
				f := open(t, cfg)
				before := fill(t, f, 0, 1000)
				time.Sleep(time.Second) // Idle it is only after a while.
				synctest.Wait()
				tt.change(t, path)
				after := fill(t, f, 1000, 1001)
				// At once, since nothing else was going on.
				collect(t, path).check(t, after)
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("Stat = %v, %v; want mode 0600", info, err)
				}
				closeFile(t, f)
				if tt.kept {
					got := collect(t, path)
					got.add([]byte(readFile(t, path+".1")))
					got.check(t, before)
				}
			})
		})
		t.Run(tt.name+" while busy", func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "logs", "daemon.log")
			cfg := logfileConfig(path)
			cfg.MaxBytes = 1 << 40
			f := open(t, cfg)
			var before, after []int
			n := 0
			for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); n++ {
				before = append(before, fill(t, f, n, n+1)...)
			}
			tt.change(t, path)
			for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); n++ {
				after = append(after, fill(t, f, n, n+1)...)
			}
			last := after[len(after)-1]
			faulttest.Eventually(t, "the newest record is under the live name", func() bool {
				data, err := os.ReadFile(path)
				return err == nil && bytes.HasSuffix(data, numbered(last, 100))
			})
			closeFile(t, f)
			got := collect(t, path)
			old := path + ".1"
			if tt.name == "directory renamed" {
				old = filepath.Join(filepath.Dir(path)+".old", filepath.Base(path))
			}
			if data, err := os.ReadFile(old); err == nil {
				var moved found
				moved.add(data)
				got.numbers = append(moved.numbers, got.numbers...)
				if tt.kept {
					got.check(t, before)
				}
			}
			got.check(t, after)
			got.inOrder(t)
			data, err := os.ReadFile(path)
			if err != nil || bytes.IndexByte(data, 0) >= 0 {
				t.Errorf("live file: %v, NUL at %d; want none", err, bytes.IndexByte(data, 0))
			}
			if reopened := f.Stats().Reopened; (reopened == 0) == (tt.name != "copied and truncated") {
				t.Errorf("Stats().Reopened = %d", reopened)
			}
		})
	}
}

// TestFileDeletedKeepsLock deletes a directory that is locked, and the lock's
// file alone: the lock comes back.
func TestFileDeletedKeepsLock(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"", logfile.LockName} {
		t.Run("logs/"+gone, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "logs")
			lock, err := logfile.Lock(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			cfg := logfileConfig(filepath.Join(dir, "daemon.log"))
			cfg.Lock = lock
			f := open(t, cfg)
			fill(t, f, 0, 10)
			if err := os.RemoveAll(filepath.Join(dir, gone)); err != nil {
				t.Fatal(err)
			}
			fill(t, f, 10, 20)
			for _, name := range []string{cfg.Path, filepath.Join(dir, logfile.LockName)} {
				faulttest.Eventually(t, name+" is back", func() bool { _, err := os.Stat(name); return err == nil })
			}
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("directory: %v, %v; want mode 0700", info, err)
			}
			if _, err = logfile.Lock(t.Context(), dir); !errors.Is(err, logfile.ErrLocked) {
				t.Errorf("Lock = %v, want ErrLocked", err)
			}
			closeFile(t, f)
			if err := lock.Unlock(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFileTail starts with each tail that a power cut or a kill can leave.
func TestFileTail(t *testing.T) {
	t.Parallel()
	const whole = `{"n":0}` + "\n"
	zeros := strings.Repeat("\x00", 200_000)
	tests := []struct {
		name, before, want string
		repaired           int64
	}{
		{name: "none", before: whole, want: whole},
		{name: "empty", before: "", want: ""},
		{name: "half a record", before: whole + `{"n":1,"pa`, want: whole, repaired: 1},
		{name: "half a record only", before: `{"n":1,"pa`, want: "", repaired: 1},
		{name: "long half a record", before: whole + `{"pad":"` + strings.Repeat("x", 300_000), want: whole, repaired: 1},
		{name: "record without its newline", before: whole + `{"n":1}`, want: whole + `{"n":1}` + "\n", repaired: 1},
		{name: "zeros", before: whole + zeros, want: whole, repaired: 1},
		{name: "zeros only", before: zeros, want: "", repaired: 1},
		{name: "half a record and zeros", before: whole + `{"n":1,` + zeros, want: whole, repaired: 1},
		{name: "record and zeros", before: whole + `{"n":1}` + zeros, want: whole + `{"n":1}` + "\n", repaired: 1},
		{name: "not ours", before: strings.Repeat("y", 3<<20), want: strings.Repeat("y", 3<<20) + "\n", repaired: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "daemon.log")
			backup := filepath.Join(dir, "daemon-"+time.Now().UTC().Format(stampFormat)+".log")
			for _, name := range []string{path, backup} {
				if err := os.WriteFile(name, []byte(tt.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f := open(t, logfileConfig(path))
			fill(t, f, 2, 3)
			closeFile(t, f)
			if got, want := readFile(t, path), tt.want+string(numbered(2, 100)); got != want {
				t.Errorf("live file holds %.200q, want %.200q", got, want)
			}
			if got := readFile(t, backup); got != tt.want {
				t.Errorf("backup holds %.200q, want %.200q", got, tt.want)
			}
			if got := f.Stats().Repaired; got != 2*tt.repaired {
				t.Errorf("Stats().Repaired = %d, want %d", got, 2*tt.repaired)
			}
		})
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestFileModes finds and leaves nothing that others may read. It changes the
// umask, so it is not parallel.
func TestFileModes(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "a", "logs")
	path := filepath.Join(dir, "daemon.log")
	lock, err := logfile.Lock(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Unlock() }()
	backup := filepath.Join(dir, "daemon-"+time.Now().UTC().Format(stampFormat)+".log")
	for _, name := range []string{path, backup} {
		if err := os.WriteFile(name, numbered(0, 100), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cfg := logfile.Config{Path: path, MaxBytes: 1000, Compress: true, MaxBackups: -1}
	f := open(t, cfg)
	fill(t, f, 1, 100)
	closeFile(t, f)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Stat(d); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v; want mode 0700", d, info.Mode(), err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 5 {
		t.Fatalf("ReadDir = %v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", e.Name(), info.Mode(), err)
		}
	}
}

// TestFilePlanted finds something that is no regular file in the place of one.
func TestFilePlanted(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		name  string
		plant func(victim, at string) error
	}{
		{name: "symlink", plant: os.Symlink},
		{name: "dangling symlink", plant: func(victim, at string) error { return os.Symlink(victim+".none", at) }},
		{name: "fifo", plant: func(_, at string) error { return syscall.Mkfifo(at, 0o600) }},
		{name: "directory", plant: func(_, at string) error { return os.Mkdir(at, 0o700) }},
		{name: "device", plant: func(_, at string) error {
			return syscall.Mknod(at, syscall.S_IFCHR|0o600, 1<<8|3)
		}},
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			victim := filepath.Join(t.TempDir(), "victim")
			if err := os.WriteFile(victim, []byte("precious"), 0o644); err != nil {
				t.Fatal(err)
			}
			plant := func(at string) {
				t.Helper()
				err := kind.plant(victim, at)
				if errors.Is(err, syscall.EPERM) {
					t.Skip("NOT RUN: making a device takes root")
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			within(t, "Open of the live name", func() {
				path := filepath.Join(dir, "live.log")
				plant(path)
				if _, err := logfile.Open(logfile.Config{Path: path}); !errors.Is(err, logfile.ErrRefused) {
					t.Errorf("Open = %v, want ErrRefused", err)
				}
			})
			within(t, "Lock", func() {
				sub := filepath.Join(dir, "locked")
				if err := os.Mkdir(sub, 0o700); err != nil {
					t.Fatal(err)
				}
				plant(filepath.Join(sub, logfile.LockName))
				if _, err := logfile.Lock(t.Context(), sub); !errors.Is(err, logfile.ErrRefused) {
					t.Errorf("Lock = %v, want ErrRefused", err)
				}
			})
			within(t, "the backup and .gz names", func() {
				path := filepath.Join(dir, "daemon.log")
				stem := filepath.Join(dir, "daemon-"+time.Now().UTC().Format("2006-01-02T15-04-05."))
				plant(stem + "000.log")
				plant(stem + "001.log.gz")
				if err := os.WriteFile(stem+"001.log", numbered(0, 100), 0o600); err != nil {
					t.Fatal(err)
				}
				plant(stem + "002.log.gz")
				plant(filepath.Join(dir, ".daemon.log.1.next"))
				f := open(t, logfile.Config{Path: path, MaxBytes: 1000, MaxBackups: 1, Compress: true})
				fill(t, f, 1, 100)
				faulttest.Eventually(t, "something is compressed", func() bool { return f.Stats().Compressed > 0 })
				closeFile(t, f)
			})
			within(t, "the live name, while in use", func() {
				path := filepath.Join(dir, "used.log")
				f := open(t, logfile.Config{Path: path})
				fill(t, f, 0, 10)
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				plant(path)
				fill(t, f, 10, 20)
				faulttest.Eventually(t, "the file is missed", func() bool { return f.Stats().Err != nil })
				fill(t, f, 20, 21)
				if got := f.Stats(); got.HeldLines == 0 || !errors.Is(got.Err, logfile.ErrRefused) {
					t.Errorf("Stats() = %+v, want lines held and ErrRefused", got)
				}
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
				closeFile(t, f)
				got := collect(t, path)
				got.check(t, []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
				got.inOrder(t)
			})
			info, err := os.Stat(victim)
			if err != nil || info.Mode().Perm() != 0o644 || readFile(t, victim) != "precious" {
				t.Errorf("the victim has changed: %v, %v", info, err)
			}
			if _, err := os.Stat(victim + ".none"); err == nil {
				t.Error("the file a symlink points to was made")
			}
		})
	}
}

// within fails where do hangs.
func within(t *testing.T, what string, do func()) {
	t.Helper()
	timer := time.AfterFunc(20*time.Second, func() { panic(what + " hangs") })
	defer timer.Stop()
	do()
}

// TestFileClosed appends to a file that is closed.
func TestFileClosed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "daemon.log")
	f := open(t, logfileConfig(path))
	fill(t, f, 0, 10)
	closeFile(t, f)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Append(numbered(10, 100), 0); !errors.Is(err, logfile.ErrClosed) {
		t.Errorf("Append after Close = %v, want ErrClosed", err)
	}
	if err := f.Flush(t.Context()); !errors.Is(err, logfile.ErrClosed) {
		t.Errorf("Flush after Close = %v, want ErrClosed", err)
	}
	closeFile(t, f) // Again.
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is back")
	}
}

// TestLock locks one directory several times.
func TestLock(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	path := filepath.Join(dir, "daemon.log")
	p := start(t, job{Path: path, Lock: true, Pause: time.Millisecond})
	p.read(1)

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := logfile.Lock(ctx, dir)
	var locked *logfile.LockedError
	if !errors.As(err, &locked) || locked.PID != p.cmd.Process.Pid || locked.Own || time.Since(locked.Since).Abs() > time.Minute {
		t.Fatalf("Lock = %+v, want PID %d", err, p.cmd.Process.Pid)
	}
	killer := time.AfterFunc(300*time.Millisecond, func() { _ = syscall.Kill(p.cmd.Process.Pid, syscall.SIGKILL) })
	defer killer.Stop()
	lock, err := logfile.Lock(t.Context(), dir) // Waits for the owner to leave; what it leaves is stale.
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	_, err = logfile.Lock(t.Context(), dir)
	if !errors.As(err, &locked) || !locked.Own || time.Since(begun) > 4*time.Second { // Others wait 5 s.
		t.Errorf("second Lock of this process = %v after %v, want one naming it at once", err, time.Since(begun))
	}
	if info, err := os.Stat(filepath.Join(dir, logfile.LockName)); err != nil || info.Mode() != 0o600 {
		t.Errorf("lock file: %v, %v; want mode 0600", info, err)
	}
	if err := errors.Join(lock.Unlock(), lock.Unlock()); err != nil {
		t.Errorf("Unlock = %v", err)
	}
	lock, err = logfile.Lock(t.Context(), dir)
	if err != nil {
		t.Fatalf("Lock after Unlock = %v", err)
	}
	_ = lock.Unlock()
}

// TestLockTwoProcesses has two processes want one directory.
func TestLockTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "logs", "daemon.log")
	first := start(t, job{Path: path, Lock: true, Size: 100, Pause: time.Millisecond})
	first.read(1)
	second := start(t, job{Path: path, Lock: true, First: 1_000_000, Size: 100})
	begun := time.Now()
	second.read(-1)
	if err := second.cmd.Wait(); err == nil || len(second.acked) > 0 {
		t.Errorf("second process: %v after %d records, want an error", err, len(second.acked))
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("the second process waited %v, want about 5 s", took)
	}
	if want := "PID "; !strings.Contains(second.stderr.String(), want) {
		t.Errorf("the second process said %q, want %q", second.stderr.String(), want)
	}
	first.kill()
	got := collect(t, path)
	got.check(t, first.acked)
	if slices.ContainsFunc(got.numbers, func(n int) bool { return n >= 1_000_000 }) {
		t.Error("the second process wrote")
	}
}
