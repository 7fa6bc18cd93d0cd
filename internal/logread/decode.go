package logread

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
)

// decodeString returns the text of a JSON string, quotes included in raw, and
// raw itself as text if it is another value. Raw has passed the scanner.
func decodeString(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return string(raw)
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(bytes.ToValidUTF8(raw[1:len(raw)-1], []byte("\uFFFD")))
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return string(raw)
	}
	return s
}

// Text returns a JSON value as text for people: a string without its quotes
// and escapes, any other value as it is written.
func Text(raw []byte) string { return decodeString(raw) }

// Number returns the number that a JSON value is, or that the text in it is.
func Number(raw []byte) (float64, bool) {
	if len(raw) > 1 && raw[0] == '"' {
		raw = raw[1 : len(raw)-1]
	}
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false // "NaN" and "Infinity" are texts.
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil
}

// Members returns the members of a JSON object in order, decoded keys with raw
// values. Any other value has none. Of equal keys all are returned.
func Members(raw []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		i := skipSpace(raw, 0)
		if i >= len(raw) || raw[i] != '{' {
			return
		}
		i = skipSpace(raw, i+1)
		for i < len(raw) && raw[i] == '"' {
			j, ok := skipString(raw, i)
			if !ok {
				return
			}
			key := decodeString(raw[i:j])
			from := skipSpace(raw, skipSpace(raw, j)+1)
			if i, ok = skipValue(raw, from, 1); !ok || !yield(key, raw[from:i]) {
				return
			}
			i = skipSpace(raw, i)
			if i < len(raw) && raw[i] == ',' {
				i = skipSpace(raw, i+1)
			}
		}
	}
}

// Elements returns the elements of a JSON array. Any other value has none.
func Elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipSpace(raw, 0)
		if i >= len(raw) || raw[i] != '[' {
			return
		}
		i = skipSpace(raw, i+1)
		for i < len(raw) && raw[i] != ']' {
			from := i
			var ok bool
			if i, ok = skipValue(raw, i, 1); !ok || !yield(raw[from:i]) {
				return
			}
			i = skipSpace(raw, i)
			if i < len(raw) && raw[i] == ',' {
				i = skipSpace(raw, i+1)
			}
		}
	}
}

// IsID reports whether s is a trace ID, a span ID or a UUID: an ID that was
// made, in which no rule of masking has anything to look for.
func IsID(s string) bool {
	switch len(s) {
	case 16, 32:
		return isHex(s)
	case 36:
		for _, i := range [...]int{8, 13, 18, 23} {
			if s[i] != '-' {
				return false
			}
		}
		_, ok := hexID(s)
		return ok
	default:
		return false
	}
}
