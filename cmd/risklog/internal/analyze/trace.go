package analyze

import (
	"cmp"
	"slices"
	"time"

	"riskmanager.internal/otel/internal/logread"
)

// Span is an operation of a trace, rebuilt from its end record, or only known
// from what refers to it.
type Span struct {
	ID, ParentID string
	TraceID      string
	Name         string // Its operation; empty if it left no record.
	Start, End   time.Time
	Status       string
	Threshold    time.Duration // Zero if it has none.
	EndRecord    *logread.Record
	Records      []*logread.Record // Made inside of it; its end record is not among them.
	Children     []*Span
}

// Missing reports whether the span left no record of its own: it was faster
// than its threshold, its process was killed, or it is another process's.
func (s *Span) Missing() bool { return s.EndRecord == nil }

// Duration is how long the operation took; of a missing one, how long what is
// known of it took.
func (s *Span) Duration() time.Duration {
	if s.EndRecord != nil {
		return s.EndRecord.Duration()
	}
	return s.End.Sub(s.Start)
}

// Slow reports whether the operation took longer than its threshold.
func (s *Span) Slow() bool { return s.Threshold > 0 && s.Duration() > s.Threshold }

// Failed reports whether the operation ended with an error.
func (s *Span) Failed() bool { return s.Status == "error" }

// Trace is the tree of one trace.
type Trace struct {
	TraceIDs       []string
	CorrelationIDs []string
	Accounts       []string
	Start, End     time.Time
	Roots          []*Span
	Loose          []*logread.Record // Records outside of any span.
	Spans          int               // With a record of their own.
	MissingSpans   int               // Without one.
	Records        int
	Errors         int // Records at ERROR and above.
	LeftOut        int // Records beyond the limit of a Builder.
}

// Builder collects the records of a trace.
type Builder struct {
	Limit   int // Of records; zero means 20000.
	records []*logread.Record
	leftOut int
}

// Add adds a record.
func (b *Builder) Add(r *logread.Record) {
	if len(b.records) >= cmp.Or(b.Limit, 20000) {
		b.leftOut++
		return
	}
	c := *r
	b.records = append(b.records, &c)
}

// Len is the number of records added.
func (b *Builder) Len() int { return len(b.records) + b.leftOut }

// Build builds the tree.
func (b *Builder) Build() *Trace {
	t := &Trace{Records: len(b.records) + b.leftOut, LeftOut: b.leftOut}
	spans := map[string]*Span{}
	var order []*Span
	get := func(r *logread.Record, id string) *Span {
		if s := spans[id]; s != nil {
			return s
		}
		s := &Span{ID: id, TraceID: r.TraceID()}
		spans[id] = s
		order = append(order, s)
		return s
	}
	add := func(list *[]string, v string) {
		if v != "" && !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
	for _, r := range b.records {
		add(&t.TraceIDs, r.TraceID())
		add(&t.CorrelationIDs, r.Text(logread.CorrelationID))
		add(&t.Accounts, r.Text(logread.AccountID))
		if r.Level() >= levelError {
			t.Errors++
		}
		id := r.Text(logread.SpanID)
		switch {
		case id == "":
			t.Loose = append(t.Loose, r)
			t.cover(r.Time(), r.Time())
		case r.IsEnd() && get(r, id).EndRecord == nil:
			s := get(r, id)
			s.EndRecord = r
			s.Name = r.Text(logread.Operation)
			s.Status = r.Text(logread.Status)
			s.ParentID = r.Text(logread.ParentSpanID)
			s.Start = r.Start()
			s.End = s.Start.Add(r.Duration())
			ms, _ := r.Number(logread.ThresholdMS)
			s.Threshold = time.Duration(ms * float64(time.Millisecond))
			t.cover(s.Start, s.End)
		default:
			s := get(r, id)
			s.Records = append(s.Records, r)
			t.cover(r.Time(), r.Time())
		}
	}
	// Parents that left no record. Nothing says what their own parents are.
	for i := 0; i < len(order); i++ {
		if s := order[i]; s.ParentID != "" && s.ParentID != s.ID {
			get(s.EndRecord, s.ParentID)
		}
	}
	for _, s := range order {
		if p := spans[s.ParentID]; s.ParentID != "" && p != nil && p != s && !descends(p, s, spans) {
			p.Children = append(p.Children, s)
		} else {
			t.Roots = append(t.Roots, s)
		}
		if s.Missing() {
			t.MissingSpans++
		} else {
			t.Spans++
		}
	}
	for _, s := range t.Roots {
		s.finish()
	}
	sortSpans(t.Roots)
	return t
}

// descends reports whether p is below s: the parents make a circle.
func descends(p, s *Span, spans map[string]*Span) bool {
	for range len(spans) {
		if p == nil || p.ParentID == "" {
			return false
		}
		if p = spans[p.ParentID]; p == s {
			return true
		}
	}
	return true
}

func (t *Trace) cover(from, to time.Time) {
	if t.Start.IsZero() || from.Before(t.Start) {
		t.Start = from
	}
	if to.After(t.End) {
		t.End = to
	}
}

// finish sorts what is in the span, and finds the time of a missing one.
func (s *Span) finish() {
	for _, c := range s.Children {
		c.finish()
	}
	sortSpans(s.Children)
	if !s.Missing() {
		return
	}
	widen := func(from, to time.Time) {
		if s.Start.IsZero() || from.Before(s.Start) {
			s.Start = from
		}
		if to.After(s.End) {
			s.End = to
		}
	}
	for _, c := range s.Children {
		widen(c.Start, c.End)
	}
	for _, r := range s.Records {
		widen(r.Time(), r.Time())
	}
}

func sortSpans(spans []*Span) {
	slices.SortStableFunc(spans, func(a, b *Span) int { return a.Start.Compare(b.Start) })
}

// Item is a record or a span inside of a span.
type Item struct {
	Record *logread.Record
	Span   *Span
}

// Items returns what is inside of the span in the order of time.
func (s *Span) Items() []Item { return items(s.Records, s.Children) }

// Items returns what is at the top of the trace in the order of time.
func (t *Trace) Items() []Item { return items(t.Loose, t.Roots) }

func items(records []*logread.Record, spans []*Span) []Item {
	out := make([]Item, 0, len(records)+len(spans))
	for _, s := range spans {
		out = append(out, Item{Span: s})
	}
	for _, r := range records {
		out = append(out, Item{Record: r})
	}
	at := func(i Item) time.Time {
		if i.Span != nil {
			return i.Span.Start
		}
		return i.Record.Time()
	}
	slices.SortStableFunc(out, func(a, b Item) int { return at(a).Compare(at(b)) })
	return out
}

// Duration is from the first to the last that is known of the trace.
func (t *Trace) Duration() time.Duration { return t.End.Sub(t.Start) }

// Walk calls fn for each span, parents before children.
func (t *Trace) Walk(fn func(s *Span, depth int)) {
	var walk func(s *Span, depth int)
	walk = func(s *Span, depth int) {
		fn(s, depth)
		for _, c := range s.Children {
			walk(c, depth+1)
		}
	}
	for _, s := range t.Roots {
		walk(s, 0)
	}
}
