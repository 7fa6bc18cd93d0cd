package exporters

import (
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

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
	url := m.String(res.SchemaURL())
	if dirty || url != res.SchemaURL() {
		masked = resource.NewWithAttributes(url, attrs...)
	}
	c.seen[res] = masked
	return masked, masked != res
}

// maskAttributes returns attrs masked, and whether that differs from them.
func maskAttributes(m *mask.Masker, attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	masked := m.KeyValues(attrs)
	return masked, !slices.Equal(attrs, masked)
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
		Name: m.String(s.Name), Version: m.String(s.Version), SchemaURL: m.String(s.SchemaURL),
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
		name:         m.String(s.Name()),
		context:      maskSpanContext(m, s.SpanContext()),
		parent:       maskSpanContext(m, s.Parent()),
		attrs:        m.KeyValues(s.Attributes()),
		events:       slices.Clone(s.Events()),
		links:        slices.Clone(s.Links()),
		status:       s.Status(),
	}
	for i := range masked.events {
		e := &masked.events[i]
		e.Name, e.Attributes = m.String(e.Name), m.KeyValues(e.Attributes)
	}
	for i := range masked.links {
		l := &masked.links[i]
		l.SpanContext, l.Attributes = maskSpanContext(m, l.SpanContext), m.KeyValues(l.Attributes)
	}
	masked.status.Description = m.String(masked.status.Description)
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
