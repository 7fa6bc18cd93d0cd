package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/telemetry"
)

const (
	remoteTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	remoteUUID  = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
)

func remote(ctx context.Context) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{
		"traceparent": "00-" + remoteTrace + "-00f067aa0ba902b7-01",
	})
}

func TestCorrelationSpansBeforeInsideAndAfter(t *testing.T) {
	tel, dir := start(t)
	ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"))
	log := telemetry.Logger(telemetry.Daemon)

	log.InfoContext(ctx, "before")
	spanCtx, span := tel.TracerProvider().Tracer("test").Start(ctx, "root")
	log.InfoContext(spanCtx, "inside")
	if got := trace.SpanContextFromContext(ctx); got.IsValid() {
		t.Errorf("the context has a phantom parent %v", got)
	}
	_, second := tel.TracerProvider().Tracer("test").Start(ctx, "second root")
	second.End()
	span.End()
	log.InfoContext(ctx, "after")

	want := strings.ReplaceAll(telemetry.CorrelationID(ctx), "-", "")
	if want == "" {
		t.Fatal("With began no correlation ID")
	}
	if got := second.SpanContext().TraceID().String(); got != want {
		t.Errorf("second root: got trace %s, want %s", got, want)
	}
	for _, r := range read(t, dir, "daemon.log") {
		if r["trace_id"] != want || contextOf(r)["correlation_id"] != telemetry.CorrelationID(ctx) {
			t.Errorf("%s: got trace %v and correlation %v, want %s", r["message"], r["trace_id"], contextOf(r)["correlation_id"], want)
		}
		if _, has := r["span_id"]; has != (r["message"] == "inside") {
			t.Errorf("%s: span_id present is %v", r["message"], has)
		}
	}
	if id := span.SpanContext().TraceID(); id[6]>>4 != 7 || id[8]>>6 != 2 {
		t.Errorf("trace ID %s is no UUIDv7", id)
	}
}

func TestCorrelationID(t *testing.T) {
	tel, _ := start(t)
	tracer := tel.TracerProvider().Tracer("test")
	inSpan, span := tracer.Start(t.Context(), "outer")
	defer span.End()
	spanID := span.SpanContext().TraceID().String()

	for _, tt := range []struct {
		name      string
		ctx       context.Context //nolint:containedctx // What the case is about.
		wantID    string          // Empty: any that is not empty.
		wantTrace string          // Empty: that of the ID.
	}{
		{name: "uuid", ctx: telemetry.WithCorrelationID(t.Context(), "A1B2C3D4-E5F6-7890-ABCD-EF1234567890"), wantID: "a1b2c3d4-e5f6-7890-abcd-ef1234567890", wantTrace: "a1b2c3d4e5f67890abcdef1234567890"},
		{name: "32 hexadecimal digits", ctx: telemetry.WithCorrelationID(t.Context(), remoteTrace), wantID: remoteUUID, wantTrace: remoteTrace},
		{name: "foreign string", ctx: telemetry.WithCorrelationID(t.Context(), "order-42/α"), wantID: "order-42/α", wantTrace: "1da902eeb05f28eb7e583e8a3284a74d"},
		{name: "empty begins one", ctx: telemetry.WithCorrelationID(t.Context(), "")},
		{name: "nil begins one", ctx: telemetry.WithCorrelationID(t.Context(), "00000000-0000-0000-0000-000000000000")},
		{name: "remote parent", ctx: telemetry.With(remote(t.Context()), slog.Int("n", 1)), wantID: remoteUUID, wantTrace: remoteTrace},
		{name: "remote parent after a field", ctx: remote(telemetry.With(t.Context(), slog.Int("n", 1))), wantID: remoteUUID, wantTrace: remoteTrace},
		{name: "custom ID under a remote parent", ctx: telemetry.WithCorrelationID(remote(t.Context()), "mine"), wantID: "mine", wantTrace: remoteTrace},
		{name: "custom ID inside a span", ctx: telemetry.WithCorrelationID(inSpan, "mine"), wantID: "mine", wantTrace: spanID},
		{name: "custom ID as a field", ctx: telemetry.With(t.Context(), slog.String("correlation_id", remoteUUID)), wantID: remoteUUID, wantTrace: remoteTrace},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := telemetry.CorrelationID(tt.ctx)
			if id == "" || tt.wantID != "" && id != tt.wantID {
				t.Errorf("got ID %q, want %q", id, tt.wantID)
			}
			_, span := tracer.Start(tt.ctx, "child")
			defer span.End()
			want := tt.wantTrace
			if want == "" {
				want = strings.ReplaceAll(id, "-", "")
			}
			if got := span.SpanContext().TraceID().String(); got != want {
				t.Errorf("got trace %s, want %s", got, want)
			}
		})
	}
}

func TestGeneratedIDsSort(t *testing.T) {
	before := telemetry.CorrelationID(telemetry.NewCorrelation(t.Context()))
	for range 10_000 {
		id := telemetry.CorrelationID(telemetry.NewCorrelation(t.Context()))
		if id <= before || id[14] != '7' {
			t.Fatalf("got %s after %s", id, before)
		}
		before = id
	}
}

// As slog and package instrument have it: a daemon does not die of it.
func TestNilContext(t *testing.T) {
	_, dir := start(t)
	var none context.Context
	if got := telemetry.CorrelationID(none); got != "" || telemetry.Fields(none) != nil {
		t.Errorf("got %q and %v, want nothing", got, telemetry.Fields(none))
	}
	ctx := telemetry.With(none, slog.Int("n", 1))
	if telemetry.CorrelationID(ctx) == "" || len(telemetry.Fields(ctx)) != 1 {
		t.Error("With began nothing")
	}
	if telemetry.CorrelationID(telemetry.NewCorrelation(none)) == "" || telemetry.CorrelationID(telemetry.WithCorrelationID(none, "x")) != "x" {
		t.Error("no correlation")
	}
	if telemetry.Propagate(none, "n") == nil || telemetry.WithBaggage(none, "n") == nil {
		t.Error("got no context")
	}
	telemetry.NewContext(t.Context(), nil) // From now on contexts are looked into.
	telemetry.Bind(none, telemetry.Logger(telemetry.Daemon)).Info("bound")
	if got := last(t, dir, "daemon.log"); got["message"] != "bound" || len(contextOf(got)) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestNewCorrelation(t *testing.T) {
	tel, _ := start(t)
	ctx := telemetry.With(t.Context(), telemetry.AccountID("A"))
	ctx, loop := tel.TracerProvider().Tracer("test").Start(ctx, "loop")
	defer loop.End()

	event := telemetry.NewCorrelation(ctx)
	if a, b := telemetry.CorrelationID(ctx), telemetry.CorrelationID(event); a == b || b == "" {
		t.Errorf("got ID %q after %q, want a new one", b, a)
	}
	if got := telemetry.Fields(event); len(got) != 1 || got[0].Key != "account_id" {
		t.Errorf("got fields %v, want account_id kept", got)
	}
	_, span := tel.TracerProvider().Tracer("test").Start(event, "event")
	defer span.End()
	if span.SpanContext().TraceID() == loop.SpanContext().TraceID() {
		t.Error("the event's span is in the loop's trace")
	}
}

func TestCorrelationIsolatedBetweenGoroutines(t *testing.T) {
	_, dir := start(t)
	var wg sync.WaitGroup
	ids := make([]string, 32)
	for i := range ids {
		wg.Go(func() {
			ctx := telemetry.With(context.Background(), slog.Int("worker", i))
			ids[i] = telemetry.CorrelationID(ctx)
			for range 20 {
				telemetry.Logger(telemetry.Daemon).InfoContext(ctx, "step")
			}
		})
	}
	wg.Wait()
	records := read(t, dir, "daemon.log")
	if got, want := len(records), 32*20; got != want {
		t.Fatalf("got %d records, want %d", got, want)
	}
	uids := map[any]bool{}
	for _, r := range records {
		c := contextOf(r)
		if want := ids[int(c["worker"].(float64))]; c["correlation_id"] != want {
			t.Errorf("worker %v: got %v, want %v", c["worker"], c["correlation_id"], want)
		}
		uids[r["uid"]] = true
	}
	if len(uids) != len(records) {
		t.Errorf("got %d distinct uids of %d records", len(uids), len(records))
	}
}

func TestWithMasksByGoName(t *testing.T) {
	ctx := telemetry.With(t.Context(), slog.Any("login", struct {
		Password string `json:"p"`
	}{"hunter2"}))
	if got := fmt.Sprint(telemetry.Fields(ctx)); strings.Contains(got, "hunter2") {
		t.Errorf("got %s", got)
	}
}

func TestWithNestsAndMerges(t *testing.T) {
	_, dir := start(t)
	outer := telemetry.With(t.Context(), telemetry.AccountID("ACC123"), telemetry.EventType("rule_check"))
	inner := telemetry.With(outer, telemetry.EventType("enforcement_action"), telemetry.RuleID("MAX_LOSS"))
	log := telemetry.Logger(telemetry.Daemon)
	log.InfoContext(inner, "inner")
	log.InfoContext(outer, "outer")

	id := telemetry.CorrelationID(outer)
	for message, want := range map[string]record{
		"inner": {"correlation_id": id, "account_id": "ACC123", "event_type": "enforcement_action", "rule_id": "MAX_LOSS"},
		"outer": {"correlation_id": id, "account_id": "ACC123", "event_type": "rule_check"},
	} {
		got := contextOf(only(read(t, dir, "daemon.log"), message)[0])
		if len(got) != len(want) {
			t.Errorf("%s: got %v, want %v", message, got, want)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s: got %v, want %v", message, k, got[k], v)
			}
		}
	}
}
