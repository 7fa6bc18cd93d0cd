package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const wantTime = "want an age (90s, 2h, 7d), a time (15:04, 2006-01-02 15:04, 2006-01-02T15:04:05Z), a date, today or yesterday"

// parseWhen reads a point in time as people write it: how long ago, a time of
// today, a date, a timestamp. What says no zone is in loc.
func parseWhen(s string, now time.Time, loc *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	now = now.In(loc)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, loc)
	switch strings.ToLower(s) {
	case "now":
		return now, nil
	case "today":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	if d, ok := parseAge(strings.TrimSuffix(s, " ago")); ok {
		return now.Add(-d), nil
	}
	if n, ok := strings.CutPrefix(s, "@"); ok {
		if sec, err := strconv.ParseFloat(n, 64); err == nil && math.Abs(sec) < 9e9 {
			return time.UnixMicro(int64(math.Round(sec * 1e6))), nil
		}
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700",
		"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02",
	} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04", "15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			// By the clock on the wall, which may have been set since midnight.
			return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc), nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q: %s", s, wantTime)
}

// parseAge reads a duration with days and weeks beside Go's units: 7d, 1d12h.
func parseAge(s string) (time.Duration, bool) {
	var total time.Duration
	rest := s
	for _, unit := range []struct {
		name   string
		length time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		number, after, found := strings.Cut(rest, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || n < 0 || n > 1e5 {
			return 0, false
		}
		total += time.Duration(n * float64(unit.length))
		rest = after
	}
	if rest == "" {
		return total, s != ""
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, false
	}
	return total + d, true
}
