package analyze

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"riskmanager.internal/otel/internal/logread"
)

// maxOperations is how many operations are told apart; the names of more than
// that hold something they should not.
const maxOperations = 5000

// OtherOperations is the name of those beyond.
const OtherOperations = "(other operations)"

// Operation is what is known of all calls of one operation.
type Operation struct {
	Name     string
	Errors   int
	Canceled int
	Slow     int // Calls longer than their threshold.
	Millis   Values
	Series   *Series
}

// Call is one call of an operation.
type Call struct {
	Operation   string
	Start       time.Time
	DurationMS  float64
	ThresholdMS float64 // Zero if there is none.
	Status      string
	Account     string
	TraceID     string
	SpanID      string
	Correlation string
}

// Stats collects the calls of all operations.
type Stats struct {
	Slowest    int // How many of the slowest calls are kept.
	axis       Axis
	operations map[string]*Operation
	calls      slowest
}

// Add adds a record, if it is the end of an operation.
func (s *Stats) Add(r *logread.Record) {
	if !r.IsEnd() {
		return
	}
	name := r.Text(logread.Operation)
	if s.operations == nil {
		s.operations = map[string]*Operation{}
	}
	op := s.operations[name]
	if op == nil {
		if len(s.operations) >= maxOperations {
			name = OtherOperations
			op = s.operations[name]
		}
		if op == nil {
			op = &Operation{Name: name, Series: s.axis.Series()}
			s.operations[name] = op
		}
	}
	ms, _ := r.Number(logread.DurationMS)
	failed := false
	switch r.Text(logread.Status) {
	case "error":
		op.Errors++
		failed = true
	case "canceled":
		op.Canceled++
	case "ok":
	default:
		if failed = r.Level() >= levelError; failed {
			op.Errors++
		}
	}
	threshold, _ := r.Number(logread.ThresholdMS)
	if threshold > 0 && ms > threshold {
		op.Slow++
	}
	op.Millis.Add(ms)
	op.Series.Add(r.Time(), ms, failed)
	s.slow(r, ms, threshold)
}

func (s *Stats) slow(r *logread.Record, ms, threshold float64) {
	if s.Slowest <= 0 || len(s.calls) == s.Slowest && ms <= s.calls[0].DurationMS {
		return
	}
	heap.Push(&s.calls, Call{
		Operation: r.Text(logread.Operation), Start: r.Start(), DurationMS: ms, ThresholdMS: threshold,
		Status: r.Text(logread.Status), Account: r.Text(logread.AccountID),
		TraceID: r.TraceID(), SpanID: r.Text(logread.SpanID), Correlation: r.Text(logread.CorrelationID),
	})
	if len(s.calls) > s.Slowest {
		heap.Pop(&s.calls)
	}
}

// Operations returns the operations, those with the most time spent first.
func (s *Stats) Operations() []*Operation {
	out := slices.Collect(maps.Values(s.operations))
	slices.SortFunc(out, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(b.Millis.Sum(), a.Millis.Sum()), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// SlowestCalls returns the slowest calls, the slowest first.
func (s *Stats) SlowestCalls() []Call {
	out := slices.Clone(s.calls)
	slices.SortFunc(out, func(a, b Call) int {
		return cmp.Or(cmp.Compare(b.DurationMS, a.DurationMS), a.Start.Compare(b.Start))
	})
	return out
}

// slowest is a heap of calls, the fastest of them on top.
type slowest []Call

func (h slowest) Len() int           { return len(h) }
func (h slowest) Less(i, j int) bool { return h[i].DurationMS < h[j].DurationMS }
func (h slowest) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *slowest) Push(x any)        { *h = append(*h, x.(Call)) } //nolint:forcetypeassert // It is ours alone.
func (h *slowest) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
}
