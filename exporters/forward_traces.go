package exporters

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"riskmanager.internal/otel/mask"
)

// spanForward is the span processor of a [Forward].
type spanForward struct {
	masker *mask.Masker
	sender *sender[sdktrace.ReadOnlySpan]
	origin originCache
}

var _ sdktrace.SpanProcessor = (*spanForward)(nil)

func newSpanForward(ctx context.Context, cfg ForwardConfig) (*spanForward, error) {
	c, errs, news, err := cfg.connect("traces", cfg.Traces, cfg.SpanExporter != nil)
	if err != nil {
		return nil, err
	}
	exporter := cfg.SpanExporter
	if exporter == nil {
		if exporter, err = c.spanExporter(ctx); err != nil {
			return nil, errs.wrap("exporters: otlp traces", err)
		}
	}
	f := &spanForward{masker: cfg.Masker}
	// Masked by the sender, so that the daemon does not wait for it.
	export := func(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
		masked := make([]sdktrace.ReadOnlySpan, len(spans))
		for i, s := range spans {
			masked[i] = maskSpan(f.masker, &f.origin, s)
		}
		return exporter.ExportSpans(ctx, masked)
	}
	f.sender = newSender(cfg.sender("traces", cfg.Traces, c), errs, news, export, closeBoth(exporter.Shutdown, c))
	return f, nil
}

// OnStart implements [sdktrace.SpanProcessor] and does nothing.
func (f *spanForward) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements [sdktrace.SpanProcessor]. It puts the span into the queue and
// returns; it never waits for the network.
func (f *spanForward) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	r := rankInfo
	if s.Status().Code == codes.Error || within(s.InstrumentationScope().Name, enforcementLogger) {
		r = rankHigh
	}
	f.sender.put(s, spanSize(s), r)
}

// ForceFlush implements [sdktrace.SpanProcessor].
func (f *spanForward) ForceFlush(ctx context.Context) error { return f.sender.flush(ctx) }

// Shutdown implements [sdktrace.SpanProcessor].
func (f *spanForward) Shutdown(ctx context.Context) error { return f.sender.shutdown(ctx) }

// spanSize estimates the memory that a span takes while it waits.
func spanSize(s sdktrace.ReadOnlySpan) int64 {
	n := int64(600+len(s.Name())+len(s.Status().Description)) + keyValuesSize(s.Attributes())
	for _, e := range s.Events() {
		n += int64(64+len(e.Name)) + keyValuesSize(e.Attributes)
	}
	for _, l := range s.Links() {
		n += 96 + keyValuesSize(l.Attributes)
	}
	return n
}

func keyValuesSize(attrs []attribute.KeyValue) int64 {
	var n int64
	for i := range attrs {
		n += 64 + int64(len(attrs[i].Key)) + attributeSize(attrs[i].Value)
	}
	return n
}

func attributeSize(v attribute.Value) int64 {
	switch v.Type() { //nolint:exhaustive // The others have no size of their own.
	case attribute.STRING:
		return int64(len(v.AsString()))
	case attribute.BYTESLICE:
		return int64(len(v.AsByteSlice()))
	case attribute.STRINGSLICE:
		var n int64
		for _, s := range v.AsStringSlice() {
			n += 16 + int64(len(s))
		}
		return n
	case attribute.BOOLSLICE:
		return int64(len(v.AsBoolSlice()))
	case attribute.INT64SLICE:
		return 8 * int64(len(v.AsInt64Slice()))
	case attribute.FLOAT64SLICE:
		return 8 * int64(len(v.AsFloat64Slice()))
	case attribute.SLICE:
		var n int64
		for _, e := range v.AsSlice() {
			n += 40 + attributeSize(e)
		}
		return n
	case attribute.MAP:
		return keyValuesSize(v.AsMap())
	}
	return 0
}
