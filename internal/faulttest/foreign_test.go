//go:build unix

package faulttest_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/telemetry"
)

// TestForeign changes the four files under the feet of a busy daemon, as
// logrotate and people do.
func TestForeign(t *testing.T) {
	t.Parallel()
	each := func(change func(name string) error) func(string) error {
		return func(dir string) error {
			var errs []error
			for _, s := range telemetry.Streams() {
				errs = append(errs, change(filepath.Join(dir, s.Filename())))
			}
			return errors.Join(errs...)
		}
	}
	rename := func(name string) error { return os.Rename(name, name+".1") }
	tests := []struct {
		name   string
		change func(dir string) error
		moved  bool // What was written before is in name.1.
	}{
		{name: "logrotate nocreate", change: each(rename), moved: true},
		{name: "logrotate create", moved: true, change: each(func(name string) error {
			return errors.Join(rename(name), os.WriteFile(name, nil, 0o644))
		})},
		{name: "logrotate copytruncate", change: each(func(name string) error {
			data, err := os.ReadFile(name)
			return errors.Join(err, os.WriteFile(name+".1", data, 0o600), os.Truncate(name, 0))
		})},
		{name: "files deleted", change: each(os.Remove)},
		{name: "directory deleted", change: func(dir string) error {
			for { // Again where the daemon was back in between.
				if err := os.RemoveAll(dir); !errors.Is(err, syscall.ENOTEMPTY) {
					return err
				}
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "logs")
			tel := setup(t, dir)
			before := fill(t, tel, 0, 400, 300)
			if err := tt.change(dir); err != nil {
				t.Fatal(err)
			}
			n := 400
			after := []int{}
			for end := time.Now().Add(150 * time.Millisecond); time.Now().Before(end); n += 4 {
				after = append(after, fill(t, tel, n, n+4, 300)...)
				time.Sleep(time.Millisecond) // Not so many that a rotation would find out.
			}
			faulttest.Eventually(t, "the newest record is under the live name", func() bool {
				data, err := os.ReadFile(filepath.Join(dir, "daemon.log"))
				return err == nil && bytes.Contains(data[max(len(data)-3000, 0):], newest(after))
			})
			shutdown(t, tel)
			got := collect(t, dir)
			if tt.moved {
				for s, l := range got {
					l.add([]byte(readFile(t, filepath.Join(dir, s.Filename()+".1"))))
				}
				got.check(t, append(before, after...))
			} else {
				got.check(t, after)
			}
			for s := range got {
				name := filepath.Join(dir, s.Filename())
				if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
					t.Errorf("%s: %v, %v; want mode 0600", name, info, err)
				}
				if strings.IndexByte(readFile(t, name), 0) >= 0 {
					t.Errorf("%s: NULs", name)
				}
			}
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%s: %v, %v; want mode 0700", dir, info, err)
			}
		})
	}
}

// newest is how the last of the numbers looks in a line.
func newest(numbers []int) []byte {
	return []byte(`"n":` + strconv.Itoa(numbers[len(numbers)-1]) + ",")
}

// TestTwoProcesses has a second daemon want the directory of the first.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	first := start(t, job{Dir: dir, Pause: time.Millisecond}, launch{})
	first.read(1)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	opts := []telemetry.Option{telemetry.WithLogDir(dir), telemetry.WithoutGlobals()}
	_, err := telemetry.Setup(ctx, opts...)
	if want := "PID " + strconv.Itoa(first.cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("Setup = %v, want an error that names %s", err, want)
	}
	second := start(t, job{Dir: dir, First: 1_000_000}, launch{})
	begun := time.Now()
	if err := second.end(); err == nil || len(second.acks) > 0 || !strings.Contains(second.stderr.String(), "PID "+strconv.Itoa(first.cmd.Process.Pid)) {
		t.Errorf("the second daemon: %v after %d records, %q; want an error that names the first", err, len(second.acks), second.stderr.String())
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("the second daemon waited %v, want about 5 s", took)
	}
	first.kill()
	tel, err := telemetry.Setup(t.Context(), opts...) // The lock that is left is nobody's.
	if err != nil {
		t.Fatal(err)
	}
	shutdown(t, tel)
	got := collect(t, dir)
	got.check(t, first.numbers())
	if n := got[telemetry.Daemon].numbers(); n[len(n)-1] >= 1_000_000 {
		t.Error("the second daemon wrote")
	}
}

// TestLooseModes starts where everybody may read and write, and leaves nothing
// that others may read. It changes the umask, so it is not parallel.
func TestLooseModes(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	for _, there := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "logs")
		if there {
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			for _, s := range telemetry.Streams() {
				if err := os.WriteFile(filepath.Join(dir, s.Filename()), nil, 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
		tel := setup(t, dir, rotation(1, 0, true))
		check := func() {
			t.Helper()
			err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil {
					return nil //nolint:nilerr // Gone in between, as a temporary file.
				}
				info, err := d.Info()
				if err != nil {
					return nil //nolint:nilerr // As above.
				}
				if info.Mode() != 0o600 && (path != dir || info.Mode() != fs.ModeDir|0o700) {
					t.Errorf("%s: mode %v, want 0600, 0700 for the directory", path, info.Mode())
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		check()
		fill(t, tel, 0, 120, 40_000)
		check()
		shutdown(t, tel)
		check()
		if files := collect(t, dir)[telemetry.Daemon].files; len(files) < 4 {
			t.Errorf("files %v, want rotated ones", files)
		}
	}
}

// TestPlanted finds something that is no regular file in the place of a live
// one. Setup refuses it, names it, touches nothing, and leaves the directory
// free.
func TestPlanted(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(victim, at string) error{
		"symlink":          os.Symlink,
		"dangling symlink": func(victim, at string) error { return os.Symlink(victim+".none", at) },
		"FIFO":             func(_, at string) error { return syscall.Mkfifo(at, 0o600) },
		"directory":        func(_, at string) error { return os.Mkdir(at, 0o700) },
	}
	for kind, plant := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			victim := filepath.Join(t.TempDir(), "victim")
			if err := os.WriteFile(victim, []byte("precious"), 0o644); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			names := []string{".risk-manager.lock"}
			for _, s := range telemetry.Streams() {
				names = append(names, s.Filename())
			}
			for _, name := range names {
				at := filepath.Join(dir, name)
				if err := os.RemoveAll(at); err != nil {
					t.Fatal(err)
				}
				if err := plant(victim, at); err != nil {
					t.Fatal(err)
				}
				done := make(chan error, 1)
				go func() {
					tel, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir), telemetry.WithoutGlobals())
					_ = tel.Shutdown(t.Context())
					done <- err
				}()
				select {
				case err := <-done:
					if err == nil || !strings.Contains(err.Error(), at) || errors.Is(err, exporters.ErrConfig) {
						t.Errorf("Setup with a %s at %s = %v, want an error that names it", kind, name, err)
					}
				case <-time.After(20 * time.Second):
					t.Fatalf("Setup hangs with a %s at %s", kind, name)
				}
				if err := os.RemoveAll(at); err != nil {
					t.Fatal(err)
				}
				tel := setup(t, dir) // What failed has let the directory go.
				shutdown(t, tel)
			}
			info, err := os.Stat(victim)
			if err != nil || info.Mode().Perm() != 0o644 || readFile(t, victim) != "precious" {
				t.Errorf("the victim has changed: %v, %v", info, err)
			}
			if _, err := os.Lstat(victim + ".none"); err == nil {
				t.Error("the file that the symlink points to was made")
			}
		})
	}
}
