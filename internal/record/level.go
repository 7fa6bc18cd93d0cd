package record

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// LevelCritical is the level of what the daemon cannot go on without: CRITICAL
// in the files, FATAL over OTLP.
const LevelCritical = slog.Level(12)

// severityOffset is what OpenTelemetry's severity numbers are above slog's
// levels.
const severityOffset = 9

var bases = [...]struct {
	level slog.Level
	name  string
}{
	{LevelCritical, "CRITICAL"},
	{slog.LevelError, "ERROR"},
	{slog.LevelWarn, "WARNING"},
	{slog.LevelInfo, "INFO"},
	{slog.LevelDebug, "DEBUG"},
}

// LevelText returns the name of l: DEBUG, INFO, WARNING, ERROR or CRITICAL, or
// one of them with the offset to it, such as INFO+1 and DEBUG-4.
func LevelText(l slog.Level) string {
	switch l {
	case slog.LevelDebug:
		return "DEBUG"
	case slog.LevelInfo:
		return "INFO"
	case slog.LevelWarn:
		return "WARNING"
	case slog.LevelError:
		return "ERROR"
	case LevelCritical:
		return "CRITICAL"
	}
	return string(appendLevel(nil, l))
}

// appendLevel appends the name of l.
func appendLevel(dst []byte, l slog.Level) []byte {
	base := bases[len(bases)-1]
	for _, b := range bases {
		if l >= b.level {
			base = b
			break
		}
	}
	dst = append(dst, base.name...)
	if l > base.level {
		dst = append(dst, '+')
	}
	if l != base.level {
		dst = strconv.AppendInt(dst, int64(l)-int64(base.level), 10)
	}
	return dst
}

// ParseLevel returns the level with the name s, in any case: one of
// [LevelText]'s, or WARN or FATAL, with an offset or without.
func ParseLevel(s string) (slog.Level, error) {
	name, offset := strings.TrimSpace(s), 0
	if i := strings.IndexAny(name, "+-"); i > 0 {
		n, err := strconv.ParseInt(name[i:], 10, 32)
		if err != nil {
			return 0, levelError(s)
		}
		name, offset = name[:i], int(n)
	}
	switch strings.ToUpper(name) {
	case "WARN":
		name = "WARNING"
	case "FATAL":
		name = "CRITICAL"
	}
	for _, b := range bases {
		if strings.EqualFold(name, b.name) {
			return b.level + slog.Level(offset), nil
		}
	}
	return 0, levelError(s)
}

func levelError(s string) error {
	return fmt.Errorf("level %q: want DEBUG, INFO, WARNING, ERROR or CRITICAL, with an offset (INFO+1) or without", s)
}

// severity returns OpenTelemetry's number of l, clamped to its range.
func severity(l slog.Level) int {
	const lowest, highest = 1 - severityOffset, 24 - severityOffset
	return int(max(lowest, min(highest, l))) + severityOffset
}
