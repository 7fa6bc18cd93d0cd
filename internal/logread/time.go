package logread

import (
	"math"
	"strings"
	"time"
)

// noTime is the time of a record before the first one of its file that has a
// time of its own.
const noTime = math.MinInt64

// stampLen is the length of our timestamps: 2006-01-02T15:04:05.000000Z.
const stampLen = 27

const stampLayout = "2006-01-02T15:04:05.000000Z"

// Stamp writes a time as the records have it.
func Stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// parseStamp reads a timestamp of ours, in nanoseconds since 1970. It is a
// third of the cost of time.Parse, once for each line.
func parseStamp(b []byte) (int64, bool) {
	if len(b) != stampLen || b[4] != '-' || b[7] != '-' || b[10] != 'T' ||
		b[13] != ':' || b[16] != ':' || b[19] != '.' || b[26] != 'Z' {
		return 0, false
	}
	bad := false
	num := func(from, to int) (n int) {
		for _, c := range b[from:to] {
			bad = bad || c < '0' || c > '9'
			n = n*10 + int(c-'0')
		}
		return n
	}
	year, month, day := num(0, 4), num(5, 7), num(8, 10)
	hour, minute, second, micro := num(11, 13), num(14, 16), num(17, 19), num(20, 26)
	if bad || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	// Days from the civil date, counting years from March.
	y, m := year, month
	if m <= 2 {
		y, m = y-1, m+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + day - 719469
	return (int64(days)*86400+int64(hour*3600+minute*60+second))*1e9 + int64(micro)*1e3, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// parseTime reads a JSON timestamp of any layout: RFC 3339 with any fraction
// and zone (none means UTC), or a number of seconds, milliseconds, micro- or
// nanoseconds since 1970, told apart by their size.
func parseTime(raw []byte) (int64, bool) {
	if len(raw) == stampLen+2 {
		if ns, ok := parseStamp(raw[1 : len(raw)-1]); ok {
			return ns, true
		}
	}
	if len(raw) > 0 && raw[0] == '"' {
		return parseTimeText(decodeString(raw))
	}
	v, ok := Number(raw)
	if !ok || math.Abs(v) < 1e8 || math.Abs(v) > 9e18 {
		return 0, false
	}
	switch a := math.Abs(v); {
	case a < 1e11:
		sec, frac := math.Modf(v)
		return int64(sec)*1e9 + int64(math.Round(frac*1e6))*1e3, true
	case a < 1e14:
		return int64(math.Round(v*1e3)) * 1e3, true
	case a < 1e17:
		return int64(v) * 1e3, true
	default:
		return int64(v), true
	}
}

func parseTimeText(s string) (int64, bool) {
	s = strings.Replace(s, ",", ".", 1) // Python's default.
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			if y := t.Year(); y < 1678 || y > 2261 {
				return 0, false
			}
			return t.UnixNano(), true
		}
	}
	return 0, false
}
