package instrument_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

func TestFeed(t *testing.T) {
	b := setup(t)
	f := instrument.NewFeed("user_hub", instrument.On(telemetry.API))
	ctx := telemetry.With(b.ctx, telemetry.AccountID("ACC123"))
	nothing := func(context.Context) error { return nil }

	f.Retrying(ctx, 1, time.Second, errors.New("dial: access_token="+jwt))
	f.Connected(ctx)
	_ = f.Message(ctx, "trade", nothing, instrument.Sequence(1))
	_ = f.Message(ctx, "trade", nothing, instrument.Sequence(2))
	if err := f.Message(ctx, "quote", func(context.Context) error { return errGateway }); err != errGateway { //nolint:errorlint // The same one.
		t.Errorf("got error %v", err)
	}
	f.Disconnected(errors.New("EOF"))
	f.Disconnected(nil) // Nothing is connected.
	f.Retrying(ctx, 1, time.Second, nil)
	f.Retrying(ctx, 2, time.Second, nil)
	f.Connected(ctx)
	_ = f.Message(ctx, "trade", nothing, instrument.Sequence(6))
	_ = f.Message(ctx, "trade", nothing, instrument.Sequence(5)) // Late: no gap.
	_ = f.Message(ctx, "trade", nothing, instrument.Sequence(7))
	f.Gap(ctx)
	f.Disconnected(nil)

	if diff := cmp.Diff(b.messages(), []string{
		"WARNING user_hub reconnecting",
		"WARNING user_hub reconnected",
		"ERROR user_hub.quote failed",
		"ERROR user_hub.connection failed",
		"WARNING user_hub reconnecting",
		"WARNING user_hub reconnecting",
		"WARNING user_hub reconnected",
		"WARNING user_hub gap",
		"WARNING user_hub gap",
		"INFO user_hub.connection completed",
	}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
	if got, want := len(b.Records(telemetry.API)), len(b.messages()); got != want {
		t.Errorf("got %d records in api.log, want %d", got, want)
	}
	b.want(b.all("user_hub gap")[0], map[string]any{"expected": 3, "received": 6, "missing": 3, "message_type": "trade"})
	again := b.all("user_hub reconnected")[1]
	b.want(again, map[string]any{"attempt": 3})
	for _, key := range []string{"downtime_ms", "since_last_message_ms"} {
		if _, ok := again[key].(float64); !ok {
			t.Errorf("got %s %v, want a number", key, again[key])
		}
	}
	b.want(b.one("user_hub.connection failed"), map[string]any{"messages": 3})

	var connections, messages int
	for _, s := range b.Spans() {
		switch s.Name {
		case "user_hub.connection":
			connections++
		case "user_hub.trade":
			messages++
			if s.Parent.IsValid() || len(s.Links) != 1 || s.SpanKind != trace.SpanKindConsumer || attr(s, "messaging.destination.name") != "user_hub" {
				t.Errorf("got message span %v with parent %v and links %v", s.Attributes, s.Parent, s.Links)
			}
		}
	}
	if connections != 2 || messages != 5 {
		t.Errorf("got %d connections and %d trades, want 2 and 5", connections, messages)
	}
	b.AssertNoSecret(jwt)
}

func TestFeedLinksToItsConnection(t *testing.T) {
	b := setup(t)
	f := instrument.NewFeed("hub")
	_ = f.Message(b.ctx, "early", func(context.Context) error { return nil })
	inside := f.Connected(b.ctx)
	_ = f.Message(inside, "m", func(ctx context.Context) error {
		if telemetry.CorrelationID(ctx) == telemetry.CorrelationID(inside) {
			t.Error("the message has the correlation ID of the connection")
		}
		return nil
	})
	f.Disconnected(nil)
	m, c := b.Span("hub.m"), b.Span("hub.connection")
	if len(m.Links) != 1 || m.Links[0].SpanContext.SpanID() != c.SpanContext.SpanID() || m.SpanContext.TraceID() == c.SpanContext.TraceID() {
		t.Errorf("got links %v in trace %v, want one to %v in another", m.Links, m.SpanContext.TraceID(), c.SpanContext)
	}
	if got := b.Span("hub.early").Links; len(got) != 0 {
		t.Errorf("got links %v before there was a connection", got)
	}
}

func TestFeedRecordsTheConnectionOfAGap(t *testing.T) {
	b := setup(t, telemetry.WithLevel(slog.LevelWarn))
	f := instrument.NewFeed("hub")
	f.Connected(b.ctx)
	f.Gap(b.ctx)
	f.Disconnected(nil)
	if diff := cmp.Diff(b.messages(), []string{"WARNING hub gap", "INFO hub.connection completed"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
}

func TestFeedConcurrentSafe(t *testing.T) {
	b := setup(t)
	f := instrument.NewFeed("hub")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 30 {
				switch {
				case i == 0 && n%10 == 0:
					f.Connected(b.ctx)
				case i == 1 && n%10 == 0:
					f.Disconnected(errGateway)
				default:
					_ = f.Message(b.ctx, "m", func(context.Context) error { return nil }, instrument.Sequence(uint64(n)))
				}
			}
		})
	}
	wg.Wait()
	f.Disconnected(nil)
}
