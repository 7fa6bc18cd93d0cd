package record_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/record"
)

// TestRoundTrip checks that a record that went through the SDK makes the same
// line.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 21, 10, 30, 45, 123456789, time.FixedZone("", 3600))
	for _, tt := range []struct {
		name string
		edit func(r *record.Record)
	}{
		{"every kind", func(r *record.Record) {
			r.Add(slog.Bool("bool", true))
			r.Add(slog.Uint64("uint", 7))
			r.Add(slog.Float64("nan", math.NaN()))
			r.Add(slog.Float64("whole", 100000))
			r.Add(slog.Duration("duration", 1500*time.Millisecond))
			r.Add(slog.Time("time", at))
			r.Add(slog.Any("nil", nil))
			r.Add(slog.Any("bytes", []byte("bytes")))
			r.Add(slog.Any("list", []any{1, "x", nil, 2.5, []string{"a"}, map[string]any{"k": true}}))
			r.Add(slog.Group("group", slog.Int("a", 1), slog.Group("b", slog.String("c", "d"))))
			r.Add(slog.Any("number", json.Number("12.5")))
			r.Add(slog.Any("map", map[string]int{}))
		}},
		{"moved", func(r *record.Record) { r.Add(slog.Int("timestamp", 1)); r.Add(slog.String("uid", "x")) }},
		{"error with a stack", func(r *record.Record) { r.SetError(stackError{}) }},
		{"error without a type", func(r *record.Record) { r.Error = nil; r.Add(slog.String("err", "text")) }},
		{"error without a message", func(r *record.Record) { r.SetError(errors.New("")) }},
		{"body is an object", func(r *record.Record) { r.Body = slog.GroupValue(slog.Int("a", 1), slog.String("b", "x")) }},
		{"no body", func(r *record.Record) { r.Body = slog.Value{} }},
		{"level beyond", func(r *record.Record) { r.Level = 100 }},
		{"level below", func(r *record.Record) { r.Level = -50 }},
		{"level between", func(r *record.Record) { r.Level = slog.LevelInfo + 1 }},
		{"no trace", func(r *record.Record) { r.TraceID, r.SpanID = trace.TraceID{}, trace.SpanID{} }},
		{"no source", func(r *record.Record) { r.Source = nil }},
		{"own uid", func(r *record.Record) { r.MintUID(time.Now()) }},
		{"cut", func(r *record.Record) { r.Add(slog.String("long", strings.Repeat("word ", 1<<20))); r.Mask(nil) }},
		{"event", func(r *record.Record) { r.EventName = "order.filled" }},
		{"broken UTF-8", func(r *record.Record) { r.Add(slog.String("a\xffb", "\xff\xfe")) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := full()
			tt.edit(r)
			want := string(record.AppendJSON(nil, r))
			sdk := newSDK()
			r.ToSDK(&sdk)
			back := record.FromSDK(&sdk)
			if diff := cmp.Diff(want, string(record.AppendJSON(nil, back))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestToSDK(t *testing.T) {
	t.Parallel()
	r := full()
	r.Level = 100
	r.Add(slog.String("account_id", "own"))
	r.Add(slog.String("code.file.path", "own"))
	r.Add(slog.Int("level", 1))
	r.AddContext(slog.String("attributes", "field"))
	sdk := newSDK()
	r.ToSDK(&sdk)
	var got []attribute.KeyValue
	sdk.WalkAttributes(func(kv attribute.KeyValue) bool {
		got = append(got, kv)
		return true
	})
	want := []attribute.KeyValue{
		attribute.String("correlation_id", "a1b2c3d4-e5f6-7890-abcd-ef1234567890"),
		attribute.String("account_id", "ACC123"),
		attribute.String("event_type", "trade"),
		attribute.String("symbol", "ES"),
		attribute.Int("quantity", 1),
		attribute.Float64("duration_ms", 45.23),
		attribute.Map("attributes", attribute.String("account_id", "own"), attribute.String("attributes", "field"),
			attribute.String("code.file.path", "own"), attribute.Int("level", 1)),
		attribute.String("exception.type", "*errors.errorString"),
		attribute.String("exception.message", `no "luck"`),
		attribute.String("code.function.name", "main.run"),
		attribute.String("code.file.path", "/src/main.go"),
		attribute.Int("code.line.number", 42),
		attribute.String("log.record.uid", "01K8"),
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b attribute.Value) bool { return a == b })); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if sdk.Severity() != log.SeverityFatal4 || sdk.SeverityText() != "CRITICAL+88" {
		t.Errorf("severity %d %q", sdk.Severity(), sdk.SeverityText())
	}
	if !sdk.Timestamp().Equal(r.Time) || sdk.TraceID() != r.TraceID || sdk.SpanID() != r.SpanID || sdk.Body().AsString() != "Trade processed" {
		t.Errorf("timestamp %v, trace %v, span %v, body %v", sdk.Timestamp(), sdk.TraceID(), sdk.SpanID(), sdk.Body())
	}
}

func TestFromSDK(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 21, 10, 30, 45, 123456789, time.FixedZone("", 3600))
	for _, tt := range []struct {
		name string
		edit func(r *sdklog.Record)
		want map[string]any
	}{
		{"nothing", func(*sdklog.Record) {}, map[string]any{"level": "INFO", "message": "", "context": map[string]any{}, "logger": "risk_manager.daemon"}},
		{"observed timestamp", func(r *sdklog.Record) { r.SetObservedTimestamp(at) }, map[string]any{"timestamp": "2025-10-21T09:30:45.123456Z"}},
		{"timestamp", func(r *sdklog.Record) { r.SetTimestamp(at); r.SetObservedTimestamp(time.Now()) }, map[string]any{"timestamp": "2025-10-21T09:30:45.123456Z"}},
		{"severity", func(r *sdklog.Record) { r.SetSeverity(log.SeverityError2); r.SetSeverityText("oops") }, map[string]any{"level": "ERROR+1"}},
		{"severity out of range", func(r *sdklog.Record) { r.SetSeverity(99) }, map[string]any{"level": "CRITICAL+78"}},
		{
			"correlation from the trace", func(r *sdklog.Record) {
				r.SetTraceID(trace.TraceID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
			},
			map[string]any{"context": map[string]any{"correlation_id": "01020304-0506-0708-090a-0b0c0d0e0f10"}, "trace_id": "0102030405060708090a0b0c0d0e0f10"},
		},
		{"context", func(r *sdklog.Record) {
			r.SetAttributes(attribute.String("correlation_id", "c"), attribute.String("rule_id", "r"), attribute.Int("account_id", 7), attribute.String("event_type", "e"), attribute.String("x", "y"))
		}, map[string]any{"context": map[string]any{"correlation_id": "c", "rule_id": "r", "account_id": json.Number("7"), "event_type": "e"}, "x": "y"}},
		{"exception", func(r *sdklog.Record) {
			r.SetAttributes(attribute.String("error", "own"), attribute.String("exception.type", "T"), attribute.String("exception.message", "m"), attribute.String("exception.stacktrace", "s"))
		}, map[string]any{"error": map[string]any{"type": "T", "message": "m", "stack": "s"}, "attributes": map[string]any{"error": "own"}}},
		{"wrong types", func(r *sdklog.Record) {
			r.SetAttributes(attribute.Int("exception.type", 1), attribute.Int("code.function.name", 2), attribute.String("code.line.number", "3"),
				attribute.Int("log.record.uid", 4), attribute.String("original_bytes", "5"), attribute.String("truncated", "6"), attribute.String("attributes", "7"))
		}, map[string]any{
			"exception.type": json.Number("1"), "code.function.name": json.Number("2"), "code.line.number": "3", "log.record.uid": json.Number("4"),
			"attributes": map[string]any{"original_bytes": "5", "truncated": "6", "attributes": "7"}, "error": nil, "source": nil, "uid": nil,
		}},
		{"source", func(r *sdklog.Record) {
			r.SetAttributes(attribute.String("code.function.name", "f"), attribute.String("code.file.path", "p"), attribute.Int("code.line.number", 3))
		}, map[string]any{"source": map[string]any{"function": "f", "file": "p", "line": json.Number("3")}}},
		{"body", func(r *sdklog.Record) {
			r.SetBody(attribute.SliceValue(attribute.IntValue(1), attribute.StringValue("x")))
		}, map[string]any{"message": []any{json.Number("1"), "x"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sdk := newSDK()
			tt.edit(&sdk)
			got := parse(t, record.AppendJSON(nil, record.FromSDK(&sdk)))
			for key, want := range tt.want {
				if diff := cmp.Diff(want, got[key]); diff != "" {
					t.Errorf("%q (-want +got):\n%s", key, diff)
				}
			}
		})
	}
}
