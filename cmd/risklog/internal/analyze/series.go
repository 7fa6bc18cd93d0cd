package analyze

import "time"

// bins is how many bins an axis has at most.
const bins = 240

// Axis is a time axis that several series share. Its bins double their width
// whenever the records outgrow it: nobody knows beforehand how long the time is.
type Axis struct {
	start  time.Time
	width  time.Duration
	series []*Series
}

// Bin is what happened within one bin of time.
type Bin struct {
	Count  int
	Errors int
	Max    float64
}

// Series is bins over time.
type Series struct {
	axis *Axis
	bins []Bin
}

// Series returns a new series on the axis.
func (a *Axis) Series() *Series {
	s := &Series{axis: a}
	a.series = append(a.series, s)
	return s
}

// index returns the bin of a time. Records come in the order of time but for
// rare exceptions, which count in the first bin.
func (a *Axis) index(t time.Time) int {
	if a.width == 0 {
		a.width = time.Millisecond
		a.start = t.Truncate(time.Millisecond)
	}
	for t.Sub(a.start) >= bins*a.width {
		a.double()
	}
	return max(0, int(t.Sub(a.start)/a.width))
}

func (a *Axis) double() {
	start := a.start.Truncate(2 * a.width)
	shift := int(a.start.Sub(start) / a.width)
	a.start, a.width = start, 2*a.width
	for _, s := range a.series {
		var merged []Bin
		for i, b := range s.bins {
			j := (i + shift) / 2
			for len(merged) <= j {
				merged = append(merged, Bin{})
			}
			merged[j].merge(b)
		}
		s.bins = merged
	}
}

func (b *Bin) merge(o Bin) {
	b.Count += o.Count
	b.Errors += o.Errors
	b.Max = max(b.Max, o.Max)
}

// Add counts what happened at a time.
func (s *Series) Add(t time.Time, value float64, failed bool) {
	i := s.axis.index(t)
	for len(s.bins) <= i {
		s.bins = append(s.bins, Bin{})
	}
	b := Bin{Count: 1, Max: value}
	if failed {
		b.Errors = 1
	}
	s.bins[i].merge(b)
}

// Bins returns the series over the whole axis in at most n bins, the time of
// the first one, and their width.
func (s *Series) Bins(n int) (out []Bin, start time.Time, width time.Duration) {
	used := 1
	for _, o := range s.axis.series {
		used = max(used, len(o.bins))
	}
	each := (used + n - 1) / n
	out = make([]Bin, (used+each-1)/each)
	for i, b := range s.bins {
		out[i/each].merge(b)
	}
	return out, s.axis.start, time.Duration(each) * s.axis.width
}
