package instrument_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
	"riskmanager.internal/otel/telemetry/telemetrytest"
)

func TestGoKeepsTheContext(t *testing.T) {
	b := setup(t)
	ctx := telemetry.With(b.ctx, telemetry.AccountID("ACC123"))
	ctx, op := instrument.Start(ctx, "outer")
	task := instrument.Go(ctx, "inner", func(ctx context.Context) error {
		telemetry.Logger(telemetry.Daemon).InfoContext(ctx, "inside")
		return errGateway
	})
	if err := task.Wait(); err != errGateway { //nolint:errorlint // The same one.
		t.Errorf("got error %v, want that of the function", err)
	}
	<-task.Done()
	op.End(nil)
	inside, outer := b.one("inside"), b.one("outer completed")
	if inside.Get("context", "account_id") != "ACC123" || inside["trace_id"] != outer["trace_id"] {
		t.Errorf("got %v, want the context of %v", inside, outer)
	}
	if got := b.one("inner failed")["parent_span_id"]; got != outer["span_id"] {
		t.Errorf("got parent %v, want %v", got, outer["span_id"])
	}
}

func TestGoContains(t *testing.T) {
	b := setup(t)
	task := instrument.Go(b.ctx, "worker", func(context.Context) { panic("token=" + canary) }, instrument.OnPanic(instrument.Contain))
	var p *instrument.PanicError
	if err := task.Wait(); !errors.As(err, &p) || p.Value != "token="+canary {
		t.Errorf("got error %v, want the panic", err)
	}
	errs := b.Records(telemetry.Errors)
	if len(errs) != 1 || !strings.Contains(errs[0].Text("error", "stack"), "goroutine_test.go") {
		t.Errorf("got %v, want one ERROR record with the stack", errs)
	}
	if src := errs[0].Text("source", "file"); !strings.HasSuffix(src, "goroutine_test.go") {
		t.Errorf("got source %s, want this file", src)
	}
	if s := b.Span("worker"); s.Status.Code != codes.Error || len(s.Events) != 0 {
		t.Errorf("got span status %v and events %v", s.Status, s.Events)
	}
	b.AssertNoSecret(canary)
}

func TestGoexitInGo(t *testing.T) {
	b := setup(t)
	_ = instrument.Go(b.ctx, "worker", func(context.Context) { runtime.Goexit() }).Wait()
	if diff := cmp.Diff(b.messages(), []string{"INFO worker canceled"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
}

// TestGoRepanics runs a child that dies of a panic in a goroutine.
func TestGoRepanics(t *testing.T) {
	if dir := os.Getenv("INSTRUMENT_TEST_DIR"); dir != "" {
		if _, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir)); err != nil {
			t.Fatal(err)
		}
		_ = instrument.Go(t.Context(), "worker", func(context.Context) { panic("boom api_key=" + canary) }).Wait()
		t.Error("the panic did not end the process")
		return
	}
	dir := filepath.Join(t.TempDir(), "logs")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestGoRepanics$")
	cmd.Env = append(os.Environ(), "INSTRUMENT_TEST_DIR="+dir)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "panic: boom") {
		t.Errorf("got %v with output\n%s\nwant the panic with its value", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "error.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), `"message":"worker failed"`) || !strings.Contains(string(text), `"stack":"goroutine `) {
		t.Errorf("got error.log\n%s\nwant one record of worker with its stack", text)
	}
	if strings.Contains(string(text), canary) {
		t.Errorf("error.log holds the secret:\n%s", text)
	}
}

func TestGoConcurrentSafe(t *testing.T) {
	tel := telemetrytest.New(t)
	var wg sync.WaitGroup
	_ = instrument.Do(tel.Context(), "outer", func(ctx context.Context) error {
		for range 8 {
			wg.Go(func() {
				for range 20 {
					task := instrument.Go(ctx, "inner", func(ctx context.Context) error {
						return instrument.Do(ctx, "leaf", func(context.Context) error { panic("x") })
					}, instrument.OnPanic(instrument.Contain))
					if task.Wait() == nil {
						t.Error("got no error")
					}
				}
			})
		}
		wg.Wait()
		return nil
	})
	if got := len(tel.Records(telemetry.Errors)); got != 320 {
		t.Errorf("got %d ERROR records, want 320", got)
	}
}
