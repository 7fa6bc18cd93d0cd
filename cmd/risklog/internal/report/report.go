// Package report writes a period of the log files as one HTML page that needs
// nothing else: no server, no network, no other file.
package report

import (
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "embed"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// Limits are how much of each kind the page has at most.
type Limits struct {
	Traces  int // Of the failed and of the slowest ones each.
	Records int
}

const (
	maxBreachRows = 500
	maxErrorRows  = 200
	maxTraceRows  = 400
)

// Collector collects what the page shows, in two passes over the records: First
// for everything, then Second for the records of the traces that it picked.
type Collector struct {
	Limits   Limits
	Breaches *analyze.Breaches

	stats   analyze.Stats
	errors  analyze.Errors
	time    timeline
	counts  map[string]int // By level.
	total   int
	from    time.Time
	to      time.Time
	failed  []string // Trace IDs, the last ones.
	slowest map[string]bool
	breach  map[string]bool
	graver  []*logread.Record // At WARNING and above, the last ones.
	others  []*logread.Record
	picked  map[string]*analyze.Builder
	order   []string
}

// First takes a record that the report is about.
func (c *Collector) First(r *logread.Record) {
	if c.counts == nil {
		c.counts, c.slowest = map[string]int{}, map[string]bool{}
		c.stats.Slowest = 4 * c.Limits.Traces
	}
	c.total++
	c.counts[class(r.Level())]++
	if t := r.Time(); !t.IsZero() {
		if c.from.IsZero() {
			c.from = t
		}
		if t.After(c.to) {
			c.to = t
		}
		c.time.add(t, class(r.Level()))
	}
	c.stats.Add(r)
	c.errors.Add(r)
	if id := r.TraceID(); id != "" && (r.Level() >= slog.LevelError || r.IsEnd() && r.Is(logread.Status, "error")) {
		if i := slices.Index(c.failed, id); i >= 0 {
			c.failed = slices.Delete(c.failed, i, i+1)
		}
		if c.failed = append(c.failed, id); len(c.failed) > c.Limits.Traces {
			c.failed = c.failed[1:]
		}
	}
	keep := &c.others
	if r.Level() >= slog.LevelWarn {
		keep = &c.graver
	}
	copied := *r
	if *keep = append(*keep, &copied); len(*keep) > 2*c.Limits.Records+64 {
		*keep = slices.Clone((*keep)[len(*keep)-c.Limits.Records:])
	}
}

// Pick decides which traces the page shows. It comes between the two passes.
func (c *Collector) Pick() {
	c.picked = map[string]*analyze.Builder{}
	pick := func(id string) {
		if id != "" && c.picked[id] == nil {
			c.picked[id] = &analyze.Builder{Limit: maxTraceRows}
			c.order = append(c.order, id)
		}
	}
	for _, id := range slices.Backward(c.failed) {
		pick(id)
	}
	n := 0
	for _, call := range c.stats.SlowestCalls() {
		if n >= c.Limits.Traces {
			break
		}
		if !c.slowest[call.TraceID] && call.TraceID != "" {
			c.slowest[call.TraceID] = true
			n++
			pick(call.TraceID)
		}
	}
	all := c.Breaches.All()
	c.breach = map[string]bool{}
	for i, b := range slices.Backward(all) {
		c.breach[b.TraceID] = true
		if len(all)-i <= c.Limits.Traces {
			pick(b.TraceID)
		}
	}
}

// Second takes a record, of which those of the picked traces count.
func (c *Collector) Second(r *logread.Record) {
	if b := c.picked[r.TraceID()]; b != nil {
		b.Add(r)
	}
}

// class is the level as the page tells levels apart.
func class(l slog.Level) string {
	switch {
	case l >= slog.LevelError+4:
		return "critical"
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warning"
	case l >= slog.LevelInfo:
		return "info"
	default:
		return "debug"
	}
}

// Head is what the page says of itself.
type Head struct {
	Title     string
	Made      time.Time
	Selection string // The flags that select, "" for none.
	LeftOut   string // Torn lines and the like, "" for none.
	UTC       bool
}

// page is the data of the template. Everything in it is text; the template
// escapes it.
type page struct {
	Head
	CSS       template.CSS
	JS        template.JS
	From, To  string
	Made      string
	Cards     []card
	Timeline  timelineView
	Groups    []breachGroup
	Breaches  []breachRow
	MoreBr    int
	Ops       []opRow
	OpScale   []tick
	Errors    []errorRow
	MoreErr   int
	Traces    []traceView
	Records   []recordRow
	Accounts  []string
	Shown     int
	Total     int
	HasTraces map[string]bool
}

type card struct{ Label, Value, Class string }

// Write writes the page.
func (c *Collector) Write(w io.Writer, h Head) error {
	s := term.Style{UTC: h.UTC}
	p := page{
		Head: h, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), //nolint:gosec // They are ours.
		From: s.TimeZone(c.from), To: s.TimeZone(c.to), Made: s.TimeZone(h.Made), Total: c.total, HasTraces: map[string]bool{},
	}
	for _, id := range c.order {
		if c.picked[id].Len() > 0 {
			p.HasTraces[id] = true
		}
	}
	all, at := c.Breaches.All(), clock(s, c.from, c.to)
	c.cards(&p, all)
	p.Timeline = c.time.view(s, all, p.HasTraces)
	c.breaches(&p, at, all)
	c.operations(&p)
	c.errorRows(&p, at)
	c.traces(&p, at)
	c.records(&p, at)
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return t.Execute(w, p)
}

// clock writes times, without their date if the page is of one day.
func clock(s term.Style, from, to time.Time) func(time.Time) string {
	day, _, _ := strings.Cut(s.Time(from), " ")
	if last, _, _ := strings.Cut(s.Time(to), " "); last != day {
		return s.Time
	}
	return func(t time.Time) string { return strings.TrimPrefix(s.Time(t), day+" ") }
}

func (c *Collector) cards(p *page, all []*analyze.Breach) {
	bad := func(n int, class string) string {
		if n > 0 {
			return class
		}
		return "good"
	}
	failed := 0
	var latency analyze.Values
	for _, b := range all {
		if !b.Enforced() {
			failed++
		}
		if ms, ok := b.LatencyMS(); ok {
			latency.Add(ms)
		}
	}
	errs := c.counts["error"] + c.counts["critical"]
	slow, calls := 0, 0
	for _, op := range c.stats.Operations() {
		slow += op.Slow
		calls += op.Millis.Len()
	}
	p.Cards = []card{
		{"records", group(c.total), ""},
		{"errors", group(errs), bad(errs, "bad")},
		{"warnings", group(c.counts["warning"]), bad(c.counts["warning"], "warn")},
		{"breaches", group(len(all)), bad(len(all), "warn")},
		{"not enforced", group(failed), bad(failed, "bad")},
		{"operations", group(calls), ""},
		{"slow", group(slow), bad(slow, "warn")},
	}
	if latency.Len() > 0 {
		p.Cards = append(p.Cards, card{"enforced, p99", term.Millis(latency.Percentile(99)), ""})
	}
}

// group writes a number with its thousands apart.
func group(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

type breachGroup struct {
	Account, Rule, Worst, Actions, Outcomes, Class, P50, P99, Max string
	Count                                                         int
}

type breachRow struct {
	Time, Account, Rule, By, Action, Outcome, Class, Took, TraceID string
	Width                                                          string
}

func (c *Collector) breaches(p *page, at func(time.Time) string, all []*analyze.Breach) {
	for _, g := range c.Breaches.Groups() {
		row := breachGroup{
			Account: dash(g.Account), Rule: dash(g.Rule), Count: g.Count, Worst: "–", P50: "–", P99: "–", Max: "–",
			Actions: dash(analyze.Tally(g.Actions, g.Count)), Outcomes: analyze.Tally(g.Outcomes, g.Count), Class: "good",
		}
		for o := range g.Outcomes {
			row.Class = worse(row.Class, outcomeClass(o))
		}
		if g.Worst.WorstBy != "" {
			row.Worst = term.Float(g.Worst.Worst)
		}
		if g.Latency.Len() > 0 {
			row.P50, row.P99, row.Max = term.Millis(g.Latency.Percentile(50)), term.Millis(g.Latency.Percentile(99)), term.Millis(g.Latency.Max())
		}
		p.Groups = append(p.Groups, row)
	}
	longest := 0.0
	for _, b := range all {
		if ms, ok := b.LatencyMS(); ok {
			longest = max(longest, ms)
		}
	}
	if len(all) > maxBreachRows {
		p.MoreBr = len(all) - maxBreachRows
		all = all[p.MoreBr:]
	}
	for _, b := range slices.Backward(all) {
		row := breachRow{
			Time: at(b.At), Account: dash(b.Account), Rule: dash(b.Rule), By: "–", Action: dash(b.Action),
			Outcome: b.Outcome, Class: outcomeClass(b.Outcome), Took: "–", Width: "0",
		}
		if b.WorstBy != "" {
			row.By = term.Float(b.Worst)
		}
		if ms, ok := b.LatencyMS(); ok {
			row.Took = term.Millis(ms)
			if longest > 0 {
				row.Width = fmt.Sprintf("%.1f", 100*ms/longest)
			}
		}
		if p.HasTraces[b.TraceID] {
			row.TraceID = b.TraceID
		}
		p.Breaches = append(p.Breaches, row)
	}
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func outcomeClass(o string) string {
	switch {
	case analyze.Good(o):
		return "good"
	case analyze.Bad(o):
		return "bad"
	default:
		return "warn"
	}
}

func worse(a, b string) string {
	rank := map[string]int{"good": 0, "warn": 1, "bad": 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

type errorRow struct {
	Count                                                         int
	Type, Operation, Message, First, Last, Accounts, Few, TraceID string
}

func (c *Collector) errorRows(p *page, at func(time.Time) string) {
	groups := c.errors.Groups()
	if len(groups) > maxErrorRows {
		p.MoreErr = len(groups) - maxErrorRows
		groups = groups[:maxErrorRows]
	}
	for _, g := range groups {
		row := errorRow{
			Count: g.Count, Type: g.Type, Operation: g.Operation, Message: g.Message, First: at(g.First), Last: at(g.Last),
			Accounts: strings.Join(g.Accounts, ", "), Few: strings.Join(g.Accounts[:min(len(g.Accounts), 3)], "\n"),
		}
		if more := len(g.Accounts) - 3; more > 0 {
			row.Few += fmt.Sprintf("\nand %d more", more)
		}
		if p.HasTraces[g.TraceID] {
			row.TraceID = g.TraceID
		}
		p.Errors = append(p.Errors, row)
	}
}

type recordRow struct {
	Time, Level, Class, Logger, Message, Details, Account, TraceID string
}

func (c *Collector) records(p *page, at func(time.Time) string) {
	graver := c.graver[max(0, len(c.graver)-c.Limits.Records):]
	others := c.others[max(0, len(c.others)-(c.Limits.Records-len(graver))):]
	rows := slices.Concat(graver, others)
	slices.SortStableFunc(rows, func(a, b *logread.Record) int { return a.Time().Compare(b.Time()) })
	p.Shown = len(rows)
	accounts := map[string]bool{}
	for _, r := range slices.Backward(rows) {
		row := newRecordRow(at, r)
		if !p.HasTraces[row.TraceID] {
			row.TraceID = ""
		}
		if row.Account != "" && !accounts[row.Account] {
			accounts[row.Account] = true
			p.Accounts = append(p.Accounts, row.Account)
		}
		p.Records = append(p.Records, row)
	}
	slices.Sort(p.Accounts)
}

func newRecordRow(at func(time.Time) string, r *logread.Record) recordRow {
	message := term.Clean(r.Text(logread.Message))
	return recordRow{
		Time: at(r.Time()), Level: logread.LevelText(r.Level()), Class: class(r.Level()),
		Logger:  term.Clean(strings.TrimPrefix(r.Text(logread.Logger), "risk_manager.")),
		Message: message, Details: strings.TrimSpace(strings.TrimPrefix(term.Style{}.Details(r, ""), message)),
		Account: r.Text(logread.AccountID), TraceID: r.TraceID(),
	}
}

// Summary is what a page says, for scripts.
type Summary struct {
	File        string `json:"file"`
	From        string `json:"from"`
	To          string `json:"to"`
	Records     int    `json:"records"`
	Errors      int    `json:"errors"`
	Warnings    int    `json:"warnings"`
	Breaches    int    `json:"breaches"`
	Operations  int    `json:"operations"`
	ErrorGroups int    `json:"error_groups"`
	Traces      int    `json:"traces"`
}

// Summary returns what the page that was written to a file says.
func (c *Collector) Summary(file string) Summary {
	s := Summary{
		File: file, Records: c.total, Errors: c.counts["error"] + c.counts["critical"], Warnings: c.counts["warning"],
		Breaches: len(c.Breaches.All()), Operations: len(c.stats.Operations()), ErrorGroups: len(c.errors.Groups()), Traces: len(c.order),
	}
	if !c.from.IsZero() {
		s.From, s.To = logread.Stamp(c.from), logread.Stamp(c.to)
	}
	return s
}
