package record

import (
	"encoding/base64"
	"log/slog"
	"time"
	"unicode/utf8"
)

// TextStyle is how lines for people look.
type TextStyle struct {
	// Color uses terminal colours.
	Color bool
	// MaxValue is how many bytes of one value are shown. Zero means all.
	MaxValue int
}

// timeLayout is the time of a line for people.
const timeLayout = "2006-01-02 15:04:05.000"

// levelWidth is the length of the longest level without an offset.
const levelWidth = len("CRITICAL")

// lineCut ends a line that was cut; it also ends a colour that was.
const lineCut = "..." + colorNone

// Terminal sequences.
const (
	colorNone    = "\x1b[0m"
	colorDim     = "\x1b[2m"
	colorBold    = "\x1b[1m"
	colorRed     = "\x1b[31m"
	colorBoldRed = "\x1b[1;31m"
	colorYellow  = "\x1b[33m"
	colorGreen   = "\x1b[32m"
	colorCyan    = "\x1b[36m"
	colorBlue    = "\x1b[34m"
)

// Append appends the record as one line for people, newline included: local
// time, level, logger, message, then context, attributes and error as
// key=value, quoted where that is needed. No control character of the record
// reaches the terminal.
func (t TextStyle) Append(dst []byte, r *Record) []byte {
	start := len(dst)
	if !r.fits() {
		r = r.clone()
		r.Limit()
	}
	if !r.Time.IsZero() {
		dst = t.color(dst, colorDim)
		dst = r.Time.Local().AppendFormat(dst, timeLayout)
		dst = t.color(dst, colorNone)
		dst = append(dst, ' ')
	}
	dst = t.color(dst, levelColor(r.Level))
	n := len(dst)
	dst = appendLevel(dst, r.Level)
	n = len(dst) - n
	dst = t.color(dst, colorNone)
	for ; n <= levelWidth; n++ {
		dst = append(dst, ' ')
	}
	dst = t.color(dst, colorBlue)
	dst = appendSafe(dst, r.Logger)
	dst = t.color(dst, colorNone)
	dst = append(dst, ' ')
	dst = t.color(dst, colorBold)
	switch {
	case r.Body.Kind() == slog.KindString:
		dst = appendSafe(dst, r.Body.String())
	case !r.Body.Equal(slog.Value{}):
		dst = appendValue(dst, r.Body)
	}
	dst = t.color(dst, colorNone)

	if r.CorrelationID != "" {
		dst = t.pair(dst, "", slog.String(keyCorrelationID, r.CorrelationID))
	}
	dst = t.pairs(dst, "", r.Context)
	dst = t.pairs(dst, "", r.Attrs)
	if r.EventName != "" && !has(r.Attrs, keyEventName) {
		dst = t.pair(dst, "", slog.String(keyEventName, r.EventName))
	}
	dst = t.pairs(dst, keyAttributes+".", r.Moved)
	if e := r.Error; e != nil {
		dst = t.pair(dst, "", slog.String(keyError, e.Message))
		if e.Type != "" {
			dst = t.pair(dst, "", slog.String("error.type", e.Type))
		}
		if e.Stack != "" {
			dst = t.pair(dst, "", slog.String("error.stack", e.Stack))
		}
	}
	if r.OriginalBytes > 0 {
		dst = t.pair(dst, "", slog.Int(keyOriginalBytes, r.OriginalBytes))
	}
	if len(dst)-start >= MaxLine { // Prefixes and colours add to what fitted.
		dst = append(dst[:start+MaxLine-len(lineCut)-1], lineCut...)
	}
	return append(dst, '\n')
}

func (t TextStyle) color(dst []byte, c string) []byte {
	if t.Color {
		dst = append(dst, c...)
	}
	return dst
}

func levelColor(l slog.Level) string {
	switch {
	case l >= LevelCritical:
		return colorBoldRed
	case l >= slog.LevelError:
		return colorRed
	case l >= slog.LevelWarn:
		return colorYellow
	case l >= slog.LevelInfo:
		return colorGreen
	}
	return colorCyan
}

func (t TextStyle) pairs(dst []byte, prefix string, attrs []slog.Attr) []byte {
	for i := range attrs {
		dst = t.pair(dst, prefix, attrs[i])
	}
	return dst
}

func (t TextStyle) pair(dst []byte, prefix string, a slog.Attr) []byte {
	dst = append(dst, ' ')
	dst = t.color(dst, colorDim)
	dst = append(dst, prefix...)
	dst = appendWord(dst, a.Key)
	dst = append(dst, '=')
	dst = t.color(dst, colorNone)
	start := len(dst)
	dst = appendTextValue(dst, a.Value)
	if n := t.MaxValue; n > 0 && len(dst)-start > n {
		for n > 0 && !utf8.RuneStart(dst[start+n]) {
			n--
		}
		dst = append(dst[:start+n], "..."...)
	}
	return dst
}

func appendTextValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendWord(dst, v.String())
	case slog.KindDuration:
		return appendDuration(dst, v.Duration())
	case slog.KindTime:
		return v.Time().AppendFormat(dst, time.RFC3339Nano)
	case slog.KindAny:
		if p, ok := v.Any().([]byte); ok {
			return base64.StdEncoding.AppendEncode(dst, p)
		}
	case slog.KindBool, slog.KindFloat64, slog.KindGroup, slog.KindInt64, slog.KindLogValuer, slog.KindUint64:
	}
	return appendValue(dst, v)
}

// appendWord appends s, quoted as in JSON if it is not one plain word.
func appendWord(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if !safe[c] || c == ' ' || c == '=' {
				return appendString(dst, s)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || escaped(r) {
			return appendString(dst, s)
		}
		i += size
	}
	if s == "" {
		return append(dst, `""`...)
	}
	return append(dst, s...)
}

// appendSafe appends s without quotes; only what a terminal would act on is
// escaped.
func appendSafe(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c == '"' || c == '\\' {
			dst = appendEscaped(dst, s[start:i], 0)
			dst = append(dst, c)
			start = i + 1
		}
		i++
	}
	return appendEscaped(dst, s[start:], 0)
}
