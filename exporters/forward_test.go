package exporters_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/mask"
)

const canary = "c4n4ry5ecret"

// forward is a Forward under test, with a LoggerProvider in front of it.
type forward struct {
	*exporters.Forward

	logs    *sdklog.LoggerProvider
	notices *notices
}

// newForward starts one that retries fast. It checks at the end that the
// counters add up and that no goroutine is left.
func newForward(t *testing.T, cfg exporters.ForwardConfig, opts ...sdklog.LoggerProviderOption) *forward {
	t.Helper()
	leak := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		goleak.VerifyNone(t, leak)
	})
	n := &notices{}
	cfg.Notice = n.add
	if cfg.RetryMin == 0 {
		cfg.RetryMin, cfg.RetryMax = 5*time.Millisecond, 20*time.Millisecond
	}
	if cfg.Logs.Interval == 0 {
		cfg.Logs.Interval, cfg.Traces.Interval = 5*time.Millisecond, 5*time.Millisecond
	}
	if cfg.Masker == nil {
		m, err := mask.New(mask.Config{Patterns: []string{canary}})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Masker = m
	}
	f, err := exporters.NewForward(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		done, cancel := context.WithCancel(context.Background())
		cancel()
		_ = f.Shutdown(done)
		s := f.Stats()
		for name, s := range map[string]exporters.SignalStats{"logs": s.Logs, "traces": s.Traces} {
			addUp(t, name, s)
			if s.Held != 0 {
				t.Errorf("%s: %d held after Shutdown", name, s.Held)
			}
		}
	})
	lp := sdklog.NewLoggerProvider(append(opts, sdklog.WithProcessor(f.LogProcessor()))...)
	return &forward{Forward: f, logs: lp, notices: n}
}

// onFlush is a signal whose records wait for a flush, so that it is sure to see
// what becomes of them.
var onFlush = exporters.ForwardSignal{Interval: time.Hour}

func addUp(t *testing.T, name string, s exporters.SignalStats) {
	t.Helper()
	var by uint64
	for _, n := range s.DroppedBy {
		by += n
	}
	if s.Accepted != s.Delivered+s.Dropped+s.Held || by != s.Dropped {
		t.Errorf("%s: counters do not add up: %+v", name, s)
	}
}

// emit logs n records named prefix-0 and so on.
func (f *forward) emit(logger string, sev log.Severity, prefix string, n int) {
	l := f.logs.Logger(logger)
	for i := range n {
		var r log.Record
		r.SetTimestamp(time.Now())
		r.SetSeverity(sev)
		r.SetBody(attribute.StringValue(fmt.Sprintf("%s-%d", prefix, i)))
		l.Emit(context.Background(), r)
	}
}

func numbered(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return out
}

func flush(t *testing.T, f *forward) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestForwardDelivers(t *testing.T) {
	r := newReceiver(t)
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url, Compression: "gzip"}})
	f.emit("risk_manager.daemon", log.SeverityInfo, "m", 2000)
	flush(t, f)
	if diff := cmp.Diff(numbered("m", 2000), r.bodies()); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	s := f.Stats().Logs
	if s.Accepted != 2000 || s.Delivered != 2000 || s.Held != 0 || !s.Up {
		t.Errorf("Stats = %+v", s)
	}
	if got := f.notices.String(); got != "" {
		t.Errorf("notices without a fault:\n%s", got)
	}
}

// What a collector does for a while, after which all records arrive.
func TestForwardRetries(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }},
		{"502", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }},
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }},
		{"408", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(408) }},
		{"429 for no time", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(429)
		}},
		{"connection cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newReceiver(t)
			r.set(tt.answer)
			f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}})
			f.emit("a", log.SeverityInfo, "m", 100)
			faulttest.Eventually(t, "the third attempt", func() bool { return r.requests() >= 3 })
			if s := f.Stats().Logs; s.Held != 100 || s.Delivered+s.Dropped != 0 {
				t.Errorf("while it fails: %+v", s)
			}
			r.set(nil)
			flush(t, f)
			got := r.bodies()
			slices.Sort(got)
			want := numbered("m", 100)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("delivered (-want +got):\n%s", diff)
			}
			text := f.notices.String()
			if strings.Count(text, "went away") != 1 || strings.Count(text, "is back") != 1 {
				t.Errorf("notices:\n%s", text)
			}
		})
	}
}

func TestForwardRefusedThenBack(t *testing.T) {
	for _, protocol := range []string{exporters.ProtocolHTTP, exporters.ProtocolGRPC} {
		t.Run(protocol, func(t *testing.T) {
			addr := freeAddr(t)
			f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: "http://" + addr, Protocol: protocol}})
			f.emit("a", log.SeverityInfo, "m", 10)
			faulttest.Eventually(t, "a notice", func() bool { return strings.Contains(f.notices.String(), "went away") })
			var r *receiver
			if protocol == exporters.ProtocolGRPC {
				r = &newGRPCReceiver(t, addr).receiver
			} else {
				r = receiverAt(t, addr)
			}
			faulttest.Eventually(t, "delivery", func() bool { return len(r.bodies()) == 10 })
			faulttest.Eventually(t, "a notice", func() bool { return strings.Contains(f.notices.String(), "is back") })
		})
	}
}

// Retry-After is waited out, capped, and a flush does not cut it short.
func TestForwardRetryAfter(t *testing.T) {
	r := newReceiver(t)
	var at atomic.Int64
	r.set(func(w http.ResponseWriter, _ *http.Request) {
		if at.CompareAndSwap(0, time.Now().UnixNano()) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: r.url}, RetryAfterMax: 300 * time.Millisecond,
	})
	f.emit("a", log.SeverityInfo, "m", 5)
	flush(t, f)
	if waited := time.Since(time.Unix(0, at.Load())); waited < 300*time.Millisecond || waited > time.Minute {
		t.Errorf("waited %v, want the cap of 300 ms", waited)
	}
}

// What a collector refuses for good: dropped, counted, told once.
func TestForwardRejected(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404, 301, 307, 308} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			other := newReceiver(t)
			r := newReceiver(t)
			refuse := func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Location", other.url+req.URL.Path)
				w.WriteHeader(code)
				_, _ = fmt.Fprintf(w, "your key %s is bad", req.Header.Get("X-Api-Key"))
			}
			r.set(refuse)
			f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{
				Endpoint: r.url, Headers: map[string]string{"x-api-key": "hdrS3cr3t"},
			}, Logs: onFlush})
			for range 3 {
				f.emit("a", log.SeverityInfo, "m", 10)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if err := f.Flush(ctx); err == nil || strings.Contains(err.Error(), "hdrS3cr3t") {
					t.Errorf("Flush: %v", err)
				}
				cancel()
			}
			s := f.Stats().Logs
			if s.DroppedBy[exporters.DropRejected] != 30 || s.Held != 0 {
				t.Errorf("Stats = %+v", s)
			}
			if strings.Contains(s.LastError, "hdrS3cr3t") || !strings.Contains(s.LastError, strconv.Itoa(code)) {
				t.Errorf("LastError = %q", s.LastError)
			}
			if text := f.notices.String(); strings.Count(text, "refuses") != 1 || strings.Contains(text, "hdrS3cr3t") {
				t.Errorf("notices:\n%s", text)
			}
			if got := other.wireText(); got != "" {
				t.Errorf("the redirect's target got:\n%s", got)
			}
			r.set(nil)
			f.emit("a", log.SeverityInfo, "back", 1)
			flush(t, f)
			if text := f.notices.String(); !strings.Contains(text, "is back") || !strings.Contains(text, "not_delivered=30") {
				t.Errorf("notices:\n%s", text)
			}
			r.set(refuse)
			f.emit("a", log.SeverityInfo, "last", 2)
			if err := f.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "2 records not delivered") {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
}

func TestForwardPartialSuccess(t *testing.T) {
	r := newReceiver(t)
	r.set(func(w http.ResponseWriter, _ *http.Request) {
		b, _ := proto.Marshal(&collogpb.ExportLogsServiceResponse{PartialSuccess: &collogpb.ExportLogsPartialSuccess{
			RejectedLogRecords: 3, ErrorMessage: "too old " + canary,
		}})
		w.Header().Set("Content-Type", "application/x-protobuf")
		_, _ = w.Write(b)
	})
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}, Logs: onFlush})
	for range 3 {
		f.emit("a", log.SeverityInfo, "m", 10)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := f.Flush(ctx); err == nil {
			t.Error("Flush hides the partial success")
		}
		cancel()
	}
	s := f.Stats().Logs
	if s.Delivered != 21 || s.DroppedBy[exporters.DropPartial] != 9 {
		t.Errorf("Stats = %+v", s)
	}
	if text := f.notices.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "only part") || strings.Contains(text, canary) {
		t.Errorf("notices:\n%s", text)
	}
}

func TestForwardGRPCAnswers(t *testing.T) {
	r := newGRPCReceiver(t, "127.0.0.1:0")
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{
			Endpoint: r.url, Protocol: exporters.ProtocolGRPC, Compression: "gzip",
			Headers: map[string]string{"Authorization": "Bearer hdrS3cr3t"},
		},
		Logs:          onFlush,
		RetryAfterMax: 50 * time.Millisecond,
	})
	for _, code := range []grpccodes.Code{
		grpccodes.Unavailable, grpccodes.ResourceExhausted, grpccodes.Internal, grpccodes.DeadlineExceeded,
	} {
		var failed atomic.Int32
		r.setReply(func(context.Context) (*collogpb.ExportLogsServiceResponse, error) {
			if failed.Add(1) > 2 {
				return &collogpb.ExportLogsServiceResponse{}, nil
			}
			st, err := status.New(code, "later").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Hour)})
			if err != nil {
				return nil, err
			}
			return nil, st.Err()
		})
		before := f.Stats().Logs.Delivered
		f.emit("a", log.SeverityInfo, "m", 10)
		flush(t, f)
		if s := f.Stats().Logs; s.Delivered != before+10 || s.Dropped != 0 {
			t.Errorf("%s: Stats = %+v", code, s)
		}
	}

	r.setReply(func(context.Context) (*collogpb.ExportLogsServiceResponse, error) {
		return nil, status.Error(grpccodes.Unauthenticated, "hdrS3cr3t is no key")
	})
	f.emit("a", log.SeverityInfo, "m", 10)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.Flush(ctx); err == nil || strings.Contains(err.Error(), "hdrS3cr3t") {
		t.Errorf("Flush: %v", err)
	}
	if s := f.Stats().Logs; s.DroppedBy[exporters.DropRejected] != 10 {
		t.Errorf("Stats = %+v", s)
	}

	r.setReply(func(context.Context) (*collogpb.ExportLogsServiceResponse, error) {
		return &collogpb.ExportLogsServiceResponse{PartialSuccess: &collogpb.ExportLogsPartialSuccess{
			RejectedLogRecords: 4,
		}}, nil
	})
	f.emit("a", log.SeverityInfo, "m", 10)
	if err := f.Flush(ctx); err == nil {
		t.Error("Flush hides the partial success")
	}
	if s := f.Stats().Logs; s.DroppedBy[exporters.DropPartial] == 0 {
		t.Errorf("Stats = %+v", s)
	}
}

func TestForwardTLS(t *testing.T) {
	r := &receiver{}
	srv := httptest.NewTLSServer(r)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer srv.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(ca, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParseCertificate(srv.Certificate().Raw); err != nil {
		t.Fatal(err)
	}

	t.Run("unknown authority", func(t *testing.T) {
		f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: srv.URL}})
		f.emit("a", log.SeverityInfo, "m", 10)
		faulttest.Eventually(t, "two attempts", func() bool { return f.Stats().Logs.Attempts > 1 })
		if s := f.Stats().Logs; s.Held != 10 || !strings.Contains(s.LastError, "certificate") {
			t.Errorf("Stats = %+v", s)
		}
	})
	t.Run("trusted", func(t *testing.T) {
		f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: srv.URL, CAFile: ca}})
		f.emit("a", log.SeverityInfo, "m", 10)
		flush(t, f)
	})
}

func TestForwardShutdownBounded(t *testing.T) {
	tests := []struct {
		name   string
		config func(t *testing.T, hold chan struct{}) exporters.ForwardConfig
	}{
		{"hanging collector", func(t *testing.T, hold chan struct{}) exporters.ForwardConfig {
			r := newReceiver(t)
			r.set(func(http.ResponseWriter, *http.Request) { <-hold })
			return exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}}
		}},
		{"refused", func(t *testing.T, _ chan struct{}) exporters.ForwardConfig {
			return exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: "http://" + freeAddr(t)}}
		}},
		{"refused gRPC", func(t *testing.T, _ chan struct{}) exporters.ForwardConfig {
			return exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: freeAddr(t), Protocol: exporters.ProtocolGRPC}}
		}},
		{"exporter that ignores its context", func(_ *testing.T, hold chan struct{}) exporters.ForwardConfig {
			return exporters.ForwardConfig{LogExporter: &fakeExporter{export: func([]sdklog.Record) error {
				<-hold
				return nil
			}}}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hold := make(chan struct{})
			cfg := tt.config(t, hold)
			cfg.ShutdownGrace, cfg.Timeout = time.Hour, time.Hour
			f := newForward(t, cfg)
			defer close(hold)
			f.emit("a", log.SeverityInfo, "m", 1000)
			time.Sleep(20 * time.Millisecond) // Let an attempt be under way.
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			start := time.Now()
			err := f.Shutdown(ctx)
			// Far more than it takes, for a machine that is busy, and less than the grace.
			if took := time.Since(start); took > time.Minute {
				t.Errorf("Shutdown took %v of its 300 ms", took)
			}
			if err == nil || !strings.Contains(err.Error(), "1000 records not delivered") || strings.Contains(err.Error(), "canceled") {
				t.Errorf("Shutdown: %v", err)
			}
			if err := f.Shutdown(ctx); err != nil {
				t.Errorf("second Shutdown: %v", err)
			}
			f.emit("a", log.SeverityInfo, "late", 5)
			s := f.Stats().Logs
			if s.Accepted != 1005 || s.DroppedBy[exporters.DropShutdown] != 1005 || s.Held != 0 {
				t.Errorf("Stats = %+v", s)
			}
		})
	}
}

// At a collector that is down, Shutdown does not use up a long context.
func TestForwardShutdownGivesUp(t *testing.T) {
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: "http://" + freeAddr(t)}, ShutdownGrace: 100 * time.Millisecond,
	})
	f.emit("a", log.SeverityInfo, "m", 10)
	start := time.Now()
	if err := f.Shutdown(t.Context()); err == nil {
		t.Error("Shutdown: no error")
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

func TestForwardShutdownDelivers(t *testing.T) {
	r := newReceiver(t)
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: r.url}, Logs: onFlush,
	})
	f.emit("a", log.SeverityInfo, "m", 1300)
	if err := f.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := len(r.bodies()); got != 1300 {
		t.Errorf("delivered %d, want 1300", got)
	}
}

// fakeExporter is a log exporter made of a function.
type fakeExporter struct {
	export        func([]sdklog.Record) error
	exportContext func(context.Context, []sdklog.Record) error // Instead, if it is there.
}

func (e *fakeExporter) Export(ctx context.Context, r []sdklog.Record) error {
	if e.exportContext != nil {
		return e.exportContext(ctx, r)
	}
	return e.export(r)
}
func (e *fakeExporter) Shutdown(context.Context) error   { return nil }
func (e *fakeExporter) ForceFlush(context.Context) error { return nil }

func TestForwardExporterPanics(t *testing.T) {
	var got []string
	f := newForward(t, exporters.ForwardConfig{LogExporter: &fakeExporter{export: func(rs []sdklog.Record) error {
		for i := range rs {
			if rs[i].Body().AsString() == "m-7" {
				panic("bad record " + canary)
			}
		}
		for i := range rs {
			got = append(got, rs[i].Body().AsString())
		}
		return nil
	}}, Logs: onFlush})
	f.emit("a", log.SeverityInfo, "m", 100)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.Flush(ctx); err == nil {
		t.Error("Flush: no error")
	}
	want := slices.DeleteFunc(numbered("m", 100), func(s string) bool { return s == "m-7" })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("only the bad record may be lost (-want +got):\n%s", diff)
	}
	s := f.Stats().Logs
	if s.DroppedBy[exporters.DropPanic] != 1 || s.Panics == 0 || strings.Contains(s.LastError, canary) {
		t.Errorf("Stats = %+v", s)
	}
	if text := f.notices.String(); strings.Contains(text, canary) || !strings.Contains(text, "panic") {
		t.Errorf("notices:\n%s", text)
	}
}

// A record that the collector alone cannot digest (a 500 each time) does not
// hold up the others for ever.
func TestForwardPoisonRecord(t *testing.T) {
	r := newReceiver(t)
	r.set(func(w http.ResponseWriter, _ *http.Request) {
		if strings.Contains(r.last(), "poison") {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}, RetryMin: time.Millisecond, RetryMax: time.Millisecond})
	f.emit("a", log.SeverityInfo, "poison", 1)
	f.emit("a", log.SeverityInfo, "m", 50)
	faulttest.Eventually(t, "the others", func() bool { return len(r.bodies()) == 50 })
	faulttest.Eventually(t, "the bad one", func() bool { return f.Stats().Logs.DroppedBy[exporters.DropRejected] == 1 })
}

func TestForwardTooLarge(t *testing.T) {
	r := newReceiver(t)
	r.set(func(w http.ResponseWriter, req *http.Request) {
		if req.ContentLength > 1000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}})
	f.emit("a", log.SeverityInfo, "m", 200)
	f.emit("a", log.SeverityInfo, strings.Repeat("x", 2000), 1)
	faulttest.Eventually(t, "the others", func() bool { return len(r.bodies()) == 200 })
	faulttest.Eventually(t, "the large one", func() bool { return f.Stats().Logs.DroppedBy[exporters.DropRejected] == 1 })
}

func TestForwardDropOrder(t *testing.T) {
	hold := make(chan struct{})
	var got []string
	f := newForward(t, exporters.ForwardConfig{
		LogExporter: &fakeExporter{export: func(rs []sdklog.Record) error {
			<-hold
			if len(got) == 0 && rs[0].Body().AsString() == "debug-0" {
				return errors.New("try again")
			}
			for i := range rs {
				got = append(got, rs[i].Body().AsString())
			}
			return nil
		}},
		Logs: exporters.ForwardSignal{QueueRecords: 100, BatchRecords: 10},
	})
	f.emit("a", log.SeverityDebug, "debug", 40)
	faulttest.Eventually(t, "an attempt", func() bool { return f.Stats().Logs.Held == 40 })
	time.Sleep(20 * time.Millisecond) // debug-0 to 9 are on their way.
	f.emit("a", log.SeverityInfo, "info", 40)
	f.emit("risk_manager.enforcement.max_loss", log.SeverityDebug, "enforcement", 20)
	f.emit("a", log.SeverityError, "error", 60)
	f.emit("a", log.SeverityDebug, "late", 5)
	close(hold)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_ = f.Flush(ctx) // It sees the last records go, or comes after that.
	// 100 places: 60 errors and 20 enforcement records are sure; 20 are left for
	// the newest INFO.
	want := slices.Concat(numbered("info", 40)[20:], numbered("enforcement", 20), numbered("error", 60))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if s := f.Stats().Logs; s.DroppedBy[exporters.DropQueueFull] != 65 {
		t.Errorf("Stats = %+v", s)
	}
	faulttest.Eventually(t, "the notice", func() bool { return strings.Contains(f.notices.String(), "queue_full") })
}

func TestForwardQueueBytes(t *testing.T) {
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: "http://" + freeAddr(t)}, Logs: exporters.ForwardSignal{QueueBytes: 1 << 20},
	})
	f.emit("a", log.SeverityInfo, strings.Repeat("x", 10_000), 1000)
	if s := f.Stats().Logs; s.HeldBytes > 1<<20 || s.Held < 50 || s.Held > 100+s.HeldBytes/10_000 {
		t.Errorf("Stats = %+v", s)
	}
}

// A log call never waits, whatever the collector does.
func TestForwardEmitNeverWaits(t *testing.T) {
	r := newReceiver(t)
	hold := make(chan struct{})
	r.set(func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: r.url, Timeout: time.Hour}, Logs: exporters.ForwardSignal{QueueRecords: 1000},
	})
	f.emit("a", log.SeverityInfo, "m", 20_000) // Returns while the collector hangs.
}

func TestForwardConfigErrors(t *testing.T) {
	tests := []struct {
		name string
		cfg  exporters.OTLP
		want string // Part of the error; empty means none.
	}{
		{"loopback", exporters.OTLP{Endpoint: "http://127.0.0.1:4318"}, ""},
		{"loopback v6", exporters.OTLP{Endpoint: "http://[::1]:4318"}, ""},
		{"localhost", exporters.OTLP{Endpoint: "http://LOCALHOST:4318"}, ""},
		{"https", exporters.OTLP{Endpoint: "https://collector.example.com"}, ""},
		{"bare host", exporters.OTLP{Endpoint: "collector.example.com:4317", Protocol: "grpc"}, ""},
		{"insecure", exporters.OTLP{Endpoint: "http://10.0.0.1:4318", Insecure: true}, ""},
		{"plaintext", exporters.OTLP{Endpoint: "http://10.0.0.1:4318"}, "insecure"},
		{"plaintext gRPC", exporters.OTLP{Endpoint: "http://collector.example.com:4317", Protocol: "grpc"}, "insecure"},
		{"looks like loopback", exporters.OTLP{Endpoint: "http://127.0.0.1.example.com"}, "insecure"},
		{"localhost of others", exporters.OTLP{Endpoint: "http://localhost.example.com"}, "insecure"},
		{"user is no host", exporters.OTLP{Endpoint: "http://localhost@example.com"}, "insecure"},
		{"scheme", exporters.OTLP{Endpoint: "ftp://localhost"}, "endpoint"},
		{"no host", exporters.OTLP{Endpoint: "http://"}, "endpoint"},
		{"not a URL", exporters.OTLP{Endpoint: "http://u:" + canary + "@%zz"}, "endpoint"},
		{"protocol", exporters.OTLP{Endpoint: "http://localhost", Protocol: "http/json"}, "protocol"},
		{"compression", exporters.OTLP{Endpoint: "http://localhost", Compression: "zip"}, "compression"},
		{"header", exporters.OTLP{Endpoint: "http://localhost", Headers: map[string]string{"a b": canary}}, "headers"},
		{"header value", exporters.OTLP{Endpoint: "http://localhost", Headers: map[string]string{"a": canary + "\r\n"}}, "headers"},
		{"CA", exporters.OTLP{Endpoint: "https://localhost", CAFile: "/nonexistent/ca.pem"}, "certificate"},
		{"half a certificate", exporters.OTLP{Endpoint: "https://localhost", CertFile: "x"}, "certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{OTLP: tt.cfg})
			if err == nil {
				_ = f.Shutdown(t.Context())
			}
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.Is(err, exporters.ErrConfig) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want ErrConfig about %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

// Endpoint credentials go as a header, and into no text.
func TestForwardEndpointCredentials(t *testing.T) {
	r := newReceiver(t)
	r.set(func(w http.ResponseWriter, req *http.Request) {
		http.Error(w, req.Header.Get("Authorization")+" "+req.URL.RawQuery, http.StatusUnauthorized)
	})
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{
		Endpoint: strings.Replace(r.url, "://", "://risk:pa55w0rd@", 1) + "/base?key=qu3ry",
	}})
	f.emit("a", log.SeverityInfo, "m", 1)
	faulttest.Eventually(t, "the answer", func() bool { return f.Stats().Logs.Dropped == 1 })
	if !strings.Contains(r.wireText(), "Authorization: Basic cmlzazpwYTU1dzByZA==") {
		t.Errorf("headers:\n%s", r.wireText())
	}
	text := f.Stats().Logs.LastError + f.notices.String()
	for _, secret := range []string{"pa55w0rd", "cmlzazpwYTU1dzByZA", "qu3ry"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in %q", secret, text)
		}
	}
}

// A canary in every place of every signal: none reaches the wire.
func TestForwardMasks(t *testing.T) {
	for _, protocol := range []string{exporters.ProtocolHTTP, exporters.ProtocolGRPC} {
		t.Run(protocol, func(t *testing.T) {
			var r *receiver
			if protocol == exporters.ProtocolGRPC {
				r = &newGRPCReceiver(t, "127.0.0.1:0").receiver
			} else {
				r = newReceiver(t)
			}
			dirty := attribute.String("note", "see "+canary)
			res := resource.NewSchemaless(dirty, attribute.String("password", "hunter2hunter2"))
			f := newForward(t, exporters.ForwardConfig{
				OTLP: exporters.OTLP{Endpoint: r.url, Protocol: protocol},
			}, sdklog.WithResource(res))
			tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(f.SpanProcessor()), sdktrace.WithResource(res))
			mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(f.MetricReader()), sdkmetric.WithResource(res))

			l := f.logs.Logger("logger "+canary, log.WithInstrumentationVersion(canary),
				log.WithInstrumentationAttributes(dirty), log.WithSchemaURL("https://"+canary))
			var rec log.Record
			rec.SetBody(attribute.StringValue("body " + canary))
			rec.SetSeverityText(canary)
			rec.SetEventName("event " + canary)
			rec.AddAttributes(dirty,
				attribute.StringSlice("list", []string{canary}),
				attribute.Map("map", attribute.Map("deep", dirty)),
				attribute.Slice("values", attribute.StringValue(canary)),
			)
			l.Emit(t.Context(), rec)

			state, err := trace.ParseTraceState("vendor=" + canary)
			if err != nil {
				t.Fatal(err)
			}
			remote := trace.NewSpanContext(trace.SpanContextConfig{
				TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled,
				TraceState: state, Remote: true,
			})
			tracer := tp.Tracer("tracer "+canary, trace.WithInstrumentationVersion(canary),
				trace.WithInstrumentationAttributes(dirty), trace.WithSchemaURL("https://"+canary))
			ctx, span := tracer.Start(trace.ContextWithRemoteSpanContext(t.Context(), remote), "GET /login?token="+canary,
				trace.WithAttributes(dirty), trace.WithLinks(trace.Link{SpanContext: remote, Attributes: []attribute.KeyValue{dirty}}))
			span.AddEvent("event "+canary, trace.WithAttributes(dirty))
			span.RecordError(errors.New("login failed: "+canary), trace.WithStackTrace(true))
			span.SetStatus(codes.Error, "status "+canary)
			func() {
				defer func() { _ = recover() }()
				defer span.End()
				panic("panicked with " + canary)
			}()

			meter := mp.Meter("meter "+canary, metric.WithInstrumentationVersion(canary),
				metric.WithInstrumentationAttributes(dirty), metric.WithSchemaURL("https://"+canary))
			counter, err := meter.Int64Counter("orders", metric.WithDescription("described "+canary), metric.WithUnit(canary))
			if err != nil {
				t.Fatal(err)
			}
			counter.Add(ctx, 1, metric.WithAttributes(dirty)) // In a sampled span: with an exemplar.
			hist, err := meter.Float64Histogram("latency")
			if err != nil {
				t.Fatal(err)
			}
			hist.Record(ctx, 1, metric.WithAttributes(dirty))
			_, err = meter.Float64ObservableGauge("gauge", metric.WithFloat64Callback(
				func(_ context.Context, o metric.Float64Observer) error {
					o.Observe(1, metric.WithAttributes(dirty))
					return nil
				}))
			if err != nil {
				t.Fatal(err)
			}

			flush(t, f)
			wire := r.wireText()
			for _, secret := range []string{canary, "hunter2hunter2"} {
				if i := strings.Index(wire, secret); i >= 0 {
					t.Errorf("%q on the wire: %q", secret, wire[max(0, i-200):min(len(wire), i+50)])
				}
			}
			for _, want := range []string{"body " + mask.Text, "event " + mask.Text, "status " + mask.Text, "described " + mask.Text} {
				if !strings.Contains(wire, want) {
					t.Errorf("%q is not on the wire", want)
				}
			}
			if err := mp.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Exemplars keep the attributes that a view took off the point.
func TestForwardMasksExemplars(t *testing.T) {
	exp := &metricCatcher{}
	f := newForward(t, exporters.ForwardConfig{MetricExporter: exp, LogExporter: &fakeExporter{export: func([]sdklog.Record) error { return nil }}})
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(f.MetricReader()),
		sdkmetric.WithView(sdkmetric.NewView(sdkmetric.Instrument{Name: "*"},
			sdkmetric.Stream{AttributeFilter: attribute.NewDenyKeysFilter("note")})))
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled,
	}))
	c, err := mp.Meter("m").Int64Counter("orders")
	if err != nil {
		t.Fatal(err)
	}
	c.Add(ctx, 1, metric.WithAttributes(attribute.String("note", "see "+canary)))
	flush(t, f)
	if !strings.Contains(exp.text, mask.Text) || strings.Contains(exp.text, canary) {
		t.Errorf("exported %s", exp.text)
	}
	if err := mp.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

type metricCatcher struct {
	text string
	wait func(context.Context) error // Nil for at once.
}

func (c *metricCatcher) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

func (c *metricCatcher) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

func (c *metricCatcher) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if c.wait != nil {
		if err := c.wait(ctx); err != nil {
			return err
		}
	}
	c.text = fmt.Sprintf("%+v", rm)
	return nil
}

func (c *metricCatcher) ForceFlush(context.Context) error { return nil }
func (c *metricCatcher) Shutdown(context.Context) error   { return nil }

// Metrics: a failed push loses nothing, and is reported where somebody asked.
func TestForwardMetrics(t *testing.T) {
	r := newReceiver(t)
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}})
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(f.MetricReader()))
	c, err := mp.Meter("m").Int64Counter("orders")
	if err != nil {
		t.Fatal(err)
	}
	c.Add(t.Context(), 1)
	r.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	if err := f.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("Flush: %v", err)
	}
	if s := f.Stats().Metrics; s.Up || s.Failed != 1 {
		t.Errorf("Stats = %+v", s)
	}
	r.set(nil)
	flush(t, f)
	if s := f.Stats().Metrics; !s.Up || s.Pushed != 1 {
		t.Errorf("Stats = %+v", s)
	}
	if text := f.notices.String(); !strings.Contains(text, "went away") || !strings.Contains(text, "is back") {
		t.Errorf("notices:\n%s", text)
	}
	if err := errors.Join(f.Shutdown(t.Context()), mp.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
}

// A push that Shutdown cuts short says nothing of the collector.
func TestForwardMetricsCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exp := &metricCatcher{wait: func(ctx context.Context) error {
			select {
			case <-time.After(time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		var told notices
		f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{MetricExporter: exp, Notice: told.add})
		if err != nil {
			t.Fatal(err)
		}
		mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(f.MetricReader()))
		time.Sleep(time.Minute + time.Second/2) // Half of the first push.
		if err := errors.Join(f.Shutdown(t.Context()), mp.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
		if s := f.Stats().Metrics; s.Failed != 0 || s.Pushed != 1 || told.String() != "" {
			t.Errorf("Stats = %+v, notices:\n%s", s, told.String())
		}
	})
}

// The environment is read by package telemetry, not behind its back.
func TestForwardIgnoresEnvironment(t *testing.T) {
	other := newReceiver(t)
	for _, signal := range []string{"", "LOGS_", "TRACES_", "METRICS_"} {
		t.Setenv("OTEL_EXPORTER_OTLP_"+signal+"ENDPOINT", other.url)
		t.Setenv("OTEL_EXPORTER_OTLP_"+signal+"HEADERS", "x-stray=1")
		t.Setenv("OTEL_EXPORTER_OTLP_"+signal+"COMPRESSION", "gzip")
		t.Setenv("OTEL_EXPORTER_OTLP_"+signal+"CERTIFICATE", "/nonexistent/ca.pem")
		t.Setenv("OTEL_EXPORTER_OTLP_"+signal+"INSECURE", "false")
		t.Setenv("OTEL_EXPORTER_OTLP_"+signal+"TIMEOUT", "1")
	}
	r := newReceiver(t)
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}})
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(f.SpanProcessor()))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(f.MetricReader()))
	f.emit("a", log.SeverityInfo, "m", 1)
	_, span := tp.Tracer("a").Start(t.Context(), "s")
	span.End()
	c, err := mp.Meter("m").Int64Counter("orders")
	if err != nil {
		t.Fatal(err)
	}
	c.Add(t.Context(), 1)
	flush(t, f)
	if got := other.wireText(); got != "" {
		t.Errorf("the environment's endpoint got:\n%s", got)
	}
	if wire := r.wireText(); strings.Contains(wire, "X-Stray") || strings.Contains(wire, "Content-Encoding: gzip") {
		t.Errorf("wire:\n%s", wire)
	}
	if len(r.bodies()) != 1 || r.spans != 1 || r.points != 1 {
		t.Errorf("got %d logs, %d spans, %d pushes", len(r.bodies()), r.spans, r.points)
	}
	if err := mp.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// Nothing configured: nothing there, and nothing to shut down.
func TestForwardOff(t *testing.T) {
	f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if f.LogProcessor() != nil || f.SpanProcessor() != nil || f.MetricReader() != nil {
		t.Error("signals without an endpoint")
	}
	if err := f.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	var none *exporters.Forward
	if err := errors.Join(none.Flush(t.Context()), none.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
	_ = none.Stats()
}

func TestForwardConcurrentSafe(t *testing.T) {
	r := newReceiver(t)
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: r.url}, Logs: exporters.ForwardSignal{QueueRecords: 200, BatchRecords: 50},
	})
	done := make(chan struct{})
	for i := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			f.emit("a", log.Severity(1+4*(i%4)), fmt.Sprint("g", i), 500)
		}()
	}
	for range 8 {
		addUp(t, "logs", f.Stats().Logs)
		<-done
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_ = f.Flush(ctx) // Some may have been dropped: the queue is small.
	s := f.Stats().Logs
	addUp(t, "logs", s)
	if s.Accepted != 4000 || int(s.Delivered) != len(r.bodies()) {
		t.Errorf("delivered %d: %+v", len(r.bodies()), s)
	}
}

// On a clock of its own: Shutdown spends its context and no more, at an
// exporter that ignores its own.
func TestForwardShutdownTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{
			LogExporter: &fakeExporter{export: func([]sdklog.Record) error {
				<-hold
				return nil
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(f.LogProcessor()))
		(&forward{Forward: f, logs: lp}).emit("a", log.SeverityInfo, "m", 100)
		time.Sleep(5 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := f.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		if took := time.Since(start); took > 350*time.Millisecond {
			t.Errorf("took %v", took)
		}
		close(hold)
		synctest.Wait()
		if s := f.Stats().Logs; s.DroppedBy[exporters.DropShutdown] != 100 || s.Delivered != 0 {
			t.Errorf("what returns too late is counted twice: %+v", s)
		}
	})
}

// The waits between attempts double up to the cap, with jitter downwards, and
// go on for as long as the process lives.
func TestForwardBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{
			LogExporter: &fakeExporter{export: func([]sdklog.Record) error {
				at = append(at, time.Now())
				return errors.New("refused")
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(f.LogProcessor()))
		(&forward{Forward: f, logs: lp}).emit("a", log.SeverityInfo, "m", 1)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		wait := 500 * time.Millisecond
		for i := range len(at) - 1 {
			if gap := at[i+1].Sub(at[i]); gap < wait/2 || gap > wait {
				t.Fatalf("wait %d was %v, want %v to %v", i, gap, wait/2, wait)
			}
			wait = min(2*wait, 5*time.Second)
		}
		if len(at) < 24*60*60/5 {
			t.Errorf("%d attempts in a day", len(at))
		}
		if s := f.Stats().Logs; s.Held != 1 || s.Up {
			t.Errorf("Stats = %+v", s)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.Shutdown(ctx); err == nil {
			t.Error("Shutdown: no error")
		}
	})
}

// While little time is left, the important go first.
func TestForwardShutdownImportantFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{
			LogExporter: &fakeExporter{export: func(rs []sdklog.Record) error {
				time.Sleep(100 * time.Millisecond)
				for i := range rs {
					got = append(got, rs[i].Body().AsString())
				}
				return nil
			}},
			Logs: exporters.ForwardSignal{Interval: time.Hour, BatchRecords: 10},
		})
		if err != nil {
			t.Fatal(err)
		}
		fw := &forward{Forward: f, logs: sdklog.NewLoggerProvider(sdklog.WithProcessor(f.LogProcessor()))}
		fw.emit("a", log.SeverityDebug, "debug", 4)
		fw.emit("a", log.SeverityError, "error", 3)
		fw.emit("a", log.SeverityInfo, "info", 2)
		if err := f.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		want := slices.Concat(numbered("error", 3), numbered("info", 2), numbered("debug", 4))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

// Text that is no UTF-8, which OTLP cannot carry, holds up nobody.
func TestForwardInvalidUTF8(t *testing.T) {
	const bad = "a\xff\xfeb"
	dirty := []attribute.KeyValue{
		attribute.String("k"+bad, bad), attribute.StringSlice("list", []string{bad}),
		attribute.Slice("values", attribute.StringValue(bad)), attribute.Map("map", attribute.String(bad, bad)),
	}
	r := newReceiver(t)
	res := resource.NewSchemaless(dirty...)
	f := newForward(t, exporters.ForwardConfig{OTLP: exporters.OTLP{Endpoint: r.url}}, sdklog.WithResource(res))
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(f.SpanProcessor()), sdktrace.WithResource(res))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(f.MetricReader()), sdkmetric.WithResource(res))

	f.emit("logger "+bad, log.SeverityInfo, bad, 1)
	ctx, span := tp.Tracer("tracer "+bad, trace.WithInstrumentationAttributes(dirty...)).Start(t.Context(), bad,
		trace.WithAttributes(dirty...), trace.WithLinks(trace.Link{Attributes: dirty}))
	span.AddEvent(bad, trace.WithAttributes(dirty...))
	span.SetStatus(codes.Error, bad)
	counter, err := mp.Meter("meter "+bad).Int64Counter("orders", metric.WithDescription(bad), metric.WithUnit(bad))
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(ctx, 1, metric.WithAttributes(dirty...))
	span.End()
	flush(t, f)
	if len(r.bodies()) != 1 || r.spans != 1 || r.points != 1 || !strings.Contains(r.wireText(), "a\uFFFD\uFFFDb") {
		t.Errorf("got %d logs, %d spans, %d pushes:\n%q", len(r.bodies()), r.spans, r.points, r.wireText())
	}
	if err := mp.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// What an exporter cannot even send does not hold up the others for ever.
func TestForwardUnsendable(t *testing.T) {
	var got int
	f := newForward(t, exporters.ForwardConfig{LogExporter: &fakeExporter{export: func(rs []sdklog.Record) error {
		for i := range rs {
			if rs[i].Body().AsString() == "bad-0" {
				return errors.New("cannot be encoded")
			}
		}
		got += len(rs)
		return nil
	}}})
	f.emit("a", log.SeverityInfo, "bad", 1)
	f.emit("a", log.SeverityInfo, "m", 50)
	faulttest.Eventually(t, "the bad one", func() bool { return f.Stats().Logs.DroppedBy[exporters.DropRejected] == 1 })
	if s := f.Stats().Logs; s.Delivered != 50 || got != 50 || s.Up {
		t.Errorf("got %d: %+v", got, s)
	}
}

// However often the collector changes its mind, it is told of now and then.
func TestForwardNoticesAreFew(t *testing.T) {
	tests := []struct {
		name   string
		answer func(call int) error
		first  string
	}{
		{"comes and goes", func(call int) error {
			if call%2 == 0 {
				return errors.New("refused")
			}
			return nil
		}, "went away"},
		{"panics now and then", func(call int) error {
			if call%3 == 0 {
				panic("no")
			}
			return nil
		}, "panics"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := -1
				n := &notices{}
				f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{
					Notice: n.add,
					LogExporter: &fakeExporter{export: func([]sdklog.Record) error {
						calls++
						return tt.answer(calls)
					}},
				})
				if err != nil {
					t.Fatal(err)
				}
				fw := &forward{Forward: f, logs: sdklog.NewLoggerProvider(sdklog.WithProcessor(f.LogProcessor()))}
				for range 3600 {
					fw.emit("a", log.SeverityInfo, "m", 1)
					time.Sleep(time.Second)
				}
				text := n.String()
				if lines := strings.Count(text, "\n"); lines > 2*60+6 || !strings.Contains(text, tt.first) || !strings.Contains(text, "is back") {
					t.Errorf("%d notices in an hour:\n%s", lines, text)
				}
				_ = f.Shutdown(t.Context()) // The last record may have met a panic.
			})
		})
	}
}

// A callback that fails costs no metric but its own; one that panics does not
// cost the process.
func TestForwardMetricCallbacks(t *testing.T) {
	r := newReceiver(t)
	f := newForward(t, exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: r.url}, Metrics: exporters.ForwardSignal{Interval: 5 * time.Millisecond},
	})
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(f.MetricReader()))
	counter, err := mp.Meter("m").Int64Counter("orders")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1)
	var panics atomic.Bool
	_, err = mp.Meter("m").Int64ObservableGauge("bad", metric.WithInt64Callback(
		func(context.Context, metric.Int64Observer) error {
			if panics.Load() {
				panic("see " + canary)
			}
			return errors.New("see " + canary)
		}))
	if err != nil {
		t.Fatal(err)
	}
	flush(t, f)
	if !strings.Contains(r.wireText(), "orders") {
		t.Error("no metric arrived")
	}
	panics.Store(true)
	faulttest.Eventually(t, "panics", func() bool { return f.Stats().Metrics.Panics > 1 })
	if err := f.Flush(t.Context()); err == nil || strings.Contains(err.Error()+f.Stats().Metrics.LastError, canary) {
		t.Errorf("Flush: %v", err)
	}
	panics.Store(false)
	if err := mp.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if text := f.notices.String(); !strings.Contains(text, "panics") || !strings.Contains(text, "is back") || strings.Contains(text, canary) {
		t.Errorf("notices:\n%s", text)
	}
}

// A collector too slow for a full batch gets what it can do in time, instead of
// the same batch for ever.
func TestForwardSlowCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := map[string]int{}
		f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{
			LogExporter: &fakeExporter{exportContext: func(ctx context.Context, rs []sdklog.Record) error {
				select {
				case <-time.After(time.Duration(len(rs)) * 50 * time.Millisecond): // 512 take 26 s.
				case <-ctx.Done():
					return ctx.Err()
				}
				for i := range rs {
					got[rs[i].Body().AsString()]++
				}
				return nil
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		fw := &forward{Forward: f, logs: sdklog.NewLoggerProvider(sdklog.WithProcessor(f.LogProcessor()))}
		fw.emit("a", log.SeverityInfo, "m", 2000)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := f.Flush(ctx); err != nil {
			t.Error(err)
		}
		if s := f.Stats().Logs; len(got) != 2000 || s.Delivered != 2000 || s.Attempts > 60 {
			t.Errorf("got %d: %+v", len(got), s)
		}
		if err := f.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
