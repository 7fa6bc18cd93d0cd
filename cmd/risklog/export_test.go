package main_test

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// receiver is an OTLP/HTTP collector.
type receiver struct {
	mu     sync.Mutex
	logs   []*logspb.LogRecord
	spans  []*tracepb.Span
	header http.Header
	away   atomic.Int32 // Answers so many requests with 503.
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.away.Add(-1) >= 0 {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	zr, err := gzip.NewReader(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b, err := io.ReadAll(zr)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.header = r.Header
	switch r.URL.Path {
	case "/v1/logs":
		var req collogpb.ExportLogsServiceRequest
		err = proto.Unmarshal(b, &req)
		for _, rl := range req.GetResourceLogs() {
			for _, sl := range rl.GetScopeLogs() {
				c.logs = append(c.logs, sl.GetLogRecords()...)
			}
		}
	case "/v1/traces":
		var req coltracepb.ExportTraceServiceRequest
		err = proto.Unmarshal(b, &req)
		for _, rs := range req.GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				c.spans = append(c.spans, ss.GetSpans()...)
			}
		}
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// TestExportToCollector wants every record and span there with the IDs, times
// and severities of the files, and a collector that comes back to be waited for.
func TestExportToCollector(t *testing.T) {
	c := &receiver{}
	c.away.Store(1)
	srv := httptest.NewServer(c)
	defer srv.Close()
	_, stderr, code := run(t, "export", "-otlp", srv.URL, "-dir", fixtureDir, "-header", "X-Key=abc")
	if code != 0 {
		t.Fatalf("risklog export = %d, %s", code, stderr)
	}
	lines, _, _ := run(t, "show", "-json", "-dir", fixtureDir)
	want := strings.Split(strings.TrimSpace(lines), "\n")
	if len(c.logs) != len(want) {
		t.Fatalf("got %d records, want %d", len(c.logs), len(want))
	}
	if got := c.header.Get("X-Key"); got != "abc" {
		t.Errorf("X-Key: got %q, want abc", got)
	}
	byUID := map[string]*logspb.LogRecord{}
	for _, r := range c.logs {
		for _, kv := range r.GetAttributes() {
			if kv.GetKey() == "log.record.uid" {
				byUID[kv.GetValue().GetStringValue()] = r
			}
		}
	}
	spans := map[string]*tracepb.Span{}
	for _, s := range c.spans {
		spans[hex.EncodeToString(s.GetSpanId())] = s
	}
	ends := 0
	for _, line := range want {
		var r struct {
			UID, Level, Message, Timestamp string
			Status, Operation              string
			TraceID                        string  `json:"trace_id"`
			SpanID                         string  `json:"span_id"`
			ParentID                       string  `json:"parent_span_id"`
			DurationMS                     float64 `json:"duration_ms"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		got := byUID[r.UID]
		if got == nil {
			t.Errorf("record %s is not there", r.UID)
			continue
		}
		if got.GetSeverityText() != r.Level || got.GetBody().GetStringValue() != r.Message || hex.EncodeToString(got.GetTraceId()) != r.TraceID || hex.EncodeToString(got.GetSpanId()) != r.SpanID {
			t.Errorf("record %s: got %v, want %s", r.UID, got, line)
		}
		if r.Operation == "" || r.Status == "" {
			continue
		}
		ends++
		s := spans[r.SpanID]
		switch {
		case s == nil:
			t.Errorf("span %s is not there", r.SpanID)
		case s.GetName() != r.Operation || hex.EncodeToString(s.GetParentSpanId()) != r.ParentID || hex.EncodeToString(s.GetTraceId()) != r.TraceID:
			t.Errorf("span %s: got %v, want %s", r.SpanID, s, line)
		case float64(s.GetEndTimeUnixNano()-s.GetStartTimeUnixNano())/1e6 != r.DurationMS:
			t.Errorf("span %s: took %d ns, want %g ms", r.SpanID, s.GetEndTimeUnixNano()-s.GetStartTimeUnixNano(), r.DurationMS)
		case (r.Status == "error") != (s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR):
			t.Errorf("span %s: status %v, want %s", r.SpanID, s.GetStatus(), r.Status)
		}
	}
	if len(c.spans) != ends {
		t.Errorf("got %d spans, want %d", len(c.spans), ends)
	}
}

// TestExportMasks: foreign lines may hold what ours do not.
func TestExportMasks(t *testing.T) {
	const canary = "hunter2hunter2"
	dir := t.TempDir()
	line := `{"timestamp":"2026-03-01T12:00:00.000000Z","level":"ERROR","logger":"x","message":"password=` + canary + `","context":{"token":"` + canary + `"},` +
		`"operation":"o","duration_ms":1,"status":"error","error":{"type":"*E","message":"Bearer ` + canary + `"},"deep":{"list":[{"api_key":"` + canary + `"}]},"number":4111111111111111,` +
		`"trace_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","span_id":"aaaaaaaaaaaaaaaa"}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "daemon.log"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, code := run(t, "export", "-otlp", "-", "-dir", dir)
	if code != 0 || strings.Contains(out, canary) || strings.Contains(out, "4111111111111111") || strings.Count(out, "resource") < 2 {
		t.Errorf("risklog export = %d, wrote the secret or nothing:\n%s", code, out)
	}
}

// TestExportRejected: what a collector will never take is an error at once.
func TestExportRejected(t *testing.T) {
	var n atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		http.Error(w, "no", http.StatusUnauthorized)
	}))
	defer srv.Close()
	_, stderr, code := run(t, "export", "-otlp", srv.URL, "-dir", fixtureDir)
	if code != 1 || n.Load() != 1 || !strings.Contains(stderr, "401") {
		t.Errorf("risklog export = %d after %d requests, %s, want 1 after 1", code, n.Load(), stderr)
	}
}
