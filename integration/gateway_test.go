package integration

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/mask"
)

// The gateway keeps errors, enforcement and what was slow, and of the rest what
// GATEWAY_KEEP_PERCENT says.
func TestGatewaySampling(t *testing.T) {
	begin(t)
	u, addr := newGRPCUpstream(t)
	c := startCollector(t, []string{"--config", gatewayConfig},
		"GATEWAY_TRACES=otlp_grpc/tempo", "TEMPO_ENDPOINT="+addr, "TEMPO_INSECURE=true",
		"GATEWAY_DECISION_WAIT=1s", "GATEWAY_SLOW_MS=300", "GATEWAY_KEEP_PERCENT=0")
	f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: c.grpcURL, Protocol: exporters.ProtocolGRPC},
	})
	if err != nil {
		t.Fatal(err)
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(f.SpanProcessor()))
	tracer := tp.Tracer("test")
	start := time.Now()
	span := func(name string, took time.Duration, attrs ...attribute.KeyValue) (string, trace.Span) {
		_, s := tracer.Start(t.Context(), name, trace.WithTimestamp(start), trace.WithAttributes(attrs...))
		id := s.SpanContext().TraceID()
		s.End(trace.WithTimestamp(start.Add(took)))
		return string(id[:]), s
	}
	ordinary, _ := span("fetch_positions", time.Millisecond)
	fast, _ := span("fetch_orders", 40*time.Millisecond, attribute.Float64("threshold_ms", 50))
	keep := map[string]string{}
	keep["slow"], _ = span("fetch_positions", 400*time.Millisecond)
	keep["over its threshold"], _ = span("fetch_orders", 60*time.Millisecond, attribute.Float64("threshold_ms", 50))
	keep["enforcement"], _ = span("enforce_rule", time.Millisecond)
	keep["rule"], _ = span("close_position", time.Millisecond, attribute.String("rule_id", "MAX_LOSS"))
	_, s := tracer.Start(t.Context(), "failing")
	s.SetStatus(codes.Error, "refused")
	s.End()
	id := s.SpanContext().TraceID()
	keep["error"] = string(id[:])

	if err := f.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the traces to be kept", func() bool { return len(u.traceIDs()) >= len(keep) })
	time.Sleep(time.Second) // Anything else would come now.
	got := u.traceIDs()
	for why, id := range keep {
		if !got[id] {
			t.Errorf("not kept: %s", why)
		}
	}
	if got[ordinary] || got[fast] {
		t.Error("an ordinary trace was kept at 0 %")
	}
}

// The collector's own redaction catches the secrets of a sender that does not
// mask, at any depth, and leaves everything of ours alone.
func TestRedaction(t *testing.T) {
	begin(t)
	u := newUpstream(t)
	c := startCollector(t, []string{"--config", localConfig}, "OTELCOL_UPSTREAM=otlp_http", "OTELCOL_UPSTREAM_ENDPOINT="+u.url)
	unmasked, err := mask.New(mask.Config{Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	f, err := exporters.NewForward(t.Context(), exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: c.httpURL}, Masker: unmasked,
	})
	if err != nil {
		t.Fatal(err)
	}
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
	var r log.Record
	r.SetBody(attribute.StringValue("Authorization: Bearer " + canary + "aaaa and " + jwt))
	r.SetTimestamp(time.Now())
	r.AddAttributes(
		attribute.String("api_key", canary),
		attribute.Int("password", 12345678),
		attribute.Map("user", attribute.Map("login", attribute.String("refresh_token", canary))),
		attribute.String("dsn", "postgres://u:"+canary+"@db/x"),
		attribute.String("account_id", "ACC123"),
		attribute.String("order_id", "4539148803436467"),
		attribute.Float64("price", 4512.25),
		attribute.Int("token_count", 17),
		attribute.String("hash", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
	)
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(f.LogProcessor()))
	lp.Logger("other").Emit(t.Context(), r)
	if err := errors.Join(f.Flush(t.Context()), f.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the record", func() bool { return len(u.uids()) == 1 })
	for _, r := range u.records() {
		text := r.String()
		for _, secret := range []string{canary, jwt, "12345678"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q passed: %s", secret, text)
			}
		}
		attrs := otlpMap(r.GetAttributes())
		for key, want := range map[string]any{
			"account_id": "ACC123", "order_id": "4539148803436467", "price": 4512.25, "token_count": int64(17),
			"hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		} {
			if attrs[key] != want {
				t.Errorf("%s = %v, want %v", key, attrs[key], want)
			}
		}
	}
}
