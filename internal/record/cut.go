package record

import (
	"encoding/base64"
	"log/slog"
	"math"
	"slices"
	"strconv"

	"riskmanager.internal/otel/internal/value"
)

const (
	// minText is what is left of each string at least, in bytes of JSON, before
	// anything else is cut.
	minText = 64
	// noteLen is more than the note on a cut string takes.
	noteLen = 48
	// maxKey is the length of a key that is left whole in a record that is cut.
	maxKey = 128
	// maxUnmasked is how much text the masker is given at most, in bytes.
	maxUnmasked = 4 << 20
)

// Limit cuts the record so that its line is at most [MaxLine] bytes long, and
// states its original size. What is cut depends on the record only: first the
// longest strings, all to one length, down to minText; then lists and objects,
// to fewer and fewer members; then the last attributes. Each cut leaves a note
// in its place. A record that fits stays as it is.
//
// Strings are cut anywhere, so that a record must have been masked before.
func (r *Record) Limit() {
	if r.fits() {
		r.whole = true
		return
	}
	r.carried = nil // What it holds may be cut.
	defer func() { r.whole = true }()
	size := r.lineLen()
	if r.OriginalBytes == 0 {
		r.OriginalBytes = size + r.budget.Lost()
		size = r.lineLen() // It states the cut now.
	}
	if size <= MaxLine {
		return
	}
	r.cutText(size)
	if r.lineLen() <= MaxLine {
		return
	}
	r.cutKeys()
	for width := 512; width >= 1 && r.lineLen() > MaxLine; width /= 2 {
		r.cutWidth(width)
	}
	r.cutAttrs()
}

// cutText cuts the longest strings so that the line, of which size is the
// length, fits, or to minText.
func (r *Record) cutText(size int) {
	r.spellBytes()
	var lens []int
	r.mapText(func(s string) string {
		n, _ := escapedLen(s, math.MaxInt)
		lens = append(lens, n)
		size -= n
		return s
	})
	slices.Sort(lens)
	// All strings get the same share of the room; what short ones leave of
	// theirs goes to the longer ones.
	room, share := MaxLine-size, math.MaxInt
	for i, n := range lens {
		left := len(lens) - i
		if n*left > room {
			share = max(minText, room/left-noteLen)
			break
		}
		room -= n
	}
	r.mapText(func(s string) string {
		if total, fit := escapedLen(s, share); total > share {
			return value.Truncate(s, fit)
		}
		return s
	})
}

// spellBytes makes text of bytes that are too many to be left whole for sure.
func (r *Record) spellBytes() {
	r.mapValues(func(v slog.Value) slog.Value {
		if v.Kind() == slog.KindAny {
			if p, ok := v.Any().([]byte); ok && len(p) > minText {
				return slog.StringValue(base64.StdEncoding.EncodeToString(p))
			}
		}
		return v
	})
}

// cutKeys cuts long keys. Their number in the object keeps them unique.
func (r *Record) cutKeys() {
	var cut func(attrs []slog.Attr) []slog.Attr
	fix := func(attrs []slog.Attr) []slog.Attr {
		out := attrs
		for i := range attrs {
			if n, fit := escapedLen(attrs[i].Key, maxKey); n > maxKey {
				if len(out) > 0 && &out[0] == &attrs[0] {
					out = slices.Clone(attrs)
				}
				key := attrs[i].Key[:fit] + "!TRUNCATED#" + strconv.Itoa(i)
				for has(out, key) {
					key += "#"
				}
				out[i].Key = key
			}
		}
		return out
	}
	cut = func(attrs []slog.Attr) []slog.Attr {
		return mapMembers(fix(attrs), func(v slog.Value) slog.Value {
			return mapValue(v, func(v slog.Value) slog.Value {
				if v.Kind() == slog.KindGroup {
					return slog.GroupValue(fix(v.Group())...)
				}
				return v
			})
		})
	}
	r.Attrs, r.Moved, r.Context = cut(r.Attrs), cut(r.Moved), cut(r.Context)
	r.Body = mapValue(r.Body, func(v slog.Value) slog.Value {
		if v.Kind() == slog.KindGroup {
			return slog.GroupValue(fix(v.Group())...)
		}
		return v
	})
	r.index = nil
}

// cutWidth leaves at most width members of each list and object.
func (r *Record) cutWidth(width int) {
	r.mapValues(func(v slog.Value) slog.Value {
		switch v.Kind() {
		case slog.KindGroup:
			if g := v.Group(); len(g) > width+1 {
				return slog.GroupValue(append(slices.Clone(g[:width]), value.LeftOut(g[:width], len(g)-width))...)
			}
		case slog.KindAny:
			if l, ok := v.Any().(value.List); ok && len(l) > width+1 {
				return slog.AnyValue(append(slices.Clone(l[:width]), value.LeftOut(nil, len(l)-width).Value))
			}
		case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindLogValuer,
			slog.KindString, slog.KindTime, slog.KindUint64:
		}
		return v
	})
}

// cutAttrs drops the last attributes until the record fits.
func (r *Record) cutAttrs() {
	over := r.lineLen() - MaxLine
	for _, attrs := range []*[]slog.Attr{&r.Moved, &r.Attrs, &r.Context} {
		if over <= 0 {
			return
		}
		all := len(*attrs)
		over += membersLen([]slog.Attr{value.LeftOut(*attrs, all)}) + 1
		for len(*attrs) > 0 && over > 0 {
			last := len(*attrs) - 1
			over -= membersLen((*attrs)[last:]) + 1
			*attrs = (*attrs)[:last]
		}
		*attrs = append(*attrs, value.LeftOut(*attrs, all-len(*attrs)))
	}
	r.index = nil
}

// shorten bounds the text that a masker has to look at, for records whose text
// is many times what a line can hold. It cuts between words and leaves more
// than a line, so that no half secret comes to light.
func (r *Record) shorten() {
	size := r.textLen()
	if size <= maxUnmasked {
		return
	}
	r.OriginalBytes = r.lineLen() + r.budget.Lost()
	var lens []int
	r.mapText(func(s string) string { lens = append(lens, len(s)); return s })
	slices.Sort(lens)
	room, share := maxUnmasked, math.MaxInt
	for i, n := range lens {
		left := len(lens) - i
		if n*left > room {
			share = max(minText, room/left)
			break
		}
		room -= n
	}
	r.mapText(func(s string) string { return value.Cut(s, share) })
}

// clone returns a copy of r that can be cut without changing r.
func (r *Record) clone() *Record {
	c := *r
	c.Attrs, c.Moved, c.Context = slices.Clone(r.Attrs), slices.Clone(r.Moved), slices.Clone(r.Context)
	c.index, c.kvs, c.inflight = nil, nil, inflight{}
	if r.Error != nil {
		c.error = *r.Error
		c.Error = &c.error
	}
	return &c
}

// mapText replaces every string of the record but its keys by f of it.
func (r *Record) mapText(f func(string) string) {
	r.Logger, r.CorrelationID, r.UID, r.EventName = f(r.Logger), f(r.CorrelationID), f(r.UID), f(r.EventName)
	if e := r.Error; e != nil {
		e.Type, e.Message, e.Stack = f(e.Type), f(e.Message), f(e.Stack)
	}
	if s := r.Source; s != nil {
		c := Source{Function: f(s.Function), File: f(s.File), Line: s.Line}
		if c.Function != s.Function || c.File != s.File {
			r.Source = &c // It may be shared.
		}
	}
	r.mapValues(func(v slog.Value) slog.Value {
		if v.Kind() != slog.KindString {
			return v
		}
		old := v.String()
		if s := f(old); s != old {
			return slog.StringValue(s)
		}
		return v
	})
}

// mapValues replaces every value of the record by f of it, from the outside in.
func (r *Record) mapValues(f func(slog.Value) slog.Value) {
	r.Body = mapValue(r.Body, f)
	for _, attrs := range [][]slog.Attr{r.Context, r.Attrs, r.Moved} {
		for i := range attrs {
			attrs[i].Value = mapValue(attrs[i].Value, f)
		}
	}
}

// mapValue returns v with f applied to it and then to what it holds. The slices
// of v are not changed.
func mapValue(v slog.Value, f func(slog.Value) slog.Value) slog.Value {
	v = f(v)
	switch v.Kind() {
	case slog.KindGroup:
		return slog.GroupValue(mapMembers(v.Group(), func(v slog.Value) slog.Value { return mapValue(v, f) })...)
	case slog.KindAny:
		if l, ok := v.Any().(value.List); ok {
			out := make(value.List, len(l))
			for i := range l {
				out[i] = mapValue(l[i], f)
			}
			return slog.AnyValue(out)
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindLogValuer,
		slog.KindString, slog.KindTime, slog.KindUint64:
	}
	return v
}

func mapMembers(attrs []slog.Attr, f func(slog.Value) slog.Value) []slog.Attr {
	out := make([]slog.Attr, len(attrs))
	for i := range attrs {
		out[i] = slog.Attr{Key: attrs[i].Key, Value: f(attrs[i].Value)}
	}
	return out
}
