package logread

import (
	"bytes"
	"log/slog"
	"strings"
	"time"
)

// Filter selects records. The zero value of a field selects all.
type Filter struct {
	Since, Until time.Time    // Since is included, Until is not.
	MinLevel     slog.Leveler // Records at this level and above.
	Accounts     []string     // context.account_id is one of them.
	Rules        []string     // context.rule_id is one of them.
	Loggers      []string     // The logger is one of them or a child of one.
	Trace        string       // A correlation ID, a trace ID, or the start of either.
	Exact        bool         // Trace is a whole ID.
	Contains     []string     // The line, as it is in the file, contains all of them, in any case of letters.

	// Odd, if set, is called for each line that is left out, torn or foreign.
	// It must be safe for concurrent use and not keep the line.
	Odd func(f *File, line []byte)
}

// filter is a Filter made ready for raw lines.
type filter struct {
	Filter
	since, until int64
	level        slog.Level

	// needles are groups of bytes of which each line that is selected
	// contains at least one, for each group.
	needles [][][]byte
	hex     string // Trace without dashes, in lower case.
}

func (f Filter) compile() *filter {
	c := &filter{Filter: f, since: noTime, until: 1<<63 - 1, level: LevelUnknown}
	if !f.Since.IsZero() {
		c.since = f.Since.UnixNano()
	}
	if !f.Until.IsZero() {
		c.until = f.Until.UnixNano()
	}
	if f.MinLevel != nil {
		c.level = f.MinLevel.Level()
	}
	c.need(f.Accounts...)
	c.need(f.Rules...)
	c.need(f.Loggers...)
	if f.Trace != "" {
		// IDs of ours are in lower case; one that a caller chose is as it was given.
		c.hex = strings.ToLower(strings.ReplaceAll(f.Trace, "-", ""))
		c.need(f.Trace, c.hex, dashed(c.hex))
	}
	c.Contains = nil
	for _, s := range f.Contains {
		c.Contains = append(c.Contains, strings.ToLower(s))
	}
	return c
}

// need adds a group of needles. It adds none if one of them has no part that
// is written the same in every JSON.
func (c *filter) need(values ...string) {
	var group [][]byte
	for _, v := range values {
		if part := plainPart(v); part != "" {
			group = append(group, []byte(part))
		} else {
			return
		}
	}
	if len(group) > 0 {
		c.needles = append(c.needles, group)
	}
}

// plainPart returns the longest part of s that no JSON encoder escapes, other
// than by \u00xx, which callers look for.
func plainPart(s string) string {
	best, from := "", 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] > 0x20 && s[i] < 0x7f && !strings.ContainsRune(`"\/<>&'`, rune(s[i])) {
			continue
		}
		if i-from > len(best) {
			best = s[from:i]
		}
		from = i + 1
	}
	return best
}

// dashed writes the start of a trace ID as the start of a UUID.
func dashed(hex string) string {
	var b strings.Builder
	for i := range len(hex) {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b.WriteByte('-')
		}
		b.WriteByte(hex[i])
	}
	return b.String()
}

// raw reports whether the line may be selected. It may err on that side only.
func (c *filter) raw(line []byte) bool {
	for _, group := range c.needles {
		if !containsAny(line, group) && !bytes.Contains(line, []byte(`\u00`)) {
			return false
		}
	}
	stamp := ownStamp(line)
	return stamp == nil || c.stampMaySelect(stamp) && c.levelMaySelect(line[len(stampHead)+stampLen+1:])
}

// stampHead is how a line of ours begins.
const stampHead = `{"timestamp":"`

// ownStamp returns the timestamp of a line of our own layout, whose head has
// its fields in fixed places, and nil for any other.
func ownStamp(line []byte) []byte {
	if len(line) < len(stampHead)+stampLen+1 || string(line[:len(stampHead)]) != stampHead || line[len(stampHead)+stampLen] != '"' {
		return nil
	}
	return line[len(stampHead) : len(stampHead)+stampLen]
}

func (c *filter) stampMaySelect(stamp []byte) bool {
	if c.since == noTime && c.until == 1<<63-1 {
		return true
	}
	ns, ok := parseStamp(stamp)
	return !ok || ns >= c.since && ns < c.until
}

func (c *filter) levelMaySelect(rest []byte) bool {
	const key = `,"level":"`
	if c.level == LevelUnknown || len(rest) < len(key) || string(rest[:len(key)]) != key {
		return true
	}
	rest = rest[len(key):]
	end := bytes.IndexByte(rest[:min(len(rest), 24)], '"')
	return end < 0 || parseLevel(rest[:end]) >= c.level
}

func containsAny(line []byte, group [][]byte) bool {
	for _, needle := range group {
		if bytes.Contains(line, needle) {
			return true
		}
	}
	return false
}

// match reports whether the record is selected.
func (c *filter) match(r *Record) bool {
	if r.nanos < c.since && c.since != noTime || r.nanos >= c.until {
		return false
	}
	return (c.level == LevelUnknown || r.level >= c.level) &&
		isAny(r, AccountID, c.Accounts) &&
		isAny(r, RuleID, c.Rules) &&
		c.logger(r) && c.inTrace(r) && c.contains(r)
}

func isAny(r *Record, f Field, values []string) bool {
	if len(values) == 0 {
		return true
	}
	for _, v := range values {
		if r.Is(f, v) {
			return true
		}
	}
	return false
}

func (c *filter) logger(r *Record) bool {
	if len(c.Loggers) == 0 {
		return true
	}
	name := r.Text(Logger)
	for _, want := range c.Loggers {
		if within(name, want) || within(name, "risk_manager."+want) {
			return true
		}
	}
	return false
}

// within reports whether logger is parent or one of its children.
func within(logger, parent string) bool {
	return strings.HasPrefix(logger, parent) && (len(logger) == len(parent) || logger[len(parent)] == '.')
}

func (c *filter) inTrace(r *Record) bool {
	return c.hex == "" || c.isID(r.Text(TraceID)) || c.isID(r.Text(CorrelationID))
}

// isID reports whether id is the ID that was asked for or, unless that was
// whole, begins with it.
func (c *filter) isID(id string) bool {
	if id == "" {
		return false
	}
	if c.Exact {
		return id == c.Trace || sameID(id, c.hex)
	}
	if strings.HasPrefix(id, c.Trace) {
		return true
	}
	h, ok := hexID(id)
	return ok && strings.HasPrefix(h, c.hex)
}

func sameID(id, hex string) bool {
	h, ok := hexID(id)
	return ok && h == hex
}

func (c *filter) contains(r *Record) bool {
	if len(c.Contains) == 0 {
		return true
	}
	line := string(bytes.ToLower(r.line))
	for _, s := range c.Contains {
		if !strings.Contains(line, s) {
			return false
		}
	}
	return true
}
