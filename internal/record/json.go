package record

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"time"

	"riskmanager.internal/otel/internal/value"
)

// MaxLine is the length in bytes, newline included, that no line exceeds.
const MaxLine = 1 << 20

// AppendJSON appends the record as one JSON object and a newline: the line of
// the files. A record whose line would exceed [MaxLine] is cut, see
// [Record.Limit]; r itself stays as it is. Nothing is allocated beyond dst
// unless it is cut.
func AppendJSON(dst []byte, r *Record) []byte {
	if !r.fits() {
		r = r.clone()
		r.Limit()
	}
	return appendLine(dst, r)
}

// appendLine appends the line of a record that fits.
func appendLine(dst []byte, r *Record) []byte {
	dst = append(dst, '{')
	if !r.Time.IsZero() {
		dst = append(dst, `"timestamp":"`...)
		dst = appendTimestamp(dst, r.Time)
		dst = append(dst, `",`...)
	}
	dst = append(dst, `"level":"`...)
	dst = appendLevel(dst, r.Level)
	dst = append(dst, `","logger":`...)
	dst = appendString(dst, r.Logger)
	dst = append(dst, `,"message":`...)
	dst = appendBody(dst, r.Body)
	dst = append(dst, `,"context":{`...)
	dst = appendContext(dst, r)
	dst = append(dst, '}')
	if len(r.Attrs) > 0 {
		dst = append(dst, ',')
		dst = appendMembers(dst, r.Attrs)
	}
	if r.EventName != "" && !has(r.Attrs, keyEventName) {
		dst = append(dst, `,"event_name":`...)
		dst = appendString(dst, r.EventName)
	}
	if len(r.Moved) > 0 {
		dst = append(dst, `,"attributes":{`...)
		dst = appendMembers(dst, r.Moved)
		dst = append(dst, '}')
	}
	if e := r.Error; e != nil {
		dst = append(dst, `,"error":{`...)
		if e.Type != "" {
			dst = append(dst, `"type":`...)
			dst = appendString(dst, e.Type)
			dst = append(dst, ',')
		}
		dst = append(dst, `"message":`...)
		dst = appendString(dst, e.Message)
		if e.Stack != "" {
			dst = append(dst, `,"stack":`...)
			dst = appendString(dst, e.Stack)
		}
		dst = append(dst, '}')
	}
	if s := r.Source; s != nil {
		if s.json != "" {
			dst = append(dst, s.json...)
		} else {
			dst = s.append(dst)
		}
	}
	if r.TraceID.IsValid() {
		dst = append(dst, `,"trace_id":"`...)
		dst = hex.AppendEncode(dst, r.TraceID[:])
		dst = append(dst, '"')
	}
	if r.SpanID.IsValid() {
		dst = append(dst, `,"span_id":"`...)
		dst = hex.AppendEncode(dst, r.SpanID[:])
		dst = append(dst, '"')
	}
	if r.UID != "" {
		dst = append(dst, `,"uid":`...)
		dst = appendString(dst, r.UID)
	} else if r.uid[0] != 0 {
		dst = append(dst, `,"uid":"`...)
		dst = append(dst, r.uid[:]...)
		dst = append(dst, '"')
	}
	if r.OriginalBytes > 0 {
		dst = append(dst, `,"truncated":true,"original_bytes":`...)
		dst = strconv.AppendInt(dst, int64(r.OriginalBytes), 10)
	}
	return append(dst, "}\n"...)
}

// append appends the member "source" with a comma before it.
func (s *Source) append(dst []byte) []byte {
	dst = append(dst, `,"source":{"function":`...)
	dst = appendString(dst, s.Function)
	dst = append(dst, `,"file":`...)
	dst = appendString(dst, s.File)
	dst = append(dst, `,"line":`...)
	dst = strconv.AppendInt(dst, int64(s.Line), 10)
	return append(dst, '}')
}

// appendBody appends the message; a record without one has an empty one.
func appendBody(dst []byte, v slog.Value) []byte {
	if v.Kind() == slog.KindAny && v.Any() == nil {
		return append(dst, `""`...)
	}
	return appendValue(dst, v)
}

// appendMembers appends the members of an object, without its braces.
func appendMembers(dst []byte, attrs []slog.Attr) []byte {
	for i := range attrs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendKey(dst, attrs[i].Key)
		dst = appendValue(dst, attrs[i].Value)
	}
	return dst
}

// appendKey appends a key and its colon.
func appendKey(dst []byte, key string) []byte {
	n := len(dst)
	if end := n + len(key) + len(`"":`); end <= cap(dst) && isClean(key) {
		dst = dst[:end]
		dst[n] = '"'
		copy(dst[n+1:], key)
		dst[end-2], dst[end-1] = '"', ':'
		return dst
	}
	return append(appendString(dst, key), ':')
}

// appendValue appends a plain value.
func appendValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendString(dst, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindFloat64:
		return appendFloat(dst, v.Float64())
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case slog.KindUint64:
		return strconv.AppendUint(dst, v.Uint64(), 10)
	case slog.KindDuration:
		dst = append(dst, '"')
		dst = appendDuration(dst, v.Duration())
		return append(dst, '"')
	case slog.KindTime:
		dst = append(dst, '"')
		dst = v.Time().AppendFormat(dst, time.RFC3339Nano)
		return append(dst, '"')
	case slog.KindGroup:
		dst = append(dst, '{')
		dst = appendMembers(dst, v.Group())
		return append(dst, '}')
	case slog.KindAny, slog.KindLogValuer:
	}
	switch x := v.Any().(type) {
	case nil:
		return append(dst, "null"...)
	case value.List:
		dst = append(dst, '[')
		for i := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, x[i])
		}
		return append(dst, ']')
	case json.Number:
		if !value.IsNumber(string(x)) {
			return appendString(dst, string(x))
		}
		return append(dst, x...)
	case []byte:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, x)
		return append(dst, '"')
	}
	// Nothing that is not plain should have come here, but if it did, it is
	// still no reason to lose the line.
	return appendValue(dst, value.Resolve(v))
}

// appendTimestamp appends t in UTC with microseconds, in fixed width: years
// before 0 and after 9999, which have none, are shown as these.
func appendTimestamp(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	year = max(0, min(year, 9999))
	micro := t.Nanosecond() / 1000
	return append(dst,
		digit(year/1000), digit(year/100), digit(year/10), digit(year), '-',
		digit(int(month)/10), digit(int(month)), '-',
		digit(day/10), digit(day), 'T',
		digit(hour/10), digit(hour), ':',
		digit(minute/10), digit(minute), ':',
		digit(second/10), digit(second), '.',
		digit(micro/100000), digit(micro/10000), digit(micro/1000),
		digit(micro/100), digit(micro/10), digit(micro), 'Z')
}

// digit returns the last digit of n.
func digit(n int) byte { return byte('0' + n%10) }

// appendFloat appends f as encoding/json does, but a whole number with ".0", as
// Python does: the file tells doubles from integers. What JSON has no number for is
// text, as OpenTelemetry writes it.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	abs := math.Abs(f)
	if abs == 0 || abs >= 1e-6 && abs < 1e21 {
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if f == math.Trunc(f) {
			dst = append(dst, ".0"...) // Or a reader would take it for an integer.
		}
		return dst
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 becomes e-9.
		dst = dst[:n-1]
	}
	return dst
}

// appendDuration appends d as [time.Duration.String] writes it, which has no
// append form.
func appendDuration(dst []byte, d time.Duration) []byte {
	var buf [32]byte
	w := len(buf)
	u := uint64(d) //nolint:gosec // The sign is dealt with.
	if d < 0 {
		u = -u
	}
	put := func(c byte) { w--; buf[w] = c }
	// fraction puts the last n digits of u without trailing zeros, and a point.
	fraction := func(n int) {
		digits := false
		for range n {
			c := byte(u % 10)
			u /= 10
			if digits = digits || c != 0; digits {
				put('0' + c)
			}
		}
		if digits {
			put('.')
		}
	}
	integer := func(n uint64) {
		put('0' + byte(n%10))
		for n /= 10; n > 0; n /= 10 {
			put('0' + byte(n%10))
		}
	}
	put('s')
	switch {
	case u == 0:
		return append(dst, "0s"...)
	case u < uint64(time.Microsecond):
		put('n')
		integer(u)
	case u < uint64(time.Millisecond):
		w -= len("µ")
		copy(buf[w:], "µ")
		fraction(3)
		integer(u)
	case u < uint64(time.Second):
		put('m')
		fraction(6)
		integer(u)
	default:
		fraction(9)
		seconds := u
		integer(seconds % 60)
		if minutes := seconds / 60; minutes > 0 {
			put('m')
			integer(minutes % 60)
			if hours := minutes / 60; hours > 0 {
				put('h')
				integer(hours)
			}
		}
	}
	if d < 0 {
		put('-')
	}
	return append(dst, buf[w:]...)
}
