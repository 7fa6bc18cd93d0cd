package analyze

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"riskmanager.internal/otel/internal/logread"
)

// EnforcementLogger is the logger of breaches and their enforcement.
const EnforcementLogger = "risk_manager.enforcement"

// Outcomes that are derived where no record says one in its attribute outcome.
const (
	OutcomeOK       = "ok"       // The last operation of the enforcement ended well.
	OutcomeError    = "error"    // It failed.
	OutcomeCanceled = "canceled" // It was canceled.
	OutcomeUnknown  = "unknown"  // An action was begun; no record says what came of it.
	OutcomeNone     = "none"     // No action was recorded.
)

// Breach is one breach of a rule by an account: the record that told of it and
// what followed in the same trace under the same rule and account.
type Breach struct {
	Account, Rule        string
	TraceID, Correlation string
	Message              string // Of the record that told of it.
	Level                slog.Level
	Event                time.Time // The beginning of the trace: when the event came in.
	At                   time.Time // Of the record that told of it.
	Done                 time.Time // Zero if no record shows it.
	DoneBy               string    // What shows it: outcome, operation or action.
	Action, Outcome      string
	Worst                float64 // By how much the limit was passed, as far as a record says.
	WorstBy              string  // The attributes that say it; empty if none does.

	begin    *beginning
	final    bool                // Outcome is a record's own, and not the first one's.
	canceled bool                // The last operation was.
	failed   map[string]struct{} // Spans inside of which an operation failed.
	endOfOps time.Time
	acted    time.Time
}

// LatencyMS is the time from the event to the enforcement's end, in
// milliseconds, and whether it is known.
func (b *Breach) LatencyMS() (float64, bool) {
	if b.Done.IsZero() || b.Event.IsZero() {
		return 0, false
	}
	return max(0, float64(b.Done.Sub(b.Event))/float64(time.Millisecond)), true
}

// Enforced reports whether the outcome is a good one.
func (b *Breach) Enforced() bool { return Good(b.Outcome) }

// Good reports whether an outcome says that the enforcement succeeded.
func Good(outcome string) bool {
	switch strings.ToLower(outcome) {
	case OutcomeOK, "done", "success", "succeeded", "enforced", "completed", "flattened", "closed", "locked":
		return true
	default:
		return false
	}
}

// Bad reports whether an outcome says that the enforcement failed.
func Bad(outcome string) bool {
	switch strings.ToLower(outcome) {
	case OutcomeError, "failed", "failure", "rejected", "timeout":
		return true
	default:
		return false
	}
}

// open reports whether an outcome is none yet.
func open(outcome string) bool {
	switch strings.ToLower(outcome) {
	case "", "pending", "started", "begun", "in_progress", "requested":
		return true
	default:
		return false
	}
}

// BreachGroup is the breaches of one rule by one account.
type BreachGroup struct {
	Account, Rule string
	Count         int
	First, Last   time.Time
	Actions       map[string]int
	Outcomes      map[string]int
	Worst         *Breach // With the greatest excess, else the latest.
	Latency       Values  // Milliseconds, of those whose end is known.
}

// Limits of memory: traces whose beginning is remembered, and breaches.
const (
	maxTraces   = 1 << 16
	maxBreaches = 1 << 18
)

// Breaches finds breaches in the records.
//
// A breach is told of by a record of the enforcement logger, or of any other
// but with such a rule, at WARNING or above, that has a rule in its context. It
// goes on with the records and operations of the same trace, account and rule:
// the attribute action says what is done, outcome what came of it; without an
// outcome it is that of the operations. The event came in when the trace began.
type Breaches struct {
	// Match, if set, selects the breaches.
	Match func(*Breach) bool

	begins  map[string]*beginning
	ring    []string
	next    int
	open    map[string]*Breach
	all     []*Breach
	LeftOut int // Breaches beyond the limit of memory.
}

// beginning is when a trace began.
type beginning struct{ at time.Time }

// Add adds a record. All records of the traces are wanted, since the first one
// says when the event came in.
func (b *Breaches) Add(r *logread.Record) {
	if b.begins == nil {
		b.begins, b.open = map[string]*beginning{}, map[string]*Breach{}
	}
	trace := r.TraceID() + "/" + r.Text(logread.CorrelationID)
	begin := b.begin(trace, r)
	rule := r.Text(logread.RuleID)
	key := trace + "\x00" + r.Text(logread.AccountID) + "\x00" + rule
	current := b.open[key]
	if rule == "" {
		current = b.open[trace] // The last one of the trace.
	}
	if trace == noTrace {
		current = nil // Nothing says what belongs together.
	}
	if r.IsEnd() {
		if current == nil && rule != "" && enforcement(r) {
			// Enforced with no word of the breach.
			if current = b.breach(begin, r); current != nil {
				current.At = r.Start()
				b.open[key], b.open[trace] = current, current
			}
		}
		if current != nil && (rule != "" || enforcement(r) || strings.HasPrefix(r.Text(logread.Operation), "enforce")) {
			current.operation(r)
		}
		return
	}
	if rule == "" || !enforcement(r) {
		return
	}
	action, outcome := text(r, "action"), text(r, "outcome")
	tells := r.Level() >= levelWarn && open(outcome) && !isAction(r)
	begins := tells || action != "" || outcome != "" || isAction(r)
	if current != nil { // Another one?
		begins = tells && current.acting() && current.again(r)
	}
	if begins {
		if current = b.breach(begin, r); current != nil {
			b.open[key], b.open[trace] = current, current
		}
	}
	if current != nil {
		current.record(r, action, outcome, tells)
	}
}

// noTrace is the key of records that belong to no trace.
const noTrace = "/"

// begin notes when the record's trace began.
func (b *Breaches) begin(trace string, r *logread.Record) *beginning {
	at := r.Time()
	if r.IsEnd() {
		at = r.Start()
	}
	begin := b.begins[trace]
	if begin == nil || trace == noTrace {
		begin = &beginning{at}
		if trace == noTrace {
			return begin
		}
		b.begins[trace] = begin
		if len(b.ring) < maxTraces {
			b.ring = append(b.ring, trace)
		} else {
			delete(b.begins, b.ring[b.next])
			b.ring[b.next] = trace
			b.next = (b.next + 1) % maxTraces
		}
	}
	if at.Before(begin.at) {
		begin.at = at
	}
	return begin
}

// enforcement reports whether the record is one of the enforcement's.
func enforcement(r *logread.Record) bool {
	name := r.Text(logread.Logger)
	return name == EnforcementLogger || strings.HasPrefix(name, EnforcementLogger+".") || name == "enforcement"
}

// isAction reports whether the record says that something is done, not that a
// rule is breached.
func isAction(r *logread.Record) bool {
	switch r.Text(logread.EventType) {
	case "enforcement_action", "enforcement", "action":
		return true
	default:
		return false
	}
}

func text(r *logread.Record, key string) string {
	raw := r.Attr(key)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	return logread.Text(raw)
}

func (b *Breaches) breach(begin *beginning, r *logread.Record) *Breach {
	if len(b.all) >= maxBreaches {
		b.LeftOut++
		return nil
	}
	br := &Breach{
		Account: r.Text(logread.AccountID), Rule: r.Text(logread.RuleID),
		TraceID: r.TraceID(), Correlation: r.Text(logread.CorrelationID),
		Message: r.Text(logread.Message), At: r.Time(), Level: r.Level(), begin: begin,
	}
	b.all = append(b.all, br)
	return br
}

// acting reports whether the breach has got beyond being told of.
func (b *Breach) acting() bool { return !b.acted.IsZero() || b.final }

// again reports whether a record tells of another breach: as the first one
// did, or by its numbers.
func (b *Breach) again(r *logread.Record) bool {
	if Normalize(r.Text(logread.Message)) == Normalize(b.Message) {
		return true
	}
	by, _ := Excess(r)
	return by != ""
}

// record takes a record of the breach.
func (b *Breach) record(r *logread.Record, action, outcome string, tells bool) {
	if by, excess := Excess(r); by != "" && (b.WorstBy == "" || excess > b.Worst) {
		b.Worst, b.WorstBy = excess, by
	}
	if action != "" {
		b.Action = action
		if !tells {
			b.acted = r.Time()
		}
	} else if isAction(r) {
		b.acted = r.Time()
		if b.Action == "" {
			b.Action = r.Text(logread.Message)
		}
	}
	if outcome != "" {
		b.Outcome = outcome
		if !open(outcome) {
			b.final = true
			b.Done, b.DoneBy = r.Time(), "outcome"
		}
	}
}

// operation takes the end record of an operation inside of the enforcement.
func (b *Breach) operation(r *logread.Record) {
	end := r.Start().Add(r.Duration())
	if r.Has(logread.StartTime) && end.After(r.Time()) || end.IsZero() {
		end = r.Time()
	}
	if end.Before(b.At) {
		return
	}
	b.endOfOps = maxTime(b.endOfOps, end)
	// An operation that went well in spite of a failed one inside of it has the
	// last word on it.
	if b.failed == nil {
		b.failed = map[string]struct{}{}
	}
	delete(b.failed, r.Text(logread.SpanID))
	status := r.Text(logread.Status)
	b.canceled = status == "canceled"
	if status == "error" || status == "" && r.Level() >= levelError {
		b.failed[r.Text(logread.ParentSpanID)] = struct{}{}
	}
	if action := text(r, "action"); b.Action == "" {
		if action == "" && enforcement(r) {
			action = r.Text(logread.Operation)
		}
		b.Action = action
	}
	if outcome := text(r, "outcome"); outcome != "" && !b.final {
		b.Outcome = outcome
		if !open(outcome) {
			b.final = true
			b.Done, b.DoneBy = end, "outcome"
		}
	}
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// finish settles what only the end of the records shows.
func (b *Breach) finish() {
	b.Event = b.begin.at
	if b.final {
		return
	}
	switch {
	case !b.endOfOps.IsZero():
		switch {
		case len(b.failed) > 0:
			b.Outcome = OutcomeError
		case b.canceled:
			b.Outcome = OutcomeCanceled
		default:
			b.Outcome = OutcomeOK
		}
		b.Done, b.DoneBy = b.endOfOps, "operation"
	case b.Outcome != "":
	case !b.acted.IsZero():
		b.Outcome = OutcomeUnknown
	default:
		b.Outcome = OutcomeNone
	}
	if b.Done.IsZero() && !b.acted.IsZero() {
		b.Done, b.DoneBy = b.acted, "action"
	}
}

// All returns the breaches in the order of time.
func (b *Breaches) All() []*Breach {
	for _, br := range b.all {
		br.finish()
	}
	out := slices.Clone(b.all)
	if b.Match != nil {
		out = slices.DeleteFunc(out, func(br *Breach) bool { return !b.Match(br) })
	}
	slices.SortStableFunc(out, func(x, y *Breach) int { return x.At.Compare(y.At) })
	return out
}

// Groups returns the breaches by account and rule, those with the most first.
func (b *Breaches) Groups() []*BreachGroup {
	groups := map[[2]string]*BreachGroup{}
	for _, br := range b.All() {
		key := [2]string{br.Account, br.Rule}
		g := groups[key]
		if g == nil {
			g = &BreachGroup{Account: br.Account, Rule: br.Rule, First: br.At, Actions: map[string]int{}, Outcomes: map[string]int{}}
			groups[key] = g
		}
		g.Count++
		g.Last = br.At
		if br.Action != "" {
			g.Actions[br.Action]++
		}
		g.Outcomes[br.Outcome]++
		if g.Worst == nil || g.Worst.WorstBy == "" || br.WorstBy != "" && br.Worst > g.Worst.Worst {
			g.Worst = br
		}
		if ms, ok := br.LatencyMS(); ok {
			g.Latency.Add(ms)
		}
	}
	out := slices.Collect(maps.Values(groups))
	slices.SortFunc(out, func(x, y *BreachGroup) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Account, y.Account), cmp.Compare(x.Rule, y.Rule))
	})
	return out
}

// Tally writes how often each of the keys is there among so many: "done 3,
// failed 1", the most frequent first; the only one of all without its number.
func Tally(m map[string]int, total int) string {
	keys := slices.SortedFunc(maps.Keys(m), func(x, y string) int { return cmp.Or(cmp.Compare(m[y], m[x]), cmp.Compare(x, y)) })
	if len(keys) == 1 && m[keys[0]] == total {
		return keys[0]
	}
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s %d", k, m[k])
	}
	return strings.Join(keys, ", ")
}

// Excess returns by how much a record says that a limit was passed, and the
// attributes that say it: breach_amount or one of its kind, else the
// difference of a current and a limiting value.
func Excess(r *logread.Record) (by string, excess float64) {
	numbers := map[string]float64{}
	var keys []string
	for k, v := range r.Attrs() {
		if n, ok := logread.Number(v); ok {
			if _, twice := numbers[k]; !twice {
				keys = append(keys, k)
			}
			numbers[k] = n
		}
	}
	for _, k := range []string{"breach_amount", "excess", "exceeded_by", "overage", "amount_over", "over_by"} {
		if n, ok := numbers[k]; ok {
			return k, math.Abs(n)
		}
	}
	current, limit := "", ""
	for _, k := range keys {
		switch {
		case limit == "" && (k == "limit" || k == "threshold" || strings.HasPrefix(k, "max_") || strings.HasSuffix(k, "_limit") || strings.HasPrefix(k, "limit_")):
			limit = k
		case current == "" && (k == "current" || k == "value" || k == "actual" || strings.HasPrefix(k, "current_") || strings.HasPrefix(k, "actual_")):
			current = k
		}
	}
	switch {
	case current != "" && limit != "":
		// Losses are written as negative numbers as often as not.
		return current + "-" + limit, math.Abs(math.Abs(numbers[current]) - math.Abs(numbers[limit]))
	case current != "":
		return current, math.Abs(numbers[current])
	default:
		return "", 0
	}
}
