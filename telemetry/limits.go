package telemetry

import (
	"log/slog"
	"unicode/utf8"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
)

// limits are those of OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT and
// OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT; negative is none. They hold for
// the attributes of the caller, in the files as over OTLP; what the telemetry
// adds does not count.
type limits struct {
	count  int
	length int // Bytes of each text.
}

// apply cuts a masked record down to the limits and says how many attributes
// that took.
func (l limits) apply(r *record.Record) {
	if n := len(r.Attrs) + len(r.Moved) - l.count; l.count >= 0 && n > 0 {
		kept := min(l.count, len(r.Attrs))
		r.Attrs, r.Moved = r.Attrs[:kept], r.Moved[:l.count-kept]
		r.AddPlain(slog.Int("dropped_attributes", n))
	}
	if l.length >= 0 {
		l.cut(r.Attrs)
		l.cut(r.Moved)
	}
}

func (l limits) cut(attrs []slog.Attr) {
	for i, a := range attrs {
		if v, changed := l.value(a.Value); changed {
			attrs[i].Value = v
		}
	}
}

// value cuts the texts in v. What v shares with others is copied.
func (l limits) value(v slog.Value) (_ slog.Value, changed bool) {
	switch v.Kind() {
	case slog.KindString:
		if s := v.String(); len(s) > l.length {
			n := l.length
			for n > 0 && !utf8.RuneStart(s[n]) {
				n--
			}
			return slog.StringValue(s[:n]), true
		}
	case slog.KindGroup:
		attrs := append([]slog.Attr(nil), v.Group()...)
		l.cut(attrs)
		return slog.GroupValue(attrs...), true
	case slog.KindAny:
		if list, ok := v.Any().(value.List); ok {
			cut := make(value.List, len(list))
			for i, e := range list {
				cut[i], _ = l.value(e)
			}
			return slog.AnyValue(cut), true
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindTime, slog.KindUint64, slog.KindLogValuer:
	}
	return v, false
}
