package instrument_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLWNhbmFyeQ"

// server answers by its path: a status, or a way to misbehave.
func server(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/echo":
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Set-Cookie", "session="+canary)
			w.Header().Set("X-Request-Id", "r1")
			_, _ = w.Write(body)
		case "/headers":
			fmt.Fprint(w, r.Header.Get("Traceparent"), "\n", r.Header.Get("Baggage"))
		case "/429":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/404", "/503":
			code := http.StatusNotFound
			if r.URL.Path == "/503" {
				code = http.StatusServiceUnavailable
			}
			http.Error(w, "no", code)
		case "/204":
			w.WriteHeader(http.StatusNoContent)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/hang":
			<-r.Context().Done()
		default:
			_, _ = io.WriteString(w, "fine")
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T, opts ...instrument.Option) *http.Client {
	t.Helper()
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	return &http.Client{Transport: instrument.Transport(base, opts...)}
}

// get reads a whole response.
func get(ctx context.Context, t *testing.T, c *http.Client, url string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

func TestTransportRecords(t *testing.T) {
	for _, tt := range []struct {
		name string
		path string
		opts []instrument.Option
		want string
		code codes.Code
		r    map[string]any
	}{
		{name: "fine", path: "/ok", want: "DEBUG GET /t completed", r: map[string]any{"http.response.status_code": 200, "status": "ok", "http.response.body.size": 4, "http.request.body.size": 0}},
		{name: "no body", path: "/204", want: "DEBUG GET /t completed", r: map[string]any{"http.response.status_code": 204}},
		{name: "slow", path: "/ok", opts: []instrument.Option{instrument.Threshold(time.Nanosecond)}, want: "WARNING GET /t slow", r: map[string]any{"status": "ok"}},
		{name: "fast enough", path: "/ok", opts: []instrument.Option{instrument.Threshold(time.Hour)}, want: "DEBUG GET /t completed"},
		{name: "not found", path: "/404", want: "WARNING GET /t rejected", code: codes.Error, r: map[string]any{"status": "error", "http.response.status_code": 404, "error": map[string]any{"type": "404", "message": "404 Not Found"}}},
		{name: "too many", path: "/429", want: "WARNING GET /t refused", code: codes.Error, r: map[string]any{"retry_after_s": 7, "http.response.status_code": 429}},
		{name: "server error", path: "/503", want: "ERROR GET /t failed", code: codes.Error, r: map[string]any{"http.response.status_code": 503}},
		{name: "cut short", path: "/cut", want: "ERROR GET /t failed", code: codes.Error, r: map[string]any{"http.response.status_code": 200, "http.response.body.size": 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := setup(t, debugLevel())
			s := server(t)
			_, _ = get(b.ctx, t, client(t, append(tt.opts, instrument.Template("/t"))...), s.URL+tt.path+"?access_token="+jwt)
			if diff := cmp.Diff(b.messages(), []string{tt.want}); diff != "" {
				t.Errorf("messages (-got +want):\n%s", diff)
			}
			r := b.Records(telemetry.API)[0]
			b.want(r, tt.r)
			if src := r.Text("source", "file"); !strings.HasSuffix(src, "transport_test.go") {
				t.Errorf("got source %q, want the code that asked", src)
			}
			b.want(r, map[string]any{
				"operation": "GET /t", "url.template": "/t", "http.request.method": "GET",
				"url.full": s.URL + tt.path + "?access_token=***MASKED***",
			})
			span := b.Span("GET /t")
			if span.Status.Code != tt.code || span.SpanKind != trace.SpanKindClient {
				t.Errorf("got %v span with status %v, want a client's with %v", span.SpanKind, span.Status, tt.code)
			}
			if got := attr(span, "url.full"); got != s.URL+tt.path+"?access_token=***MASKED***" {
				t.Errorf("got url.full %q of the span", got)
			}
			if attr(span, "url.template") != "/t" || r.Text("span_id") != span.SpanContext.SpanID().String() {
				t.Errorf("got span %v, want the record's with url.template", span.Attributes)
			}
			b.AssertNoSecret(jwt)
		})
	}
}

func TestTransportErrors(t *testing.T) {
	refused := func() string { // A port that nobody listens on.
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return "http://" + l.Addr().String()
	}()
	t.Run("refused", func(t *testing.T) {
		b := setup(t)
		_, err := get(b.ctx, t, client(t), refused+"/?api_key="+canary)
		if _, ok := errors.AsType[*net.OpError](err); !ok {
			t.Errorf("got error %v, want the transport's own", err)
		}
		r := b.Record(telemetry.API, "GET failed")
		b.want(r, map[string]any{"level": "ERROR", "status": "error", "http.response.status_code": nil})
		if got := b.Span("GET"); got.Status.Code != codes.Error || attr(got, "error.type") == "" {
			t.Errorf("got span %v %v", got.Status, got.Attributes)
		}
		b.AssertNoSecret(canary)
	})
	t.Run("canceled", func(t *testing.T) {
		b := setup(t)
		s := server(t)
		ctx, cancel := context.WithTimeout(b.ctx, time.Hour)
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err := get(ctx, t, client(t), s.URL+"/hang")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v", err)
		}
		b.want(b.one("GET canceled"), map[string]any{"level": "INFO", "status": "canceled"})
	})
	t.Run("deadline", func(t *testing.T) {
		b := setup(t)
		s := server(t)
		ctx, cancel := context.WithTimeout(b.ctx, 20*time.Millisecond)
		defer cancel()
		_, _ = get(ctx, t, client(t), s.URL+"/hang")
		b.want(b.one("GET failed"), map[string]any{"level": "ERROR"})
	})
	t.Run("base panics", func(t *testing.T) {
		b := setup(t)
		func() {
			defer func() {
				if got := recover(); got != "token="+canary {
					t.Errorf("recovered %v", got)
				}
			}()
			_, _ = get(b.ctx, t, &http.Client{Transport: instrument.Transport(roundTripper(func(*http.Request) (*http.Response, error) { panic("token=" + canary) }))}, "http://x")
		}()
		if b.one("GET failed").Text("error", "stack") == "" {
			t.Error("got no stack")
		}
		b.Span("GET")
		b.AssertNoSecret(canary)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransportPropagates(t *testing.T) {
	b := setup(t, debugLevel())
	s := server(t)
	ctx := telemetry.With(b.ctx, telemetry.AccountID("ACC123"), slog.String("api_key", canary))
	ctx = telemetry.Propagate(ctx, "account_id", "api_key")
	m, err := baggage.NewMemberRaw("password", canary)
	if err != nil {
		t.Fatal(err)
	}
	bag, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		t.Fatal(err)
	}
	ctx = baggage.ContextWithBaggage(ctx, bag)
	text, err := get(ctx, t, client(t), s.URL+"/headers")
	if err != nil {
		t.Fatal(err)
	}
	sc := b.Span("GET").SpanContext
	if want := "00-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-01\naccount_id=ACC123"; text != want {
		t.Errorf("got headers %q, want %q", text, want)
	}
	if id := strings.ReplaceAll(telemetry.CorrelationID(ctx), "-", ""); id != sc.TraceID().String() {
		t.Errorf("got trace %v, want the correlation ID %s", sc.TraceID(), id)
	}
	if got := attr(b.Span("GET"), "account_id"); got != "ACC123" {
		t.Errorf("got account_id %q of the span", got)
	}
}

func TestTransportConnectsTheOperationAround(t *testing.T) {
	b := setup(t)
	s := server(t)
	_ = instrument.Do(b.ctx, "fetch", func(ctx context.Context) error {
		_, _ = get(ctx, t, client(t), s.URL+"/503")
		_, _ = get(ctx, t, client(t), s.URL+"/ok") // Below the level.
		return nil
	}, instrument.Threshold(time.Hour))
	if diff := cmp.Diff(b.messages(), []string{"ERROR GET failed", "INFO fetch completed"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
	if got, want := b.one("GET failed")["parent_span_id"], b.one("fetch completed")["span_id"]; got != want {
		t.Errorf("got parent %v, want %v", got, want)
	}
}

func TestTransportCaptures(t *testing.T) {
	post := func(t *testing.T, b *bench, c *http.Client, url, contentType, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(b.ctx, http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer "+jwt)
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	body := `{"userName":"u","apiKey":"` + canary + `","n":1}`
	t.Run("whole", func(t *testing.T) {
		b := setup(t, debugLevel())
		c := client(t, instrument.CaptureBodies(1<<10), instrument.CaptureHeaders("X-Request-Id", "Authorization", "Set-Cookie", "Absent"))
		if got := post(t, b, c, server(t).URL+"/echo", "application/json; charset=utf-8", body); got != body {
			t.Errorf("got response %s, want it untouched", got)
		}
		r := b.Record(telemetry.API, "POST completed")
		want := map[string]any{"userName": "u", "apiKey": "***MASKED***", "n": 1.0}
		for _, key := range []string{"http.request.body", "http.response.body"} {
			if diff := cmp.Diff(r[key], any(want)); diff != "" {
				t.Errorf("%s (-got +want):\n%s", key, diff)
			}
		}
		b.want(r, map[string]any{
			"http.response.header.x-request-id": "[r1]", "http.request.header.authorization": "***MASKED***",
			"http.response.header.set-cookie": "***MASKED***", "http.request.body.size": len(body), "http.response.body.size": len(body),
		})
		b.AssertNoSecret(canary, jwt)
	})
	t.Run("cut anywhere", func(t *testing.T) {
		s := server(t)
		for limit := range len(body) {
			b := setup(t, debugLevel())
			if got := post(t, b, client(t, instrument.CaptureBodies(limit)), s.URL+"/echo", "application/json", body); got != body {
				t.Fatalf("got response %s, want it untouched", got)
			}
			b.AssertNoSecret(canary[:12])
			if limit > 30 {
				b.want(b.Record(telemetry.API, "POST completed"), map[string]any{"http.request.body.truncated": true})
			}
		}
	})
	t.Run("cut inside a secret without a key", func(t *testing.T) {
		b := setup(t, debugLevel())
		note := `{"n":1,"note":"` + jwt + `"}`
		post(t, b, client(t, instrument.CaptureBodies(len(note)-len(jwt)/2)), server(t).URL+"/echo", "application/json", note)
		b.want(b.Record(telemetry.API, "POST completed"), map[string]any{"http.request.body": `{"n":1,`})
		b.AssertNoSecret(jwt[:12])
	})
	t.Run("not JSON", func(t *testing.T) {
		b := setup(t, debugLevel())
		post(t, b, client(t, instrument.CaptureBodies(1<<10)), server(t).URL+"/ok", "text/plain", body)
		b.want(b.Record(telemetry.API, "POST completed"), map[string]any{"http.request.body": nil, "http.response.body": nil})
	})
	t.Run("off by default", func(t *testing.T) {
		b := setup(t, debugLevel())
		post(t, b, client(t), server(t).URL+"/echo", "application/json", body)
		b.want(b.Record(telemetry.API, "POST completed"), map[string]any{"http.request.body": nil, "http.request.header.authorization": nil})
	})
}

func TestTransportResendsBodies(t *testing.T) {
	b := setup(t, debugLevel())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to", http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}))
	defer s.Close()
	r, err := http.NewRequestWithContext(instrument.WithRequest(b.ctx, instrument.Attempt(3)), http.MethodPost, s.URL+"/from", strings.NewReader(`{"n":1}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := client(t, instrument.CaptureBodies(100)).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || string(text) != `{"n":1}` {
		t.Errorf("got %s, %v", text, err)
	}
	for _, r := range b.all("POST completed") {
		b.want(r, map[string]any{"attempt": 3})
	}
	if got := len(b.all("POST completed")); got != 2 {
		t.Errorf("got %d records, want one a hop", got)
	}
	for _, s := range b.Spans() {
		if got := attr(s, "http.request.resend_count"); got != "2" {
			t.Errorf("got resend count %q, want 2", got)
		}
	}
}

func TestTransportLeavesTheRequestAlone(t *testing.T) {
	b := setup(t)
	body := io.NopCloser(bytes.NewReader([]byte("x")))
	u, err := url.Parse(server(t).URL + "/ok")
	if err != nil {
		t.Fatal(err)
	}
	r := (&http.Request{Method: http.MethodPost, URL: u, Header: http.Header{"Content-Type": {"application/json"}}, Body: body, ContentLength: 1}).WithContext(b.ctx)
	res, err := client(t, instrument.CaptureBodies(10)).Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if r.Body != body || len(r.Header) != 1 {
		t.Errorf("the caller's request was changed: %v", r.Header)
	}
}

func TestTransportOfABareRequest(t *testing.T) {
	b := setup(t, debugLevel())
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, r.Body)
		return &http.Response{StatusCode: http.StatusNoContent, Request: r}, err
	})
	r := (&http.Request{URL: &url.URL{Scheme: "http", Host: "gateway"}, Body: io.NopCloser(strings.NewReader("x"))}).WithContext(b.ctx)
	if _, err := instrument.Transport(base).RoundTrip(r); err != nil { //nolint:bodyclose // There is none.
		t.Fatal(err)
	}
	if r.Header != nil {
		t.Errorf("the caller's request was given headers: %v", r.Header)
	}
	// How long the body is was not said.
	b.want(b.one("GET completed"), map[string]any{"http.request.method": "GET", "http.request.body.size": nil, "http.response.status_code": 204})
}

func TestMethodsAreFew(t *testing.T) {
	b := setup(t, debugLevel())
	h := instrument.Middleware(http.NotFoundHandler())
	for i := range 3 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(b.ctx, fmt.Sprint("MADE-UP", i), "/", nil))
	}
	if got := instrument.SummaryOf(b.Telemetry.Telemetry); len(got) != 1 || got[0].Operation != "HTTP" {
		t.Errorf("got %+v, want one operation HTTP", got)
	}
	b.want(b.all("HTTP rejected")[1], map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "MADE-UP1"})
	for _, s := range b.Spans() {
		if s.Name != "HTTP" {
			t.Errorf("got span %s, want HTTP", s.Name)
		}
	}
}

func TestTransportDoesNotHoldStreams(t *testing.T) {
	b := setup(t, debugLevel())
	s := server(t)
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	b.one("GET completed") // Though the body has not ended.
	cancel()
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	b.one("GET completed")
}

func TestTransportKeepsWritableBodies(t *testing.T) {
	b := setup(t, debugLevel())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		line, _ := rw.ReadString('\n')
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
	}))
	defer s.Close()
	r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	res, err := client(t).Do(r) //nolint:bodyclose // As rw, below.
	if err != nil {
		t.Fatal(err)
	}
	rw, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		t.Fatal("the body of a switched connection cannot be written to")
	}
	_, _ = io.WriteString(rw, "hello\n")
	if got, _ := io.ReadAll(rw); string(got) != "hello\n" {
		t.Errorf("got %q", got)
	}
	_ = rw.Close()
	b.want(b.one("GET completed"), map[string]any{"http.response.status_code": 101})
}

func TestTransportFollowsTheTelemetryOfTheContext(t *testing.T) {
	one, two := setup(t, debugLevel()), setup(t, debugLevel())
	c := client(t)
	s := server(t)
	for _, b := range []*bench{one, two, one} {
		if _, err := get(b.ctx, t, c, s.URL+"/ok"); err != nil {
			t.Fatal(err)
		}
	}
	if got := []int{len(one.Spans()), len(two.Spans()), len(one.all("GET completed")), len(two.all("GET completed"))}; !cmp.Equal(got, []int{2, 1, 2, 1}) {
		t.Errorf("got %v spans and records, want 2, 1, 2, 1", got)
	}
}

func TestTransportWithoutTelemetry(t *testing.T) {
	if text, err := get(t.Context(), t, client(t), server(t).URL+"/ok"); err != nil || text != "fine" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestTransportConcurrentSafe(t *testing.T) {
	b := setup(t, debugLevel())
	s := server(t)
	c := client(t, instrument.CaptureBodies(64))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			ctx := instrument.WithRequest(telemetry.With(b.ctx, slog.Int("worker", i)), instrument.Template(fmt.Sprint("/w/", i)))
			for range 10 {
				if _, err := get(ctx, t, c, s.URL+"/ok"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rs := b.Records(telemetry.API)
	if len(rs) != 80 {
		t.Errorf("got %d records, want 80", len(rs))
	}
	for _, r := range rs {
		if want := fmt.Sprint("GET /w/", r.Get("context", "worker")); r.Text("operation") != want {
			t.Errorf("got operation %v, want %v", r["operation"], want)
		}
	}
}

func TestMiddleware(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /order/{id}", func(w http.ResponseWriter, r *http.Request) {
		_ = instrument.Do(r.Context(), "load", func(context.Context) error { return errors.New("slow db") })
		_, _ = io.WriteString(w, "order "+r.PathValue("id"))
	})
	mux.HandleFunc("/boom", func(http.ResponseWriter, *http.Request) { panic("token=" + canary) })
	mux.HandleFunc("/abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/500", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "x", http.StatusInternalServerError) })
	for _, tt := range []struct {
		name, path string
		want       []string
		r          map[string]any
		span       string
	}{
		{name: "pattern", path: "/order/7?access_token=" + jwt, want: []string{"ERROR load failed", "DEBUG GET /order/{id} completed"}, span: "GET /order/{id}", r: map[string]any{
			"http.route": "/order/{id}", "url.path": "/order/7", "http.response.status_code": 200, "http.response.body.size": 7,
			"parent_span_id": "00f067aa0ba902b7", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
		}},
		{name: "no pattern", path: "/none", want: []string{"WARNING GET rejected"}, span: "GET", r: map[string]any{"http.response.status_code": 404}},
		{name: "server error", path: "/500", want: []string{"ERROR GET /500 failed"}, span: "GET /500"},
		{name: "panic", path: "/boom", want: []string{"ERROR GET /boom failed"}, span: "GET /boom"},
		{name: "abort", path: "/abort", want: []string{"INFO GET /abort canceled"}, span: "GET /abort"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := setup(t, debugLevel())
			h := instrument.Middleware(mux)
			r := httptest.NewRequestWithContext(b.ctx, http.MethodGet, tt.path, nil)
			r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
			r.Header.Set("User-Agent", "probe/1 token="+canary)
			var recovered any
			func() {
				defer func() { recovered = recover() }()
				h.ServeHTTP(httptest.NewRecorder(), r)
			}()
			if (recovered != nil) != (tt.path == "/boom" || tt.path == "/abort") {
				t.Errorf("recovered %v", recovered)
			}
			if diff := cmp.Diff(b.messages(), tt.want); diff != "" {
				t.Errorf("messages (-got +want):\n%s", diff)
			}
			rs := b.Records(telemetry.Daemon)
			b.want(rs[len(rs)-1], tt.r)
			span := b.Span(tt.span)
			if span.SpanKind != trace.SpanKindServer || len(span.Events) != 0 {
				t.Errorf("got %v span with events %v", span.SpanKind, span.Events)
			}
			if tt.path == "/boom" && rs[0].Text("error", "stack") == "" {
				t.Error("got no stack")
			}
			b.AssertNoSecret(canary, jwt)
		})
	}
}

func TestMiddlewareBehindARealServer(t *testing.T) {
	b := setup(t, debugLevel())
	s := httptest.NewUnstartedServer(instrument.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(w, r.Body); err != nil {
			t.Error(err)
		}
		w.(http.Flusher).Flush()
	}), instrument.CaptureBodies(100)))
	s.Config.BaseContext = func(net.Listener) context.Context { return b.ctx }
	s.Start()
	defer s.Close()
	res, err := client(t).Post(s.URL, "application/json", strings.NewReader(`{"password":"`+canary+`"}`)) //nolint:noctx // It has none on purpose.
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); !strings.Contains(string(text), canary) {
		t.Errorf("got %s, want the body untouched", text)
	}
	s.Close() // Waits for the handler's record.
	r := b.one("POST completed")
	if got := r.Get("http.request.body", "password"); got != "***MASKED***" {
		t.Errorf("got body %v", r["http.request.body"])
	}
	b.AssertNoSecret(canary)
}

func TestAdmin(t *testing.T) {
	b := setup(t)
	h := instrument.Admin(b.Telemetry.Telemetry)
	call := func(method, path, body string) (int, map[string]any) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
		var got any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil && w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %v in %s", method, path, err, w.Body)
		}
		m, _ := got.(map[string]any)
		return w.Code, m
	}
	_ = instrument.Do(b.ctx, "op", func(context.Context) error { return nil })
	if code, got := call(http.MethodGet, "/health", ""); code != 200 || got["status"] != "ok" {
		t.Errorf("health: got %d %v", code, got)
	}
	if code, got := call(http.MethodGet, "/stats", ""); code != 200 || got["Accepted"] == nil {
		t.Errorf("stats: got %d %v", code, got)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/summary", nil))
	var all []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil || len(all) != 3 || all[2]["operation"] != "op" || all[2]["p99_ms"] == nil {
		t.Errorf("summary: got %d %s, want op among three, in milliseconds", w.Code, w.Body)
	}
	for _, tt := range []struct {
		method, body string
		code         int
		want         any
	}{
		{http.MethodGet, "", 200, "INFO"},
		{http.MethodPut, "DEBUG", 200, "DEBUG"},
		{http.MethodPut, `{"level":"error"}`, 200, "ERROR"},
		{http.MethodPut, "verbose", 400, nil},
		{http.MethodPut, strings.Repeat("x", 5000), 400, nil},
		{http.MethodGet, "", 200, "ERROR"},
		{http.MethodPost, "DEBUG", 405, nil},
	} {
		if code, got := call(tt.method, "/level", tt.body); code != tt.code || got["level"] != tt.want {
			t.Errorf("%s /level %.20q: got %d %v, want %d %v", tt.method, tt.body, code, got, tt.code, tt.want)
		}
	}
	if got := b.Level(); got != slog.LevelError {
		t.Errorf("got level %v, want ERROR", got)
	}
	b.want(b.all("log level changed")[1], map[string]any{"from": "DEBUG", "to": "ERROR"})

	w = httptest.NewRecorder()
	instrument.Admin(nil).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/health", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("health without a Telemetry: got %d, want 503", w.Code)
	}
}
