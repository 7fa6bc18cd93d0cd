package value

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// reflect resolves v by its methods, or else by its kind.
func (w *walker) reflect(v reflect.Value) slog.Value {
	if !v.IsValid() || isNil(v) {
		return slog.Value{}
	}
	if v.Kind() == reflect.Interface {
		return w.reflect(v.Elem())
	}
	t := v.Type()
	switch t {
	case timeType:
		return slog.TimeValue(v.Interface().(time.Time))
	case durationType:
		return slog.DurationValue(time.Duration(v.Int()))
	}
	if t.PkgPath() != "" || t.Kind() == reflect.Pointer {
		if pure := w.special(v, t); pure != nil {
			return w.value(slog.AnyValue(pure))
		}
	}
	p := planOf(t)
	if p.holds != "" && w.sensitive != nil && w.sensitive(p.holds) {
		if p.holds != holdsCookie {
			return slog.StringValue(Masked)
		}
		v = hideCookie(reflect.Indirect(v))
		p = planOf(v.Type())
	}
	if p.methods != 0 {
		return w.method(v, p.methods)
	}
	if p.ptrMethods != 0 {
		return w.method(pointerTo(v), p.ptrMethods)
	}
	return w.kind(v, t, p)
}

// special returns what is to be resolved in the place of v, for types that any
// knows and that have come here through a struct, a map or a pointer.
func (w *walker) special(v reflect.Value, t reflect.Type) any {
	if t.Kind() == reflect.Pointer && (t.Elem() == timeType || t.Elem() == durationType || plainTypes[t.Elem()]) {
		return v.Elem().Interface()
	}
	if t == userinfoType {
		return hideUserinfo(v.Interface().(*url.Userinfo))
	}
	if plainTypes[t] {
		return v.Interface()
	}
	return nil
}

// hideUserinfo returns u as text with its password masked: in the text that u
// has for itself nothing would tell a masker what it is.
func hideUserinfo(u *url.Userinfo) string {
	if _, ok := u.Password(); ok {
		return u.Username() + ":" + Masked
	}
	return u.Username()
}

// hideCookie returns a pointer to a copy of the http.Cookie c with its value
// masked, for the same reason.
func hideCookie(c reflect.Value) reflect.Value {
	p := reflect.New(c.Type())
	p.Elem().Set(c)
	p.Elem().FieldByName("Value").SetString(Masked)
	return p
}

// method resolves v by the strongest of its methods.
func (w *walker) method(v reflect.Value, m methods) slog.Value {
	switch x := v.Interface(); {
	case m&hasLogValue != 0:
		return w.value(LogValue(slog.AnyValue(x)))
	case m&hasError != 0:
		return w.errorValue(x.(error))
	case m&hasText != 0:
		return w.marshalText(x.(encoding.TextMarshaler))
	case m&hasString != 0:
		s, bad := callString(x.(fmt.Stringer))
		if bad != "" {
			return slog.StringValue(bad)
		}
		return w.generated(s)
	default:
		return w.marshalJSON(x.(json.Marshaler))
	}
}

func (w *walker) marshalText(m encoding.TextMarshaler) slog.Value {
	text, bad, err := callMarshalText(m)
	switch {
	case bad != "":
		return slog.StringValue(bad)
	case err != nil:
		if s, ok := m.(fmt.Stringer); ok {
			if text, bad := callString(s); bad == "" {
				return w.generated(text)
			}
		}
		return slog.StringValue(MarkError + ErrorText(err))
	}
	return w.generated(string(text))
}

func (w *walker) marshalJSON(m json.Marshaler) slog.Value {
	text, bad, err := callMarshalJSON(m)
	switch {
	case bad != "":
		return slog.StringValue(bad)
	case err != nil:
		return slog.StringValue(MarkError + ErrorText(err))
	}
	return w.json(text)
}

// kind resolves a value without methods of its own.
func (w *walker) kind(v reflect.Value, t reflect.Type, p *plan) slog.Value {
	switch t.Kind() {
	case reflect.Bool:
		return slog.BoolValue(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return slog.Int64Value(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return slog.Uint64Value(v.Uint())
	case reflect.Float32:
		return slog.Float64Value(widen(float32(v.Float())))
	case reflect.Float64:
		return slog.Float64Value(v.Float())
	case reflect.Complex64:
		return slog.StringValue(strconv.FormatComplex(v.Complex(), 'g', -1, 64))
	case reflect.Complex128:
		return slog.StringValue(strconv.FormatComplex(v.Complex(), 'g', -1, 128))
	case reflect.String:
		return w.text(slog.StringValue(v.String()))
	case reflect.Pointer:
		if len(w.path) >= maxPointers+MaxDepth {
			return slog.StringValue(MarkDepth)
		}
		return w.through(v, func() slog.Value { return w.reflect(v.Elem()) })
	case reflect.Struct:
		return w.structure(v, p)
	case reflect.Map:
		return w.through(v, func() slog.Value { return w.mapping(v) })
	case reflect.Slice:
		if p.isBytes {
			return w.bytes(v.Bytes())
		}
		return w.through(v, func() slog.Value { return w.list(v) })
	case reflect.Array:
		return w.list(v)
	case reflect.Invalid, reflect.Interface, reflect.Chan, reflect.Func, reflect.UnsafePointer:
	}
	return slog.StringValue(MarkUnsupported + t.String())
}

// through resolves what is behind a reference unless that is being resolved
// already.
func (w *walker) through(v reflect.Value, resolve func() slog.Value) slog.Value {
	if w.repeats(v) {
		return slog.StringValue(MarkCycle)
	}
	w.push(v)
	defer w.pop()
	return resolve()
}

func (w *walker) list(v reflect.Value) slog.Value {
	return w.each(v.Len(), func(i int) slog.Value { return w.reflect(v.Index(i)) })
}

func (w *walker) structure(v reflect.Value, p *plan) slog.Value {
	if !w.enter() {
		return slog.StringValue(MarkDepth)
	}
	defer w.leave()
	out := make([]slog.Attr, 0, len(p.fields))
	for i := range p.fields {
		f := &p.fields[i]
		if len(out) == MaxWidth || !w.spend() {
			out = append(out, LeftOut(out, len(p.fields)-i))
			break
		}
		fv, ok := f.of(v)
		if !ok || f.omitted(fv) {
			continue
		}
		if w.hidden(f) {
			out = append(out, slog.String(f.name, Masked))
			continue
		}
		val := w.reflect(fv)
		if f.quoted {
			val = quote(val)
		}
		out = append(out, slog.Attr{Key: f.name, Value: val})
	}
	return slog.GroupValue(out...)
}

// hidden tells whether a Go name that the field's JSON name hides is sensitive.
func (w *walker) hidden(f *field) bool {
	return w.sensitive != nil && slices.ContainsFunc(f.goNames, w.sensitive)
}

func (w *walker) mapping(v reflect.Value) slog.Value {
	if !w.enter() {
		return slog.StringValue(MarkDepth)
	}
	defer w.leave()
	type entry struct {
		key   string
		value reflect.Value
	}
	entries := make([]entry, 0, min(v.Len(), maxMapKeys))
	for it := v.MapRange(); len(entries) < maxMapKeys && it.Next(); {
		entries = append(entries, entry{Valid(keyText(it.Key())), it.Value()})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	out := make([]slog.Attr, 0, min(len(entries), MaxWidth+1))
	for i, e := range entries {
		if len(out) == MaxWidth || !w.spend() {
			out = append(out, LeftOut(out, v.Len()-i))
			break
		}
		if n := len(out); n > 0 && out[n-1].Key == e.key {
			out = out[:n-1] // Two keys with one text: the last wins.
		}
		out = append(out, slog.Attr{Key: e.key, Value: w.reflect(e.value)})
	}
	return slog.GroupValue(out...)
}

// keyText is the text of a map's key.
func keyText(k reflect.Value) string {
	for k.Kind() == reflect.Interface && !k.IsNil() {
		k = k.Elem()
	}
	if isNil(k) {
		return "null"
	}
	if k.Kind() == reflect.String {
		return Cut(k.String(), MaxText)
	}
	var w walker
	var b Budget
	w.budget = &b
	v := w.reflect(k)
	switch v.Kind() {
	case slog.KindGroup, slog.KindAny, slog.KindLogValuer:
		s, bad := callFormat("%v", k.Interface())
		return Cut(s+bad, MaxText)
	case slog.KindTime:
		return v.Time().Format(time.RFC3339Nano)
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindString, slog.KindUint64:
	}
	return v.String()
}

// quote is the ",string" option of a field: its number or boolean as text.
func quote(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		return slog.StringValue(v.String())
	case slog.KindString, slog.KindDuration, slog.KindTime, slog.KindGroup, slog.KindAny, slog.KindLogValuer:
	}
	return v
}

// widen returns the float64 that prints like f.
func widen(f float32) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f)
	}
	return d
}

// pointerTo returns a pointer to v, or to a copy where v has no address.
func pointerTo(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v.Addr()
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p
}

// isNil tells whether v is nil, of whatever kind can be.
func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return v.IsNil()
	default:
		return false
	}
}
