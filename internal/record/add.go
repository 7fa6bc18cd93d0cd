package record

import (
	"encoding/json"
	"log/slog"

	"riskmanager.internal/otel/internal/value"
)

// Keys of the JSON object that are ours.
const (
	keyTimestamp     = "timestamp"
	keyLevel         = "level"
	keyLogger        = "logger"
	keyMessage       = "message"
	keyContext       = "context"
	keyAttributes    = "attributes"
	keyError         = "error"
	keyErr           = "err"
	keySource        = "source"
	keyTraceID       = "trace_id"
	keySpanID        = "span_id"
	keyUID           = "uid"
	keyTruncated     = "truncated"
	keyOriginalBytes = "original_bytes"
	keyEventName     = "event_name"

	keyCorrelationID = "correlation_id"
	keyAccountID     = "account_id"
	keyRuleID        = "rule_id"
	keyEventType     = "event_type"
)

// keyMissing is the key of an attribute that has none.
const keyMissing = "!BADKEY"

// Reserved tells whether key is one of the record's own, so that an attribute
// of that name moves into "attributes".
func Reserved(key string) bool {
	switch key {
	case keyTimestamp, keyLevel, keyLogger, keyMessage, keyContext, keyAttributes, keyError, keySource,
		keyTraceID, keySpanID, keyUID, keyTruncated, keyOriginalBytes:
		return true
	}
	return false
}

// maxInlined bounds groups without a key inside each other.
const maxInlined = value.MaxDepth

// Add resolves a and adds it; of two attributes with one key the last wins. An
// attribute with a reserved key goes to Moved. The first error under "error"
// or "err" becomes the record's Error, where a string is an error's message; a
// further error under "error" goes to Moved. A group without a key is inlined;
// an empty attribute or group is dropped.
func (r *Record) Add(a slog.Attr) {
	switch a.Value.Kind() {
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindTime, slog.KindUint64:
		r.put(a) // Plain already: the fast way.
	case slog.KindAny, slog.KindGroup, slog.KindLogValuer, slog.KindString:
		r.add(a, 0)
	}
}

func (r *Record) add(a slog.Attr, depth int) {
	v := a.Value
	switch v.Kind() {
	case slog.KindLogValuer:
		v = value.LogValue(v)
		if isErrorKey(a.Key) && r.Error == nil {
			r.addErrorValuer(a, v)
			return
		}
		r.add(slog.Attr{Key: a.Key, Value: v}, depth)
		return
	case slog.KindGroup:
		if a.Key == "" {
			if depth < maxInlined {
				for _, a := range v.Group() {
					r.add(a, depth+1)
				}
			}
			return
		}
	case slog.KindAny:
		x := v.Any()
		if x == nil && a.Key == "" {
			return
		}
		if err, ok := x.(error); ok && isErrorKey(a.Key) && r.Error == nil && r.setError(err) {
			return
		}
	case slog.KindString:
		if len(v.String()) <= value.MaxText {
			r.AddPlain(a)
			return
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindTime, slog.KindUint64:
	}
	out := r.Resolver.ResolveWithin(&r.budget, v)
	if isEmpty(v, out) {
		return
	}
	r.AddPlain(slog.Attr{Key: a.Key, Value: out})
}

// AddPlain is Add for an attribute whose value is resolved already.
func (r *Record) AddPlain(a slog.Attr) {
	if a.Value.Kind() == slog.KindString && isErrorKey(a.Key) && r.Error == nil {
		r.error = Error{Message: a.Value.String()}
		r.Error = &r.error
		r.whole = false
		return
	}
	r.put(a)
}

// put adds a plain attribute where its key belongs.
func (r *Record) put(a slog.Attr) {
	r.whole = false
	a.Key = value.Valid(a.Key)
	switch {
	case a.Key == "":
		a.Key = keyMissing
	case Reserved(a.Key):
		r.Moved = set(r.Moved, a)
		return
	}
	if len(r.Attrs) < searchable {
		r.Attrs = set(r.Attrs, a)
		return
	}
	r.putIndexed(a)
}

// AddContext resolves a context field and adds it; the last of a key wins.
// correlation_id sets the CorrelationID.
func (r *Record) AddContext(a slog.Attr) {
	r.carried = nil
	v := value.LogValue(a.Value)
	if a.Key == "" {
		if v.Kind() == slog.KindGroup {
			for _, a := range v.Group() {
				r.AddContext(a)
			}
			return
		}
		if v.Equal(slog.Value{}) {
			return
		}
		a.Key = keyMissing
	}
	out := r.Resolver.ResolveWithin(&r.budget, v)
	if isEmpty(v, out) {
		return
	}
	v = out
	if a.Key == keyCorrelationID {
		r.CorrelationID = ""
		if v.Kind() != slog.KindAny || v.Any() != nil {
			r.CorrelationID = Text(v)
		}
		return
	}
	r.Context = set(r.Context, slog.Attr{Key: value.Valid(a.Key), Value: v})
}

// isEmpty tells whether a group, resolved to out, is empty. An empty map is no
// empty group.
func isEmpty(v, out slog.Value) bool {
	return v.Kind() == slog.KindGroup && out.Kind() == slog.KindGroup && len(out.Group()) == 0
}

// SetError makes err the record's Error, whatever it has been. A nil err, or a
// nil pointer in one, leaves it.
func (r *Record) SetError(err error) { r.setError(err) }

// setError sets the Error, and tells whether err is one.
func (r *Record) setError(err error) bool {
	name := value.ErrorType(err)
	if name == "" {
		return false
	}
	r.error = Error{
		Type:    name,
		Message: r.budget.Text(value.ErrorText(err)),
		Stack:   r.budget.Text(value.ErrorStack(err)),
	}
	r.Error = &r.error
	return true
}

// addErrorValuer adds what a LogValuer under "error" or "err" returned. If it
// is an error itself, it stays the record's: what it wants to be logged as is
// its message, or stands beside it.
func (r *Record) addErrorValuer(a slog.Attr, v slog.Value) {
	err, isError := a.Value.Any().(error)
	if _, again := v.Any().(error); again || !isError || !r.setError(err) {
		r.add(slog.Attr{Key: a.Key, Value: v}, 0)
		return
	}
	if v.Kind() == slog.KindString {
		r.error.Message = r.budget.Text(v.String())
		return
	}
	r.add(slog.Attr{Key: a.Key, Value: v}, 0)
}

func isErrorKey(key string) bool { return key == keyError || key == keyErr }

// searchable is the number of attributes up to which a search beats a map.
const searchable = 32

// putIndexed is put for records with many attributes.
func (r *Record) putIndexed(a slog.Attr) {
	if len(r.index) != len(r.Attrs) { // New, or the owner changed the slice.
		r.index = make(map[string]int, 2*len(r.Attrs))
		for i := range r.Attrs {
			r.index[r.Attrs[i].Key] = i
		}
	}
	if i, ok := r.index[a.Key]; ok {
		r.Attrs[i].Value = a.Value
		return
	}
	r.index[a.Key] = len(r.Attrs)
	r.Attrs = append(r.Attrs, a)
}

// set sets the value of a key, or adds it.
func set(attrs []slog.Attr, a slog.Attr) []slog.Attr {
	for i := range attrs {
		if attrs[i].Key == a.Key {
			attrs[i].Value = a.Value
			return attrs
		}
	}
	return append(attrs, a)
}

func has(attrs []slog.Attr, key string) bool {
	for i := range attrs {
		if attrs[i].Key == key {
			return true
		}
	}
	return false
}

// Text returns a plain value as text: a string as it is, the rest as JSON
// without the quotes of durations, times and bytes.
func Text(v slog.Value) string {
	switch v.Kind() {
	case slog.KindString:
		return v.String()
	case slog.KindDuration, slog.KindTime, slog.KindAny:
		b := appendValue(nil, v)
		if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
			var s string
			if json.Unmarshal(b, &s) == nil {
				return s
			}
		}
		return string(b)
	case slog.KindBool, slog.KindFloat64, slog.KindGroup, slog.KindInt64, slog.KindLogValuer, slog.KindUint64:
	}
	return string(appendValue(nil, v))
}
