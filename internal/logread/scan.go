package logread

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Field names a field that the scanner finds the place of.
type Field uint8

// The fields. Those from CorrelationID to EventType are of the object context,
// or of the top level where a foreign record has them there.
const (
	fieldNone Field = iota
	Timestamp
	Level
	Logger
	Message
	Context
	CorrelationID
	AccountID
	RuleID
	EventType
	Operation
	DurationMS
	Status
	StartTime
	SpanID
	ParentSpanID
	ThresholdMS
	TraceID
	UID
	Error
	Source
	numFields
)

// place is where a value lies in a line.
type place struct{ from, to uint32 }

// maxDepth bounds the recursion of the scanner. The encoder of our own lines
// stops long before.
const maxDepth = 512

// topField returns the field of a top-level key; foreign layouts have names of
// their own for what every record has.
func topField(key []byte) Field {
	switch string(key) {
	case "timestamp", "time", "ts", "@timestamp":
		return Timestamp
	case "level", "severity", "lvl":
		return Level
	case "logger", "name":
		return Logger
	case "message", "msg":
		return Message
	case "context":
		return Context
	case "operation":
		return Operation
	case "duration_ms":
		return DurationMS
	case "status":
		return Status
	case "start_time":
		return StartTime
	case "span_id":
		return SpanID
	case "parent_span_id":
		return ParentSpanID
	case "threshold_ms":
		return ThresholdMS
	case "trace_id":
		return TraceID
	case "uid":
		return UID
	case "error":
		return Error
	case "source":
		return Source
	default:
		return contextField(key)
	}
}

func contextField(key []byte) Field {
	switch string(key) {
	case "correlation_id":
		return CorrelationID
	case "account_id":
		return AccountID
	case "rule_id":
		return RuleID
	case "event_type":
		return EventType
	default:
		return fieldNone
	}
}

// ownName reports whether a field is stored under the name of our own format,
// which a foreign name beside it does not replace ("msg" beside "message").
func ownName(f Field, key []byte) bool {
	switch f {
	case Timestamp:
		return string(key) == "timestamp"
	case Level:
		return string(key) == "level"
	case Logger:
		return string(key) == "logger"
	case Message:
		return string(key) == "message"
	default:
		return true
	}
}

// scanRecord checks that b is one JSON object and notes where its fields are.
// Of equal keys the last one counts, as everywhere.
func scanRecord(b []byte, at *[numFields]place) bool {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return false
	}
	var flat [numFields]place // Context fields at the top level.
	i, ok := scanObject(b, i, at, &flat)
	if !ok || skipSpace(b, i) != len(b) {
		return false
	}
	if at[Context].to == 0 {
		// Not our layout. In ours an attribute named account_id is not the
		// context's, just as .context.account_id says in jq.
		for f := CorrelationID; f <= EventType; f++ {
			at[f] = flat[f]
		}
	}
	return true
}

// scanObject scans the object that starts at i and returns the index after it:
// the record itself, or its context, for which flat is nil.
func scanObject(b []byte, i int, at, flat *[numFields]place) (int, bool) {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, true
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, false
		}
		keyFrom := i + 1
		j, ok := skipString(b, i)
		if !ok {
			return j, false
		}
		key := b[keyFrom : j-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			key = []byte(decodeString(b[keyFrom-1 : j]))
		}
		i = skipSpace(b, j)
		if i >= len(b) || b[i] != ':' {
			return i, false
		}
		i = skipSpace(b, i+1)
		from, to := i, at
		var f Field
		if flat == nil {
			f = contextField(key)
		} else if f = topField(key); f >= CorrelationID && f <= EventType {
			to = flat
		}
		if f == Context && i < len(b) && b[i] == '{' {
			clear(at[CorrelationID : EventType+1])
			i, ok = scanObject(b, i, at, nil)
		} else {
			i, ok = skipValue(b, i, 1)
		}
		if !ok {
			return i, false
		}
		if f != fieldNone && (to[f].to == 0 || ownName(f, key)) {
			to[f] = place{uint32(from), uint32(i)} //nolint:gosec // Lines are bounded by maxLine.
		}

		i = skipSpace(b, i)
		if i >= len(b) {
			return i, false
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case '}':
			return i + 1, true
		default:
			return i, false
		}
	}
}

// skipValue checks the value that starts at i and returns the index after it.
func skipValue(b []byte, i, depth int) (int, bool) {
	if i >= len(b) || depth > maxDepth {
		return i, false
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i)
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(b, i)
	case c == 't':
		return skipLiteral(b, i, "true")
	case c == 'f':
		return skipLiteral(b, i, "false")
	case c == 'n':
		return skipLiteral(b, i, "null")
	case c == '[':
		return skipArray(b, i, depth)
	case c == '{':
		return skipObject(b, i, depth)
	default:
		return i, false
	}
}

func skipArray(b []byte, i, depth int) (int, bool) {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, true
	}
	for {
		var ok bool
		if i, ok = skipValue(b, i, depth+1); !ok {
			return i, false
		}
		i = skipSpace(b, i)
		if i >= len(b) {
			return i, false
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case ']':
			return i + 1, true
		default:
			return i, false
		}
	}
}

func skipObject(b []byte, i, depth int) (int, bool) {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, true
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, false
		}
		var ok bool
		if i, ok = skipString(b, i); !ok {
			return i, false
		}
		i = skipSpace(b, i)
		if i >= len(b) || b[i] != ':' {
			return i, false
		}
		if i, ok = skipValue(b, skipSpace(b, i+1), depth+1); !ok {
			return i, false
		}
		i = skipSpace(b, i)
		if i >= len(b) {
			return i, false
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case '}':
			return i + 1, true
		default:
			return i, false
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// skipString checks the string whose quote is at i and returns the index after
// its end. It looks at eight bytes at a time: most of a log file is inside of
// strings.
func skipString(b []byte, i int) (int, bool) {
	i++
	for {
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			quote := x ^ '"'*ones
			slash := x ^ '\\'*ones
			// The lowest set bit is exact; the ones above it may not be.
			special := ((quote-ones)&^quote | (slash-ones)&^slash | (x-0x20*ones)&^x) & highs
			if special != 0 {
				i += bits.TrailingZeros64(special) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			return i, false
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, true
		case c == '\\':
			n := escapeLen(b[i:])
			if n == 0 {
				return i, false
			}
			i += n
		case c < 0x20:
			return i, false
		default:
			i++
		}
	}
}

// escapeLen returns the length of the escape sequence at the start of b, or 0
// if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 6
	default:
		return 0
	}
}

func skipNumber(b []byte, i int) (int, bool) {
	if b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case i < len(b) && b[i] >= '1' && b[i] <= '9':
		i = skipDigits(b, i)
	default:
		return i, false
	}
	if i < len(b) && b[i] == '.' {
		from := i + 1
		if i = skipDigits(b, from); i == from {
			return i, false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from := i
		if i = skipDigits(b, from); i == from {
			return i, false
		}
	}
	return i, true
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

func skipLiteral(b []byte, i int, want string) (int, bool) {
	if len(b)-i < len(want) || string(b[i:i+len(want)]) != want {
		return i, false
	}
	return i + len(want), true
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}
