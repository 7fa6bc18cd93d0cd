package report

import (
	"fmt"
	"time"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
)

// timelineBins is how many bars the timeline has at most.
const timelineBins = 120

// timeline counts records by level over time. Its bins double their width when
// the time outgrows them.
type timeline struct {
	start time.Time
	width time.Duration
	bins  []map[string]int
}

func (t *timeline) add(at time.Time, class string) {
	if t.width == 0 {
		t.start, t.width = at, time.Millisecond
	}
	for at.Sub(t.start) >= timelineBins*t.width {
		t.double()
	}
	i := max(0, int(at.Sub(t.start)/t.width))
	for len(t.bins) <= i {
		t.bins = append(t.bins, nil)
	}
	if t.bins[i] == nil {
		t.bins[i] = map[string]int{}
	}
	t.bins[i][class]++
}

func (t *timeline) double() {
	merged := make([]map[string]int, (len(t.bins)+1)/2)
	for i, b := range t.bins {
		if merged[i/2] == nil {
			merged[i/2] = map[string]int{}
		}
		for class, n := range b {
			merged[i/2][class] += n
		}
	}
	t.bins, t.width = merged, 2*t.width
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
	v := timelineView{Every: term.Duration(t.width), HasData: len(t.bins) > 0}
	if !v.HasData {
		return v
	}
	for _, b := range t.bins {
		n := 0
		for _, c := range b {
			n += c
		}
		v.Top = max(v.Top, n)
	}
	each := plotWidth / float64(len(t.bins))
	for i, b := range t.bins {
		at := t.start.Add(time.Duration(i) * t.width)
		out := bar{X: float64(i) * each, Width: max(each-1, 0.5), Title: s.Time(at)}
		y := plotHeight
		for _, class := range []string{"debug", "info", "warning", "error", "critical"} {
			n := b[class]
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
	total := float64(len(t.bins)) * float64(t.width)
	for _, b := range breaches {
		m := mark{X: 100 * float64(b.At.Sub(t.start)) / total, Class: outcomeClass(b.Outcome)}
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
	const ticks = 4
	layout := "15:04:05.000"
	switch {
	case total > float64(36*time.Hour):
		layout = "01-02 15:04"
	case total > float64(10*time.Minute):
		layout = "15:04"
	case total > float64(10*time.Second):
		layout = "15:04:05"
	}
	for i := range ticks + 1 {
		at := t.start.Add(time.Duration(total * float64(i) / ticks))
		if !s.UTC {
			at = at.Local()
		} else {
			at = at.UTC()
		}
		v.Ticks = append(v.Ticks, tick{100 * float64(i) / ticks, at.Format(layout)})
	}
	return v
}
