package exporters

import (
	"slices"
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

// originCache remembers the masked form of resources: a process has one or
// two, and every record and span points to one of them.
type originCache struct {
	mu   sync.Mutex // Guards seen.
	seen map[*resource.Resource]*resource.Resource
}

// resource returns the masked form of res, and whether that differs from it.
func (c *originCache) resource(m *mask.Masker, res *resource.Resource) (*resource.Resource, bool) {
	if res == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if masked, ok := c.seen[res]; ok {
		return masked, masked != res
	}
	if c.seen == nil || len(c.seen) > 64 {
		c.seen = map[*resource.Resource]*resource.Resource{}
	}
	masked := res
	attrs, dirty := maskAttributes(m, res.Attributes())
	url := maskText(m, res.SchemaURL())
	if dirty || url != res.SchemaURL() {
		masked = resource.NewWithAttributes(url, attrs...)
	}
	c.seen[res] = masked
	return masked, masked != res
}

// maskText returns s masked. Like all that is sent it is valid UTF-8: one byte
// that is not, and OTLP's encoding fails for the whole request.
func maskText(m *mask.Masker, s string) string { return value.Valid(m.String(s)) }

// maskAttributes returns attrs masked and valid, and whether that differs from
// them.
func maskAttributes(m *mask.Masker, attrs []attribute.KeyValue) (masked []attribute.KeyValue, dirty bool) {
	masked = m.KeyValues(attrs)
	dirty = len(attrs) > 0 && &masked[0] != &attrs[0]
	for i, kv := range masked {
		if validAttribute(kv) {
			continue
		}
		if !dirty {
			masked, dirty = slices.Clone(masked), true
		}
		masked[i] = attribute.KeyValue{
			Key: attribute.Key(value.Valid(string(kv.Key))), Value: value.ToAttribute(value.FromAttribute(kv.Value)),
		}
	}
	return masked, dirty
}

func validAttribute(kv attribute.KeyValue) bool {
	return utf8.ValidString(string(kv.Key)) && validValue(kv.Value)
}

func validValue(v attribute.Value) bool {
	switch v.Type() { //nolint:exhaustive // The others hold no text.
	case attribute.STRING:
		return utf8.ValidString(v.AsString())
	case attribute.STRINGSLICE:
		return every(v.AsStringSlice(), utf8.ValidString)
	case attribute.SLICE:
		return every(v.AsSlice(), validValue)
	case attribute.MAP:
		return every(v.AsMap(), validAttribute)
	}
	return true
}

func every[E any](list []E, ok func(E) bool) bool {
	return !slices.ContainsFunc(list, func(e E) bool { return !ok(e) })
}

func maskSet(m *mask.Masker, set attribute.Set) (attribute.Set, bool) {
	if set.Len() == 0 {
		return set, false
	}
	attrs, dirty := maskAttributes(m, set.ToSlice())
	if !dirty {
		return set, false
	}
	return attribute.NewSet(attrs...), true
}

func maskScope(m *mask.Masker, s instrumentation.Scope) (instrumentation.Scope, bool) {
	masked := instrumentation.Scope{
		Name: maskText(m, s.Name), Version: maskText(m, s.Version), SchemaURL: maskText(m, s.SchemaURL),
	}
	var dirty bool
	masked.Attributes, dirty = maskSet(m, s.Attributes)
	return masked, dirty || masked.Name != s.Name || masked.Version != s.Version || masked.SchemaURL != s.SchemaURL
}

// maskSpanContext removes the trace state when the masker finds something in
// it: any caller of ours may have written it.
func maskSpanContext(m *mask.Masker, sc trace.SpanContext) trace.SpanContext {
	if state := sc.TraceState(); state.Len() > 0 {
		if text := state.String(); m.String(text) != text {
			return sc.WithTraceState(trace.TraceState{})
		}
		dirty := false
		state.Walk(func(key, _ string) bool {
			dirty = m.Key(key)
			return !dirty
		})
		if dirty {
			return sc.WithTraceState(trace.TraceState{})
		}
	}
	return sc
}

// maskedSpan is a span whose every text is masked.
type maskedSpan struct {
	sdktrace.ReadOnlySpan

	name            string
	context, parent trace.SpanContext
	attrs           []attribute.KeyValue
	events          []sdktrace.Event
	links           []sdktrace.Link
	status          sdktrace.Status
	scope           instrumentation.Scope
	resource        *resource.Resource
}

func maskSpan(m *mask.Masker, cache *originCache, s sdktrace.ReadOnlySpan) sdktrace.ReadOnlySpan {
	masked := &maskedSpan{
		ReadOnlySpan: s,
		name:         maskText(m, s.Name()),
		context:      maskSpanContext(m, s.SpanContext()),
		parent:       maskSpanContext(m, s.Parent()),
		events:       slices.Clone(s.Events()),
		links:        slices.Clone(s.Links()),
		status:       s.Status(),
	}
	masked.attrs, _ = maskAttributes(m, s.Attributes())
	for i := range masked.events {
		e := &masked.events[i]
		e.Name = maskText(m, e.Name)
		e.Attributes, _ = maskAttributes(m, e.Attributes)
	}
	for i := range masked.links {
		l := &masked.links[i]
		l.SpanContext = maskSpanContext(m, l.SpanContext)
		l.Attributes, _ = maskAttributes(m, l.Attributes)
	}
	masked.status.Description = maskText(m, masked.status.Description)
	masked.scope, _ = maskScope(m, s.InstrumentationScope())
	masked.resource, _ = cache.resource(m, s.Resource())
	return masked
}

func (s *maskedSpan) Name() string                                { return s.name }
func (s *maskedSpan) SpanContext() trace.SpanContext              { return s.context }
func (s *maskedSpan) Parent() trace.SpanContext                   { return s.parent }
func (s *maskedSpan) Attributes() []attribute.KeyValue            { return s.attrs }
func (s *maskedSpan) Events() []sdktrace.Event                    { return s.events }
func (s *maskedSpan) Links() []sdktrace.Link                      { return s.links }
func (s *maskedSpan) Status() sdktrace.Status                     { return s.status }
func (s *maskedSpan) InstrumentationScope() instrumentation.Scope { return s.scope }
func (s *maskedSpan) Resource() *resource.Resource                { return s.resource }

// InstrumentationLibrary implements [sdktrace.ReadOnlySpan].
//
//nolint:staticcheck // Deprecated, but part of the interface.
func (s *maskedSpan) InstrumentationLibrary() instrumentation.Library { return s.scope }
