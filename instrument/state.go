package instrument

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

// scopeName is the instrumentation scope: this package's import path.
const scopeName = "riskmanager.internal/otel/instrument"

// state is what this package keeps for one Telemetry.
type state struct {
	tel       *telemetry.Telemetry // Immutable once set, as are the fields below.
	tracer    trace.Tracer
	masker    *mask.Masker
	resolver  value.Resolver
	threshold time.Duration // Of operations without one of their own; zero: none.
	quiet     bool          // performance.enabled is false.
	metrics   bool          // performance.include_metrics.
	since     time.Time

	breaches, enforcements metric.Int64Counter

	operations names[operation]
	rules      names[string]
}

// states finds the state of a Telemetry. Operations are started with nothing
// but a context, so it cannot be a value that is passed around.
var states struct {
	last  atomic.Pointer[state]
	byTel sync.Map // *telemetry.Telemetry -> *state
}

// absent is the state without a Telemetry. It is never changed: nothing is
// counted in it.
var absent = newState(nil)

// loggers are those of the streams. They find their Telemetry at each call.
var loggers = map[telemetry.Stream]*slog.Logger{
	telemetry.Daemon:      telemetry.Logger(telemetry.Daemon),
	telemetry.Enforcement: telemetry.Logger(telemetry.Enforcement),
	telemetry.API:         telemetry.Logger(telemetry.API),
	telemetry.Errors:      telemetry.Logger(telemetry.Errors),
}

func newState(tel *telemetry.Telemetry) *state {
	s := &state{
		tel:    tel,
		tracer: tel.TracerProvider().Tracer(scopeName),
		masker: tel.Masker(),
		since:  time.Now(),
	}
	s.resolver = value.Resolver{Sensitive: s.masker.Key}
	s.operations.make = s.newOperation
	s.rules.make = func(name string) *string {
		name = s.masker.String(name)
		return &name
	}
	if tel == nil {
		return s
	}
	if p := tel.Config().Performance; p.Enabled != nil {
		s.threshold, s.quiet, s.metrics = p.Threshold, !*p.Enabled, *p.IncludeMetrics
	}
	s.newCounters()
	return s
}

// stateOf returns the state of the Telemetry that ctx leads to.
func stateOf(ctx context.Context) *state { return stateFor(telemetry.FromContext(ctx)) }

func stateFor(tel *telemetry.Telemetry) *state {
	if tel == nil {
		return absent
	}
	if s := states.last.Load(); s != nil && s.tel == tel {
		return s
	}
	if s, ok := states.byTel.Load(tel); ok {
		s := s.(*state)
		states.last.Store(s)
		return s
	}
	return addState(tel)
}

// addState makes the state of tel, which lives until tel is shut down. One made
// later is forgotten at once.
func addState(tel *telemetry.Telemetry) *state {
	s := newState(tel)
	if got, loaded := states.byTel.LoadOrStore(tel, s); loaded {
		return got.(*state)
	}
	if !tel.OnShutdown(s.close) {
		states.byTel.Delete(tel)
		return s
	}
	if s.metrics {
		tel.AddProducer(s)
	}
	states.last.Store(s)
	return s
}

// close writes the summary and forgets the state. Operations under way keep it.
func (s *state) close(ctx context.Context) {
	s.logSummary(telemetry.NewContext(ctx, s.tel))
	states.byTel.Delete(s.tel)
	states.last.CompareAndSwap(s, nil)
}

// maxNames bounds the names that are told apart in metrics, so that a name
// built from data cannot fill the memory here or at the backend.
const maxNames = 500

// otherName stands for the names beyond maxNames. It is the semantic
// conventions' word for values that are not enumerated.
const otherName = "_OTHER"

// names holds one T a name, up to maxNames, and one for all others.
type names[T any] struct {
	make   func(name string) *T // Immutable once set.
	known  sync.Map             // string -> *T
	count  atomic.Int64
	others atomic.Pointer[T]
}

// get returns the T of a name, and whether it is the name's own.
func (n *names[T]) get(name string) (*T, bool) {
	if t, ok := n.known.Load(name); ok {
		return t.(*T), true
	}
	if n.count.Load() < maxNames {
		t, loaded := n.known.LoadOrStore(name, n.make(name))
		if !loaded {
			n.count.Add(1)
		}
		return t.(*T), true
	}
	if n.others.Load() == nil {
		n.others.CompareAndSwap(nil, n.make(otherName))
	}
	return n.others.Load(), false
}

// each calls f with every T there is.
func (n *names[T]) each(f func(*T)) {
	n.known.Range(func(_, t any) bool {
		f(t.(*T))
		return true
	})
	if t := n.others.Load(); t != nil {
		f(t)
	}
}

// operation is what is kept of the operations of one name.
type operation struct {
	name      string // Masked: the span's name and the metric's attribute.
	durations [statuses]atomic.Pointer[histogram]
}

func (s *state) newOperation(name string) *operation {
	return &operation{name: s.masker.String(name)}
}

// record adds a duration to the operation's histogram.
func (o *operation) record(st status, d time.Duration) *histogram {
	h := o.durations[st].Load()
	if h == nil {
		o.durations[st].CompareAndSwap(nil, new(histogram))
		h = o.durations[st].Load()
	}
	h.record(d)
	return h
}
