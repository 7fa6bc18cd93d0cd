package instrument

import (
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/value"
)

// resolve returns attrs with their values resolved now, so that nothing in them
// changes or runs later.
func (s *state) resolve(attrs []slog.Attr) []slog.Attr {
	if len(attrs) == 0 {
		return nil
	}
	return s.resolver.Resolve(slog.GroupValue(attrs...)).Group()
}

// attributes returns resolved attributes as OpenTelemetry's, masked: a span
// cannot be masked later.
func (s *state) attributes(attrs []slog.Attr) []attribute.KeyValue {
	kvs := make([]attribute.KeyValue, len(attrs))
	for i, a := range attrs {
		kvs[i] = attribute.KeyValue{Key: attribute.Key(a.Key), Value: value.ToAttribute(a.Value)}
	}
	return s.masker.KeyValues(kvs)
}

// links returns links with their attributes masked.
func (s *state) links(links []link) []trace.Link {
	out := make([]trace.Link, len(links))
	for i, l := range links {
		out[i] = trace.Link{SpanContext: l.to, Attributes: s.attributes(s.resolve(l.attrs))}
	}
	return out
}

// errorType returns the attribute error.type of err.
func errorType(err error) attribute.KeyValue {
	t := value.ErrorType(err)
	if t == "" { // A nil pointer in an error.
		t = otherName
	}
	return attribute.String(keyErrorType, t)
}
