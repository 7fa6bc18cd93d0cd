package instrument

import (
	"log/slog"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/telemetry"
)

// Option configures an operation. An option that means nothing where it is
// given, such as [Template] to [Do], is ignored.
//
// It takes and returns the configuration by value, which keeps that off the
// heap.
type Option func(config) config

// config is what options set. The zero value is the default of an operation.
type config struct {
	stream    telemetry.Stream
	attrs     []slog.Attr
	links     []link
	http      *httpConfig
	into      *error
	sequence  uint64        // Plus one; zero: none.
	threshold time.Duration // Zero: none. Negative: none, given by an option.
	level     slog.Level    // Of a successful end without a threshold.
	kind      trace.SpanKind
	newTrace  bool
	panics    PanicPolicy
}

// link is a link to another span.
type link struct {
	to    trace.SpanContext
	attrs []slog.Attr
}

// with returns c with the options applied.
func (c config) with(opts []Option) config {
	for _, o := range opts {
		if o != nil {
			c = o(c)
		}
	}
	return c
}

// On names the stream that the operation's record goes to. The default is
// [telemetry.Daemon], for [Transport] and [Middleware] [telemetry.API].
func On(s telemetry.Stream) Option { return func(c config) config { c.stream = s; return c } }

// Threshold has a successful operation recorded only when it took longer than
// d, at WARNING. Zero or less means no threshold, whatever
// performance.threshold_ms says, which is the default.
func Threshold(d time.Duration) Option {
	if d <= 0 {
		d = -1
	}
	return func(c config) config { c.threshold = d; return c }
}

// Attrs gives the operation attributes, for its span and its record. Values
// are resolved and masked.
func Attrs(attrs ...slog.Attr) Option {
	return func(c config) config { c.attrs = append(slices.Clip(c.attrs), attrs...); return c }
}

// AtLevel sets the level of a successful end without a threshold. The default
// is INFO; for [Transport], [Middleware] and the messages of a [Feed] it is
// DEBUG.
func AtLevel(l slog.Level) Option { return func(c config) config { c.level = l; return c } }

// Kind sets the span's kind. The default is internal.
func Kind(k trace.SpanKind) Option { return func(c config) config { c.kind = k; return c } }

// Link links the operation's span to another one.
func Link(sc trace.SpanContext, attrs ...slog.Attr) Option {
	return func(c config) config {
		if sc.IsValid() {
			c.links = append(slices.Clip(c.links), link{to: sc, attrs: attrs})
		}
		return c
	}
}

// NewTrace begins a trace and a correlation ID of the operation's own, with
// the context fields kept, and links it to the span that it would have been a
// child of. Use it for each event of a loop.
func NewTrace() Option { return func(c config) config { c.newTrace = true; return c } }
