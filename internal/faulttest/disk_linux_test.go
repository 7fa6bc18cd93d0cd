package faulttest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/telemetry"
)

// strace returns a command that injects a fault into the writes to the four
// files, or to some of them.
func strace(dir, trace, inject string, streams ...telemetry.Stream) []string {
	argv := []string{"strace", "-f", "-qq", "-o", trace}
	for _, s := range streams {
		argv = append(argv, "-P", filepath.Join(dir, s.Filename()))
	}
	return append(argv, "-e", "trace=write", "-e", "inject=write:"+inject)
}

// TestDiskFull fills the disk of a daemon until it loses records, and makes
// room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, true, "mount", "umount")
	dir := t.TempDir()
	mount := func(options string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
			t.Skipf("NOT RUN: mount is refused: %v: %s", err, out)
		}
	}
	mount("size=1m")
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.Background(), "umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	begun := time.Now()
	p := start(t, job{Dir: dir, Size: 50_000, MaxMB: 100, Count: true, Pause: time.Millisecond}, launch{})
	p.must(func() bool { return len(p.acks) > 0 && p.acks[len(p.acks)-1].Lost >= 30 })
	lost := p.acks[len(p.acks)-1]
	before := collect(t, dir)[telemetry.Daemon]
	mount("remount,size=64m")
	p.must(func() bool { a := p.acks[len(p.acks)-1]; return a.Held == 0 })
	recovered := len(p.acks)
	p.read(recovered + 20)
	p.signal(syscall.SIGTERM)
	p.wait()

	// With one caller, a loss is that of the record whose ack shows it first.
	var gone, kept []int
	byLevel := map[string]int64{}
	last := int64(0)
	for _, a := range p.acks {
		if a.Lost > last {
			gone = append(gone, a.N)
			_, level := streamOf(a.N)
			byLevel[map[string]string{"INFO": "INFO", "WARN": "WARNING", "ERROR": "ERROR"}[level.String()]]++
			lost = a
		} else {
			kept = append(kept, a.N)
		}
		last = a.Lost
	}
	got := collect(t, dir)
	got.check(t, kept)
	l := got[telemetry.Daemon]
	if numbers := l.numbers(); !slices.IsSorted(numbers) || len(numbers) != len(kept) {
		t.Errorf("%d records, want %d in order", len(numbers), len(kept))
	}
	losses := l.losses()
	if len(losses) == 0 {
		t.Fatal("the loss is not told")
	}
	var total int64
	told := map[string]int64{}
	for _, loss := range losses {
		total += loss.LostRecords
		for level, n := range loss.LostByLevel {
			told[level] += n
		}
		if loss.Level != "ERROR" || !strings.Contains(string(loss.raw), "no space left on device") {
			t.Errorf("loss told as %s, want ERROR and the cause", loss.raw)
		}
	}
	if int(total) != len(gone) {
		t.Errorf("%d records told lost, want %d", total, len(gone))
	}
	for level, n := range byLevel {
		if told[level] != n {
			t.Errorf("%d lost at %s are told, want %d", told[level], level, n)
		}
	}
	if at := slices.IndexFunc(l.lines, func(r line) bool { return r.LostRecords > 0 }); at != len(before.lines) {
		t.Errorf("the loss is told in line %d, want %d: the first after the recovery", at, len(before.lines))
	}
	from, to := losses[0].LostFrom, losses[len(losses)-1].LostTo
	firstLost := time.UnixMicro(p.acks[slices.IndexFunc(p.acks, func(a ack) bool { return a.Lost > 0 })].At)
	lastLost := time.UnixMicro(lost.At)
	if from.Before(begun) || from.After(firstLost) || to.After(lastLost) || lastLost.Sub(to) > 5*time.Second || firstLost.Sub(from) > 5*time.Second {
		t.Errorf("told lost from %v to %v, want %v to %v", from, to, firstLost, lastLost)
	}
	if p.stderr.Len() > 4096 {
		t.Errorf("%d bytes on stderr: %.500s", p.stderr.Len(), p.stderr.String())
	}
	t.Logf("%d records lost in %d, of %d", len(gone), len(losses), len(p.acks))
}

// TestReadOnlyDirectory takes the right to write to the directory away for two
// seconds, while its files are to be rotated, from a daemon that is not root.
func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, true, "setpriv")
	base, err := os.MkdirTemp("", "faulttest") //nolint:usetesting // t.TempDir is closed to nobody.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	const nobody = 65534
	dir, exe := filepath.Join(base, "logs"), filepath.Join(base, "child")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []func() error{
		func() error { return os.Chmod(base, 0o755) },
		func() error { return os.Mkdir(dir, 0o700) },
		func() error { return os.Chown(dir, nobody, nobody) },
		func() error { return exec.CommandContext(t.Context(), "cp", self, exe).Run() },
		func() error { return os.Chmod(exe, 0o755) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, job{Dir: dir, Size: 20_000, MaxMB: 1, Pause: 2 * time.Millisecond}, launch{
		exe: exe, wrap: []string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"},
	})
	p.read(60)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	p.must(func() bool { return time.Since(begun) > 2*time.Second && len(p.acks) >= 300 })
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at := len(p.acks)
	p.read(at + 150)
	p.signal(syscall.SIGTERM)
	p.wait()
	got := collect(t, dir)
	got.check(t, p.numbers())
	largest := int64(0)
	for _, name := range got[telemetry.Daemon].files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, info.Size())
	}
	if files := got[telemetry.Daemon].files; largest < 2<<20 || len(files) < 3 {
		t.Errorf("largest of %d files %d bytes: want one that could not be rotated, and rotation after", len(files), largest)
	}
	if p.stderr.Len() > 4096 {
		t.Errorf("%d bytes on stderr: %.500s", p.stderr.Len(), p.stderr.String())
	}
}

// TestWriteErrors has single writes to the four files fail. Nothing is lost,
// and nothing is sticky: the child ends without a Shutdown.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	for _, name := range []string{"ENOSPC", "EIO", "EAGAIN"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
			p := start(t, job{Dir: dir, N: 60, NoClose: true, Count: true}, launch{
				wrap: strace(dir, trace, "error="+name+":when=3+7", telemetry.Streams()...),
			})
			p.wait()
			if len(p.acks) != 60 {
				t.Errorf("%d acks, want 60", len(p.acks))
			}
			if n := strings.Count(readFile(t, trace), "(INJECTED)"); n < 5 {
				t.Errorf("%d faults injected, want 5 or more", n)
			}
			if slices.ContainsFunc(p.acks, func(a ack) bool { return a.Held > 0 }) {
				t.Error("records were held: a single error is to be got over at once")
			}
			collect(t, dir).check(t, p.numbers())
			if p.stderr.Len() > 4096 {
				t.Errorf("%d bytes on stderr", p.stderr.Len())
			}
		})
	}
}

// TestStall has a write to daemon.log hang for three seconds while eight
// callers log.
func TestStall(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	dir, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
	p := start(t, job{Dir: dir, N: 3000, Callers: 8, Pause: time.Millisecond}, launch{
		wrap: strace(dir, trace, "delay_enter=3000000:when=150", telemetry.Daemon),
	})
	p.wait()
	got := collect(t, dir)
	got.check(t, p.numbers())
	if n := len(got[telemetry.Daemon].numbers()); n != 3000 {
		t.Errorf("%d records, want 3000", n)
	}
	// Strace counts for each thread, so several may hang, one after the other;
	// of each, one caller is inside.
	hung := strings.Count(readFile(t, trace), "(DELAYED)")
	slow := 0
	for _, a := range p.acks {
		if a.Took > 250+p.noise {
			slow++
		}
	}
	if hung == 0 || slow > hung {
		t.Errorf("%d calls took over 250 ms (and %d ms that the machine was busy) with %d writes that hung, want none but theirs", slow, p.noise, hung)
	}
	t.Logf("%d writes hung, %d slow calls, machine busy for %d ms", hung, slow, p.noise)
}

// TestShutdownStuckDisk shuts down while a write to daemon.log hangs. The other
// files are whole.
func TestShutdownStuckDisk(t *testing.T) {
	t.Parallel()
	faulttest.Need(t, false, "strace")
	dir := t.TempDir()
	p := start(t, job{Dir: dir, Callers: 4, Pause: time.Millisecond, Stop: time.Second, Close: 300 * time.Millisecond}, launch{
		wrap: strace(dir, os.DevNull, "delay_enter=6000000:when=30", telemetry.Daemon),
	})
	if err := p.end(); err == nil || !strings.Contains(p.stderr.String(), "lines undelivered") {
		t.Errorf("child: %v, %.500q; want how many lines are undelivered", err, p.stderr.String())
	}
	if p.closing < 0 || p.closing > 3000 { // Far from 300, since the machine may be busy, and from the write's 6000.
		t.Errorf("Shutdown took %d ms with a context of 300 ms", p.closing)
	}
	// What was logged after Shutdown had begun is on stderr.
	var late []int
	for _, m := range regexp.MustCompile(`\bn=(\d+)`).FindAllStringSubmatch(p.stderr.String(), -1) {
		n, _ := strconv.Atoi(m[1])
		late = append(late, n)
	}
	got := collect(t, dir)
	for s, l := range got {
		if s == telemetry.Daemon {
			continue
		}
		want := slices.DeleteFunc(p.numbers(), func(n int) bool { stream, _ := streamOf(n); return stream != s })
		if gone := without(without(want, late), l.numbers()); len(gone) > 0 {
			t.Errorf("%s: lost %d of %d records", s.Filename(), len(gone), len(want))
		}
		got.whole(t, s)
	}
	if len(late) >= len(p.acks)/2 {
		t.Errorf("%d of %d records on stderr, want only those after Shutdown", len(late), len(p.acks))
	}
}
