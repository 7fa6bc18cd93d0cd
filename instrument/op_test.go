package instrument_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

var errGateway = errors.New("gateway said no: api_key=" + canary)

func TestDoRecordsEnds(t *testing.T) {
	canceled := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return ctx
	}
	stopped := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithCancelCause(ctx)
		cancel(errors.New("the session was closed"))
		return ctx
	}
	expired := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
		t.Cleanup(cancel)
		return ctx
	}
	wait := func(ctx context.Context) error { return ctx.Err() }
	for _, tt := range []struct {
		name       string
		opts       []instrument.Option
		ctx        func(context.Context) context.Context
		fn         func(context.Context) error
		want       string // Level and message; empty for no record.
		wantStatus string
		wantCode   codes.Code
	}{
		{name: "success", want: "INFO op completed", wantStatus: "ok"},
		{name: "failure", fn: func(context.Context) error { return errGateway }, want: "ERROR op failed", wantStatus: "error", wantCode: codes.Error},
		{name: "fast enough", opts: []instrument.Option{instrument.Threshold(time.Hour)}},
		{name: "slow", opts: []instrument.Option{instrument.Threshold(time.Nanosecond)}, want: "WARNING op slow", wantStatus: "ok"},
		{name: "failure with threshold", opts: []instrument.Option{instrument.Threshold(time.Hour)}, fn: func(context.Context) error { return errGateway }, want: "ERROR op failed", wantStatus: "error", wantCode: codes.Error},
		{name: "canceled", ctx: canceled, fn: wait, want: "INFO op canceled", wantStatus: "canceled"},
		{name: "canceled, wrapped", ctx: canceled, fn: func(ctx context.Context) error { return fmt.Errorf("%w: %w", errors.New("kind"), ctx.Err()) }, want: "INFO op canceled", wantStatus: "canceled"},
		{name: "canceled, joined with another", ctx: canceled, fn: func(ctx context.Context) error {
			return fmt.Errorf("end: %w", errors.Join(ctx.Err(), errors.New("close")))
		}, want: "ERROR op failed", wantStatus: "error", wantCode: codes.Error},
		{name: "canceled for a cause", ctx: stopped, fn: func(ctx context.Context) error { return fmt.Errorf("get: %w", context.Cause(ctx)) }, want: "INFO op canceled", wantStatus: "canceled"},
		{name: "another's cancellation", fn: func(context.Context) error { return context.Canceled }, want: "ERROR op failed", wantStatus: "error", wantCode: codes.Error},
		{name: "deadline", ctx: expired, fn: wait, want: "ERROR op failed", wantStatus: "error", wantCode: codes.Error},
		{name: "at a level of its own", opts: []instrument.Option{instrument.AtLevel(slog.LevelWarn)}, want: "WARNING op completed", wantStatus: "ok"},
		{name: "below the level", opts: []instrument.Option{instrument.AtLevel(slog.LevelDebug)}},
		{name: "error whose methods panic", ctx: canceled, fn: func(context.Context) error { return (*nilError)(nil) }, want: "ERROR op failed", wantStatus: "error", wantCode: codes.Error},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := setup(t)
			ctx := b.ctx
			if tt.ctx != nil {
				ctx = tt.ctx(ctx)
			}
			fn := tt.fn
			if fn == nil {
				fn = func(context.Context) error { return nil }
			}
			var given error
			err := instrument.Do(ctx, "op", func(ctx context.Context) error { given = fn(ctx); return given }, tt.opts...)
			if err != given { //nolint:errorlint // The same one.
				t.Errorf("got error %v, want %v untouched", err, given)
			}
			span := b.Span("op")
			if span.Status.Code != tt.wantCode {
				t.Errorf("got span status %v, want %v", span.Status, tt.wantCode)
			}
			if (attr(span, "error.type") != "") != (tt.wantCode == codes.Error) {
				t.Errorf("got error.type %q of a span with status %v", attr(span, "error.type"), span.Status)
			}
			want := []string{}
			if tt.want != "" {
				want = append(want, tt.want)
			}
			if diff := cmp.Diff(b.messages(), want); diff != "" {
				t.Errorf("messages (-got +want):\n%s", diff)
			}
			if tt.want != "" {
				r := b.Records(telemetry.Daemon)[0]
				if r["status"] != tt.wantStatus || r["operation"] != "op" {
					t.Errorf("got status %v of operation %v, want %v of op", r["status"], r["operation"], tt.wantStatus)
				}
				if r["span_id"] != span.SpanContext.SpanID().String() || r["trace_id"] != span.SpanContext.TraceID().String() {
					t.Errorf("got IDs %v and %v, want those of the span", r["trace_id"], r["span_id"])
				}
				if _, ok := r["duration_ms"].(float64); !ok {
					t.Errorf("got duration_ms %v, want a number", r["duration_ms"])
				}
				if at, err := time.Parse("2006-01-02T15:04:05.000000Z", fmt.Sprint(r["start_time"])); err != nil || span.StartTime.Sub(at).Abs() >= time.Microsecond {
					t.Errorf("got start_time %v, want %v", r["start_time"], span.StartTime)
				}
				if src := r.Text("source", "file"); !strings.HasSuffix(src, "op_test.go") {
					t.Errorf("got source %v, want this file", src)
				}
			}
			b.AssertNoSecret(canary)
		})
	}
}

type nilError struct{ text string }

func (e *nilError) Error() string     { return e.text }
func (e *nilError) Is(error) bool     { return e.text == "" }
func (e *nilError) As(any) bool       { return e.text == "" }
func (e *nilError) Unwrap() error     { return errors.New(e.text) }
func (e *nilError) ErrorType() string { return e.text }

func TestErrorRecord(t *testing.T) {
	b := setup(t)
	err := fmt.Errorf("positions: %w", &gatewayError{"token=" + canary})
	_ = instrument.Do(b.ctx, "fetch_positions", func(context.Context) error { return err }, instrument.On(telemetry.API))
	for _, file := range []telemetry.Stream{telemetry.Daemon, telemetry.API, telemetry.Errors} {
		rs := b.Records(file)
		if len(rs) != 1 {
			t.Fatalf("%s: got %d records, want 1", file, len(rs))
		}
		if got, want := rs[0].Get("error", "type"), "*instrument_test.gatewayError"; got != want {
			t.Errorf("%s: got error type %v, want %v", file, got, want)
		}
		if got, want := rs[0].Get("error", "message"), "positions: gateway: token=***MASKED***"; got != want {
			t.Errorf("%s: got error message %v, want %v", file, got, want)
		}
	}
	span := b.Span("fetch_positions")
	if got, want := span.Status.Description, "positions: gateway: token=***MASKED***"; got != want {
		t.Errorf("got status %q, want %q", got, want)
	}
	if len(span.Events) != 0 {
		t.Errorf("got span events %v, want none: the exception is a log record", span.Events)
	}
	b.AssertNoSecret(canary)
}

type gatewayError struct{ text string }

func (e *gatewayError) Error() string { return "gateway: " + e.text }

func TestStartEnd(t *testing.T) {
	b := setup(t)
	ctx := telemetry.With(b.ctx, telemetry.AccountID("ACC123"), slog.String("password", canary))
	ctx, op := instrument.Start(ctx, "fetch", instrument.On(telemetry.API),
		instrument.Threshold(100*time.Millisecond), instrument.Attrs(slog.String("symbol", "ES"), slog.String("api_key", canary)))
	if got := trace.SpanContextFromContext(ctx); !got.IsValid() {
		t.Error("the context has no span")
	}
	op.Set(slog.Int("count", 3), slog.String("status", "mine"))
	d := op.End(errGateway)
	if again := op.End(nil); again != d || op.Duration() != d {
		t.Errorf("second End: got %v, want %v", again, d)
	}
	op.Set(slog.Int("late", 1))
	r := b.one("fetch failed")
	for key, want := range (record{"operation": "fetch", "status": "error", "symbol": "ES", "count": 3.0, "api_key": "***MASKED***", "threshold_ms": 100.0, "logger": "risk_manager.api"}) {
		if r[key] != want {
			t.Errorf("%s: got %v, want %v", key, r[key], want)
		}
	}
	if got := fmt.Sprint(r["attrs"]); got != "map[status:mine]" {
		t.Errorf("got attrs %v, want the caller's status kept", got)
	}
	if r["late"] != nil {
		t.Error("Set after End took effect")
	}
	span := b.Span("fetch")
	for key, want := range map[string]string{"symbol": "ES", "count": "3", "account_id": "ACC123", "api_key": "***MASKED***", "password": "***MASKED***"} {
		if got := attr(span, key); got != want {
			t.Errorf("span attribute %s: got %q, want %q", key, got, want)
		}
	}
	if got := span.EndTime.Sub(span.StartTime); got != d {
		t.Errorf("the span took %v, End returned %v", got, d)
	}
	b.AssertNoSecret(canary)
}

func TestValuesAreResolvedAtTheCall(t *testing.T) {
	b := setup(t)
	m := map[string]int{"n": 1}
	_, op := instrument.Start(b.ctx, "op", instrument.Attrs(slog.Any("m", m)))
	op.Set(slog.Any("s", m))
	m["n"] = 2
	op.End(nil)
	r := b.one("op completed")
	if got, want := fmt.Sprint(r["m"], r["s"]), "map[n:1] map[n:1]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPanic(t *testing.T) {
	type key struct{ n int }
	for _, tt := range []struct {
		name     string
		value    any
		wantText string
		wantType string
	}{
		{name: "string", value: "boom api_key=" + canary, wantText: "panic: boom api_key=***MASKED***", wantType: "panic"},
		{name: "error", value: &gatewayError{"x"}, wantText: "panic: gateway: x", wantType: "*instrument_test.gatewayError"},
		{name: "nil error", value: (*gatewayError)(nil), wantText: "panic: ", wantType: "panic"},
		{name: "struct", value: key{1}, wantText: "panic: "},
		{name: "function", value: func() {}, wantText: "panic: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := setup(t)
			outer := func() (got any) {
				defer func() { got = recover() }()
				_ = instrument.Do(b.ctx, "outer", func(ctx context.Context) error {
					return instrument.Do(ctx, "inner", func(context.Context) error { panic(tt.value) })
				})
				return nil
			}
			got := outer()
			if _, isFunc := tt.value.(func()); !isFunc && got != tt.value {
				t.Errorf("recovered %v, want %v", got, tt.value)
			}
			if diff := cmp.Diff(b.messages(), []string{"ERROR inner failed", "ERROR outer failed"}); diff != "" {
				t.Errorf("messages (-got +want):\n%s", diff)
			}
			inner, outerRecord := b.one("inner failed"), b.one("outer failed")
			if !strings.HasPrefix(fmt.Sprint(inner.Get("error", "message")), tt.wantText) {
				t.Errorf("got message %v, want %v", inner.Get("error", "message"), tt.wantText)
			}
			if tt.wantType != "" && inner.Get("error", "type") != tt.wantType {
				t.Errorf("got type %v, want %v", inner.Get("error", "type"), tt.wantType)
			}
			stack := fmt.Sprint(inner.Get("error", "stack"))
			if !strings.HasPrefix(stack, "goroutine ") || !strings.Contains(stack, "op_test.go") || strings.Contains(stack, "newPanicError") {
				t.Errorf("got stack\n%s\nwant it from the panic on", stack)
			}
			if _, isFunc := tt.value.(func()); !isFunc && outerRecord.Get("error", "stack") != nil {
				t.Errorf("the stack is recorded twice:\n%s", outerRecord.Get("error", "stack"))
			}
			if src := inner.Text("source", "file"); !strings.HasSuffix(src, "op_test.go") {
				t.Errorf("got source %v, want this file", src)
			}
			for _, name := range []string{"inner", "outer"} {
				if s := b.Span(name); s.Status.Code != codes.Error || len(s.Events) != 0 {
					t.Errorf("span %s: got status %v and events %v, want an error and none", name, s.Status, s.Events)
				}
			}
			b.AssertNoSecret(canary)
		})
	}
}

func TestPanicThroughDeferredMethods(t *testing.T) {
	for name, run := range map[string]func(context.Context){
		"Done": func(ctx context.Context) {
			var err error
			_, op := instrument.Start(ctx, "op")
			defer op.Done(&err)
			panic("api_key=" + canary)
		},
		"Done of nil": func(ctx context.Context) {
			_, op := instrument.Start(ctx, "op")
			defer op.Done(nil)
			panic("api_key=" + canary)
		},
		"End": func(ctx context.Context) {
			_, op := instrument.Start(ctx, "op")
			defer op.End(nil)
			panic("api_key=" + canary)
		},
		"Wrap": func(ctx context.Context) {
			_, _ = instrument.Wrap("op", func(context.Context, int) (int, error) { panic("api_key=" + canary) })(ctx, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			func() {
				defer func() {
					if got, want := recover(), "api_key="+canary; got != want {
						t.Errorf("recovered %v, want %v", got, want)
					}
				}()
				run(b.ctx)
			}()
			if stack := b.one("op failed").Get("error", "stack"); stack == nil {
				t.Error("got no stack")
			}
			b.AssertNoSecret(canary)
		})
	}
}

func TestContain(t *testing.T) {
	b := setup(t)
	cause := errors.New("broken")
	err := instrument.Do(b.ctx, "op", func(context.Context) error { panic(cause) }, instrument.OnPanic(instrument.Contain))
	var p *instrument.PanicError
	if !errors.As(err, &p) || p.Value != cause || !errors.Is(err, cause) { //nolint:errorlint // The same one.
		t.Fatalf("got error %#v, want a PanicError of the cause", err)
	}
	if len(b.Records(telemetry.Errors)) != 1 {
		t.Errorf("got %q, want one ERROR record", b.messages())
	}
}

func TestGoexit(t *testing.T) {
	b := setup(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = instrument.Do(b.ctx, "op", func(context.Context) error { runtime.Goexit(); return nil })
	}()
	<-done
	if diff := cmp.Diff(b.messages(), []string{"INFO op canceled"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
}

func TestRecover(t *testing.T) {
	b := setup(t)
	var err error
	ctx, op := instrument.Start(b.ctx, "op")
	func() {
		defer instrument.Recover(ctx, instrument.Into(&err), instrument.Attrs(slog.Int("worker", 1)))
		panic("token=" + canary)
	}()
	op.End(nil)
	if err == nil {
		t.Fatal("got no error, want the panic")
	}
	if r := b.one("panic recovered"); r["level"] != "ERROR" || r.Get("error", "stack") == nil || r["worker"] != 1.0 || r["span_id"] == nil {
		t.Errorf("got record %v", r)
	}
	if r := b.one("op failed"); r.Get("error", "stack") != nil {
		t.Errorf("the stack is recorded twice: %v", r)
	}
	if s := b.Span("op"); s.Status.Code != codes.Error {
		t.Errorf("got span status %v, want an error", s.Status)
	}
	func() { defer instrument.Recover(ctx) }() // Nothing to recover.
	b.AssertNoSecret(canary)
}

func TestRecordedTreesAreConnected(t *testing.T) {
	quietOpt := instrument.Threshold(time.Hour)
	for _, tt := range []struct {
		name string
		opts []telemetry.Option
		run  func(ctx context.Context)
		want []string
	}{
		{name: "failed leaf", run: func(ctx context.Context) {
			_ = instrument.Do(ctx, "a", func(ctx context.Context) error {
				_ = instrument.Do(ctx, "b", func(ctx context.Context) error {
					_ = instrument.Do(ctx, "c", func(context.Context) error { return errGateway }, quietOpt)
					return nil
				}, quietOpt)
				return nil
			}, quietOpt)
		}, want: []string{"ERROR c failed", "INFO b completed", "INFO a completed"}},
		{name: "nothing recorded", run: func(ctx context.Context) {
			_ = instrument.Do(ctx, "a", func(ctx context.Context) error {
				return instrument.Do(ctx, "b", func(context.Context) error { return nil }, quietOpt)
			}, quietOpt)
		}, want: []string{}},
		{name: "goroutine outlives its parent", run: func(ctx context.Context) {
			release := make(chan struct{})
			var task *instrument.Task
			_ = instrument.Do(ctx, "a", func(ctx context.Context) error {
				task = instrument.Go(ctx, "b", func(context.Context) { <-release })
				return nil
			}, quietOpt)
			close(release)
			_ = task.Wait()
		}, want: []string{"INFO b completed", "INFO a completed"}},
		{name: "whatever the level", opts: []telemetry.Option{telemetry.WithLevel(slog.LevelError)}, run: func(ctx context.Context) {
			_ = instrument.Do(ctx, "a", func(ctx context.Context) error {
				_ = instrument.Do(ctx, "b", func(context.Context) error { return errGateway })
				return nil
			})
		}, want: []string{"ERROR b failed", "INFO a completed"}},
		{name: "a trace of its own is no child", run: func(ctx context.Context) {
			_ = instrument.Do(ctx, "a", func(ctx context.Context) error {
				return instrument.Do(ctx, "b", func(context.Context) error { return nil }, instrument.NewTrace())
			}, quietOpt)
		}, want: []string{"INFO b completed"}},
		{name: "performance off", opts: []telemetry.Option{telemetry.WithConfig(telemetry.Config{Performance: telemetry.PerformanceConfig{Enabled: new(false)}})}, run: func(ctx context.Context) {
			_ = instrument.Do(ctx, "fine", func(context.Context) error { return nil })
			_ = instrument.Do(ctx, "a", func(ctx context.Context) error {
				_ = instrument.Do(ctx, "b", func(context.Context) error { return errGateway })
				return nil
			})
		}, want: []string{"ERROR b failed", "INFO a completed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := setup(t, tt.opts...)
			tt.run(b.ctx)
			if diff := cmp.Diff(b.messages(), tt.want); diff != "" {
				t.Errorf("messages (-got +want):\n%s", diff)
			}
			spans := map[any]bool{}
			for _, r := range b.Records(telemetry.Daemon) {
				spans[r["span_id"]] = true
			}
			for _, r := range b.Records(telemetry.Daemon) {
				if p := r["parent_span_id"]; p != nil && !spans[p] {
					t.Errorf("%s: its parent %v is not recorded", r["message"], p)
				}
			}
		})
	}
}

func TestParent(t *testing.T) {
	b := setup(t)
	remote := propagation.TraceContext{}.Extract(b.ctx, propagation.MapCarrier{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"})
	_ = instrument.Do(remote, "remote", func(context.Context) error { return nil })
	if r := b.one("remote completed"); r["parent_span_id"] != "00f067aa0ba902b7" || r["trace_id"] != "4bf92f3577b34da6a3ce929d0e0e4736" {
		t.Errorf("got parent %v in trace %v", r["parent_span_id"], r["trace_id"])
	}
	_ = instrument.Do(b.ctx, "outer", func(ctx context.Context) error {
		return instrument.Do(ctx, "inner", func(context.Context) error { return nil })
	})
	if inner, outer := b.one("inner completed"), b.one("outer completed"); inner["parent_span_id"] != outer["span_id"] || outer["parent_span_id"] != nil {
		t.Errorf("got parents %v and %v, want the outer span and none", inner["parent_span_id"], outer["parent_span_id"])
	}
}

func TestNewTrace(t *testing.T) {
	b := setup(t)
	ctx := telemetry.With(b.ctx, telemetry.AccountID("A"))
	_ = instrument.Do(ctx, "loop", func(ctx context.Context) error {
		return instrument.Do(ctx, "event", func(ctx context.Context) error {
			telemetry.Logger(telemetry.Daemon).InfoContext(ctx, "inside")
			return nil
		}, instrument.NewTrace())
	})
	loop, event := b.Span("loop"), b.Span("event")
	if event.SpanContext.TraceID() == loop.SpanContext.TraceID() || event.Parent.IsValid() {
		t.Errorf("event is in trace %v under %v, want one of its own", event.SpanContext.TraceID(), event.Parent)
	}
	if len(event.Links) != 1 || event.Links[0].SpanContext.SpanID() != loop.SpanContext.SpanID() {
		t.Errorf("got links %v, want one to the loop", event.Links)
	}
	if r := b.one("inside"); r["trace_id"] != event.SpanContext.TraceID().String() || r.Get("context", "account_id") != "A" {
		t.Errorf("got %v, want the event's trace and the fields", r)
	}
}

func TestLink(t *testing.T) {
	b := setup(t)
	to := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})
	_ = instrument.Do(b.ctx, "batch", func(context.Context) error { return nil },
		instrument.Link(to, slog.String("api_key", jwt)), instrument.Link(trace.SpanContext{}))
	links := b.Span("batch").Links
	if len(links) != 1 || !links[0].SpanContext.Equal(to) || len(links[0].Attributes) != 1 {
		t.Fatalf("got links %v, want one to %v", links, to)
	}
	b.AssertNoSecret(jwt)
}

func TestDefaultThreshold(t *testing.T) {
	b := setup(t, telemetry.WithConfig(telemetry.Config{Performance: telemetry.PerformanceConfig{Threshold: time.Hour}}))
	nothing := func(context.Context) error { return nil }
	_ = instrument.Do(b.ctx, "default", nothing)
	_ = instrument.Do(b.ctx, "own", nothing, instrument.Threshold(time.Nanosecond))
	_ = instrument.Do(b.ctx, "none", nothing, instrument.Threshold(0))
	if diff := cmp.Diff(b.messages(), []string{"WARNING own slow", "INFO none completed"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
}

func TestWrapPassesResults(t *testing.T) {
	b := setup(t)
	double := instrument.Wrap("double", func(_ context.Context, n int) (int, error) { return 2 * n, errGateway })
	if v, err := double(b.ctx, 21); v != 42 || err != errGateway { //nolint:errorlint // The same one.
		t.Errorf("Wrap: got %v, %v", v, err)
	}
	if v, err := instrument.Wrap0("zero", func(context.Context) (string, error) { return "v", nil })(b.ctx); v != "v" || err != nil {
		t.Errorf("Wrap0: got %v, %v", v, err)
	}
	if err := instrument.WrapErr("err", func(_ context.Context, s string) error { return errors.New(s) })(b.ctx, "e"); err == nil || err.Error() != "e" {
		t.Errorf("WrapErr: got %v", err)
	}
	if err := instrument.WrapErr0("err0", func(context.Context) error { return errGateway })(b.ctx); err != errGateway { //nolint:errorlint // The same one.
		t.Errorf("WrapErr0: got %v", err)
	}
	if v, err := instrument.Call(b.ctx, "call", func(context.Context) (*int, error) { return nil, errGateway }); v != nil || err != errGateway { //nolint:errorlint // The same one.
		t.Errorf("Call: got %v, %v", v, err)
	}
	if got := len(b.Records(telemetry.Daemon)); got != 5 {
		t.Errorf("got %d records, want 5", got)
	}
}

func TestWithoutTelemetry(t *testing.T) {
	ctx, op := instrument.Start(nil, "op", nil, instrument.AtLevel(slog.LevelDebug)) //nolint:staticcheck // A nil context is tolerated.
	if ctx == nil {
		t.Fatal("got no context")
	}
	op.Set(slog.Int("n", 1))
	if d := op.Duration(); d <= 0 {
		t.Errorf("got duration %v so far, want more than 0", d)
	}
	if d := op.End(nil); d <= 0 {
		t.Errorf("got duration %v, want more than 0", d)
	}
	var none *instrument.Op
	none.Set(slog.Int("n", 1))
	none.End(nil)
	none.Done(nil)
	instrument.LogSummary(t.Context())
	if got := instrument.Summary(); got != nil {
		t.Errorf("got summary %v, want none", got)
	}
}

func TestAfterShutdown(t *testing.T) {
	b := setup(t)
	ctx, op := instrument.Start(b.ctx, "op")
	op.End(nil)
	if err := b.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		_, again := instrument.Start(ctx, "again", instrument.AtLevel(slog.LevelDebug))
		time.Sleep(time.Hour)
		if got := again.End(nil); got != time.Hour {
			t.Errorf("got duration %v, want its own, not that of the span around it", got)
		}
	})
}

func TestUnsampledTracesAreRecorded(t *testing.T) {
	b := setup(t, telemetry.WithConfig(telemetry.Config{SDK: telemetry.SDKConfig{Sampler: "always_off"}}))
	_ = instrument.Do(b.ctx, "outer", func(ctx context.Context) error {
		return instrument.Do(ctx, "op", func(context.Context) error { return errGateway })
	})
	if len(b.Spans()) != 0 {
		t.Error("got spans, want none sampled")
	}
	if r := b.one("op failed"); r["span_id"] == nil || r["parent_span_id"] != b.one("outer failed")["span_id"] || r["trace_id"] == nil {
		t.Errorf("got %v, want the tree all the same", r)
	}
}

func TestOpConcurrentSafe(t *testing.T) {
	b := setup(t, telemetry.WithLevel(slog.LevelError))
	ctx, op := instrument.Start(b.ctx, "outer")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				op.Set(slog.Int("n", i))
				_ = instrument.Do(ctx, "inner", func(context.Context) error { return nil })
				_ = instrument.Do(ctx, "bad", func(context.Context) error { return errGateway })
				_ = op.Duration()
			}
			op.End(nil)
		})
	}
	wg.Wait()
	n := 0
	for _, m := range b.messages() {
		if m == "INFO outer completed" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("got %d end records of the outer operation, want 1", n)
	}
}
