package record_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/log/logtest"

	"riskmanager.internal/otel/internal/record"
)

// full returns a record that uses every field.
func full() *record.Record {
	r := &record.Record{
		Time:          time.Date(2025, 10, 21, 10, 30, 45, 123456000, time.UTC),
		Level:         slog.LevelInfo,
		Logger:        "risk_manager.daemon",
		Body:          slog.StringValue("Trade processed"),
		CorrelationID: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
		TraceID:       [16]byte{0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x78, 0x90, 0xab, 0xcd, 0xef, 0x12, 0x34, 0x56, 0x78, 0x90},
		SpanID:        [8]byte{0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7},
		UID:           "01K8",
		Source:        &record.Source{Function: "main.run", File: "/src/main.go", Line: 42},
	}
	r.AddContext(slog.String("account_id", "ACC123"))
	r.AddContext(slog.String("event_type", "trade"))
	r.Add(slog.String("symbol", "ES"))
	r.Add(slog.Int("quantity", 1))
	r.Add(slog.Float64("duration_ms", 45.23))
	r.Add(slog.Any("error", errors.New("no \"luck\"")))
	return r
}

const fullLine = `{"timestamp":"2025-10-21T10:30:45.123456Z","level":"INFO","logger":"risk_manager.daemon","message":"Trade processed",` +
	`"context":{"correlation_id":"a1b2c3d4-e5f6-7890-abcd-ef1234567890","account_id":"ACC123","event_type":"trade"},` +
	`"symbol":"ES","quantity":1,"duration_ms":45.23,` +
	`"error":{"type":"*errors.errorString","message":"no \"luck\""},` +
	`"source":{"function":"main.run","file":"/src/main.go","line":42},` +
	`"trace_id":"a1b2c3d4e5f67890abcdef1234567890","span_id":"00f067aa0ba902b7","uid":"01K8"}` + "\n"

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(fullLine, string(record.AppendJSON(nil, full()))); diff != "" {
		t.Errorf("AppendJSON (-want +got):\n%s", diff)
	}
	r := full()
	r.Source = record.NewSource("main.run", "/src/main.go", 42)
	if diff := cmp.Diff(fullLine, string(record.AppendJSON(nil, r))); diff != "" {
		t.Errorf("AppendJSON with NewSource (-want +got):\n%s", diff)
	}
	empty := `{"level":"INFO","logger":"","message":"","context":{}}` + "\n"
	if diff := cmp.Diff(empty, string(record.AppendJSON(nil, new(record.Record)))); diff != "" {
		t.Errorf("AppendJSON of an empty record (-want +got):\n%s", diff)
	}
}

func TestTextStyleAppend(t *testing.T) {
	t.Parallel()
	r := full()
	r.Time = time.Date(2025, 10, 21, 10, 30, 45, 123456000, time.Local)
	want := `2025-10-21 10:30:45.123 INFO     risk_manager.daemon Trade processed ` +
		`correlation_id=a1b2c3d4-e5f6-7890-abcd-ef1234567890 account_id=ACC123 event_type=trade symbol=ES quantity=1 duration_ms=45.23 ` +
		`error="no \"luck\"" error.type=*errors.errorString` + "\n"
	if diff := cmp.Diff(want, string(record.TextStyle{}.Append(nil, r))); diff != "" {
		t.Errorf("TextStyle.Append (-want +got):\n%s", diff)
	}
}

// newSDK returns an SDK record as our provider makes them.
func newSDK() sdklog.Record {
	return logtest.RecordFactory{
		InstrumentationScope: &instrumentation.Scope{Name: "risk_manager.daemon"},
	}.NewRecord()
}

func TestSDKRoundTrip(t *testing.T) {
	t.Parallel()
	r := full()
	sdk := newSDK()
	r.ToSDK(&sdk)
	back := record.FromSDK(&sdk)
	if diff := cmp.Diff(fullLine, string(record.AppendJSON(nil, back))); diff != "" {
		t.Errorf("FromSDK(ToSDK) (-want +got):\n%s", diff)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	many := func(n int, v slog.Value) []slog.Attr {
		out := make([]slog.Attr, n)
		for i := range out {
			out[i] = slog.Attr{Key: "key" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String(), Value: v}
		}
		return out
	}
	for _, tt := range []struct {
		name  string
		attrs []slog.Attr
	}{
		{"a long string", []slog.Attr{slog.String("s", strings.Repeat("word ", 1<<20))}},
		{"128 long strings", many(128, slog.StringValue(strings.Repeat("x", 1<<20)))},
		{"worst escapes", many(3, slog.StringValue(strings.Repeat("\x00", 1<<20)))},
		{"escapes beyond the length", many(1, slog.StringValue(strings.Repeat("\x00", 300<<10)))},
		{"quotes", many(3, slog.StringValue(strings.Repeat("\"", 1<<20)))},
		{"many attributes", many(25_000, slog.StringValue("sixty bytes or less are left of every text that is cut, so."))},
		{"long keys", []slog.Attr{slog.Int(strings.Repeat("k", 2<<20), 1), slog.Int(strings.Repeat("k", 3<<20), 1)}},
		{"wide", many(18, slog.AnyValue(strings.Split(strings.Repeat("sixty-four bytes or less of text that is not cut any further....,", 999), ",")))},
		{"bytes", many(128, slog.AnyValue(make([]byte, 1<<20)))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := full()
			for _, a := range tt.attrs {
				r.Add(a)
			}
			line := record.AppendJSON(nil, r)
			if len(line) > record.MaxLine {
				t.Errorf("the line has %d bytes", len(line))
			}
			var got struct {
				Message       string
				Truncated     bool
				OriginalBytes int `json:"original_bytes"`
			}
			if err := json.Unmarshal(line, &got); err != nil {
				t.Fatalf("not JSON: %v", err)
			}
			if !got.Truncated || got.OriginalBytes <= record.MaxLine || got.Message != "Trade processed" {
				t.Errorf("got %+v", got)
			}
			if n := strings.Count(string(line), `"k`); tt.name == "long keys" && n != 2 {
				t.Errorf("%d of two attributes are left", n)
			}
			if len(line) < record.MaxLine/2 && tt.name != "long keys" {
				t.Errorf("cut to %d bytes, which is more than needed", len(line))
			}
			r.Mask(nil)
			if again := record.AppendJSON(nil, r); len(again) > record.MaxLine || !json.Valid(again) {
				t.Errorf("masked, the line has %d bytes", len(again))
			}
		})
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	r := record.Get()
	defer record.Put(r)
	parent := context.WithValue(t.Context(), key{}, "v")
	ctx := record.NewContext(parent, r)
	if got := record.FromContext(ctx); got != r {
		t.Errorf("FromContext = %p, want %p", got, r)
	}
	if got := record.FromContext(context.WithoutCancel(ctx)); got != r {
		t.Errorf("FromContext of a child = %p, want %p", got, r)
	}
	if got := ctx.Value(key{}); got != "v" {
		t.Errorf("Value = %v, want v", got)
	}
	if got := record.FromContext(parent); got != nil {
		t.Errorf("FromContext of the parent = %p, want nil", got)
	}
}
