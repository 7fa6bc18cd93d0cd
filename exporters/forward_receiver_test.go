package exporters_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetricpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logpb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// receiver is an OTLP receiver in this process.
type receiver struct {
	url string

	mu     sync.Mutex
	answer http.HandlerFunc // nil: 200. Decides before anything is taken.
	wire   bytes.Buffer     // Every byte of every request: headers and bodies.
	logs   []*logpb.LogRecord
	spans  int
	points int
	calls  int
	lastIn string // The last body.
}

// set changes how the receiver answers.
func (r *receiver) set(answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) bodies() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]string, 0, len(r.logs))
	for _, l := range r.logs {
		out = append(out, l.GetBody().GetStringValue())
	}
	return out
}

func (r *receiver) wireText() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wire.String()
}

// last returns the body of the last request.
func (r *receiver) last() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lastIn
}

func (r *receiver) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

// newReceiver starts an OTLP/HTTP receiver on a loopback port.
func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	t.Cleanup(srv.CloseClientConnections)
	r.url = srv.URL
	return r
}

// receiverAt starts a receiver at an address of before, which must be free.
func receiverAt(t *testing.T, addr string) *receiver {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{url: "http://" + addr}
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}}
	srv.Start()
	t.Cleanup(srv.Close)
	t.Cleanup(srv.CloseClientConnections)
	return r
}

// freeAddr returns a loopback address where nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
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
	r.mu.Lock()
	r.calls++
	_ = req.Header.Write(&r.wire)
	r.wire.Write(body)
	r.lastIn = string(body)
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		rec := &statusRecorder{ResponseWriter: w}
		answer(rec, req)
		if rec.code >= 300 {
			return
		}
	}
	switch {
	case strings.HasSuffix(req.URL.Path, "/v1/logs"):
		var m collogpb.ExportLogsServiceRequest
		if proto.Unmarshal(body, &m) == nil {
			r.takeLogs(&m)
		}
	case strings.HasSuffix(req.URL.Path, "/v1/traces"):
		var m coltracepb.ExportTraceServiceRequest
		if proto.Unmarshal(body, &m) == nil {
			r.takeSpans(&m)
		}
	case strings.HasSuffix(req.URL.Path, "/v1/metrics"):
		r.mu.Lock()
		r.points++
		r.mu.Unlock()
	default:
		http.NotFound(w, req)
	}
}

// statusRecorder remembers the status that a handler wrote.
type statusRecorder struct {
	http.ResponseWriter
	code int
}

func (s *statusRecorder) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

func (r *receiver) takeLogs(m *collogpb.ExportLogsServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rl := range m.GetResourceLogs() {
		for _, sl := range rl.GetScopeLogs() {
			r.logs = append(r.logs, sl.GetLogRecords()...)
		}
	}
}

func (r *receiver) takeSpans(m *coltracepb.ExportTraceServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rs := range m.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			r.spans += len(ss.GetSpans())
		}
	}
}

// grpcReceiver is the same for OTLP/gRPC.
type grpcReceiver struct {
	collogpb.UnimplementedLogsServiceServer

	receiver
	reply func(context.Context) (*collogpb.ExportLogsServiceResponse, error)
}

func newGRPCReceiver(t *testing.T, addr string) *grpcReceiver {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	r := &grpcReceiver{}
	r.url = "http://" + l.Addr().String()
	srv := grpc.NewServer()
	collogpb.RegisterLogsServiceServer(srv, r)
	coltracepb.RegisterTraceServiceServer(srv, grpcTraces{r: r})
	colmetricpb.RegisterMetricsServiceServer(srv, grpcMetrics{r: r})
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	return r
}

func (r *grpcReceiver) Export(
	ctx context.Context, m *collogpb.ExportLogsServiceRequest,
) (*collogpb.ExportLogsServiceResponse, error) {
	r.note(m)
	r.mu.Lock()
	reply := r.reply
	r.mu.Unlock()
	resp := &collogpb.ExportLogsServiceResponse{}
	if reply != nil {
		var err error
		if resp, err = reply(ctx); err != nil {
			return nil, err
		}
	}
	r.takeLogs(m)
	return resp, nil
}

func (r *grpcReceiver) setReply(f func(context.Context) (*collogpb.ExportLogsServiceResponse, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reply = f
}

func (r *grpcReceiver) note(m proto.Message) {
	b, _ := proto.Marshal(m)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	r.wire.Write(b)
}

type grpcTraces struct {
	coltracepb.UnimplementedTraceServiceServer
	r *grpcReceiver
}

func (s grpcTraces) Export(
	_ context.Context, m *coltracepb.ExportTraceServiceRequest,
) (*coltracepb.ExportTraceServiceResponse, error) {
	s.r.note(m)
	s.r.takeSpans(m)
	return &coltracepb.ExportTraceServiceResponse{}, nil
}

type grpcMetrics struct {
	colmetricpb.UnimplementedMetricsServiceServer
	r *grpcReceiver
}

func (s grpcMetrics) Export(
	_ context.Context, m *colmetricpb.ExportMetricsServiceRequest,
) (*colmetricpb.ExportMetricsServiceResponse, error) {
	s.r.note(m)
	s.r.mu.Lock()
	s.r.points++
	s.r.mu.Unlock()
	return &colmetricpb.ExportMetricsServiceResponse{}, nil
}

// notices collects what a Forward tells.
type notices struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notices) add(level slog.Level, msg string, attrs ...slog.Attr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text.WriteString(level.String() + " " + msg)
	for _, a := range attrs {
		n.text.WriteString(" " + a.String())
	}
	n.text.WriteByte('\n')
}

func (n *notices) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}
