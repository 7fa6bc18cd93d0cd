package value

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
)

// maxPanicText bounds the text of a recovered panic, in bytes.
const maxPanicText = 4096

// The call functions call one method of the caller's value each. The second
// result is the mark of a panic, or empty.

func callLogValue(v slog.LogValuer) (out slog.Value, bad string) {
	defer caught(&bad)
	return v.LogValue(), ""
}

func callString(v fmt.Stringer) (out, bad string) {
	defer caught(&bad)
	return v.String(), ""
}

func callError(v error) (out, bad string) {
	defer caught(&bad)
	return v.Error(), ""
}

func callMarshalText(v encoding.TextMarshaler) (out []byte, bad string, err error) {
	defer caught(&bad)
	out, err = v.MarshalText()
	return out, "", err
}

func callMarshalJSON(v json.Marshaler) (out []byte, bad string, err error) {
	defer caught(&bad)
	out, err = v.MarshalJSON()
	return out, "", err
}

func callErrorType(v interface{ ErrorType() string }) (out, bad string) {
	defer caught(&bad)
	return v.ErrorType(), ""
}

func callIsZero(v interface{ IsZero() bool }) (out bool, bad string) {
	defer caught(&bad)
	return v.IsZero(), ""
}

// callFormat prints v, whatever its type.
func callFormat(format string, v any) (out, bad string) {
	defer caught(&bad)
	return fmt.Sprintf(format, v), ""
}

// caught recovers a panic into *bad. It must be deferred itself.
func caught(bad *string) {
	if p := recover(); p != nil {
		*bad = panicText(p)
	}
}

// panicText is the mark for a recovered panic. The panic's own text comes from
// the caller's code as well, and may panic again.
func panicText(p any) string {
	var s string
	switch p := p.(type) {
	case string:
		s = p
	case error:
		s = textOrNone(p.Error)
	default:
		s = textOrNone(func() string { return fmt.Sprintf("%v", p) })
	}
	if s == "" {
		s = "(no text)"
	}
	return MarkPanic + Cut(s, maxPanicText)
}

// textOrNone returns what text returns, or nothing if it panics: a panic about
// a panic is not told, or one that never ends would overflow the stack.
func textOrNone(text func() string) (s string) {
	defer func() { _ = recover() }()
	return text()
}
