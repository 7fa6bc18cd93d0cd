package logread

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// LevelUnknown is the level of a record that says none, or one that cannot be
// read. It passes no filter by level.
const LevelUnknown = slog.Level(-1 << 15)

// levelNames are the names of the format, then those of foreign ones.
var levelNames = []struct { //nolint:gochecknoglobals // A table; never changed.
	name  string
	level slog.Level
}{
	{"INFO", slog.LevelInfo},
	{"DEBUG", slog.LevelDebug},
	{"WARNING", slog.LevelWarn},
	{"ERROR", slog.LevelError},
	{"CRITICAL", slog.LevelError + 4},
	{"WARN", slog.LevelWarn},
	{"FATAL", slog.LevelError + 4},
	{"PANIC", slog.LevelError + 4},
	{"DPANIC", slog.LevelError + 4},
	{"TRACE", slog.LevelDebug - 4},
	{"NOTICE", slog.LevelInfo + 2},
	{"ERR", slog.LevelError},
	{"CRIT", slog.LevelError + 4},
}

// ParseLevel reads a level: DEBUG, INFO, WARNING, ERROR or CRITICAL, or one of
// the names other loggers use (WARN, FATAL), in any case, with an offset
// ("INFO+1", "DEBUG-4").
func ParseLevel(s string) (slog.Level, error) {
	if l := parseLevel([]byte(s)); l != LevelUnknown {
		return l, nil
	}
	return 0, fmt.Errorf("level %q: want DEBUG, INFO, WARNING, ERROR or CRITICAL", s)
}

func parseLevel(b []byte) slog.Level {
	name, offset := b, 0
	for i, c := range b {
		if i > 0 && (c == '+' || c == '-') {
			n, err := strconv.Atoi(string(b[i:]))
			if err != nil || n < -1000 || n > 1000 {
				return LevelUnknown
			}
			name, offset = b[:i], n
			break
		}
	}
	for _, l := range levelNames {
		if len(name) == len(l.name) && (string(name) == l.name || strings.EqualFold(string(name), l.name)) {
			return l.level + slog.Level(offset)
		}
	}
	return LevelUnknown
}

// LevelText is the level as the records have it.
func LevelText(l slog.Level) string {
	if l == LevelUnknown {
		return "-"
	}
	with := func(name string, base slog.Level) string {
		if l == base {
			return name
		}
		return fmt.Sprintf("%s%+d", name, l-base)
	}
	switch {
	case l < slog.LevelInfo:
		return with("DEBUG", slog.LevelDebug)
	case l < slog.LevelWarn:
		return with("INFO", slog.LevelInfo)
	case l < slog.LevelError:
		return with("WARNING", slog.LevelWarn)
	case l < slog.LevelError+4:
		return with("ERROR", slog.LevelError)
	default:
		return with("CRITICAL", slog.LevelError+4)
	}
}
