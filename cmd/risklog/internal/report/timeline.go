package report

import (
	"fmt"
	"time"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
)

// timelineBins is how many bars the timeline has at most.
const timelineBins = 120

// classes are the levels as the page tells them apart, the graver ones later.
var classes = []string{"debug", "info", "warning", "error", "critical"}

// timeline counts records by level over time.
type timeline struct {
	axis    analyze.Axis
	classes map[string]*analyze.Series
}

func (t *timeline) add(at time.Time, class string) {
	if t.classes == nil {
		t.classes = map[string]*analyze.Series{}
		for _, c := range classes {
			t.classes[c] = t.axis.Series()
		}
	}
	t.classes[class].Add(at, 0, false)
}

type timelineView struct {
	Bars    []bar
	Marks   []mark
	Ticks   []tick
	Top     int
	Every   string
	HasData bool
}

type bar struct {
	X, Width float64
	Title    string
	Parts    []part
}

type part struct {
	Y, Height float64
	Class     string
}

type mark struct {
	X                     float64 // Percent.
	Title, Class, TraceID string
}

type tick struct {
	X    float64
	Text string
}

const (
	plotWidth  = 1000.0
	plotHeight = 140.0
	maxMarks   = 200.0
)

func (t *timeline) view(s term.Style, breaches []*analyze.Breach, traces map[string]bool) timelineView {
	if t.classes == nil {
		return timelineView{}
	}
	bins := map[string][]analyze.Bin{}
	var start time.Time
	var width time.Duration
	for _, c := range classes {
		bins[c], start, width = t.classes[c].Bins(timelineBins)
	}
	n := len(bins[classes[0]])
	v := timelineView{Every: term.Duration(width), HasData: true}
	for i := range n {
		sum := 0
		for _, c := range classes {
			sum += bins[c][i].Count
		}
		v.Top = max(v.Top, sum)
	}
	each := plotWidth / float64(n)
	for i := range n {
		at := start.Add(time.Duration(i) * width)
		out := bar{X: float64(i) * each, Width: max(each-1, 0.5), Title: s.Time(at)}
		y := plotHeight
		for _, class := range classes {
			n := bins[class][i].Count
			if n == 0 {
				continue
			}
			// The few grave ones among many are still to be seen.
			h := float64(n) / float64(v.Top) * plotHeight
			if class == "error" || class == "critical" || class == "warning" {
				h = max(h, 3)
			}
			y -= h
			out.Parts = append(out.Parts, part{max(y, 0), h, class})
			out.Title += fmt.Sprintf(", %d %s", n, class)
		}
		v.Bars = append(v.Bars, out)
	}
	total := time.Duration(n) * width
	v.mark(s, start, total, breaches, traces)
	v.Ticks = ticks(s, start, total)
	return v
}

// mark adds the breaches.
func (v *timelineView) mark(s term.Style, start time.Time, total time.Duration, breaches []*analyze.Breach, traces map[string]bool) {
	for _, b := range breaches {
		m := mark{X: 100 * float64(b.At.Sub(start)) / float64(total), Class: outcomeClass(b.Outcome)}
		if m.X < 0 || m.X > 100 {
			continue
		}
		m.Title = fmt.Sprintf("%s %s %s: %s", s.Time(b.At), b.Account, b.Rule, b.Outcome)
		if traces[b.TraceID] {
			m.TraceID = b.TraceID
		}
		if n := len(v.Marks); n > 0 && m.X-v.Marks[n-1].X < 100/maxMarks {
			// They would cover each other: the first of the worst ones stays.
			if last := &v.Marks[n-1]; worse(last.Class, m.Class) != last.Class {
				m.X = last.X
				*last = m
			}
			continue
		}
		v.Marks = append(v.Marks, m)
	}
}

// ticks are the times below the axis, as exact as its length asks for.
func ticks(s term.Style, start time.Time, total time.Duration) (all []tick) {
	layout := "15:04:05.000"
	switch {
	case total > 36*time.Hour:
		layout = "01-02 15:04"
	case total > 10*time.Minute:
		layout = "15:04"
	case total > 10*time.Second:
		layout = "15:04:05"
	}
	if start = start.Local(); s.UTC {
		start = start.UTC()
	}
	const parts = 4
	for i := range parts + 1 {
		at := start.Add(time.Duration(float64(total) * float64(i) / parts))
		all = append(all, tick{100 * float64(i) / parts, at.Format(layout)})
	}
	return all
}
