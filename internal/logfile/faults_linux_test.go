package logfile_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/internal/logfile"
)

// mount mounts a file system until the end of the test.
func mount(t *testing.T, args ...string) {
	t.Helper()
	at := args[len(args)-1]
	if out, err := exec.CommandContext(t.Context(), "mount", args...).CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: mount is refused: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.Background(), "umount", at).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
}

// TestFileDiskFull fills a disk of 1 MiB and frees it again.
func TestFileDiskFull(t *testing.T) {
	faulttest.Need(t, true, "mount")
	for _, tt := range []struct{ buffer, size, records int }{
		{1 << 20, 300, 2000},
		{20_000, 300, 2000},
		{20_000, 3000, 200}, // The last page has room for the loss's line, not for a record.
	} {
		t.Run(fmt.Sprintf("buffer=%d,size=%d", tt.buffer, tt.size), func(t *testing.T) {
			dir := t.TempDir()
			mount(t, "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir)
			path := filepath.Join(dir, "daemon.log")
			cfg := logfileConfig(path)
			cfg.Buffer = tt.buffer
			f := open(t, cfg)
			ballast := filepath.Join(dir, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 900<<10), 0o600); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			var want []int
			lost := 0
			for n := range tt.records {
				switch err := f.Append(numbered(n, tt.size), slog.LevelWarn); {
				case errors.Is(err, logfile.ErrFull):
					lost++
				case err != nil:
					t.Fatal(err)
				default:
					want = append(want, n)
				}
			}
			stats := f.Stats()
			if !errors.Is(stats.Err, syscall.ENOSPC) || stats.HeldLines == 0 || stats.HeldBytes > int64(tt.buffer) {
				t.Fatalf("Stats() = %+v, want ENOSPC and lines held", stats)
			}
			if stats.Lost.Total() != int64(lost) || stats.Lost.Lines[2] != int64(lost) || lost == 0 != (tt.buffer == 1<<20) {
				t.Errorf("Stats().Lost = %+v, want %d at WARNING", stats.Lost, lost)
			}
			faulttest.Eventually(t, "the disk is tried again", func() bool { return f.Stats().WriteErrors > stats.WriteErrors })
			data := readFile(t, path)
			if !strings.HasSuffix(data, "\n") {
				t.Error("a torn line ends the file")
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			faulttest.Eventually(t, "the disk is written to again", func() bool { s := f.Stats(); return s.Err == nil && s.HeldLines == 0 })
			want = append(want, fill(t, f, tt.records, tt.records+100)...)
			got := collect(t, path)
			got.check(t, want)
			got.inOrder(t)
			if told := min(lost, 1); len(got.losses) != told {
				t.Errorf("losses told: %q, want %d", got.losses, told)
			}
			if lost == 0 {
				return
			}
			first, _, _ := strings.Cut(readFile(t, path)[len(data):], "\n")
			var told int
			var from, to string
			if _, err := fmt.Sscanf(first, `{"lost":%d,"from":%q,"to":%q}`, &told, &from, &to); err != nil || told != lost {
				t.Errorf("first line after the recovery %q, want a loss of %d: %v", first, lost, err)
			}
			fromTime, _ := time.Parse(time.RFC3339Nano, from)
			toTime, _ := time.Parse(time.RFC3339Nano, to)
			if fromTime.Before(begun) || !toTime.After(fromTime) || toTime.After(time.Now()) {
				t.Errorf("lost from %s to %s, begun %s", from, to, begun)
			}
		})
	}
}

// TestFileStartFull starts on a disk that is full. What was torn is cut.
func TestFileStartFull(t *testing.T) {
	faulttest.Need(t, true, "mount")
	dir := t.TempDir()
	mount(t, "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir)
	path, ballast := filepath.Join(dir, "daemon.log"), filepath.Join(dir, "ballast")
	if err := os.WriteFile(path, []byte(`{"n":-1,"pa`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ballast, make([]byte, 64<<10), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("WriteFile = %v, want ENOSPC", err)
	}
	lock, err := logfile.Lock(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Unlock() }()
	f := open(t, logfileConfig(path))
	want := fill(t, f, 0, 100)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	closeFile(t, f)
	got := collect(t, path)
	got.check(t, want)
	got.inOrder(t)
}

// TestFileCloseFull closes a file whose disk is full.
func TestFileCloseFull(t *testing.T) {
	faulttest.Need(t, true, "mount")
	dir := t.TempDir()
	mount(t, "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir)
	f := open(t, logfileConfig(filepath.Join(dir, "daemon.log")))
	fill(t, f, 0, 2000)
	for _, limit := range []time.Duration{300 * time.Millisecond, 10 * time.Second} {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		begun := time.Now()
		err := f.Flush(ctx)
		if err == nil || !strings.Contains(err.Error(), "undelivered") || time.Since(begun) > limit+5*time.Second {
			t.Errorf("Flush = %v after %v", err, time.Since(begun))
		}
		cancel()
	}
	held := f.Stats().HeldLines
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err := f.Close(ctx)
	if want := fmt.Sprintf("%d lines undelivered", held); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Close = %v, want %q and ENOSPC", err, want)
	}
	if took := time.Since(begun); took > 1900*time.Millisecond { // Without a limit 2 s.
		t.Errorf("Close took %v with a context of 300 ms", took)
	}
}

// TestFileShortWrite has the kernel take only the start of a line: a limit of
// the file's size lies in its midst.
func TestFileShortWrite(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "prlimit")
	path := filepath.Join(t.TempDir(), "daemon.log")
	p := start(t, job{Path: path, N: 100, Size: 300, Close: time.Second}, "prlimit", "--fsize=10000")
	p.read(100)
	p.read(-1)
	if err := p.cmd.Wait(); err == nil || !strings.Contains(p.stderr.String(), "67 lines undelivered") {
		t.Errorf("child: %v, %q; want 67 lines undelivered", err, p.stderr.String())
	}
	got := collect(t, path)
	got.check(t, p.acked[:33])
	if len(got.numbers) != 33 {
		t.Errorf("%d records, want the 33 that fit", len(got.numbers))
	}
}

// TestFileErrorOnce injects single errors into write(2): nothing is lost, and
// nothing even held, since the child dies right after.
func TestFileErrorOnce(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	for _, name := range []string{"ENOSPC", "EIO", "EAGAIN", "EINTR", "EDQUOT"} {
		for _, when := range []string{"3", "2+3", "5..6"} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "daemon.log")
				// Only writes to this file.
				p := start(t, job{Path: path, N: 50, Size: 200, NoClose: when != "5..6"},
					"strace", "-f", "-qq", "-o", os.DevNull, "-P", path, "-e", "trace=write", "-e", "inject=write:error="+name+":when="+when)
				p.wait()
				got := collect(t, path)
				got.check(t, p.acked)
				got.inOrder(t)
				if (p.held > 0) != (when == "5..6" && name != "EINTR") {
					t.Errorf("%d records held: a single error is to be got over at once, two are not", p.held)
				}
				if len(p.acked) != 50 {
					t.Errorf("%d records acknowledged, want 50", len(p.acked))
				}
			})
		}
	}
}

// TestFileErrorLong has every write fail for a while.
func TestFileErrorLong(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	path := filepath.Join(t.TempDir(), "daemon.log")
	p := start(t, job{Path: path, N: 400, Size: 200, Pause: 5 * time.Millisecond},
		"strace", "-f", "-qq", "-o", os.DevNull, "-P", path, "-e", "trace=write", "-e", "inject=write:error=EIO:when=10..20")
	p.wait()
	got := collect(t, path)
	got.check(t, p.acked)
	got.inOrder(t)
	if len(got.numbers) != 400 {
		t.Errorf("%d records, want 400", len(got.numbers))
	}
}

// TestFileStall has a write hang for three seconds while eight callers log more
// than the buffer holds.
func TestFileStall(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	path := filepath.Join(t.TempDir(), "daemon.log")
	trace := filepath.Join(t.TempDir(), "trace")
	p := start(t, job{Path: path, N: 4000, Size: 200, Buffer: 300_000, Pause: time.Millisecond, Callers: 8},
		"strace", "-f", "-qq", "-o", trace, "-P", path, "-e", "trace=write", "-e", "inject=write:delay_enter=3000000:when=100")
	p.wait()
	got := collect(t, path)
	got.check(t, p.acked)
	if len(got.numbers) != 4000 {
		t.Errorf("%d records, want 4000", len(got.numbers))
	}
	// It counts for each thread, so several may hang, one after the other.
	hung := strings.Count(readFile(t, trace), "(DELAYED)")
	slow := 0
	for _, ms := range p.took {
		if ms > 1500 { // Far from 160, since the machine may be busy, and from 3000.
			slow++
		}
	}
	if hung == 0 || slow > hung {
		t.Errorf("%d calls waited for %d writes that hung, want none but theirs", slow, hung)
	}
}

// TestFileStallClose closes a file while a write hangs.
func TestFileStallClose(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	path := filepath.Join(t.TempDir(), "daemon.log")
	p := start(t, job{Path: path, Size: 200, Callers: 8, Pause: time.Millisecond, Stop: 700 * time.Millisecond, Close: 500 * time.Millisecond},
		"strace", "-f", "-qq", "-o", os.DevNull, "-P", path, "-e", "trace=write", "-e", "inject=write:delay_enter=4000000:when=20")
	p.read(-1)
	_ = p.cmd.Wait()
	if p.closing < 490 || p.closing > 2500 { // Without a limit 3.3 s.
		t.Errorf("Close took %d ms, want the 500 ms of its context", p.closing)
	}
	if got := p.stderr.String(); !strings.Contains(got, "lines undelivered") {
		t.Errorf("Close said %q, want how many lines are undelivered", got)
	}
	collect(t, path).check(t, nil)
}

// TestFileReadOnlyDirectory takes the right to write to the directory away
// while files are to be rotated, from a process that is not root.
func TestFileReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, true, "setpriv")
	dir, err := os.MkdirTemp("", "logfile") //nolint:usetesting // t.TempDir is closed to nobody.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	const nobody = 65534
	if err := errors.Join(os.Chmod(dir, 0o755), os.Mkdir(dir+"/logs", 0o700), os.Chown(dir+"/logs", nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "child")
	text, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, text, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "logs", "daemon.log")
	p := startProgram(t, program, job{Path: path, Size: 200, MaxBytes: 10_000, MaxBackups: -1, Pause: time.Millisecond},
		"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
	p.read(100)
	if err := os.Chmod(dir+"/logs", 0o500); err != nil {
		t.Fatal(err)
	}
	p.read(600)
	if err := os.Chmod(dir+"/logs", 0o700); err != nil {
		t.Fatal(err)
	}
	p.read(2500)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.wait()
	got := collect(t, path)
	got.check(t, p.acked)
	got.inOrder(t)
	if p.stderr.Len() > 0 {
		t.Errorf("stderr: %q", p.stderr.String())
	}
	largest, rotated := int64(0), 0
	for _, name := range got.files {
		if info, err := os.Stat(filepath.Join(dir, "logs", name)); err == nil {
			largest = max(largest, info.Size())
			rotated++
		}
	}
	if largest < 50_000 || rotated < 10 {
		t.Errorf("largest file %d bytes of %d files: want one that could not be rotated, and rotation after", largest, rotated)
	}
}

// TestFileNoDescriptors exhausts the descriptors when the file is to be rotated
// and when it was deleted.
func TestFileNoDescriptors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "daemon.log")
	cfg := logfileConfig(path)
	cfg.MaxBytes = 10_000
	f := open(t, cfg)
	var want []int
	exhaust := func(first, last int, then func()) {
		t.Helper()
		var limit, none syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		none = limit
		none.Cur = 3
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
			t.Fatal(err)
		}
		then()
		want = append(want, fill(t, f, first, last)...)
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	exhaust(0, 1000, func() {})
	if got := f.Stats(); got.Lines != 1000 || got.Rotated > 1 {
		t.Errorf("Stats() = %+v, want 1000 lines and no rotation beyond the one prepared", got)
	}
	time.Sleep(1100 * time.Millisecond) // The next try comes after a second.
	want = append(want, fill(t, f, 1000, 2000)...)
	if got := f.Stats(); got.Rotated == 0 {
		t.Errorf("Stats() = %+v, want rotations", got)
	}
	collect(t, path).check(t, want)
	want = nil
	exhaust(2000, 2100, func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	})
	faulttest.Eventually(t, "the file is back", func() bool { _, err := os.Stat(path); return err == nil })
	want = append(want, fill(t, f, 2100, 2101)...)
	closeFile(t, f)
	collect(t, path).check(t, want)
}

// TestFileSyncOrder watches a compression by strace: the .gz is synced, then
// renamed, then its directory synced, and only then is its source removed.
func TestFileSyncOrder(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	dir := t.TempDir()
	path := filepath.Join(dir, "daemon.log")
	trace := filepath.Join(t.TempDir(), "trace")
	p := start(t, job{Path: path, N: 200, Size: 1000, MaxBytes: 50_000, MaxBackups: -1, Compress: true, Pause: 2 * time.Millisecond},
		"strace", "-f", "-y", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat")
	p.wait()
	got := collect(t, path)
	got.check(t, p.acked)
	safe := 0
	synced := map[string]bool{}  // Temporary names synced.
	renamed := map[string]bool{} // Sources whose .gz has its name, and after it a synced directory.
	dirSynced := false
	for line := range strings.Lines(readFile(t, trace)) {
		if strings.Contains(line, "ENOENT") {
			continue
		}
		switch {
		case strings.Contains(line, "sync(") && strings.Contains(line, ".gz.tmp>"):
			synced[between(line, "<", ">")] = true
		case strings.Contains(line, "sync(") && strings.Contains(line, "<"+dir+">"):
			dirSynced = true
		case strings.Contains(line, "rename") && strings.Contains(line, ".gz.tmp"):
			tmp, gz := between(line, `"`, `"`), line[strings.LastIndex(line[:strings.LastIndex(line, `"`)], `"`)+1:strings.LastIndex(line, `"`)]
			if !synced[tmp] {
				t.Errorf("%s is renamed before it is synced", tmp)
			}
			renamed[strings.TrimSuffix(gz, ".gz")] = true
			dirSynced = false
		case strings.Contains(line, "unlink"):
			name := between(line, `"`, `"`)
			if strings.HasSuffix(name, ".log") {
				if !renamed[name] || !dirSynced {
					t.Errorf("%s is removed before its .gz is on the disk", name)
				}
				safe++
			}
		}
	}
	if safe == 0 {
		t.Error("no compression was seen")
	}
}

func between(s, open, end string) string {
	_, s, _ = strings.Cut(s, open)
	s, _, _ = strings.Cut(s, end)
	return s
}

// TestFilePowerCut cuts the power of a disk: its image is copied as it is at a
// moment, and the copy mounted. At most the last 1.2 s are missing.
func TestFilePowerCut(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, true, "mkfs.ext4", "mount", "losetup")
	t.Run("one file", func(t *testing.T) { t.Parallel(); powerCut(t, 0) })
	t.Run("rotating", func(t *testing.T) { t.Parallel(); powerCut(t, 200_000) })
}

func powerCut(t *testing.T, maxBytes int64) {
	t.Helper()
	base := t.TempDir()
	image, at := filepath.Join(base, "image"), filepath.Join(base, "mnt")
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
			t.Skipf("NOT RUN: %s: %v: %s", name, err, out)
		}
	}
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, 64<<20), os.Mkdir(at, 0o700), os.Mkdir(at+"2", 0o700)); err != nil {
		t.Fatal(err)
	}
	run("mkfs.ext4", "-q", "-F", image)
	mount(t, "-o", "loop", image, at)
	path := filepath.Join(at, "logs", "daemon.log")
	p := start(t, job{Path: path, Size: 500, MaxBytes: maxBytes, MaxBackups: -1, Compress: true, Pause: time.Millisecond})
	type ack struct {
		number int
		at     time.Time
	}
	var acks []ack
	limit, last := 1200*time.Millisecond, time.Now()
	for begun := last; last.Sub(begun) < limit+3*time.Second; {
		p.read(len(p.acked) + 1)
		now := time.Now()
		limit = max(limit, 1200*time.Millisecond+2*now.Sub(last)) // The machine may be busy.
		last = now
		acks = append(acks, ack{p.acked[len(p.acked)-1], now})
	}
	cut := time.Now()
	// What the loop device has been given is in the image's pages.
	run("cp", "--sparse=always", image, image+"2")
	p.kill()
	mount(t, "-o", "loop", image+"2", at+"2")
	copied := filepath.Join(at+"2", "logs", "daemon.log")
	closeFile(t, open(t, logfileConfig(copied)))
	got := collect(t, copied)
	var want []int
	for _, a := range acks {
		if cut.Sub(a.at) > limit {
			want = append(want, a.number)
		}
	}
	if len(want) == 0 {
		t.Fatalf("no record older than %v", limit)
	}
	got.check(t, want)
	if gone := missing(got.numbers, p.acked); len(gone) == 0 {
		t.Error("nothing at all is missing: the cut was none")
	}
}

// TestFileBufferSmall has more bytes of more callers on the way than the buffer
// holds, on a good disk: nobody's line is lost.
func TestFileBufferSmall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "daemon.log")
	cfg := logfileConfig(path)
	cfg.Buffer = 1000
	f := open(t, cfg)
	done := make(chan error)
	for c := range 32 {
		go func() {
			var err error
			for n := range 200 {
				err = errors.Join(err, f.Append(numbered(c*200+n, 900), slog.LevelInfo))
			}
			done <- err
		}()
	}
	for range 32 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	closeFile(t, f)
	if got := collect(t, path); len(got.numbers) != 32*200 || len(got.torn) > 0 {
		t.Errorf("%d records, %d torn; want 6400 and none", len(got.numbers), len(got.torn))
	}
}
