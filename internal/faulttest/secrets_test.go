//go:build unix

package faulttest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// secret is one that must not leave the process; its text says by which way it
// came.
func secret(way string) string { return "hunter-" + way + "-Zq83kd" }

// ways are all of them. Those that are masked even where masking is off, since
// they never leave by design, are marked.
var ways = map[string]bool{ //nolint:gochecknoglobals // A constant.
	"resource": false, "resourcetext": false, "arg": false, "argtwo": false,
	"baggage": true, "baggagefield": false,
	"attr": false, "nested": false, "message": false, "withattr": false, "field": false,
	"error": false, "wrapped": false, "url": false, "logvalue": false, "stringer": false, "hidden": false, "stdlog": false,
	"panic": false, "oppanic": false, "gopanic": false,
	"spanattr": false, "spanname": false, "spanevent": false, "spanerr": false, "spanstatus": false, "spanlink": false,
	"metric": false, "otelerr": false, "logapi": false, "logapibody": false,
	"request": false, "after": true, "header": true, "userinfo": true,
}

type credentials struct {
	User     string
	Password string `json:"p"`
}

type stringer struct{ text string }

func (s stringer) String() string { return s.text }

// tellSecrets tells each secret in a way that daemons do, by mistake.
func tellSecrets(ctx context.Context, tel *telemetry.Telemetry, j job) error {
	log := telemetry.Logger(telemetry.Daemon)
	ctx = otel.GetTextMapPropagator().Extract(ctx, propagation.MapCarrier{
		"baggage": "session_token=" + secret("baggage") + ",note=token%3D" + secret("baggagefield") + ",desk=desk-eu1",
	})
	ctx = telemetry.WithBaggage(ctx, "note", "desk")
	ctx = telemetry.With(ctx, slog.String("api_key", secret("field")))
	log.InfoContext(ctx, "args desk-eu1", "process.command_args", os.Args)
	log.InfoContext(ctx, "attr", "password", secret("attr"), "nested", map[string]any{"a": []any{map[string]any{"secret": secret("nested")}}})
	log.InfoContext(ctx, "login with password="+secret("message"))
	log.With("client_secret", secret("withattr")).InfoContext(ctx, "with")
	log.ErrorContext(ctx, "error", "error", errors.New("auth: token: "+secret("error")))
	log.ErrorContext(ctx, "error", "err", fmt.Errorf("try: %w", errors.New("Authorization: Bearer "+secret("wrapped"))))
	log.ErrorContext(ctx, "error", "error", &url.Error{Op: "Get", URL: "https://gateway.example/api?access_token=" + secret("url"), Err: io.EOF})
	log.InfoContext(ctx, "value", "v", slog.GroupValue(slog.String("refreshToken", secret("logvalue"))))
	log.InfoContext(ctx, "value", "v", stringer{"{Password:" + secret("stringer") + " User:bob}"}, "c", credentials{"bob", secret("hidden")})
	stdlog.Print("passwd=" + secret("stdlog"))
	otel.Handle(errors.New("export: api_key=" + secret("otelerr")))

	var rec otellog.Record
	rec.SetSeverity(otellog.SeverityInfo)
	rec.SetBody(attribute.StringValue("pwd=" + secret("logapibody")))
	rec.AddAttributes(attribute.String("auth_token", secret("logapi")))
	tel.LoggerProvider().Logger("someone.else").Emit(ctx, rec)

	tracer := otel.Tracer("someone.else")
	link, linked := tracer.Start(ctx, "linked") //nolint:spancheck // Its status is not what is tested.
	linked.End()
	_, span := tracer.Start(ctx, "GET /?token="+secret("spanname"), trace.WithLinks(trace.Link{
		SpanContext: trace.SpanContextFromContext(link),
		Attributes:  []attribute.KeyValue{attribute.String("password", secret("spanlink"))},
	}))
	span.SetAttributes(attribute.String("authorization", "Bearer "+secret("spanattr")), attribute.String("zone", "desk-eu1"))
	span.AddEvent("event", trace.WithAttributes(attribute.String("note", "password="+secret("spanevent"))))
	span.RecordError(errors.New("secret: " + secret("spanerr")))
	span.SetStatus(codes.Error, "token="+secret("spanstatus"))
	span.End()
	func() {
		defer func() { _ = recover() }()
		_, span := tracer.Start(ctx, "panics")
		defer span.End()
		panic("password=" + secret("panic"))
	}()
	func() {
		defer func() { _ = recover() }()
		_ = instrument.Do(ctx, "panics", func(context.Context) error { panic(errors.New("token=" + secret("oppanic"))) })
	}()
	_ = instrument.Go(ctx, "panics", func(context.Context) error { panic("api_key=" + secret("gopanic")) }, instrument.OnPanic(instrument.Contain)).Wait()

	counter, err := otel.Meter("someone.else").Int64Counter("orders")
	if err != nil {
		return err //nolint:spancheck // As above.
	}
	counter.Add(ctx, 1, metric.WithAttributes(attribute.String("note", "password="+secret("metric")), attribute.String("zone", "desk-eu1")))

	client := http.Client{Transport: instrument.Transport(nil)}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.Replace(j.Endpoint, "http://", "http://bob:"+secret("userinfo")+"@", 1)+"/peer?access_token="+secret("request"), nil)
	if err != nil {
		return err
	}
	if b := baggage.FromContext(ctx); b.Len() == 0 {
		return errors.New("no baggage")
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// tellAfterwards logs after Shutdown.
func tellAfterwards() {
	telemetry.Logger(telemetry.Daemon).Error("late", "password", secret("after"))
}

// collector keeps what it is sent.
type collector struct {
	mu   sync.Mutex
	wire map[string]*bytes.Buffer // Headers and bodies by path.
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		if zip, err := gzip.NewReader(r.Body); err == nil {
			body = zip
		}
	}
	data, _ := io.ReadAll(body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wire[r.URL.Path] == nil {
		c.wire[r.URL.Path] = &bytes.Buffer{}
	}
	if r.URL.Path == "/peer" {
		data = nil // Its URL is the caller's own.
		r.Header.Del("Authorization")
	}
	for key, values := range r.Header {
		if key == "X-Collector-Key" {
			continue // It is the collector's.
		}
		fmt.Fprintln(c.wire[r.URL.Path], key, values)
	}
	c.wire[r.URL.Path].Write(data)
}

// TestSecrets has a daemon tell secrets in every way there is, and looks for
// them in the files, on the console, and on the wire. The same daemon with
// masking off proves that the test would see them.
func TestSecrets(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, unmasked bool) (text string, c *collector) {
		t.Helper()
		c = &collector{wire: map[string]*bytes.Buffer{}}
		server := httptest.NewServer(c)
		defer server.Close()
		dir := t.TempDir()
		p := start(t, job{Do: "secrets", Dir: dir, Endpoint: server.URL, Unmasked: unmasked}, launch{
			args: []string{"-token=" + secret("arg"), "--password", secret("argtwo")},
			env: []string{
				"OTEL_RESOURCE_ATTRIBUTES=deployment.zone=desk-eu1,db_password=" + secret("resource") + ",note=token%3D" + secret("resourcetext"),
				"OTEL_EXPORTER_OTLP_HEADERS=x-collector-key=" + secret("header"),
			},
		})
		p.wait()
		var all strings.Builder
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all.WriteString(readFile(t, filepath.Join(dir, e.Name())))
		}
		all.WriteString(p.stderr.String())
		for _, w := range c.wire {
			all.Write(w.Bytes())
		}
		return all.String(), c
	}
	t.Run("masked", func(t *testing.T) {
		t.Parallel()
		text, c := run(t, false)
		for way := range ways {
			if i := strings.Index(text, "hunter-"+way+"-"); i >= 0 {
				t.Errorf("the secret by way of %s: %q", way, text[max(0, i-60):min(len(text), i+60)])
			}
		}
		if n := strings.Count(text, "hunter"); n > 0 {
			t.Errorf("%d parts of secrets", n)
		}
		for _, path := range []string{"/v1/logs", "/v1/traces", "/v1/metrics", "/peer"} {
			if w := c.wire[path]; w == nil || !bytes.Contains(w.Bytes(), []byte("desk-eu1")) {
				t.Errorf("%s: what is no secret did not arrive", path)
			}
		}
	})
	t.Run("control", func(t *testing.T) {
		t.Parallel()
		text, _ := run(t, true)
		var unseen []string
		for way, never := range ways {
			if !never && !strings.Contains(text, secret(way)) {
				unseen = append(unseen, way)
			}
		}
		slices.Sort(unseen)
		if len(unseen) > 0 {
			t.Errorf("with masking off, not seen: %v; the test would miss them", unseen)
		}
	})
}
