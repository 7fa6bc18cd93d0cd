package record

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math"

	"riskmanager.internal/otel/internal/value"
)

// worstEscape is how many bytes one byte of text can take in JSON.
const worstEscape = 6

// Upper bounds of the parts of a line.
const (
	boundLine   = 1024 // The fixed keys, times, numbers and IDs.
	boundScalar = 40   // A number, a time or a duration, with its quotes.
	boundMember = 4    // The quotes, colon and comma of a member.
)

// fits tells whether the record's line is at most MaxLine bytes long and whole.
// For nearly every record that is a matter of adding up a few lengths.
func (r *Record) fits() bool {
	if r.whole {
		return true
	}
	if r.budget.Lost() > 0 && r.OriginalBytes == 0 {
		return false
	}
	return r.bound() <= MaxLine || r.lineLen() <= MaxLine
}

// bound returns an upper bound of the line's length.
func (r *Record) bound() int {
	n := len(r.Logger) + len(r.CorrelationID) + len(r.UID) + len(r.EventName)
	if e := r.Error; e != nil {
		n += len(e.Type) + len(e.Message) + len(e.Stack)
	}
	if s := r.Source; s != nil {
		n += len(s.Function) + len(s.File)
	}
	return boundLine + n*worstEscape + bound(r.Body) + boundOf(r.Context) + boundOf(r.Attrs) + boundOf(r.Moved)
}

func boundOf(attrs []slog.Attr) (n int) {
	for i := range attrs {
		n += boundMember + len(attrs[i].Key)*worstEscape + bound(attrs[i].Value)
	}
	return n
}

func bound(v slog.Value) int {
	switch v.Kind() {
	case slog.KindString:
		return boundMember + len(v.String())*worstEscape
	case slog.KindGroup:
		return boundMember + boundOf(v.Group())
	case slog.KindAny:
		switch x := v.Any().(type) {
		case value.List:
			n := boundMember
			for i := range x {
				n += 1 + bound(x[i])
			}
			return n
		case []byte:
			return boundMember + len(x)*2
		case json.Number:
			return boundMember + len(x)*worstEscape
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindLogValuer, slog.KindTime, slog.KindUint64:
	}
	return boundScalar
}

// textLen returns the length of all text of the record, keys included.
func (r *Record) textLen() int {
	n := len(r.Logger) + len(r.CorrelationID) + len(r.UID) + len(r.EventName)
	if e := r.Error; e != nil {
		n += len(e.Type) + len(e.Message) + len(e.Stack)
	}
	if s := r.Source; s != nil {
		n += len(s.Function) + len(s.File)
	}
	return n + textLen(r.Body) + textLenOf(r.Context) + textLenOf(r.Attrs) + textLenOf(r.Moved)
}

func textLenOf(attrs []slog.Attr) (n int) {
	for i := range attrs {
		n += len(attrs[i].Key) + textLen(attrs[i].Value)
	}
	return n
}

func textLen(v slog.Value) int {
	switch v.Kind() {
	case slog.KindString:
		return len(v.String())
	case slog.KindGroup:
		return textLenOf(v.Group())
	case slog.KindAny:
		switch x := v.Any().(type) {
		case value.List:
			n := 0
			for i := range x {
				n += textLen(x[i])
			}
			return n
		case []byte:
			return len(x)
		case json.Number:
			return len(x)
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindLogValuer, slog.KindTime, slog.KindUint64:
	}
	return 0
}

// lineLen returns the exact length of the record's line, without building it.
func (r *Record) lineLen() int {
	// The line of the record without what may be long, and then that.
	short := *r
	short.Logger, short.CorrelationID, short.UID, short.EventName = "", "", "", ""
	short.Body, short.Context, short.Attrs, short.Moved, short.Error, short.Source = slog.Value{}, nil, nil, nil, nil, nil
	var buf [boundLine]byte
	n := len(appendLine(buf[:0], &short))
	n += stringLen(r.Logger) - len(`""`)
	if r.Body.Kind() != slog.KindAny || r.Body.Any() != nil {
		n += valueLen(r.Body) - len(`""`)
	}
	if r.CorrelationID != "" {
		n += len(`"correlation_id":`) + stringLen(r.CorrelationID)
		if len(r.Context) > 0 {
			n++
		}
	}
	n += membersLen(r.Context)
	if len(r.Attrs) > 0 {
		n += len(`,`) + membersLen(r.Attrs)
	}
	if r.EventName != "" && !has(r.Attrs, keyEventName) {
		n += len(`,"event_name":`) + stringLen(r.EventName)
	}
	if len(r.Moved) > 0 {
		n += len(`,"attributes":{}`) + membersLen(r.Moved)
	}
	if e := r.Error; e != nil {
		n += len(`,"error":{"message":}`) + stringLen(e.Message)
		if e.Type != "" {
			n += len(`"type":,`) + stringLen(e.Type)
		}
		if e.Stack != "" {
			n += len(`,"stack":`) + stringLen(e.Stack)
		}
	}
	if s := r.Source; s != nil {
		n += len(`,"source":{"function":,"file":,"line":}`) + stringLen(s.Function) + stringLen(s.File) +
			valueLen(slog.IntValue(s.Line))
	}
	if r.UID != "" {
		if r.uid[0] != 0 { // It was counted, but UID goes before.
			n -= uidLen + len(`,"uid":""`)
		}
		n += len(`,"uid":`) + stringLen(r.UID)
	}
	return n
}

// membersLen returns the length of what appendMembers appends.
func membersLen(attrs []slog.Attr) int {
	n := max(0, len(attrs)-1) // Commas.
	for i := range attrs {
		n += stringLen(attrs[i].Key) + len(`:`) + valueLen(attrs[i].Value)
	}
	return n
}

// valueLen returns the length of what appendValue appends.
func valueLen(v slog.Value) int {
	switch v.Kind() {
	case slog.KindString:
		return stringLen(v.String())
	case slog.KindGroup:
		return len(`{}`) + membersLen(v.Group())
	case slog.KindAny:
		switch x := v.Any().(type) {
		case value.List:
			n := len(`[]`) + max(0, len(x)-1)
			for i := range x {
				n += valueLen(x[i])
			}
			return n
		case []byte:
			return len(`""`) + base64.StdEncoding.EncodedLen(len(x))
		case json.Number:
			if value.IsNumber(string(x)) {
				return len(x)
			}
			return stringLen(string(x))
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindLogValuer, slog.KindTime, slog.KindUint64:
	}
	var buf [64]byte
	return len(appendValue(buf[:0], v))
}

// stringLen returns the length of what appendString appends.
func stringLen(s string) int {
	n, _ := escapedLen(s, math.MaxInt)
	return n + len(`""`)
}
