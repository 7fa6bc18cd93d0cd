package record

import (
	"log/slog"
	"slices"
	"strings"

	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

// surelyFits is an upper bound of a line that fits after masking, too: what is
// masked grows to 12 bytes at most, however short it was.
const surelyFits = MaxLine / 32

// Mask masks everything the record says, once: a second call does nothing. It
// also cuts the record to what a line can hold (see [Record.Limit]), so that
// every sink renders the same. A nil m masks by the default rules. Source is
// the program's own text and stays. Nothing but IDs may be changed afterwards.
func (r *Record) Mask(m *mask.Masker) {
	if r.Masked {
		return
	}
	bound := r.bound()
	if bound > maxUnmasked {
		r.shorten()
	}
	if r.Body.Kind() == slog.KindString {
		s := r.Body.String()
		if r.text(m, &s) {
			r.Body = slog.StringValue(s)
		}
	} else {
		r.Body, _ = distinctValue(m.Value(r.Body))
	}
	if r.carried == nil {
		r.maskContext(m)
	}
	r.attrs(m, &r.Attrs)
	r.attrs(m, &r.Moved)
	if e := r.Error; e != nil {
		r.text(m, &e.Type)
		r.text(m, &e.Message)
		r.text(m, &e.Stack)
	}
	if r.foreign {
		r.text(m, &r.Logger)
		r.text(m, &r.EventName)
		r.text(m, &r.UID)
	}
	r.Masked = true
	if bound <= surelyFits && r.budget.Lost() == 0 {
		r.whole = true
		return
	}
	r.Limit()
}

// maskContext masks the correlation ID and the context fields.
func (r *Record) maskContext(m *mask.Masker) {
	r.text(m, &r.CorrelationID)
	r.attrs(m, &r.Context)
}

// attrs masks *list in place.
func (r *Record) attrs(m *mask.Masker, list *[]slog.Attr) {
	if m.Attrs(*list) {
		*list = distinct(*list)
		r.index, r.Dirty = nil, true
	}
}

// text masks *s and reports whether it changed.
func (r *Record) text(m *mask.Masker, s *string) bool {
	out, dirty := m.Append(nil, *s)
	if dirty {
		*s, r.Dirty = string(out), true
	}
	return dirty
}

// distinct keeps the keys unique that masking may have made the same, at any
// depth: of "a@b.c" and "d@b.c" only "***@b.c" is left. The last wins. Of what
// is below attrs itself a copy is changed.
func distinct(attrs []slog.Attr) []slog.Attr {
	masked := false
	for i := range attrs {
		if v, changed := distinctValue(attrs[i].Value); changed {
			attrs[i].Value = v
		}
		masked = masked || strings.IndexByte(attrs[i].Key, '*') >= 0
	}
	if !masked {
		return attrs
	}
	out := attrs[:0]
	for _, a := range attrs {
		out = set(out, a)
	}
	clear(attrs[len(out):])
	return out
}

// distinctValue is distinct for the objects in v, and tells whether one of them
// had a key twice.
func distinctValue(v slog.Value) (out slog.Value, changed bool) {
	switch v.Kind() {
	case slog.KindGroup:
		group := v.Group()
		for i, a := range group {
			value, differs := distinctValue(a.Value)
			differs = differs || strings.IndexByte(a.Key, '*') >= 0 && has(group[:i], a.Key)
			if differs && !changed {
				changed = true
				group = slices.Clone(group)
			}
			if differs {
				group[i].Value = value
			}
		}
		if changed {
			return slog.GroupValue(distinct(group)...), true
		}
	case slog.KindAny:
		if list, ok := v.Any().(value.List); ok {
			for i, e := range list {
				value, differs := distinctValue(e)
				if differs && !changed {
					changed = true
					list = slices.Clone(list)
				}
				if differs {
					list[i] = value
				}
			}
			if changed {
				return slog.AnyValue(list), true
			}
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindLogValuer,
		slog.KindString, slog.KindTime, slog.KindUint64:
	}
	return v, false
}
