package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// operation is a thing to do, with instrumentation of ours and by hand.
type operation struct {
	name, byHand string
	n            int // How often in a round.
	ours, theirs func(n int)
}

// operationsTable is what operations cost beside spans that one starts by hand,
// when no record is due.
func operationsTable(w io.Writer, rounds, _ int) {
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	tel, err := telemetry.Setup(context.Background(), telemetry.WithLogDir(dir), telemetry.WithLevel(slog.LevelError))
	check(err)
	fmt.Fprintln(w, "operation, no record due\tby hand\tours, CPU ns\ttheirs\tours / theirs")
	for _, o := range append(spanOperations(), transportOperation()) {
		var ours, theirs []time.Duration
		var ratios []float64
		for range rounds {
			t, s := cpuOf(o.n, o.theirs), cpuOf(o.n, o.ours)
			ours, theirs, ratios = append(ours, s), append(theirs, t), append(ratios, float64(s)/float64(t))
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%.2f\n", o.name, o.byHand, median(ours).Nanoseconds(), median(theirs).Nanoseconds(), median(ratios))
	}
	const n = 200
	fmt.Fprintf(w, "Summary of %d operations\t\t%d\t\t\n", len(instrument.Summary()),
		cpuOf(n, func(n int) {
			for range n {
				instrument.Summary()
			}
		}).Nanoseconds())
	check(tel.Shutdown(context.Background()))
}

// cpuOf returns the CPU time that one of n takes.
func cpuOf(n int, run func(int)) time.Duration {
	c0 := cpu()
	run(n)
	return (cpu() - c0) / time.Duration(n)
}

// spanOperations are those that a bare span is the measure of.
func spanOperations() []operation {
	bare := sdktrace.NewTracerProvider().Tracer("bench")
	ctx := context.Background()
	fields := telemetry.With(ctx, telemetry.AccountID(account), telemetry.EventType("trade"))
	attrs := []attribute.KeyValue{attribute.String("account_id", account), attribute.String("event_type", "trade")}
	quiet := instrument.Threshold(time.Hour)
	nothing := func(context.Context) error { return nil }
	repeat := func(f func()) func(int) {
		return func(n int) {
			for range n {
				f()
			}
		}
	}
	span := func() { _, s := bare.Start(ctx, "op"); s.End() }

	feed := instrument.NewFeed("hub", quiet)
	feed.Connected(ctx)
	link := trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})}
	message := []attribute.KeyValue{
		attribute.String("messaging.destination.name", "hub"), attribute.String("messaging.operation.type", "process"), attribute.String("message_type", "trade"),
	}

	const tick = time.Millisecond
	every := func(n int, each func(context.Context)) { // Ends with the nth tick.
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		instrument.Every(ctx, tick, "tick", func(ctx context.Context) {
			if each(ctx); n == 1 {
				stop()
			}
			n--
		}, quiet)
	}
	ticker := func(n int) {
		t := time.NewTicker(tick)
		defer t.Stop()
		for range n {
			<-t.C
			span()
		}
	}

	const many = 30_000
	return []operation{
		{
			"Do", "a span", many,
			repeat(func() { _ = instrument.Do(ctx, "op", nothing, quiet) }), repeat(span),
		},
		{
			"Do, two context fields", "a span with two attributes", many,
			repeat(func() { _ = instrument.Do(fields, "op", nothing, quiet) }),
			repeat(func() { _, s := bare.Start(fields, "op"); s.SetAttributes(attrs...); s.End() }),
		},
		{
			"Do, two context fields", "a span without them", many,
			repeat(func() { _ = instrument.Do(fields, "op", nothing, quiet) }), repeat(span),
		},
		{
			"Start, End", "a span", many,
			repeat(func() { _, op := instrument.Start(ctx, "op", quiet); op.End(nil) }), repeat(span),
		},
		{
			"Go, Wait", "go, a span, a channel", many,
			repeat(func() { _ = instrument.Go(ctx, "op", nothing, quiet).Wait() }),
			repeat(func() {
				done := make(chan struct{})
				go func() { defer close(done); span() }()
				<-done
			}),
		},
		{
			"Feed.Message", "a linked span with three attributes", many,
			repeat(func() { _ = feed.Message(ctx, "trade", nothing) }),
			repeat(func() {
				_, s := bare.Start(ctx, "hub.trade", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(link), trace.WithAttributes(message...))
				s.End()
			}),
		},
		{"Every, a tick", "time.Ticker, a span", 300, func(n int) { every(n, func(context.Context) {}) }, ticker},
	}
}

// transportOperation is a request over loopback; its CPU time is the server's
// too.
func transportOperation() operation {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 500))
	}))
	get := func(rt http.RoundTripper) func(int) {
		c := &http.Client{Transport: rt}
		return func(n int) {
			for range n {
				r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+"/api/Position/searchOpen?account="+account, http.NoBody)
				check(err)
				res, err := c.Do(r)
				check(err)
				_, err = io.Copy(io.Discard, res.Body)
				check(err)
				check(res.Body.Close())
			}
		}
	}
	return operation{
		"Transport, a request", "otelhttp, the same providers", 1000,
		get(instrument.Transport(nil, instrument.Template("/api/Position/searchOpen"))), get(otelhttp.NewTransport(http.DefaultTransport)),
	}
}
