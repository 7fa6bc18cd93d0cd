package instrument

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// verdict returns the level of the end record, and the word after the
// operation's name that makes its message. The operation has ended, or is about
// to.
func (o *Op) verdict() (slog.Level, string) {
	if m := o.more.Load(); m != nil && m.detail != nil {
		return m.detail.verdict(o)
	}
	switch {
	case o.status == failed:
		return slog.LevelError, "failed"
	case o.status == canceled:
		return slog.LevelInfo, "canceled"
	case o.slow():
		return slog.LevelWarn, "slow"
	}
	return slog.Level(o.level), "completed"
}

func (o *Op) slow() bool { return o.limit > 0 && o.duration > o.limit }

// due reports whether the end record is to be written for its own sake.
func (o *Op) due() bool {
	if o.status == ok && !o.slow() {
		if o.op.state.quiet {
			return false
		}
		if m := o.more.Load(); o.limit > 0 && (m == nil || m.detail == nil) {
			return false
		}
	} else if o.status != failed && o.op.state.quiet {
		return false
	}
	level, _ := o.verdict()
	return o.log().Enabled(o.context(), level)
}

// connect has the operation recorded since one inside it is: now, if it has
// ended already without a record.
func (o *Op) connect() {
	if o.reach(connected)&ended != 0 && o.reach(recorded)&recorded == 0 {
		o.write()
	}
}

// write writes the end record, and sees to it that the operation around this
// one is recorded too. The operation has ended: nothing changes it any more.
func (o *Op) write() {
	level, word := o.verdict()
	ctx := o.context()
	if o.adopted { // Its context is around the span, not inside.
		ctx = trace.ContextWithSpan(ctx, o.span)
	}
	r := slog.NewRecord(time.Now(), level, o.named().raw+" "+word, callerPC(o.adopted))
	r.AddAttrs(o.recordAttrs()...)
	_ = o.log().Handler().Handle(ctx, r) // What no caller can receive, the telemetry counts by itself.

	// Another trace's operation is not its parent.
	if outer := o.outer(); outer != nil && outer.span.SpanContext().TraceID() == o.span.SpanContext().TraceID() {
		outer.connect()
	}
}

// recordAttrs returns the attributes of the end record.
func (o *Op) recordAttrs() []slog.Attr {
	attrs := make([]slog.Attr, 0, 16)
	attrs = append(attrs,
		slog.String(keyOperation, o.named().raw),
		slog.Float64(keyDuration, milliseconds(o.duration)),
		slog.String(keyStatus, o.status.String()),
		slog.String(keyStart, o.startTime().Format(timeLayout)),
	)
	if p := o.parentSpan(); p.IsValid() && p != o.span.SpanContext().SpanID() {
		attrs = append(attrs, slog.String(keyParentSpanID, p.String()))
	}
	if o.limit > 0 {
		attrs = append(attrs, slog.Float64(keyThreshold, milliseconds(o.limit)))
	}
	if m := o.more.Load(); m != nil {
		attrs = m.appendTo(attrs, o.op.state)
	}
	return attrs
}

func (o *Op) parentSpan() trace.SpanID {
	if s, ok := o.span.(sdkSpan); ok && s.Parent().IsValid() {
		return s.Parent().SpanID()
	}
	return o.parent
}

func (m *more) appendTo(attrs []slog.Attr, s *state) []slog.Attr {
	if m.detail != nil {
		attrs = append(attrs, m.detail.attrs(s)...)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		attrs = append(attrs, slog.Any(keyError, m.err))
	}
	var displaced []slog.Attr
	for _, a := range m.attrs {
		if isOurs(a.Key) {
			displaced = append(displaced, a)
			continue
		}
		attrs = append(attrs, a)
	}
	if len(displaced) > 0 {
		attrs = append(attrs, slog.GroupAttrs(keyCallerAttrs, displaced...))
	}
	return attrs
}

// isOurs reports whether a key of the end record is not the caller's to set.
func isOurs(key string) bool {
	switch key {
	case keyOperation, keyDuration, keyStatus, keyStart, keyParentSpanID, keyThreshold:
		return true
	}
	return false
}

// milliseconds returns d with the resolution of a microsecond.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// write writes a record whose source is the caller of this package, and sees to
// it that the operation around it is recorded too.
func write(ctx context.Context, log *slog.Logger, level slog.Level, msg string, attrs []slog.Attr) {
	if !log.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(time.Now(), level, msg, callerPC(false))
	r.AddAttrs(attrs...)
	_ = log.Handler().Handle(ctx, r) // What no caller can receive, the telemetry counts by itself.
	if op := fromContext(ctx); op != nil {
		op.connect()
	}
}
