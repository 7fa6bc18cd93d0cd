package mask

import (
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"unsafe"

	"riskmanager.internal/otel/internal/value"
)

// masked is the value that stands where a secret was.
var masked = slog.StringValue(Text)

// maxDepth bounds nesting; what is deeper cannot be inspected and is masked.
const maxDepth = 64

// Attr returns a with its secrets masked: its whole value if its key is
// sensitive, else what [Masker.Value] masks. The attribute itself, and
// whatever it refers to, stays as it is.
func (m *Masker) Attr(a slog.Attr) slog.Attr {
	m = m.orDefault()
	if !m.disabled {
		m.attr(&a, 0)
	}
	return a
}

// Attrs masks attributes in place. Only the slice that it is given is written
// to: groups and lists within are copied where they change, since others may
// hold them too. It reports whether anything changed.
func (m *Masker) Attrs(attrs []slog.Attr) (changed bool) {
	m = m.orDefault()
	if m.disabled {
		return false
	}
	for i := range attrs {
		if m.attr(&attrs[i], 0) {
			changed = true
		}
	}
	if v := namedSecret(m, attrs); v >= 0 {
		attrs[v].Value, changed = masked, true
	}
	return changed
}

// Value returns v with its secrets masked. A value of Go's own types is first
// resolved to what it is in a record: a [slog.LogValuer] has its say, a struct
// has its JSON names as keys. What cannot be inspected is masked.
func (m *Masker) Value(v slog.Value) slog.Value {
	m = m.orDefault()
	if m.disabled {
		return v
	}
	out, _ := m.value(v, 0, 0)
	return out
}

// attr masks *a in place and reports whether it changed.
func (m *Masker) attr(a *slog.Attr, depth int) bool {
	changed := false
	var verdict verdict
	if a.Key != "" {
		c := m.verdict(a.Key)
		verdict = c.verdict
		if verdict&dirtyKey != 0 {
			a.Key = c.clean
			changed = true
		}
		if verdict&secretKey != 0 {
			if a.Value.Kind() == slog.KindString && a.Value.String() == Text {
				return changed
			}
			a.Value = masked
			return true
		}
	}
	v, c := m.value(a.Value, verdict, depth)
	if c {
		a.Value = v
	}
	return c || changed
}

// value returns v masked and whether it changed. The verdict is on its key.
func (m *Masker) value(v slog.Value, key verdict, depth int) (slog.Value, bool) {
	switch v.Kind() {
	case slog.KindString:
		if s := v.String(); len(s) >= minSecret && (key&idKey == 0 || run(s, 0, digit) < len(s)) {
			if out, dirty := m.Append(nil, s); dirty {
				return slog.StringValue(unsafe.String(unsafe.SliceData(out), len(out))), true //nolint:gosec // Nobody else has out.
			}
		}
		return v, false
	case slog.KindInt64:
		if i := v.Int64(); i > 0 && key&idKey == 0 && isCardInt(uint64(i)) {
			return masked, true
		}
		return v, false
	case slog.KindUint64:
		if key&idKey == 0 && isCardInt(v.Uint64()) {
			return masked, true
		}
		return v, false
	case slog.KindFloat64:
		if key&idKey == 0 && isCardFloat(v.Float64()) {
			return masked, true
		}
		return v, false
	case slog.KindBool, slog.KindDuration, slog.KindTime:
		return v, false
	case slog.KindGroup:
		if depth >= maxDepth {
			return masked, true
		}
		if group, changed := m.group(v.Group(), depth+1); changed {
			return slog.GroupValue(group...), true
		}
		return v, false
	case slog.KindAny, slog.KindLogValuer:
	}
	if v.Kind() == slog.KindAny {
		switch x := v.Any().(type) {
		case nil:
			return v, false
		case []byte:
			if m.bytes(x) {
				return masked, true
			}
			return v, false
		case json.Number:
			if m.number(string(x), key) {
				return masked, true
			}
			return v, false
		case value.List:
			if depth >= maxDepth {
				return masked, true
			}
			if list, changed := m.list(x, key, depth+1); changed {
				return slog.AnyValue(list), true
			}
			return v, false
		}
	}
	if depth >= maxDepth {
		return masked, true
	}
	r := value.Resolver{Sensitive: m.Key}.Resolve(v)
	if !plain(r) {
		return masked, true
	}
	out, _ := m.value(r, key, depth+1)
	return out, true
}

// plain reports whether v is of a kind that value inspects.
func plain(v slog.Value) bool {
	if v.Kind() == slog.KindLogValuer {
		return false
	}
	if v.Kind() != slog.KindAny {
		return true
	}
	switch v.Any().(type) {
	case nil, []byte, json.Number, value.List:
		return true
	}
	return false
}

// group masks attributes; it returns a copy if anything changed.
func (m *Masker) group(attrs []slog.Attr, depth int) ([]slog.Attr, bool) {
	out, changed := attrs, false
	for i := range attrs {
		a := attrs[i]
		if !m.attr(&a, depth) {
			continue
		}
		if !changed {
			out, changed = append([]slog.Attr(nil), attrs...), true
		}
		out[i] = a
	}
	if v := namedSecret(m, attrs); v >= 0 {
		if !changed {
			out, changed = append([]slog.Attr(nil), attrs...), true
		}
		out[v].Value = masked
	}
	return out, changed
}

// namedSecret returns the index of a value whose name stands beside it and is
// a sensitive key, {name: "DB_PASSWORD", value: "x"}, or -1.
func namedSecret(m *Masker, attrs []slog.Attr) int {
	v := -1
	for i := range attrs {
		if strings.EqualFold(attrs[i].Key, "value") {
			v = i
		}
	}
	if v < 0 {
		return -1
	}
	for i := range attrs {
		k := attrs[i].Key
		if (strings.EqualFold(k, "name") || strings.EqualFold(k, "key")) && attrs[i].Value.Kind() == slog.KindString &&
			m.verdict(attrs[i].Value.String()).verdict&secretKey != 0 {
			return v
		}
	}
	return -1
}

// list masks the elements of a list; it returns a copy if anything changed.
func (m *Masker) list(l value.List, key verdict, depth int) (value.List, bool) {
	out, changed := l, false
	secretNext := false // The last element was a flag such as --password.
	for i := range l {
		var v slog.Value
		var c bool
		if secretNext && !isFlag(l[i]) {
			v, c = masked, true
		} else {
			v, c = m.value(l[i], key, depth)
		}
		secretNext = isFlag(l[i]) && m.flagKey(l[i].String())
		if !c {
			continue
		}
		if !changed {
			out, changed = append(value.List(nil), l...), true
		}
		out[i] = v
	}
	return out, changed
}

func isFlag(v slog.Value) bool {
	return v.Kind() == slog.KindString && len(v.String()) > 1 && v.String()[0] == '-'
}

// flagKey reports whether s is a flag whose value follows as the next argument.
func (m *Masker) flagKey(s string) bool {
	name := strings.TrimLeft(s, "-")
	return name != "" && run(name, 0, keyByte) == len(name) && m.verdict(name).verdict&secretKey != 0
}

// bytes reports whether b holds a secret as text.
func (m *Masker) bytes(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	_, dirty := m.Append(nil, unsafe.String(unsafe.SliceData(b), len(b))) //nolint:gosec // Append keeps no part of it.
	return dirty
}

// number reports whether the digits of a JSON number are a card's.
func (m *Masker) number(s string, key verdict) bool {
	if key&idKey != 0 {
		return false
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return isCardInt(u)
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && isCardFloat(f)
}

// isCardFloat reports whether a card's number was read as a float, as
// encoding/json does. Numbers with a fraction are none.
func isCardFloat(f float64) bool {
	return f >= 1e11 && f < 1e16 && f == math.Trunc(f) && isCardInt(uint64(f))
}
