package instrument

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/telemetry"
)

// threshold returns the duration beyond which the operation is slow; zero
// means none.
func (o *Op) threshold() time.Duration {
	switch t := o.config.threshold; {
	case t > 0:
		return t
	case t < 0:
		return 0
	}
	return o.state.threshold
}

// verdict returns the level of the end record, and the word after the
// operation's name that makes its message. The operation has ended, or is about
// to.
func (o *Op) verdict() (slog.Level, string) {
	if o.detail != nil {
		return o.detail.verdict(o)
	}
	switch o.status {
	case failed:
		return slog.LevelError, "failed"
	case canceled:
		return slog.LevelInfo, "canceled"
	}
	if o.slow() {
		return slog.LevelWarn, "slow"
	}
	return o.config.level, "completed"
}

func (o *Op) slow() bool {
	t := o.threshold()
	return t > 0 && o.duration > t
}

// due reports whether the end record is to be written for its own sake.
func (o *Op) due() bool {
	if o.status != failed && o.state.quiet {
		return false
	}
	if o.status == ok && o.detail == nil && o.threshold() > 0 && !o.slow() {
		return false
	}
	level, _ := o.verdict()
	return logger(o.config.stream).Enabled(&o.context, level)
}

// connect has the operation recorded since one inside it is: now, if it has
// ended already without a record.
func (o *Op) connect() {
	o.mu.Lock()
	o.connected = true
	late := o.ended && !o.recorded
	if late {
		o.recorded = true
	}
	o.mu.Unlock()
	if late {
		o.write()
	}
}

// write writes the end record, and sees to it that the operation around this
// one is recorded too. The operation has ended: nothing changes it any more.
func (o *Op) write() {
	level, word := o.verdict()
	write(&o.context, o.config.stream, level, o.name+" "+word, o.recordAttrs())
	connectOuter(o.outer, o.span.SpanContext())
}

// connectOuter connects the operation that ctx is in, if it is of the same
// trace: another one is not its parent.
func connectOuter(ctx context.Context, sc trace.SpanContext) {
	if outer := fromContext(ctx); outer != nil && outer.span.SpanContext().TraceID() == sc.TraceID() {
		outer.connect()
	}
}

// recordAttrs returns the attributes of the end record.
func (o *Op) recordAttrs() []slog.Attr {
	attrs := make([]slog.Attr, 0, 7+len(o.config.attrs)+len(o.attrs))
	attrs = append(attrs,
		slog.String(keyOperation, o.name),
		slog.Float64(keyDuration, milliseconds(o.duration)),
		slog.String(keyStatus, o.status.String()),
		slog.String(keyStart, o.start.UTC().Format(timeLayout)),
	)
	psc, sc := trace.SpanContextFromContext(o.outer), o.span.SpanContext()
	if psc.SpanID().IsValid() && psc.SpanID() != sc.SpanID() && psc.TraceID() == sc.TraceID() {
		attrs = append(attrs, slog.String(keyParentSpanID, psc.SpanID().String()))
	}
	if t := o.threshold(); t > 0 {
		attrs = append(attrs, slog.Float64(keyThreshold, milliseconds(t)))
	}
	if o.err != nil {
		attrs = append(attrs, slog.Any(keyError, o.err))
	}
	if o.detail != nil {
		attrs = append(attrs, o.detail.attrs(o.state)...)
	}
	var displaced []slog.Attr
	for _, own := range [][]slog.Attr{o.config.attrs, o.attrs} {
		for _, a := range own {
			if isOurs(a.Key) {
				displaced = append(displaced, a)
				continue
			}
			attrs = append(attrs, a)
		}
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

// write writes a record whose source is the caller of this package, past the
// gate of the level, which its caller has asked.
func write(ctx context.Context, s telemetry.Stream, level slog.Level, msg string, attrs []slog.Attr) {
	r := slog.NewRecord(time.Now(), level, msg, callerPC())
	r.AddAttrs(attrs...)
	// What no caller can receive, the telemetry counts by itself.
	_ = logger(s).Handler().Handle(ctx, r)
}
