//go:build unix

package logfile_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/internal/logfile"
)

const childEnv = "LOGFILE_TEST_CHILD"

// TestMain runs the tests or, in a child process, what [child] says.
func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1) //nolint:forbidigo // The child's main.
		}
		return
	}
	// Lumberjack's mill never ends.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
}

// job is what a child process does: it appends records numbered from First and
// prints each number once Append has returned.
type job struct {
	Path       string
	First, N   int // Without N until it is killed or told to stop.
	Size       int // Of a record, in bytes.
	MaxBytes   int64
	MaxBackups int
	Buffer     int
	Compress   bool
	Lock       bool
	Pause      time.Duration // Between two records.
	Callers    int           // Concurrent callers, one without.
	NoClose    bool          // Exits as if killed.
	Close      time.Duration // How long Close may take.
	Stop       time.Duration // Closes after that, whatever its callers do.
}

// child does the job that spec holds as JSON. It ends with SIGTERM, or when its
// standard input does.
func child(spec string) error {
	var j job
	if err := json.Unmarshal([]byte(spec), &j); err != nil {
		return err
	}
	cfg := logfile.Config{
		Path: j.Path, MaxBytes: j.MaxBytes, MaxBackups: j.MaxBackups, Buffer: j.Buffer,
		Compress: j.Compress, Loss: lossLine,
	}
	if j.Lock {
		lock, err := logfile.Lock(context.Background(), filepath.Dir(j.Path))
		if err != nil {
			return err
		}
		cfg.Lock = lock
	}
	f, err := logfile.Open(cfg)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		for n := 0; (j.N == 0 || n < j.N) && ctx.Err() == nil; n++ {
			numbers <- j.First + n
			time.Sleep(j.Pause)
		}
	}()
	done := make(chan error)
	callers := max(j.Callers, 1)
	for range callers {
		go func() {
			for n := range numbers {
				begun := time.Now()
				err := f.Append(numbered(n, j.Size), slog.LevelInfo)
				if err != nil && !errors.Is(err, logfile.ErrFull) {
					done <- err
					return
				}
				ack := "ack"
				if err != nil {
					ack = "lost"
				}
				if err == nil && f.Stats().HeldLines > 0 {
					ack = "held"
				}
				// One write(2), as long as a line is short.
				fmt.Fprintf(os.Stdout, "%s %d %d\n", ack, n, time.Since(begun).Milliseconds())
			}
			done <- nil
		}()
	}
	if j.Stop > 0 {
		time.Sleep(j.Stop)
		callers = 0
	}
	for range callers {
		err = errors.Join(err, <-done)
	}
	if j.NoClose {
		return err
	}
	limit := j.Close
	if limit == 0 {
		limit = 10 * time.Second
	}
	closing, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	begun := time.Now()
	err = errors.Join(err, f.Close(closing))
	fmt.Fprintf(os.Stdout, "close 0 %d\n", time.Since(begun).Milliseconds())
	return err
}

// numbered is a record of about that size.
func numbered(n, size int) []byte {
	line := fmt.Appendf(nil, `{"n":%d,"pad":"`, n)
	line = append(line, bytes.Repeat([]byte{'x'}, max(size-len(line)-3, 0))...)
	return append(line, "\"}\n"...)
}

func lossLine(dst []byte, l logfile.Loss) []byte {
	return fmt.Appendf(dst, "{\"lost\":%d,\"from\":%q,\"to\":%q}\n", l.Total(), l.From.UTC().Format(time.RFC3339Nano), l.To.UTC().Format(time.RFC3339Nano))
}

// process is a child at work.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *bufio.Scanner
	stderr bytes.Buffer

	acked, lost []int
	took        []int // Milliseconds of each Append.
	held        int   // Of the acknowledged ones, not in the kernel.
	closing     int   // Milliseconds of Close; -1 before it.
}

// start runs a child, under wrap (as strace) if there is one.
func start(t *testing.T, j job, wrap ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startProgram(t, exe, j, wrap...)
}

// startProgram is start for a copy of the test binary.
func startProgram(t *testing.T, exe string, j job, wrap ...string) *process {
	t.Helper()
	spec, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	argv := append(slices.Clone(wrap), exe)
	p := &process{t: t, closing: -1, cmd: exec.CommandContext(context.Background(), argv[0], argv[1:]...)}
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	return p
}

// read takes what the child has printed until it has acknowledged so many
// records in all; all it prints where that is negative.
func (p *process) read(acks int) {
	p.t.Helper()
	for acks < 0 || len(p.acked) < acks {
		if !p.out.Scan() {
			if acks >= 0 {
				_ = p.cmd.Wait()
				p.t.Fatalf("child ended after %d of %d records: %v\n%s", len(p.acked), acks, p.cmd.ProcessState, p.stderr.String())
			}
			return
		}
		var word string
		var n, ms int
		if _, err := fmt.Sscanf(p.out.Text(), "%s %d %d", &word, &n, &ms); err != nil {
			continue
		}
		switch word {
		case "held":
			p.held++
			fallthrough
		case "ack":
			p.acked = append(p.acked, n)
			p.took = append(p.took, ms)
		case "close":
			p.closing = ms
		case "lost":
			p.lost = append(p.lost, n)
		}
	}
}

// kill kills the child and reads what it had acknowledged.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	p.read(-1)
	_ = p.cmd.Wait()
}

// wait reads everything and expects the child to end well.
func (p *process) wait() {
	p.t.Helper()
	p.read(-1)
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("child: %v\n%s", err, p.stderr.String())
	}
}

// found is what a directory holds of one file and its backups.
type found struct {
	numbers []int // In order.
	torn    []string
	losses  []string
	files   []string
}

// collect reads the backups in the order of their names, then the live file.
func collect(t *testing.T, path string) found {
	t.Helper()
	var all found
	for _, f := range faulttest.Files(t, path) {
		all.files = append(all.files, filepath.Base(f.Path))
		all.add(f.Data)
	}
	return all
}

func (a *found) add(data []byte) {
	for line := range bytes.Lines(data) {
		var record struct {
			N    *int
			Lost *int
		}
		switch err := json.Unmarshal(line, &record); {
		case err != nil || !bytes.HasSuffix(line, []byte{'\n'}):
			a.torn = append(a.torn, strconv.Quote(string(line[:min(len(line), 80)])))
		case record.Lost != nil:
			a.losses = append(a.losses, string(line))
		case record.N != nil:
			a.numbers = append(a.numbers, *record.N)
		}
	}
}

// missing returns the numbers of want that are not in got.
func missing(got, want []int) (gone []int) {
	have := make(map[int]bool, len(got))
	for _, n := range got {
		have[n] = true
	}
	for _, n := range want {
		if !have[n] {
			gone = append(gone, n)
		}
	}
	return gone
}

// check reports what is lost, torn or out of order.
func (a found) check(t *testing.T, want []int) {
	t.Helper()
	if gone := missing(a.numbers, want); len(gone) > 0 {
		t.Errorf("lost %d of %d acknowledged records, the first %d", len(gone), len(want), gone[0])
	}
	if len(a.torn) > 0 {
		t.Errorf("%d lines torn or glued, the first %s", len(a.torn), a.torn[0])
	}
}

// inOrder reports numbers that are not each larger than the one before.
func (a found) inOrder(t *testing.T) {
	t.Helper()
	for i := 1; i < len(a.numbers); i++ {
		if a.numbers[i] <= a.numbers[i-1] {
			t.Errorf("record %d follows %d", a.numbers[i], a.numbers[i-1])
			return
		}
	}
}

// open opens a file that is closed with the test.
func open(t *testing.T, cfg logfile.Config) *logfile.File {
	t.Helper()
	f, err := logfile.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(context.Background()) })
	return f
}

func closeFile(t *testing.T, f *logfile.File) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := f.Close(ctx); err != nil {
		t.Error(err)
	}
}

// fill appends the numbers of [first, last).
func fill(t *testing.T, f *logfile.File, first, last int) (numbers []int) {
	t.Helper()
	for n := first; n < last; n++ {
		if err := f.Append(numbered(n, 100), slog.LevelInfo); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

const stampFormat = logfile.StampFormat

func logfileConfig(path string) logfile.Config {
	return logfile.Config{Path: path, MaxBackups: -1, Loss: lossLine}
}
