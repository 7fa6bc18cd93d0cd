package telemetrytest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
	"riskmanager.internal/otel/telemetry/telemetrytest"
)

// fake is a test that may fail without failing this one. Its methods that end a
// test end the goroutine.
type fake struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (f *fake) Helper() {}

func (f *fake) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}
func (f *fake) Error(args ...any) { f.Errorf("%s", fmt.Sprint(args...)) }
func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}
func (f *fake) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }

// run runs a test as package testing does and returns what it complained of.
func run(t *testing.T, test func(testing.TB)) []string {
	t.Helper()
	f := &fake{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, cleanup := range slices.Backward(f.cleanups) {
				cleanup()
			}
		}()
		test(f)
	}()
	<-done
	return f.failures
}

const canary = "canary-7f3a9c51"

func TestNew(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "true")
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	t.Setenv("RISK_MANAGER_LOG_LEVEL", "ERROR")
	tel := telemetrytest.New(t)
	ctx := telemetry.With(tel.Context(), telemetry.AccountID("ACC123"))
	slog.DebugContext(ctx, "by the default logger")
	err := instrument.Do(ctx, "op", func(context.Context) error { return errors.New("no: token=" + canary) }, instrument.On(telemetry.API))
	if err == nil {
		t.Fatal("got no error")
	}
	r := tel.Record(telemetry.API, "op failed")
	if r.Level() != "ERROR" || r.Get("context", "account_id") != "ACC123" || r.Text("operation") != "op" || r.Get("no", "such") != nil {
		t.Errorf("got record %v", r)
	}
	if got := len(tel.Records(telemetry.Daemon)); got != 2 {
		t.Errorf("got %d records, want 2", got)
	}
	if got := len(tel.Records(telemetry.Enforcement)); got != 0 {
		t.Errorf("got %d enforcement records, want none", got)
	}
	if s := tel.Span("op"); s.SpanContext.SpanID().String() != r.Text("span_id") {
		t.Errorf("got span %v, want that of the record", s.SpanContext)
	}
	if m := tel.Metrics(); len(m.ScopeMetrics) == 0 {
		t.Error("got no metrics")
	}
	if _, err := os.Stat(filepath.Join(tel.Dir(), "daemon.log")); err != nil {
		t.Error(err)
	}
	tel.AssertNoSecret(canary)
}

//nolint:thelper // What it runs are tests.
func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name string
		test func(testing.TB)
		want string // Empty: the test passes.
	}{
		{name: "nothing wrong", test: func(tb testing.TB) {
			tel := telemetrytest.New(tb)
			done := make(chan struct{})
			go close(done)
			<-done
			tel.AssertNoSecret(canary)
		}},
		{name: "secret in a file", test: func(tb testing.TB) {
			tel := telemetrytest.New(tb)
			telemetry.Logger(telemetry.Daemon).InfoContext(tb.Context(), "plain", "note", canary)
			tel.AssertNoSecret(canary)
		}, want: "daemon.log holds the secret"},
		{name: "escaped secret in a file", test: func(tb testing.TB) {
			tel := telemetrytest.New(tb)
			telemetry.Logger(telemetry.Daemon).InfoContext(tb.Context(), "plain", "note", "a\"b/"+canary)
			tel.AssertNoSecret("a\"b/" + canary)
		}, want: "holds the secret"},
		{name: "secret amid base64", test: func(tb testing.TB) {
			tel := telemetrytest.New(tb)
			auth := base64.StdEncoding.EncodeToString([]byte("user:" + canary + "!"))
			telemetry.Logger(telemetry.Daemon).InfoContext(tb.Context(), "plain", "note", auth)
			tel.AssertNoSecret(canary)
		}, want: "holds the secret"},
		{name: "secret in JSON in JSON", test: func(tb testing.TB) {
			tel := telemetrytest.New(tb)
			telemetry.Logger(telemetry.Daemon).InfoContext(tb.Context(), "plain", "note", `{"note":"a\"`+canary+`"}`)
			tel.AssertNoSecret(`a"` + canary)
		}, want: "holds the secret"},
		{name: "secret in a span", test: func(tb testing.TB) {
			tel := telemetrytest.New(tb)
			_, span := tel.TracerProvider().Tracer("x").Start(tel.Context(), canary)
			span.End()
			tel.AssertNoSecret(canary)
		}, want: "a span holds the secret"},
		{name: "secret in a metric", test: func(tb testing.TB) {
			tel := telemetrytest.New(tb)
			_ = instrument.Do(tel.Context(), canary, func(context.Context) error { return nil }, instrument.AtLevel(slog.LevelDebug-4))
			tel.AssertNoSecret(canary)
		}, want: "a metric holds the secret"},
		{name: "empty canary", test: func(tb testing.TB) { telemetrytest.New(tb).AssertNoSecret("") }, want: "empty canary"},
		{name: "no such record", test: func(tb testing.TB) { telemetrytest.New(tb).Record(telemetry.Daemon, "none") }, want: "got 0 records"},
		{name: "no such span", test: func(tb testing.TB) { telemetrytest.New(tb).Span("none") }, want: "got 0 spans"},
		{name: "bad option", test: func(tb testing.TB) { telemetrytest.New(tb, telemetry.WithMaskPatterns("(")) }, want: "pattern"},
		{name: "leaked goroutine", test: func(tb testing.TB) {
			telemetrytest.New(tb)
			leak(tb.(*fake).TB.(*testing.T))
		}, want: "telemetrytest_test.leak"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(run(t, tt.test), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got failures %q, want %q", got, tt.want)
			}
		})
	}
}

// leak starts a goroutine that ends with the real test only.
func leak(t *testing.T) {
	t.Helper()
	release, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		<-release
	}()
	t.Cleanup(func() { close(release); <-done })
}

func TestSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel := telemetrytest.New(t)
		ctx, cancel := context.WithTimeout(tel.Context(), 2500*time.Millisecond)
		defer cancel()
		instrument.Every(ctx, time.Second, "tick", func(context.Context) { time.Sleep(300 * time.Millisecond) })
		for _, r := range tel.Records(telemetry.Daemon) {
			if r.Message() != "tick completed" || r.Get("duration_ms") != 300. {
				t.Errorf("got record %v, want a tick of 300 ms", r)
			}
		}
		if got := len(tel.Spans()); got != 2 {
			t.Errorf("got %d spans, want 2", got)
		}
	})
}

func TestParallel(t *testing.T) {
	for i := range 4 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			tel := telemetrytest.New(t, telemetry.WithoutGlobals())
			for n := range 20 {
				_ = instrument.Do(tel.Context(), "op", func(context.Context) error { return nil }, instrument.Attrs(slog.Int("test", i), slog.Int("n", n)))
			}
			rs := tel.Records(telemetry.Daemon)
			if len(rs) != 20 {
				t.Errorf("got %d records, want 20", len(rs))
			}
			for _, r := range rs {
				if r.Get("test") != float64(i) {
					t.Errorf("got the record of test %v", r.Get("test"))
				}
			}
		})
	}
}
