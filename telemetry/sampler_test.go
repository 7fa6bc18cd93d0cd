package telemetry_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/telemetry"
)

// TestSamplers starts spans without a parent and under remote ones.
func TestSamplers(t *testing.T) {
	for _, tt := range []struct {
		sampler, arg string
		want         []bool // Root, under a sampled parent, under one that is not.
	}{
		{"", "", []bool{true, true, false}},
		{"always_on", "", []bool{true, true, true}},
		{"always_off", "", []bool{false, false, false}},
		{"traceidratio", "1", []bool{true, true, true}},
		{"traceidratio", "0", []bool{false, false, false}},
		{"parentbased_always_on", "", []bool{true, true, false}},
		{"parentbased_always_off", "", []bool{false, true, false}},
		{"parentbased_traceidratio", "1", []bool{true, true, false}},
		{"parentbased_traceidratio", "0", []bool{false, true, false}},
	} {
		t.Run(tt.sampler+tt.arg, func(t *testing.T) {
			t.Setenv("OTEL_TRACES_SAMPLER", tt.sampler)
			t.Setenv("OTEL_TRACES_SAMPLER_ARG", tt.arg)
			tel, _ := start(t)
			state, err := trace.ParseTraceState("vendor=1")
			if err != nil {
				t.Fatal(err)
			}
			var got []bool
			for _, parent := range []trace.SpanContextConfig{
				{},
				{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true},
				{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceState: state, Remote: true},
			} {
				ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(parent))
				_, span := tel.TracerProvider().Tracer("test").Start(ctx, "op")
				span.End()
				sc := span.SpanContext()
				if span.IsRecording() || !sc.IsValid() || parent.TraceID.IsValid() && (sc.TraceID() != parent.TraceID || sc.TraceState().Len() != 1) {
					t.Errorf("got span %v, want one in the parent's trace with its state", sc)
				}
				got = append(got, sc.IsSampled())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got sampled %v, want %v", got, tt.want)
			}
		})
	}
}

// TestRatioSamplesByTheTrace asks of two processes with the same ratio.
func TestRatioSamplesByTheTrace(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "traceidratio")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "0.25")
	one, _ := start(t, telemetry.WithoutGlobals())
	two, _ := start(t, telemetry.WithoutGlobals())
	const n = 4000
	sampled := 0
	for range n {
		ctx := telemetry.NewCorrelation(t.Context())
		_, a := one.TracerProvider().Tracer("test").Start(ctx, "op")
		_, b := two.TracerProvider().Tracer("test").Start(ctx, "op")
		if a.SpanContext().IsSampled() != b.SpanContext().IsSampled() {
			t.Fatalf("trace %v is sampled by one of two", a.SpanContext().TraceID())
		}
		if a.SpanContext().IsSampled() {
			sampled++
		}
	}
	if sampled < n/5 || sampled > n*3/10 { // 7 standard deviations.
		t.Errorf("got %d of %d sampled, want a quarter", sampled, n)
	}
}

func TestSpansHaveTheContextFields(t *testing.T) {
	tel, _ := start(t)
	spans := tracetest.NewInMemoryExporter()
	tel.TracerProvider().(*sdktrace.TracerProvider).RegisterSpanProcessor(sdktrace.NewSimpleSpanProcessor(spans))
	ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"), slog.String("api_key", secretText))
	_, span := tel.TracerProvider().Tracer("a library's").Start(ctx, "op")
	span.End()
	if got := fmt.Sprint(spans.GetSpans()[0].Attributes); !strings.Contains(got, "ACC123") || strings.Contains(got, "horse") {
		t.Errorf("got attributes %s, want the fields, masked", got)
	}
}
