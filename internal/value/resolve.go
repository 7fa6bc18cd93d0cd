package value

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

// Limits of one plain tree. They are far above what a record of use holds, and
// low enough that a hostile one costs milliseconds, not the daemon.
const (
	MaxDepth = 32      // Objects and lists inside each other.
	MaxWidth = 1000    // Members of an object, elements of a list.
	MaxText  = 1 << 20 // Bytes of one string.

	maxNodes    = 20_000  // Values, all trees of one Budget together.
	maxBytes    = 4 << 20 // Bytes copied or generated, likewise.
	maxMapKeys  = 1 << 16 // Keys looked at before they are sorted.
	maxLogValue = 100     // LogValue calls in a chain; slog's own limit.
	maxPointers = 100     // Pointers to pointers.
)

// Marks that stand in the place of what could not be shown.
const (
	MarkPanic       = "!PANIC: "
	MarkError       = "!ERROR: "
	MarkCycle       = "!CYCLE"
	MarkDepth       = "!DEPTH"
	MarkTruncated   = "!TRUNCATED: "
	MarkUnsupported = "!UNSUPPORTED: "
)

// keyTruncated is the key of the note for members left out of an object.
const keyTruncated = "!TRUNCATED"

// Masked replaces the value of a struct field whose Go name is sensitive while
// its JSON name hides that; it is the text of package mask.
const Masked = "***MASKED***"

// List is a plain array, held by a [slog.Value] as slog.AnyValue(List{...}).
type List []slog.Value

// Budget bounds several values together, such as all those of one record. The
// zero value is a whole budget; a spent one leaves only scalars and notes.
type Budget struct {
	nodes int // Values resolved so far.
	bytes int // Bytes copied or generated so far.
	lost  int // Bytes of text left out so far.
}

// Lost returns how many bytes of text and data were left out for want of room.
func (b *Budget) Lost() int { return b.lost }

// Text returns s, or as much of it as there is room for. It is for text that
// was made for this record and that nothing else holds.
func (b *Budget) Text(s string) string {
	if n := b.take(min(len(s), MaxText)); n < len(s) {
		n = cutEnd(s, n)
		b.lost += len(s) - n
		return Truncate(s, n)
	}
	return s
}

// take takes up to n bytes from the budget and returns how many there were.
func (b *Budget) take(n int) int {
	n = max(0, min(n, maxBytes-b.bytes))
	b.bytes += n
	return n
}

// Resolver resolves values. The zero value is ready to use, and a Resolver is
// safe for concurrent use if its function is.
type Resolver struct {
	// Sensitive tells whether the value under a key must not be shown. It is
	// asked for Go names that JSON hides, such as Password in
	// `Password string json:"p"`: no masker could see them in the tree.
	// It is asked for "cookie" and "private_key" too, for values that are
	// these by their type. Everything else is left to the masker. Nil means no
	// key is.
	Sensitive func(key string) bool
}

// Resolve returns v as a plain value, with a [Resolver] and a [Budget] of its
// own.
func Resolve(v slog.Value) slog.Value { return Resolver{}.Resolve(v) }

// Resolve returns v as a plain value. It never panics. Scalars and strings
// come back as they are, without an allocation.
func (r Resolver) Resolve(v slog.Value) slog.Value {
	if isScalar(v) {
		return v
	}
	var b Budget
	return r.ResolveWithin(&b, v)
}

// ResolveWithin is Resolve spending from b, which must not be used by two
// goroutines at once.
func (r Resolver) ResolveWithin(b *Budget, v slog.Value) (out slog.Value) {
	if isScalar(v) {
		return v
	}
	// The methods of v are guarded one by one, so that the mark stands as deep
	// as the trouble is. This is for what reflection may still throw.
	defer func() {
		if p := recover(); p != nil {
			out = slog.StringValue(panicText(p))
		}
	}()
	w := walker{sensitive: r.Sensitive, budget: b}
	return w.value(v)
}

// LogValue resolves a chain of [slog.LogValuer]s and nothing else: the result
// is of any other kind. It never panics.
func LogValue(v slog.Value) slog.Value {
	for range maxLogValue {
		if v.Kind() != slog.KindLogValuer {
			return v
		}
		valuer := v.LogValuer()
		next, bad := callLogValue(valuer)
		if bad != "" {
			if isNil(reflect.ValueOf(valuer)) {
				return slog.Value{} // Methods on nil receivers may panic; nil is no trouble.
			}
			return slog.StringValue(bad)
		}
		v = next
	}
	if v.Kind() == slog.KindLogValuer {
		return slog.StringValue(MarkCycle)
	}
	return v
}

// isScalar tells whether v is plain already and needs no copy.
func isScalar(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindTime:
		return true
	case slog.KindString:
		return len(v.String()) <= MaxText
	case slog.KindAny:
		return v.Any() == nil
	case slog.KindGroup, slog.KindLogValuer:
	}
	return false
}

// walker walks one value.
type walker struct {
	sensitive func(string) bool
	budget    *Budget
	depth     int
	path      []visit // The pointers, maps and slices above the current value.
}

// value resolves v.
func (w *walker) value(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindTime:
		return v
	case slog.KindString:
		return w.text(v)
	case slog.KindGroup:
		return w.group(v.Group())
	case slog.KindLogValuer:
		return w.value(LogValue(v))
	case slog.KindAny:
	}
	return w.any(v.Any())
}

// any resolves what slog has no kind for.
func (w *walker) any(x any) slog.Value {
	switch x := x.(type) {
	case nil:
		return slog.Value{}
	case []byte:
		return w.bytes(x)
	case json.Number:
		return w.number(string(x))
	case List:
		return w.each(len(x), func(i int) slog.Value { return w.value(x[i]) })
	case []any:
		if x == nil || w.repeats(reflect.ValueOf(x)) {
			break // The slow way knows what to do.
		}
		w.push(reflect.ValueOf(x))
		defer w.pop()
		return w.each(len(x), func(i int) slog.Value { return w.value(slog.AnyValue(x[i])) })
	case []string:
		if x == nil {
			return slog.Value{}
		}
		return w.each(len(x), func(i int) slog.Value { return w.text(slog.StringValue(x[i])) })
	case []slog.Value:
		return w.each(len(x), func(i int) slog.Value { return w.value(x[i]) })
	case slog.Attr:
		return w.group([]slog.Attr{x})
	case attribute.Value:
		return w.value(fromAttribute(w.budget, x, 0))
	case attribute.KeyValue:
		return w.value(fromAttribute(w.budget, attribute.MapValue(x), 0))
	case []attribute.KeyValue:
		return w.value(fromAttribute(w.budget, attribute.MapValue(x...), 0))
	}
	return w.reflect(reflect.ValueOf(x))
}

// each resolves n elements of a list.
func (w *walker) each(n int, element func(i int) slog.Value) slog.Value {
	if !w.enter() {
		return slog.StringValue(MarkDepth)
	}
	defer w.leave()
	out := make(List, 0, min(n, MaxWidth+1))
	for i := range n {
		if i == MaxWidth || !w.spend() {
			out = append(out, slog.StringValue(more(n-i)))
			break
		}
		out = append(out, element(i))
	}
	return slog.AnyValue(out)
}

// group resolves an object: keys unique, the last one wins; members without a
// key that are groups are inlined; empty members and groups are dropped, as
// [slog.Handler] demands.
func (w *walker) group(attrs []slog.Attr) slog.Value {
	if !w.enter() {
		return slog.StringValue(MarkDepth)
	}
	defer w.leave()
	g := object{attrs: make([]slog.Attr, 0, min(len(attrs), MaxWidth+1))}
	w.members(&g, attrs, 0)
	return slog.GroupValue(g.attrs...)
}

// members adds attrs to g and tells whether there was room for all of them.
func (w *walker) members(g *object, attrs []slog.Attr, inlined int) bool {
	for i, a := range attrs {
		if len(g.attrs) >= MaxWidth || !w.spend() {
			g.attrs = append(g.attrs, LeftOut(g.attrs, len(attrs)-i))
			return false
		}
		v := LogValue(a.Value)
		isGroup := v.Kind() == slog.KindGroup // An empty map is no empty group.
		if isGroup && a.Key == "" {
			if inlined < MaxDepth && !w.members(g, v.Group(), inlined+1) {
				return false
			}
			continue
		}
		if a.Key == "" && v.Kind() == slog.KindAny && v.Any() == nil {
			continue
		}
		v = w.value(v)
		if isGroup && v.Kind() == slog.KindGroup && len(v.Group()) == 0 {
			continue
		}
		g.set(a.Key, v)
	}
	return true
}

// text returns a string of the caller's, which needs no copy while it is short.
func (w *walker) text(v slog.Value) slog.Value {
	if s := v.String(); len(s) > MaxText {
		return slog.StringValue(w.budget.Text(s))
	}
	return v
}

// generated returns a string made for this record.
func (w *walker) generated(s string) slog.Value { return slog.StringValue(w.budget.Text(s)) }

// bytes returns a copy of p.
func (w *walker) bytes(p []byte) slog.Value {
	if p == nil {
		return slog.Value{}
	}
	if len(p) > MaxText || w.budget.take(len(p)) < len(p) {
		w.budget.lost += len(p)
		return slog.StringValue(MarkTruncated + strconv.Itoa(len(p)) + " bytes")
	}
	return slog.AnyValue(append(make([]byte, 0, len(p)), p...))
}

// number returns s as a number if JSON has it, as text if not.
func (w *walker) number(s string) slog.Value {
	if !IsNumber(s) || len(s) > maxDigits {
		return w.generated(s)
	}
	return slog.AnyValue(json.Number(s))
}

// spend takes one value from the budget and tells whether there was one.
func (w *walker) spend() bool {
	w.budget.nodes++
	return w.budget.nodes <= maxNodes
}

// enter goes one object or list deeper, if that is allowed.
func (w *walker) enter() bool {
	if w.depth >= MaxDepth {
		return false
	}
	w.depth++
	return true
}

func (w *walker) leave() { w.depth-- }

// visit is one reference on the way from the root to the current value.
type visit struct {
	typ reflect.Type
	ptr uintptr
	len int
}

func visitOf(v reflect.Value) visit {
	s := visit{typ: v.Type(), ptr: v.Pointer()}
	if v.Kind() == reflect.Slice {
		s.len = v.Len()
	}
	return s
}

// repeats tells whether v is a reference that is being resolved already.
func (w *walker) repeats(v reflect.Value) bool {
	return slices.Contains(w.path, visitOf(v))
}

func (w *walker) push(v reflect.Value) { w.path = append(w.path, visitOf(v)) }

func (w *walker) pop() { w.path = w.path[:len(w.path)-1] }

// object collects members with unique keys.
type object struct {
	attrs []slog.Attr
	index map[string]int // Of attrs, once they are too many for a search.
}

// searchable is the number of keys up to which a search beats a map.
const searchable = 32

func (o *object) set(key string, v slog.Value) {
	key = Valid(key)
	if o.index == nil && len(o.attrs) >= searchable {
		o.index = make(map[string]int, 2*searchable)
		for i, a := range o.attrs {
			o.index[a.Key] = i
		}
	}
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			o.attrs[i].Value = v
			return
		}
		o.index[key] = len(o.attrs)
	} else {
		for i := range o.attrs {
			if o.attrs[i].Key == key {
				o.attrs[i].Value = v
				return
			}
		}
	}
	o.attrs = append(o.attrs, slog.Attr{Key: key, Value: v})
}

// LeftOut is the note for n members left out of an object that has attrs. Its
// key is not one of theirs.
func LeftOut(attrs []slog.Attr, n int) slog.Attr {
	key := keyTruncated
	for slices.ContainsFunc(attrs, func(a slog.Attr) bool { return a.Key == key }) {
		key = "!" + key
	}
	return slog.String(key, more(n))
}

// more is the note for n values left out.
func more(n int) string { return MarkTruncated + strconv.Itoa(n) + " more" }
