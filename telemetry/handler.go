package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
)

// handler is the slog.Handler of every logger of ours. It builds the in-flight
// record, with every value resolved at the call, and hands it to otelslog as
// the context of a record without attributes: otelslog would convert values
// again, less well, and the SDK would index their keys.
type handler struct {
	name  string     // The logger's; immutable once set.
	fixed *Telemetry // Nil: the one of the context, else the current one.

	with   *record.Record // Attributes of With before any group; nil for none.
	groups []group        // Open groups, outermost first.

	last atomic.Pointer[logger] // The logger found by the previous call.
}

// group is an open group and the attributes of With inside it.
type group struct {
	name  string
	attrs []slog.Attr
}

var _ slog.Handler = (*handler)(nil)

// logger returns the logger of h.name in the Telemetry that ctx leads to, or
// nil if there is none.
func (h *handler) logger(ctx context.Context) *logger {
	t := h.fixed
	if t == nil {
		t = FromContext(ctx)
	}
	if t == nil {
		return nil
	}
	if l := h.last.Load(); l != nil && l.tel == t {
		return l
	}
	l := t.logger(h.name)
	h.last.Store(l)
	return l
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	if l := h.logger(ctx); l != nil {
		return level >= slog.Level(l.level.Load())
	}
	return level >= slog.LevelInfo
}

func (h *handler) Handle(ctx context.Context, sr slog.Record) error {
	r := record.Get()
	defer record.Put(r)
	r.Time = sr.Time.UTC()
	if r.Time.IsZero() {
		r.Time = time.Now().UTC()
	}
	r.Time = r.Time.Truncate(time.Microsecond)
	r.Level = sr.Level
	r.Logger = h.name
	r.Body = slog.StringValue(sr.Message)
	r.Source = sourceOf(sr.PC)
	l := h.logger(ctx)
	r.Resolver = l.resolver()
	if h.with != nil {
		addWith(r, h.with)
	}
	if len(h.groups) == 0 {
		sr.Attrs(func(a slog.Attr) bool {
			r.Add(a)
			return true
		})
	} else {
		r.Add(h.grouped(r.Resolver, sr))
	}
	if r.Error != nil && r.Error.Stack == "" && l != nil && *l.tel.cfg.Development.FullTraces {
		r.Error.Stack = stackFrom(r.Source)
	}
	return l.emit(ctx, r, sr)
}

// grouped nests the attributes of sr in the open groups. Groups that are empty
// then are dropped by whoever adds the result.
func (h *handler) grouped(res value.Resolver, sr slog.Record) slog.Attr {
	inner := make([]slog.Attr, 0, sr.NumAttrs())
	sr.Attrs(func(a slog.Attr) bool {
		inner = append(inner, a)
		return true
	})
	for _, g := range slices.Backward(h.groups) {
		v := res.Resolve(slog.GroupValue(append(slices.Clip(g.attrs), inner...)...))
		inner = []slog.Attr{{Key: g.name, Value: v}}
	}
	return inner[0]
}

// addWith puts the attributes of With first into an empty record. They are
// copied: a record is masked in place.
func addWith(r, with *record.Record) {
	r.Attrs = append(r.Attrs, with.Attrs...)
	r.Moved = append(r.Moved, with.Moved...)
	if with.Error != nil {
		e := *with.Error
		r.Error = &e
	}
}

// WithAttrs resolves attrs now: a value that changes later is logged as it was.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	res := h.logger(context.Background()).resolver()
	c := &handler{name: h.name, fixed: h.fixed, with: h.with, groups: slices.Clone(h.groups)}
	if n := len(c.groups); n > 0 {
		g := &c.groups[n-1]
		g.attrs = append(slices.Clip(g.attrs), res.Resolve(slog.GroupValue(attrs...)).Group()...)
		return c
	}
	c.with = &record.Record{Resolver: res}
	if h.with != nil {
		addWith(c.with, h.with)
	}
	for _, a := range attrs {
		c.with.Add(a)
	}
	return c
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{name: h.name, fixed: h.fixed, with: h.with, groups: append(slices.Clip(h.groups), group{name: name})}
}

// Bind returns a logger whose plain calls (Info, Warn, ...) carry ctx: its
// context fields, correlation ID and span. A call that is given a context with
// fields or a span of its own, as by InfoContext, keeps that one.
func Bind(ctx context.Context, log *slog.Logger) *slog.Logger {
	if ctx == nil {
		return log
	}
	return slog.New(&bound{ctx: ctx, next: log.Handler()})
}

type bound struct {
	ctx  context.Context //nolint:containedctx // Carrying it is what Bind is for.
	next slog.Handler
}

func (b *bound) context(ctx context.Context) context.Context {
	if scopeFrom(ctx) == nil && !trace.SpanContextFromContext(ctx).IsValid() {
		return b.ctx
	}
	return ctx
}

func (b *bound) Enabled(ctx context.Context, level slog.Level) bool {
	return b.next.Enabled(b.context(ctx), level)
}

func (b *bound) Handle(ctx context.Context, r slog.Record) error {
	return b.next.Handle(b.context(ctx), r)
}

func (b *bound) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &bound{ctx: b.ctx, next: b.next.WithAttrs(attrs)}
}

func (b *bound) WithGroup(name string) slog.Handler {
	return &bound{ctx: b.ctx, next: b.next.WithGroup(name)}
}
