package mask

import (
	"log/slog"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"

	"riskmanager.internal/otel/internal/value"
)

var maskedAttribute = attribute.StringValue(Text)

// KeyValue returns kv with its secrets masked: its whole value if its key is
// sensitive, else what [Masker.AttributeValue] masks.
func (m *Masker) KeyValue(kv attribute.KeyValue) attribute.KeyValue {
	m = m.orDefault()
	if !m.disabled {
		m.keyValue(&kv, 0)
	}
	return kv
}

// KeyValues returns kvs with its secrets masked: kvs itself if it has none,
// else a copy.
func (m *Masker) KeyValues(kvs []attribute.KeyValue) []attribute.KeyValue {
	m = m.orDefault()
	if m.disabled {
		return kvs
	}
	out, _ := m.keyValues(kvs, 0)
	return out
}

// AttributeValue returns v with its secrets masked.
func (m *Masker) AttributeValue(v attribute.Value) attribute.Value {
	m = m.orDefault()
	if m.disabled {
		return v
	}
	out, _ := m.attributeValue(v, 0, 0)
	return out
}

func (m *Masker) keyValues(kvs []attribute.KeyValue, depth int) ([]attribute.KeyValue, bool) {
	out, changed := kvs, false
	for i := range kvs {
		kv := kvs[i]
		if !m.keyValue(&kv, depth) {
			continue
		}
		if !changed {
			out, changed = append([]attribute.KeyValue(nil), kvs...), true
		}
		out[i] = kv
	}
	return out, changed
}

func (m *Masker) keyValue(kv *attribute.KeyValue, depth int) bool {
	changed := false
	c := m.verdict(string(kv.Key))
	if c.verdict&dirtyKey != 0 {
		kv.Key = attribute.Key(c.clean)
		changed = true
	}
	if c.verdict&secretKey != 0 {
		if kv.Value.Type() == attribute.STRING && kv.Value.AsString() == Text {
			return changed
		}
		kv.Value = maskedAttribute
		return true
	}
	v, ch := m.attributeValue(kv.Value, c.verdict, depth)
	if ch {
		kv.Value = v
	}
	return ch || changed
}

func (m *Masker) attributeValue(v attribute.Value, key verdict, depth int) (attribute.Value, bool) {
	switch v.Type() {
	case attribute.EMPTY, attribute.BOOL, attribute.BOOLSLICE:
		return v, false
	case attribute.STRING:
		s := v.AsString()
		if key&idKey != 0 && run(s, 0, digit) == len(s) {
			return v, false
		}
		if out, dirty := m.Append(nil, s); dirty {
			return attribute.StringValue(unsafe.String(unsafe.SliceData(out), len(out))), true //nolint:gosec // Nobody else has out.
		}
		return v, false
	case attribute.INT64:
		if i := v.AsInt64(); i > 0 && key&idKey == 0 && isCardInt(uint64(i)) {
			return maskedAttribute, true
		}
		return v, false
	case attribute.FLOAT64:
		if key&idKey == 0 && isCardFloat(v.AsFloat64()) {
			return maskedAttribute, true
		}
		return v, false
	case attribute.STRINGSLICE, attribute.INT64SLICE, attribute.FLOAT64SLICE, attribute.BYTESLICE, attribute.SLICE, attribute.MAP:
		if v.Type() == attribute.MAP {
			if depth >= maxDepth {
				return maskedAttribute, true
			}
			if kvs, changed := m.keyValues(v.AsMap(), depth+1); changed {
				return attribute.MapValue(kvs...), true
			}
			return v, false
		}
		if depth >= maxDepth {
			return maskedAttribute, true
		}
		return m.slice(v, key, depth+1)
	}
	return maskedAttribute, true // A type that is not known cannot be inspected.
}

// slice masks the elements of v, by the rules for lists.
func (m *Masker) slice(v attribute.Value, key verdict, depth int) (attribute.Value, bool) {
	switch v.Type() { //nolint:exhaustive // SLICE is below; the caller deals with the rest.
	case attribute.STRINGSLICE:
		in := v.AsStringSlice()
		changed, secretNext := false, false
		for i, s := range in {
			flag := isFlag(slog.StringValue(s))
			var out []byte
			var dirty bool
			if secretNext && !flag {
				out, dirty = []byte(Text), s != Text
			} else {
				out, dirty = m.Append(nil, s)
			}
			secretNext = flag && m.flagKey(s)
			if dirty {
				in[i], changed = string(out), true // in is a copy.
			}
		}
		if changed {
			return attribute.StringSliceValue(in), true
		}
		return v, false
	case attribute.BYTESLICE:
		if m.bytes(v.AsByteSlice()) {
			return maskedAttribute, true
		}
		return v, false
	case attribute.INT64SLICE:
		for _, i := range v.AsInt64Slice() {
			if key&idKey == 0 && i > 0 && isCardInt(uint64(i)) {
				return m.mixedSlice(v, key)
			}
		}
		return v, false
	case attribute.FLOAT64SLICE:
		for _, f := range v.AsFloat64Slice() {
			if key&idKey == 0 && isCardFloat(f) {
				return m.mixedSlice(v, key)
			}
		}
		return v, false
	}
	in := v.AsSlice()
	changed, secretNext := false, false
	for i, e := range in {
		isText := e.Type() == attribute.STRING
		flag := isText && isFlag(slog.StringValue(e.AsString()))
		var out attribute.Value
		var c bool
		if secretNext && !flag {
			out, c = maskedAttribute, true
		} else {
			out, c = m.attributeValue(e, key, depth)
		}
		secretNext = flag && m.flagKey(e.AsString())
		if c {
			in[i], changed = out, true
		}
	}
	if changed {
		return attribute.SliceValue(in...), true
	}
	return v, false
}

// mixedSlice masks the cards in a slice of numbers, which becomes one of
// values of any type.
func (m *Masker) mixedSlice(v attribute.Value, key verdict) (attribute.Value, bool) {
	out, _ := m.value(value.FromAttribute(v), key, 0)
	return value.ToAttribute(out), true
}
