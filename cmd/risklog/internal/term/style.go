// Package term writes for people: colours, tables, durations, bars, and records
// as one line each. No control character of a record reaches the terminal.
package term

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Style is how output looks. The zero Style has no colours and local times.
type Style struct {
	Color bool
	UTC   bool
	Width int // Of the terminal, in columns; zero if it has none.
}

// Colour is a terminal colour.
type Colour string

// The colours.
const (
	Plain   Colour = ""
	Bold    Colour = "1"
	Dim     Colour = "2"
	Red     Colour = "31"
	Green   Colour = "32"
	Yellow  Colour = "33"
	Blue    Colour = "34"
	Cyan    Colour = "36"
	BoldRed Colour = "1;31"
)

// Paint returns s in the colour, if the style has colours.
func (s Style) Paint(c Colour, text string) string {
	if !s.Color || c == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Level is the colour of a level.
func Level(l slog.Level) Colour {
	switch {
	case l >= slog.LevelError+4:
		return BoldRed
	case l >= slog.LevelError:
		return Red
	case l >= slog.LevelWarn:
		return Yellow
	case l >= slog.LevelInfo:
		return Green
	default:
		return Dim
	}
}

const (
	timeLayout = "2006-01-02 15:04:05.000"
	zoneLayout = "2006-01-02 15:04:05.000 MST"
)

// Time writes a time in the style's zone.
func (s Style) Time(t time.Time) string { return s.format(t, timeLayout) }

// TimeZone writes a time in the style's zone, and the zone.
func (s Style) TimeZone(t time.Time) string { return s.format(t, zoneLayout) }

func (s Style) format(t time.Time, layout string) string {
	if t.IsZero() {
		return "-"
	}
	if s.UTC {
		return t.UTC().Format(layout)
	}
	return t.Local().Format(layout)
}

// Millis writes a duration given in milliseconds with three digits: 45.2ms,
// 1.23s, 12m5s.
func Millis(ms float64) string {
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	switch {
	case ms < 0.0005:
		return "0"
	case ms < 1:
		return sign + strconv.FormatFloat(ms*1000, 'f', 0, 64) + "µs"
	case ms < 10:
		return sign + digits(ms, 2) + "ms"
	case ms < 100:
		return sign + digits(ms, 1) + "ms"
	case ms < 999.5:
		return sign + digits(ms, 0) + "ms"
	case ms < 9995:
		return sign + digits(ms/1000, 2) + "s"
	case ms < 60_000:
		return sign + digits(ms/1000, 1) + "s"
	}
	d := time.Duration(ms * float64(time.Millisecond)).Round(time.Second)
	switch {
	case d < time.Hour:
		return sign + strings.TrimSuffix(fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second), "00s")
	case d < 48*time.Hour:
		return sign + strings.TrimSuffix(fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute), "00m")
	default:
		return sign + strings.TrimSuffix(fmt.Sprintf("%dd%02dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour), "00h")
	}
}

// Duration writes a duration as [Millis] does.
func Duration(d time.Duration) string { return Millis(float64(d) / float64(time.Millisecond)) }

func digits(f float64, n int) string {
	s := strconv.FormatFloat(f, 'f', n, 64)
	if n > 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Float writes a number without needless digits.
func Float(f float64) string {
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// Bytes writes a size: 1.4 GiB.
func Bytes(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	f, exp := float64(n)/unit, 0
	for f >= unit && exp < 4 {
		f, exp = f/unit, exp+1
	}
	return fmt.Sprintf("%.1f %ciB", f, "KMGTP"[exp])
}

// Count writes a number with its noun: 1 line, 2 lines.
func Count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "h") {
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Clean returns s with everything escaped that could steer a terminal or
// deceive its reader: control characters, line separators, directions of
// writing, what is no UTF-8.
func Clean(s string) string {
	if !strings.ContainsFunc(s, unsafe) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r > 0xffff && unsafe(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case unsafe(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func unsafe(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029
}

// Cut shortens s to n columns, with an ellipsis at its end if it was longer.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	runes := []rune(s)
	return string(runes[:n-1]) + "…"
}

// Pad fills s up with spaces to n columns, on the left if right is set.
func Pad(s string, n int, right bool) string {
	missing := n - utf8.RuneCountInString(s)
	if missing <= 0 {
		return s
	}
	if right {
		return strings.Repeat(" ", missing) + s
	}
	return s + strings.Repeat(" ", missing)
}

// Spark draws numbers as a line of bars. Zero is a blank.
func Spark(values []float64) string {
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range values {
		if v <= 0 || top <= 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(bars[min(int(v/top*float64(len(bars))), len(bars)-1)])
	}
	return b.String()
}
