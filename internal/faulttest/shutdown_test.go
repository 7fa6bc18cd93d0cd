//go:build unix

package faulttest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"riskmanager.internal/otel/telemetry"
)

// slack is what a busy machine may add to a limit; without one it is 10 s.
const slack = 5 * time.Second

// TestShutdownStuckCollector shuts down while the collector takes requests and
// never answers.
func TestShutdownStuckCollector(t *testing.T) {
	t.Parallel()
	release, asked := make(chan struct{}), make(chan struct{}, 1000)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-release
	}))
	defer collector.Close()
	defer close(release)
	dir := t.TempDir()
	tel := setup(t, dir, telemetry.WithOTLP(collector.URL))
	want := fill(t, tel, 0, 200, 0)
	<-asked
	want = append(want, fill(t, tel, 200, 400, 0)...)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err := tel.Shutdown(ctx)
	if took := time.Since(begun); took > 300*time.Millisecond+slack {
		t.Errorf("Shutdown took %v with a context of 300 ms", took)
	}
	if err == nil || !regexp.MustCompile(`\b400\b`).MatchString(err.Error()) {
		t.Errorf("Shutdown = %v, want how many of the 400 records are undelivered", err)
	}
	collect(t, dir).check(t, want)
	shutdown(t, setup(t, dir)) // The directory is free.
	if again := tel.Shutdown(t.Context()); again == nil || again.Error() != err.Error() {
		t.Errorf("second Shutdown = %v, want what the first returned", again)
	}
}

// stuck is a console that nobody reads.
type stuck struct{ entered, release chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	s.entered <- struct{}{}
	<-s.release
	return len(p), nil
}

// TestShutdownStuckConsole shuts down while a call hangs in the console.
func TestShutdownStuckConsole(t *testing.T) {
	t.Parallel()
	console := stuck{entered: make(chan struct{}, 10), release: make(chan struct{})}
	dir := t.TempDir()
	tel := setup(t, dir, telemetry.WithConsole(true), telemetry.WithConsoleWriter(console))
	done := make(chan struct{})
	go func() {
		defer close(done)
		fill(t, tel, 0, 1, 0)
	}()
	<-console.entered
	collect(t, dir).check(t, []int{0}) // The files come first.
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_ = tel.Shutdown(ctx)
	if took := time.Since(begun); took > 300*time.Millisecond+slack {
		t.Errorf("Shutdown took %v with a context of 300 ms", took)
	}
	shutdown(t, setup(t, dir)) // The directory is free.
	close(console.release)
	<-done
}

// bomb is a console that panics.
type bomb struct{}

func (bomb) Write([]byte) (int, error) { panic("console: password=canary-sink-4471") }

// TestSinkPanic has the console panic at every record. The daemon lives, the
// files have every record, and what happened is told once, masked. It takes the
// process's globals, so it is not parallel.
func TestSinkPanic(t *testing.T) {
	dir := t.TempDir()
	tel, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir), telemetry.WithConsole(true), telemetry.WithConsoleWriter(bomb{}))
	if err != nil {
		t.Fatal(err)
	}
	want := make([]int, 100)
	for n := range want {
		want[n] = n
		numbered(t.Context(), telemetry.Logger, n, 0)
	}
	if got := tel.Stats().Errors; got != 100 {
		t.Errorf("Stats().Errors = %d, want 100", got)
	}
	shutdown(t, tel)
	got := collect(t, dir)
	got.check(t, want)
	told := 0
	for _, r := range got[telemetry.Daemon].lines {
		if strings.Contains(string(r.raw), "canary") {
			t.Errorf("unmasked: %s", r.raw)
		}
		if strings.Contains(string(r.raw), "panicked") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the panic is told %d times, want once", told)
	}
}

// slow is a value whose text takes as long as the test likes.
type slow struct{ entered, release chan struct{} }

func (s slow) String() string {
	close(s.entered)
	<-s.release
	return "slow"
}

// TestSlowStringer logs a value that takes its time: its own caller pays, and
// nobody else.
func TestSlowStringer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tel := setup(t, dir)
	s := slow{entered: make(chan struct{}), release: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		tel.Logger(telemetry.Daemon).Info("slow", "n", 100, "v", s)
	}()
	<-s.entered
	want := fill(t, tel, 0, 100, 0) // Would not return if they shared a lock.
	collect(t, dir).check(t, want)
	close(s.release)
	<-done
	shutdown(t, tel)
	collect(t, dir).check(t, append(want, 100))
}
