package report

import (
	"slices"
	"strings"
	"time"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

type traceView struct {
	ID, Correlation, Name, Start, Duration, Accounts, Class, Kinds string
	Size, Missing, LeftOut                                         string
	Rows                                                           []traceRow
	Ticks                                                          []tick
}

// traceRow is a span or a record of a waterfall.
type traceRow struct {
	Span               bool
	Depth              int
	Name, Class        string
	Offset, Duration   string
	Left, Width, Limit float64 // Percent.
	HasLimit           bool
	Note, Error        string
	Level, Details     string
}

func (c *Collector) traces(p *page, at func(time.Time) string) {
	for _, id := range c.order {
		b := c.picked[id]
		if b.Len() == 0 {
			continue
		}
		t := b.Build()
		v := traceView{
			ID: id, Start: at(t.Start), Duration: term.Duration(t.Duration()), Accounts: strings.Join(t.Accounts, ", "),
			Size:        term.Count(t.Spans, "span") + ", " + term.Count(t.Records, "record"),
			Correlation: strings.Join(t.CorrelationIDs, ", "),
		}
		if t.Errors > 0 {
			v.Size += ", " + term.Count(t.Errors, "error")
		}
		if t.MissingSpans > 0 {
			v.Missing = term.Count(t.MissingSpans, "span")
		}
		if t.LeftOut > 0 {
			v.LeftOut = term.Count(t.LeftOut, "record")
		}
		failed := t.Errors > 0 || slices.Contains(c.failed, id)
		t.Walk(func(s *analyze.Span, _ int) { failed = failed || s.Failed() })
		var kinds []string
		for _, k := range []struct {
			is          bool
			name, class string
		}{{failed, "failed", "bad"}, {c.slowest[id], "slowest", "warn"}, {c.breach[id], "breach", "ok"}} {
			if k.is {
				if len(kinds) == 0 {
					v.Class = k.class
				}
				kinds = append(kinds, k.name)
			}
		}
		v.Kinds = strings.Join(kinds, ", ")
		v.Name = "(records only)"
		if len(t.Roots) > 0 {
			v.Name = spanName(t.Roots[0])
		}
		const parts = 4
		for i := range parts + 1 {
			v.Ticks = append(v.Ticks, tick{float64(i) * 100 / parts, term.Duration(t.Duration() * time.Duration(i) / parts)})
		}
		v.add(t, t.Items(), 0)
		p.Traces = append(p.Traces, v)
	}
}

func spanName(s *analyze.Span) string {
	if s.Missing() {
		return "(no record of " + s.ID + ")"
	}
	return term.Clean(s.Name)
}

func (v *traceView) add(t *analyze.Trace, items []analyze.Item, depth int) {
	total := float64(max(t.Duration(), 1))
	percent := func(d time.Duration) float64 { return min(max(100*float64(d)/total, 0), 100) }
	for _, it := range items {
		if r := it.Record; r != nil {
			at := r.Time().Sub(t.Start)
			row := newRecordRow(term.Style{}.Time, r)
			v.Rows = append(v.Rows, traceRow{
				Depth: depth, Name: row.Message, Class: row.Class, Level: row.Level, Details: row.Details, Offset: term.Duration(at),
			})
			continue
		}
		s := it.Span
		row := traceRow{
			Span: true, Depth: depth, Name: spanName(s), Offset: term.Duration(s.Start.Sub(t.Start)), Duration: term.Duration(s.Duration()),
			Left: percent(s.Start.Sub(t.Start)), Width: max(percent(s.Duration()), 0.4), Class: "ok",
		}
		row.Left = min(row.Left, 99.6)
		row.Width = min(row.Width, 100-row.Left)
		switch {
		case s.Missing():
			row.Class, row.Duration = "missing", "?"
		case s.Failed():
			row.Class = "bad"
		case s.Slow() || s.Status == "canceled":
			row.Class = "warn"
		}
		var notes []string
		if s.Status != "" && s.Status != "ok" {
			notes = append(notes, term.Clean(s.Status))
		}
		if s.Threshold > 0 {
			end := s.Start.Sub(t.Start) + s.Threshold
			row.HasLimit, row.Limit = end <= t.Duration(), percent(end)
			if s.Slow() {
				notes = append(notes, "> "+term.Duration(s.Threshold))
			}
		}
		row.Note = strings.Join(notes, ", ")
		if s.EndRecord != nil {
			row.Error = term.Clean(s.EndRecord.ErrorText())
			row.Details = strings.TrimSpace(strings.TrimPrefix(term.Style{}.Details(s.EndRecord, ""), term.Clean(s.EndRecord.Text(logread.Message))))
		}
		v.Rows = append(v.Rows, row)
		v.add(t, s.Items(), depth+1)
	}
}
