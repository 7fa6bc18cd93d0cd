package integration

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logpb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// upstream is an OTLP receiver in the test's process: what a collector sends to,
// and, with an answer of its own, a collector that misbehaves.
type upstream struct {
	url string

	mu     sync.Mutex
	answer http.HandlerFunc // nil or one that writes nothing: take it.
	logs   []logRecord
	spans  []*tracepb.Span
	bytes  int
	calls  int
}

// logRecord is a record as it arrived, with its scope and resource.
type logRecord struct {
	*logpb.LogRecord

	scope    *commonpb.InstrumentationScope
	resource []*commonpb.KeyValue
}

// newUpstream starts an OTLP/HTTP receiver.
func newUpstream(t *testing.T) *upstream {
	t.Helper()
	return upstreamAt(t, "127.0.0.1:0")
}

func upstreamAt(t *testing.T, addr string) *upstream {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{url: "http://" + l.Addr().String()}
	srv := &http.Server{Handler: u, ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return u
}

// set changes how it answers.
func (u *upstream) set(answer http.HandlerFunc) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.answer = answer
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	if req.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if body, err = io.ReadAll(zr); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	u.mu.Lock()
	u.calls++
	u.bytes += len(body)
	answer := u.answer
	u.mu.Unlock()
	if answer != nil {
		status := &statusWriter{ResponseWriter: w}
		if answer(status, req); status.wrote {
			return
		}
	}
	switch req.URL.Path {
	case "/v1/logs":
		var m collogpb.ExportLogsServiceRequest
		if err := proto.Unmarshal(body, &m); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		u.takeLogs(&m)
	case "/v1/traces":
		var m coltracepb.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &m); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		u.takeSpans(&m)
	}
}

type statusWriter struct {
	http.ResponseWriter
	wrote bool
}

func (s *statusWriter) WriteHeader(code int) {
	s.wrote = true
	s.ResponseWriter.WriteHeader(code)
}

func (u *upstream) takeLogs(m *collogpb.ExportLogsServiceRequest) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, rl := range m.GetResourceLogs() {
		for _, sl := range rl.GetScopeLogs() {
			for _, r := range sl.GetLogRecords() {
				u.logs = append(u.logs, logRecord{r, sl.GetScope(), rl.GetResource().GetAttributes()})
			}
		}
	}
}

func (u *upstream) takeSpans(m *coltracepb.ExportTraceServiceRequest) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, rs := range m.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			u.spans = append(u.spans, ss.GetSpans()...)
		}
	}
}

// uids returns how often each uid arrived.
func (u *upstream) uids() map[string]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	m := make(map[string]int, len(u.logs))
	for _, r := range u.logs {
		m[uidOf(r.LogRecord)]++
	}
	return m
}

// records returns the records by uid.
func (u *upstream) records() map[string]logRecord {
	u.mu.Lock()
	defer u.mu.Unlock()
	m := make(map[string]logRecord, len(u.logs))
	for _, r := range u.logs {
		m[uidOf(r.LogRecord)] = r
	}
	return m
}

func (u *upstream) requests() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls
}

func (u *upstream) traceIDs() map[string]bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	ids := map[string]bool{}
	for _, s := range u.spans {
		ids[string(s.GetTraceId())] = true
	}
	return ids
}

func uidOf(r *logpb.LogRecord) string {
	for _, kv := range r.GetAttributes() {
		if kv.GetKey() == "log.record.uid" {
			return kv.GetValue().GetStringValue()
		}
	}
	return ""
}

// newGRPCUpstream starts an OTLP/gRPC receiver for traces.
func newGRPCUpstream(t *testing.T) (*upstream, string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{}
	srv := grpc.NewServer()
	coltracepb.RegisterTraceServiceServer(srv, grpcTraces{u: u})
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	return u, l.Addr().String()
}

type grpcTraces struct {
	coltracepb.UnimplementedTraceServiceServer
	u *upstream
}

func (s grpcTraces) Export(
	_ context.Context, m *coltracepb.ExportTraceServiceRequest,
) (*coltracepb.ExportTraceServiceResponse, error) {
	s.u.takeSpans(m)
	return &coltracepb.ExportTraceServiceResponse{}, nil
}
