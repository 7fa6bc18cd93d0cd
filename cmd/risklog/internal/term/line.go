package term

import (
	"strings"

	"riskmanager.internal/otel/internal/logread"
)

// levelWidth is the length of the longest level without an offset.
const levelWidth = len("CRITICAL")

// Record writes a record as one line: time, level, logger, message, and the
// rest as key=value. With stack, the stack of its error follows in lines of
// its own.
func (s Style) Record(r *logread.Record, stack bool) string {
	var b strings.Builder
	b.WriteString(s.Paint(Dim, s.Time(r.Time())))
	b.WriteByte(' ')
	level := logread.LevelText(r.Level())
	b.WriteString(s.Paint(Level(r.Level()), Pad(level, levelWidth, false)))
	b.WriteByte(' ')
	if name := r.Text(logread.Logger); name != "" {
		b.WriteString(s.Paint(Blue, Clean(name)))
		b.WriteByte(' ')
	}
	b.WriteString(s.Details(r, ""))
	if id := r.Text(logread.CorrelationID); id != "" {
		b.WriteByte(' ')
		b.WriteString(s.Paint(Dim, "correlation_id="+Clean(id)))
	} else if id := r.TraceID(); id != "" {
		b.WriteByte(' ')
		b.WriteString(s.Paint(Dim, "trace_id="+Clean(id)))
	}
	b.WriteByte('\n')
	if stack {
		b.WriteString(s.Stack(r, "    "))
	}
	return b.String()
}

// Details writes what a record says: the message, the context fields, the
// attributes and the error. The context field hidden is left out.
func (s Style) Details(r *logread.Record, hidden string) string {
	var b strings.Builder
	b.WriteString(s.Paint(Bold, Clean(r.Text(logread.Message))))
	pair := func(key string, value []byte) {
		b.WriteByte(' ')
		b.WriteString(s.Paint(Cyan, Clean(key)+"="))
		b.WriteString(Value(value))
	}
	for k, v := range logread.Members(r.Raw(logread.Context)) {
		if k != "correlation_id" && k != hidden {
			pair(k, v)
		}
	}
	if r.Raw(logread.Context) == nil { // A foreign layout.
		for _, f := range []struct {
			name  string
			field logread.Field
		}{{"account_id", logread.AccountID}, {"rule_id", logread.RuleID}, {"event_type", logread.EventType}} {
			if r.Has(f.field) {
				pair(f.name, r.Raw(f.field))
			}
		}
	}
	for _, f := range []struct {
		name  string
		field logread.Field
	}{{"operation", logread.Operation}, {"duration_ms", logread.DurationMS}, {"threshold_ms", logread.ThresholdMS}, {"status", logread.Status}} {
		if r.Has(f.field) {
			pair(f.name, r.Raw(f.field))
		}
	}
	for k, v := range r.Attrs() {
		pair(k, v)
	}
	if text := r.ErrorText(); text != "" {
		b.WriteByte(' ')
		b.WriteString(s.Paint(Red, "error="+quote(text)))
	}
	return b.String()
}

// Stack writes the stack of the record's error, "" if it has none.
func (s Style) Stack(r *logread.Record, indent string) string {
	_, _, stack := r.ErrorParts()
	if stack == "" {
		return ""
	}
	var b strings.Builder
	for line := range strings.Lines(stack) {
		b.WriteString(indent)
		b.WriteString(s.Paint(Dim, strings.ReplaceAll(Clean(strings.TrimRight(line, "\r\n")), `\t`, "    ")))
		b.WriteByte('\n')
	}
	return b.String()
}

// Value writes a JSON value for people: a string bare if nothing can be
// mistaken, anything else as it is.
func Value(raw []byte) string {
	if len(raw) > 0 && raw[0] == '"' {
		return quote(logread.Text(raw))
	}
	return Clean(string(raw))
}

// quote quotes s where that is needed to see its ends.
func quote(s string) string {
	if s != "" && !strings.ContainsAny(s, " =\"") && !strings.ContainsFunc(s, unsafe) {
		return s
	}
	return `"` + strings.ReplaceAll(Clean(s), `"`, `\"`) + `"`
}
