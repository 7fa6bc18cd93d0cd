package logread_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/internal/logread"
)

const line = `{"timestamp":"2025-10-21T10:30:45.123456Z","level":"WARNING","logger":"risk_manager.api","message":"Trade \"x\"\u001b",` +
	`"context":{"correlation_id":"a1b2c3d4-e5f6-7890-abcd-ef1234567890","account_id":"ACC123","rule_id":null},"account_id":7,` +
	`"symbol":"ES","operation":"fetch","duration_ms":45.5,"error":{"type":"*E","message":"m","stack":"s\n"},` +
	`"trace_id":"a1b2c3d4e5f67890abcdef1234567890","span_id":"00f067aa0ba902b7","uid":"01J"}`

func TestRecordFields(t *testing.T) {
	r, ok := logread.Parse([]byte(line))
	if !ok {
		t.Fatal("Parse: not a record")
	}
	got := map[string]any{}
	for name, f := range map[string]logread.Field{
		"timestamp": logread.Timestamp, "level": logread.Level, "logger": logread.Logger, "message": logread.Message,
		"correlation": logread.CorrelationID, "account": logread.AccountID, "rule": logread.RuleID, "event": logread.EventType,
		"operation": logread.Operation, "span": logread.SpanID, "trace": logread.TraceID, "uid": logread.UID, "status": logread.Status,
	} {
		got[name] = r.Text(f)
	}
	got["time"], got["duration"], got["start"], got["end"] = r.Time(), r.Duration(), r.Start(), r.IsEnd()
	typ, message, stack := r.ErrorParts()
	got["error"] = []string{typ, message, stack}
	var attrs []string
	for k, v := range r.Attrs() {
		attrs = append(attrs, k+"="+string(v))
	}
	got["attrs"] = attrs
	at := time.Date(2025, 10, 21, 10, 30, 45, 123456000, time.UTC)
	want := map[string]any{
		"timestamp": "2025-10-21T10:30:45.123456Z", "level": "WARNING", "logger": "risk_manager.api", "message": "Trade \"x\"\x1b",
		"correlation": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "account": "ACC123", "rule": "", "event": "",
		"operation": "fetch", "span": "00f067aa0ba902b7", "trace": "a1b2c3d4e5f67890abcdef1234567890", "uid": "01J", "status": "",
		"time": at, "duration": 45500 * time.Microsecond, "start": at.Add(-45500 * time.Microsecond), "end": true,
		"error": []string{"*E", "m", "s\n"},
		"attrs": []string{"account_id=7", `symbol="ES"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Record (-want +got):\n%s", diff)
	}
}

func TestRecordErrorText(t *testing.T) {
	for _, tt := range []struct{ name, error, want string }{
		{"none", `null`, ""},
		{"text", `"gone"`, "gone"},
		{"type", `{"type":"*E"}`, "*E"},
		{"both", `{"type":"*E","message":"gone"}`, "*E: gone"},
		{"message with its type", `{"type":"panic","message":"panic: gone"}`, "panic: gone"},
		{"status", `{"type":"500","message":"500 Internal Server Error"}`, "500 Internal Server Error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := logread.Parse([]byte(`{"timestamp":"2025-10-21T10:30:45.123456Z","message":"m","error":` + tt.error + `}`))
			if !ok {
				t.Fatal("Parse: not a record")
			}
			if got := r.ErrorText(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRecordForeignLayouts(t *testing.T) {
	at := time.Date(2025, 10, 21, 10, 30, 45, 123000000, time.UTC)
	tests := []struct {
		name, line    string
		time          time.Time
		level, logger string
		msg           string
		account       string
	}{
		{"python", `{"timestamp": "2025-10-21T10:30:45.123Z", "level": "INFO", "logger": "a", "message": "m", "context": {"account_id": "A"}}`, at, "INFO", "a", "m", "A"},
		{"slog", `{"time":"2025-10-21T12:30:45.123+02:00","level":"WARN","msg":"m","account_id":"A"}`, at, "WARNING", "", "m", "A"},
		{"zap", `{"level":"error","ts":1761042645.123,"logger":"a","msg":"m"}`, at, "ERROR", "a", "m", ""},
		{"pino-like milliseconds", `{"time":1761042645123,"level":"fatal","msg":"m"}`, at, "CRITICAL", "", "m", ""},
		{"no time", `{"a":1}`, time.Time{}, "-", "", "", ""},
		{"own name wins", `{"msg":"other","message":"m","ts":1,"timestamp":"2025-10-21T10:30:45.123000Z","time":"x"}`, at, "-", "", "m", ""},
		{"last of equal keys", `{"timestamp":"2025-10-21T10:30:45.123000Z","message":"n","message":"m"}`, at, "-", "", "m", ""},
		{"escaped key", `{"timestamp":"2025-10-21T10:30:45.123000Z","m\u0065ssage":"m"}`, at, "-", "", "m", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := logread.Parse([]byte(tt.line))
			if !ok {
				t.Fatal("Parse: not a record")
			}
			got := []any{r.Time(), logread.LevelText(r.Level()), r.Text(logread.Logger), r.Text(logread.Message), r.Text(logread.AccountID)}
			want := []any{tt.time, tt.level, tt.logger, tt.msg, tt.account}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Record (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzScan holds the scanner against encoding/json: both take the same lines,
// and the fields have the same values.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		line, `{}`, ` { } `, `[]`, `{"a":}`, `{"a":1,}`, `{"a":01}`, `{"a":-0.1e+5,"b":[1,[],{}],"c":{"d":{"e":null}}}`,
		`{"a":"\ud800"}`, "{\"a\":\"\x01\"}", `{"a":"\x"}`, `{"context":{"account_id":"x"},"context":3}`, `{"a":1}{"b":2}`, `{"a" : true , "b":false}`,
		`{"message":"tail`, `{"a":"12345678\"12345678\\"}`, `{"a":1.}`, `{"a":1e}`, `{"a":truex}`, `nul`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Count(b, []byte("[")) > 400 || bytes.Count(b, []byte("{")) > 400 {
			return // Deeper than the scanner goes.
		}
		trimmed := bytes.TrimLeft(b, " \t\r\n")
		want := json.Valid(b) && len(trimmed) > 0 && trimmed[0] == '{'
		if got := logread.ScanValid(b); got != want {
			t.Fatalf("scan(%q) = %t, want %t", b, got, want)
		}
		if !want {
			return
		}
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			return
		}
		r, _ := logread.Parse(b)
		if s, ok := m["operation"].(string); ok && r.Text(logread.Operation) != s {
			t.Errorf("operation of %q: got %q, want %q", b, r.Text(logread.Operation), s)
		}
		n := 0
		for range logread.Members(b) {
			n++
		}
		if n < len(m) {
			t.Errorf("Members of %q: got %d, want at least %d", b, n, len(m))
		}
	})
}

func TestParseStampIsTimeParse(t *testing.T) {
	for _, s := range []string{
		"2025-10-21T10:30:45.123456Z", "2024-02-29T23:59:59.999999Z", "2023-02-29T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z",
		"2000-03-01T00:00:00.000001Z", "2100-02-29T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z", "2026-12-31T24:00:00.000000Z",
		"2026-00-10T00:00:00.000000Z", "2026-12-3xT00:00:00.000000Z", "1969-12-31T23:59:59.500000Z",
	} {
		want, err := time.Parse("2006-01-02T15:04:05.000000Z", s)
		got, ok := logread.ParseStamp(s)
		if ok != (err == nil) || ok && got != want.UnixNano() {
			t.Errorf("parseStamp(%s) = %d, %t, want %d, %v", s, got, ok, want.UnixNano(), err)
		}
	}
}
