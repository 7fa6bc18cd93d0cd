package instrument

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// maskingProvider masks what a library puts into its spans, such as the URL
// with its query that otelhttp takes down. A span cannot be masked later: what
// enters it is there for every processor and exporter to see.
type maskingProvider struct {
	embedded.TracerProvider
	state *state
}

var _ trace.TracerProvider = maskingProvider{}

// Tracer implements trace.TracerProvider.
func (p maskingProvider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return maskingTracer{next: p.state.tel.TracerProvider().Tracer(name, opts...), state: p.state}
}

type maskingTracer struct {
	embedded.Tracer
	next  trace.Tracer
	state *state
}

var _ trace.Tracer = maskingTracer{}

// Start implements trace.Tracer. The context that it returns holds the span
// itself, as the SDK wants to find it there.
func (t maskingTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	m := t.state.masker
	c := trace.NewSpanStartConfig(opts...)
	masked := make([]trace.SpanStartOption, 0, 4)
	masked = append(masked, trace.WithSpanKind(c.SpanKind()))
	if kvs := c.Attributes(); len(kvs) > 0 {
		masked = append(masked, trace.WithAttributes(m.KeyValues(kvs)...))
	}
	if at := c.Timestamp(); !at.IsZero() {
		masked = append(masked, trace.WithTimestamp(at))
	}
	if c.NewRoot() {
		masked = append(masked, trace.WithNewRoot())
	}
	for _, l := range c.Links() {
		l.Attributes = m.KeyValues(l.Attributes)
		masked = append(masked, trace.WithLinks(l))
	}
	ctx, span := t.next.Start(ctx, m.String(name), masked...) //nolint:spancheck // The caller ends it.
	return ctx, maskedSpan{Span: span, state: t.state}        //nolint:spancheck // The caller ends it.
}

// maskedSpan is a span through which only masked text passes.
type maskedSpan struct {
	trace.Span
	state *state
}

// SetAttributes implements trace.Span.
func (s maskedSpan) SetAttributes(kvs ...attribute.KeyValue) {
	s.Span.SetAttributes(s.state.masker.KeyValues(kvs)...)
}

// SetStatus implements trace.Span.
func (s maskedSpan) SetStatus(code codes.Code, description string) {
	s.Span.SetStatus(code, s.state.masker.String(description))
}

// SetName implements trace.Span.
func (s maskedSpan) SetName(name string) { s.Span.SetName(s.state.masker.String(name)) }

// AddLink implements trace.Span.
func (s maskedSpan) AddLink(l trace.Link) {
	l.Attributes = s.state.masker.KeyValues(l.Attributes)
	s.Span.AddLink(l)
}

// AddEvent implements trace.Span.
func (s maskedSpan) AddEvent(name string, opts ...trace.EventOption) {
	c := trace.NewEventConfig(opts...)
	s.Span.AddEvent(s.state.masker.String(name), trace.WithTimestamp(c.Timestamp()),
		trace.WithAttributes(s.state.masker.KeyValues(c.Attributes())...))
}

// RecordError implements trace.Span. The error becomes the span's error.type:
// its text is in the log record, as is OpenTelemetry's current direction
// (https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/).
func (s maskedSpan) RecordError(err error, _ ...trace.EventOption) {
	if err != nil {
		s.SetAttributes(errorType(err))
	}
}

// End implements trace.Span. It is a method of its own since it may be deferred
// directly, where the SDK's would record the text of a panic.
func (s maskedSpan) End(opts ...trace.SpanEndOption) { s.Span.End(opts...) }
