//go:build unix

package faulttest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var rounds = flag.Int("rounds", 40, "how often the tests that kill at random moments do so")

const childEnv = "FAULTTEST_CHILD"

// TestMain runs the tests or, in a child process, what the environment says.
func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1) //nolint:forbidigo // The child's main.
		}
		return
	}
	// Lumberjack's mill never ends.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
}

// ack is what a child says of one record after its log call has returned.
type ack struct {
	N    int
	Took int   // Milliseconds.
	At   int64 // Unix microseconds.
	Lost int64 // Lines that daemon.log has lost so far, where the job counts.
	Held int64 // Lines that it holds.
}

// process is a child at work.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *bufio.Scanner
	stderr bytes.Buffer

	acks    []ack
	closing int      // Milliseconds of Shutdown; -1 before it.
	noise   int      // The longest that the machine kept the child from running, in milliseconds.
	notes   []string // Other lines.
}

// launch is how a child is started.
type launch struct {
	exe  string   // Else the test binary.
	wrap []string // Command to run it under, as strace.
	args []string
	env  []string
}

// start runs a child.
func start(t *testing.T, j job, l launch) *process {
	t.Helper()
	if l.exe == "" {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		l.exe = exe
	}
	spec, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	argv := append(append(slices.Clone(l.wrap), l.exe), l.args...)
	p := &process{t: t, closing: -1, cmd: exec.CommandContext(context.Background(), argv[0], argv[1:]...)}
	p.cmd.Env = append(append(os.Environ(), childEnv+"="+string(spec)), l.env...)
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = 10 * time.Second // Strace may leave its child behind.
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return p
}

// readUntil takes what the child prints until done, or to its end.
func (p *process) readUntil(done func() bool) (ended bool) {
	p.t.Helper()
	for !done() {
		if !p.out.Scan() {
			return true
		}
		line := p.out.Text()
		var a ack
		switch {
		case strings.HasPrefix(line, "ack "):
			if _, err := fmt.Sscanf(line, "ack %d %d %d %d %d", &a.N, &a.Took, &a.At, &a.Lost, &a.Held); err == nil {
				p.acks = append(p.acks, a)
			}
		case strings.HasPrefix(line, "close "):
			_, _ = fmt.Sscanf(line, "close %d %d", &p.closing, &p.noise)
		default:
			p.notes = append(p.notes, line)
		}
	}
	return false
}

// must reads until done and fails where the child ends before.
func (p *process) must(done func() bool) {
	p.t.Helper()
	if p.readUntil(done) {
		_ = p.cmd.Wait()
		p.t.Fatalf("child ended after %d records: %v\n%s", len(p.acks), p.cmd.ProcessState, p.stderr.String())
	}
}

// read reads until so many records are acknowledged in all.
func (p *process) read(acks int) {
	p.t.Helper()
	p.must(func() bool { return len(p.acks) >= acks })
}

// end reads the rest and returns how the child ended.
func (p *process) end() error {
	p.t.Helper()
	p.readUntil(func() bool { return false })
	return p.cmd.Wait()
}

// wait reads the rest and expects the child to end well.
func (p *process) wait() {
	p.t.Helper()
	if err := p.end(); err != nil {
		p.t.Fatalf("child: %v\n%s", err, p.stderr.String())
	}
}

// kill kills the child and reads what it had acknowledged.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.end()
}

// signal sends a signal to the child.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// numbers returns the numbers of the records acknowledged.
func (p *process) numbers() []int {
	out := make([]int, len(p.acks))
	for i, a := range p.acks {
		out[i] = a.N
	}
	return out
}
