package telemetrytest

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing" //nolint:depguard // It is for tests.
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"riskmanager.internal/otel/telemetry"
)

// shutdownLimit bounds the Shutdown at the end of a test.
const shutdownLimit = 10 * time.Second

// Telemetry is a Telemetry of a test's own, with what it wrote.
type Telemetry struct {
	*telemetry.Telemetry

	tb    testing.TB
	dir   string
	spans *tracetest.InMemoryExporter
}

// New sets up a Telemetry whose files are in a directory of the test's own, at
// level DEBUG, without OTLP, with every trace sampled, whatever the environment
// says; opts win over that. The files are those of production, since a test of
// what it writes is worth little on anything else. New works in a bubble of
// testing/synctest too.
//
// It is the process's current one until the test ends, so that it gets what the
// code under test logs by itself. Parallel tests give
// [telemetry.WithoutGlobals] and hand [Telemetry.Context] to that code.
//
// When the test ends it is shut down, and the test fails if that fails, or if a
// goroutine that the test started after New is still running. Call New from the
// test's own goroutine: what that starts is told by a profiler label.
func New(tb testing.TB, opts ...telemetry.Option) *Telemetry {
	tb.Helper()
	leaks := watch(tb)
	tt := &Telemetry{tb: tb, dir: filepath.Join(tb.TempDir(), "logs"), spans: tracetest.NewInMemoryExporter()}
	opts = append([]telemetry.Option{
		telemetry.WithConfig(telemetry.Config{
			LogDir: tt.dir, LogLevel: new(slog.LevelDebug), OTLP: telemetry.OTLPConfig{Enabled: new(false)},
			SDK: telemetry.SDKConfig{Disabled: new(false), Sampler: "parentbased_always_on"},
		}),
	}, opts...)
	tel, err := telemetry.Setup(tb.Context(), opts...)
	if err != nil {
		tb.Fatalf("telemetrytest: %v", err)
	}
	tt.Telemetry, tt.dir = tel, tel.Config().LogDir
	tel.TracerProvider().(*sdktrace.TracerProvider).RegisterSpanProcessor(sdktrace.NewSimpleSpanProcessor(tt.spans))
	tb.Cleanup(func() {
		tb.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), shutdownLimit)
		defer cancel()
		if err := tel.Shutdown(ctx); err != nil {
			tb.Errorf("telemetrytest: %v", err)
		}
		leaks.check(tb)
	})
	return tt
}

// Context returns the test's context with the Telemetry in it: see
// [telemetry.NewContext].
func (tt *Telemetry) Context() context.Context {
	return telemetry.NewContext(tt.tb.Context(), tt.Telemetry)
}

// Dir returns the directory of the log files.
func (tt *Telemetry) Dir() string { return tt.dir }

// Spans returns the spans that have ended, in the order of their ends. It is
// empty for traces that are not sampled.
func (tt *Telemetry) Spans() tracetest.SpanStubs { return tt.spans.GetSpans() }

// Span returns the span of that name. The test fails at once unless exactly one
// has ended.
func (tt *Telemetry) Span(name string) tracetest.SpanStub {
	tt.tb.Helper()
	var found []tracetest.SpanStub
	var names []string
	for _, s := range tt.Spans() {
		if s.Name == name {
			found = append(found, s)
		}
		names = append(names, s.Name)
	}
	if len(found) != 1 {
		tt.tb.Fatalf("telemetrytest: got %d spans %q among %q, want 1", len(found), name, names)
	}
	return found[0]
}

// Metrics returns the metrics as they stand.
func (tt *Telemetry) Metrics() metricdata.ResourceMetrics {
	tt.tb.Helper()
	var m metricdata.ResourceMetrics
	if err := tt.Collect(tt.tb.Context(), &m); err != nil {
		tt.tb.Errorf("telemetrytest: metrics: %v", err)
	}
	return m
}
