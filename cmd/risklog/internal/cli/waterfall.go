package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

// waterfall draws a trace: an operation a line with its bar on the time scale
// of the whole, records in their places between.
type waterfall struct {
	term.Style
	trace    *analyze.Trace
	minLevel slog.Level
	stack    bool
	names    int // Columns of names.
	bar      int // Columns of bars.
	b        strings.Builder
}

const (
	startColumns = 9
	durColumns   = 8
)

func (w *waterfall) draw() string {
	t := w.trace
	t.Walk(func(s *analyze.Span, depth int) {
		w.names = max(w.names, 3*depth+utf8.RuneCountInString(spanName(s)))
	})
	width := cmp.Or(w.Width, 100)
	w.names = min(max(w.names, 12), max(width/3, 16))
	w.bar = max(width-w.names-startColumns-durColumns-16, 10)
	w.head()
	w.scale()
	for _, item := range t.Items() {
		w.item(item, "", "")
	}
	if t.LeftOut > 0 {
		fmt.Fprintf(&w.b, "%s\n", w.Paint(term.Yellow, "the trace goes on for "+term.Count(t.LeftOut, "record")))
	}
	return w.b.String()
}

func (w *waterfall) head() {
	t := w.trace
	line := func(label string, values []string) {
		for _, v := range values {
			fmt.Fprintf(&w.b, "%s %s\n", w.Paint(term.Dim, term.Pad(label, 12, false)), term.Clean(v))
		}
	}
	line("trace", t.TraceIDs)
	line("correlation", t.CorrelationIDs)
	if len(t.Accounts) > 0 {
		line("account", []string{strings.Join(t.Accounts, ", ")})
	}
	line("start", []string{w.TimeZone(t.Start)})
	sum := []string{term.Duration(t.Duration()), term.Count(t.Spans, "span"), term.Count(t.Records, "record")}
	if t.Errors > 0 {
		sum = append(sum, w.Paint(term.Red, term.Count(t.Errors, "error")))
	}
	fmt.Fprintf(&w.b, "%s %s\n", w.Paint(term.Dim, term.Pad("duration", 12, false)), strings.Join(sum, ", "))
	if t.MissingSpans > 0 {
		fmt.Fprintf(&w.b, "%s %s left no record: faster than its threshold, killed, or another process's\n",
			w.Paint(term.Dim, term.Pad("missing", 12, false)), term.Count(t.MissingSpans, "span"))
	}
	w.b.WriteByte('\n')
}

// scale writes the time scale above the bars.
func (w *waterfall) scale() {
	total := w.trace.Duration()
	const marks = 4
	line := []rune(strings.Repeat(" ", w.bar+durColumns+1))
	next := 0
	for i := range marks + 1 {
		text := []rune(term.Duration(total * time.Duration(i) / marks))
		at := w.bar * i / marks
		if at < next || at+len(text) > len(line) || total == 0 && i > 0 {
			continue
		}
		copy(line[at:], text)
		next = at + len(text) + 1
	}
	fmt.Fprintf(&w.b, "%s\n", w.Paint(term.Dim, strings.Repeat(" ", w.names+startColumns+2)+strings.TrimRight(string(line), " ")))
}

// item writes a span with all inside of it, or a record. first and rest are
// what stands before its first line and the following ones.
func (w *waterfall) item(it analyze.Item, first, rest string) {
	if it.Record != nil {
		w.record(it.Record, first)
		return
	}
	items := it.Span.Items()
	last := -1 // The last span, where the line down ends.
	for i, sub := range items {
		if sub.Span != nil {
			last = i
		}
	}
	line := func(i int) string {
		if i < last {
			return "│  "
		}
		return "   "
	}
	w.span(it.Span, first, rest+strings.TrimRight(line(-1), " "))
	for i, sub := range items {
		branch := line(i)
		switch {
		case i == last:
			branch = "└─ "
		case sub.Span != nil:
			branch = "├─ "
		}
		w.item(sub, rest+branch, rest+line(i))
	}
	if w.stack && it.Span.EndRecord != nil {
		w.b.WriteString(w.Stack(it.Span.EndRecord, rest+"   "))
	}
}

func spanName(s *analyze.Span) string {
	if s.Missing() {
		return "(no record of " + short(s.ID) + ")"
	}
	return term.Clean(s.Name)
}

func short(id string) string { return term.Clean(term.Cut(id, 17)) }

func (w *waterfall) span(s *analyze.Span, indent, below string) {
	name := term.Cut(indent+spanName(s), w.names)
	colour := term.Bold
	bar := term.Cyan
	switch {
	case s.Failed():
		colour, bar = term.BoldRed, term.Red
	case s.Missing():
		colour, bar = term.Dim, term.Dim
	case s.Status == "canceled" || s.Slow():
		bar = term.Yellow
	}
	var notes []string
	if s.Slow() {
		notes = append(notes, w.Paint(term.Yellow, ">"+term.Duration(s.Threshold)))
	}
	if s.Status != "" && s.Status != "ok" {
		notes = append(notes, w.Paint(colour, term.Clean(s.Status)))
	}
	duration := term.Duration(s.Duration())
	if s.Missing() {
		duration = "?"
	}
	text := w.paintName(name, indent, colour)
	fmt.Fprintf(&w.b, "%s %s  %s %s", text, term.Pad(term.Duration(s.Start.Sub(w.trace.Start)), startColumns, true),
		w.drawBar(s, bar), term.Pad(duration, durColumns, true))
	if len(notes) > 0 {
		w.b.WriteString("  " + strings.Join(notes, " "))
	}
	w.b.WriteByte('\n')
	if s.EndRecord == nil {
		return
	}
	if text := s.EndRecord.ErrorText(); text != "" {
		fmt.Fprintf(&w.b, "%s %s\n", w.Paint(term.Dim, below), w.Paint(term.Red, "✗ "+term.Clean(text)))
	}
}

// paintName paints the name, not the branches before it.
func (w *waterfall) paintName(name, indent string, c term.Colour) string {
	padded := term.Pad(name, w.names, false)
	if rest, ok := strings.CutPrefix(padded, indent); ok {
		text := strings.TrimRight(rest, " ")
		return w.Paint(term.Dim, indent) + w.Paint(c, text) + rest[len(text):]
	}
	return padded
}

// drawBar draws when the operation ran. What is longer than its threshold is
// drawn lighter; the threshold of a faster one is a thin line.
func (w *waterfall) drawBar(s *analyze.Span, c term.Colour) string {
	total := float64(w.trace.Duration())
	column := func(t time.Time) int {
		if total <= 0 {
			return 0
		}
		return min(max(int(math.Round(float64(t.Sub(w.trace.Start))/total*float64(w.bar))), 0), w.bar)
	}
	from, to := column(s.Start), column(s.Start.Add(s.Duration()))
	if s.Missing() {
		to = column(s.End)
	}
	if to == from {
		// Shorter than a column: still to be seen.
		from = min(from, w.bar-1)
		to = from + 1
	}
	limit := to
	if s.Threshold > 0 {
		limit = column(s.Start.Add(s.Threshold))
	}
	glyph := "█"
	if s.Missing() {
		glyph = "░"
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", from))
	within := min(max(limit, from), to)
	if s.Slow() && within == to && to-from > 1 {
		within--
	}
	b.WriteString(w.Paint(c, strings.Repeat(glyph, within-from)+strings.Repeat("▓", to-within)))
	end := to
	if limit > to && limit < w.bar {
		b.WriteString(strings.Repeat(" ", limit-to) + w.Paint(term.Dim, "╎"))
		end = limit + 1
	}
	b.WriteString(strings.Repeat(" ", w.bar-end))
	return b.String()
}

// record writes one record in its place.
func (w *waterfall) record(r *logread.Record, indent string) {
	if r.Level() < w.minLevel {
		return
	}
	offset := "+" + term.Duration(r.Time().Sub(w.trace.Start))
	if r.Time().Before(w.trace.Start) {
		offset = term.Duration(r.Time().Sub(w.trace.Start))
	}
	hidden := ""
	if len(w.trace.Accounts) == 1 {
		hidden = "account_id" // It is in the head.
	}
	fmt.Fprintf(&w.b, "%s%s %s %s\n", w.Paint(term.Dim, indent+"· "), w.Paint(term.Dim, offset),
		w.Paint(term.Level(r.Level()), logread.LevelText(r.Level())), w.Details(r, hidden))
	if w.stack {
		w.b.WriteString(w.Stack(r, strings.Repeat(" ", utf8.RuneCountInString(indent)+4)))
	}
}
