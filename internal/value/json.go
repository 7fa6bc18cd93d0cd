package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
)

// maxDigits is the longest number that is kept as one.
const maxDigits = 1024

var errTrailing = errors.New("more than one JSON value")

// json parses what a marshaler returned into a plain tree.
func (w *walker) json(text []byte) slog.Value {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := w.jsonValue(d)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return v
		}
		err = errTrailing
	}
	return slog.StringValue(MarkError + "invalid JSON: " + err.Error())
}

func (w *walker) jsonValue(d *json.Decoder) (slog.Value, error) {
	token, err := d.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return slog.Value{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if !w.enter() {
			return slog.StringValue(MarkDepth), skip(d)
		}
		defer w.leave()
		if t == '[' {
			return w.jsonList(d)
		}
		return w.jsonObject(d)
	case json.Number:
		return w.number(string(t)), nil
	case string:
		return w.generated(t), nil
	default: // A bool or nil.
		return slog.AnyValue(t), nil
	}
}

func (w *walker) jsonList(d *json.Decoder) (slog.Value, error) {
	out := List{}
	for d.More() {
		if len(out) == MaxWidth || !w.spend() {
			n, err := drain(d, false)
			out = append(out, slog.StringValue(more(n)))
			return slog.AnyValue(out), err
		}
		v, err := w.jsonValue(d)
		out = append(out, v)
		if err != nil {
			return slog.AnyValue(out), err
		}
	}
	_, err := d.Token()
	return slog.AnyValue(out), err
}

func (w *walker) jsonObject(d *json.Decoder) (slog.Value, error) {
	var g object
	for d.More() {
		if len(g.attrs) == MaxWidth || !w.spend() {
			n, err := drain(d, true)
			return slog.GroupValue(append(g.attrs, LeftOut(g.attrs, n))...), err
		}
		token, err := d.Token()
		if err != nil {
			return slog.GroupValue(g.attrs...), err
		}
		key, _ := token.(string)
		v, err := w.jsonValue(d)
		g.set(key, v)
		if err != nil {
			return slog.GroupValue(g.attrs...), err
		}
	}
	_, err := d.Token()
	return slog.GroupValue(g.attrs...), err
}

// drain reads the rest of a list or an object, and its end, and returns how
// many members there were.
func drain(d *json.Decoder, keys bool) (n int, err error) {
	for ; d.More(); n++ {
		if keys {
			if _, err := d.Token(); err != nil {
				return n, err
			}
		}
		var ignored json.RawMessage
		if err := d.Decode(&ignored); err != nil {
			return n, err
		}
	}
	_, err = d.Token()
	return n, err
}

// skip reads to the end of the list or object that was just opened.
func skip(d *json.Decoder) error {
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
	return nil
}

// MarshalJSON writes the list for handlers that are not ours: encoding/json
// sees nothing in a [slog.Value].
func (l List) MarshalJSON() ([]byte, error) { return json.Marshal(ordinary(slog.AnyValue(l))) }

// ordinary returns a plain value as the Go value that encoding/json shows alike.
func ordinary(v slog.Value) any {
	switch v.Kind() {
	case slog.KindGroup:
		m := make(map[string]any, len(v.Group()))
		for _, a := range v.Group() {
			m[a.Key] = ordinary(a.Value)
		}
		return m
	case slog.KindDuration:
		return v.Duration().String()
	case slog.KindFloat64:
		if f := v.Float64(); math.IsNaN(f) || math.IsInf(f, 0) {
			return v.String()
		}
	case slog.KindAny:
		if l, ok := v.Any().(List); ok {
			out := make([]any, len(l))
			for i := range l {
				out[i] = ordinary(l[i])
			}
			return out
		}
	case slog.KindBool, slog.KindInt64, slog.KindString, slog.KindTime, slog.KindUint64, slog.KindLogValuer:
	}
	return v.Any()
}

// IsNumber tells whether s is a number as JSON writes them.
func IsNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if zero := strings.HasPrefix(s, "0"); zero {
		s = s[1:]
	} else if !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}
