package instrument

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

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
	untraced  bool // There are no spans: the tracer returns that of the context.
	masker    *mask.Masker
	resolver  value.Resolver
	threshold time.Duration // Of operations without one of their own; zero: none.
	quiet     bool          // performance.enabled is false.
	metrics   bool          // performance.include_metrics.
	since     time.Time

	breaches, enforcements metric.Int64Counter

	operations operations
	rules      values
}

// states finds the state of a Telemetry. Operations are started with nothing
// but a context, so it cannot be a value that is passed around.
var states struct {
	last  atomic.Pointer[state]
	byTel sync.Map // *telemetry.Telemetry -> *state
}

// absent is the state without a Telemetry. It is never changed: nothing is
// kept in it.
var absent = newState(nil)

// streamCode is a stream in a byte.
type streamCode uint8

const (
	daemonStream streamCode = iota
	enforcementStream
	apiStream
	errorStream
	otherStream // None of the four.
)

func codeOf(s telemetry.Stream) streamCode {
	switch s {
	case "", telemetry.Daemon:
		return daemonStream
	case telemetry.Enforcement:
		return enforcementStream
	case telemetry.API:
		return apiStream
	case telemetry.Errors:
		return errorStream
	}
	return otherStream
}

// loggers are those of the streams. They find their Telemetry at each call.
var loggers = [otherStream]*slog.Logger{
	daemonStream:      telemetry.Logger(telemetry.Daemon),
	enforcementStream: telemetry.Logger(telemetry.Enforcement),
	apiStream:         telemetry.Logger(telemetry.API),
	errorStream:       telemetry.Logger(telemetry.Errors),
}

// logger returns the logger of a stream; the daemon's for none.
func logger(s telemetry.Stream) *slog.Logger {
	if c := codeOf(s); c != otherStream {
		return loggers[c]
	}
	return telemetry.Logger(s)
}

func newState(tel *telemetry.Telemetry) *state {
	s := &state{
		tel:    tel,
		tracer: tel.TracerProvider().Tracer(scopeName),
		masker: tel.Masker(),
		since:  time.Now(),
	}
	_, s.untraced = s.tracer.(noop.Tracer)
	s.resolver = value.Resolver{Sensitive: s.masker.Key}
	s.operations.state = s
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

// operations are those that are told apart, and one for all others.
type operations struct {
	state  *state   // Immutable once set.
	known  sync.Map // string -> *operation
	count  atomic.Int64
	others durations
	recent [64]atomic.Pointer[operation] // Some of known, by slot: names are compared, not hashed.
}

// slot returns where in recent a name would be.
func slot(name string) int {
	n := len(name)
	if n == 0 {
		return 0
	}
	return (n + int(name[0]) + 5*int(name[n/2]) + 11*int(name[n-1])) & 63
}

// operation is what is kept of the operations of one name.
type operation struct {
	raw, name string // As given, and masked.
	state     *state
	durations *durations
}

// durations are histograms by status, each there once it is needed.
type durations [statuses]atomic.Pointer[histogram]

// get returns the operation of a name. Beyond maxNames, and without a
// Telemetry, it is made for the occasion.
func (n *operations) get(name string) *operation {
	recent := &n.recent[slot(name)]
	if o := recent.Load(); o != nil && o.raw == name {
		return o
	}
	if o, ok := n.known.Load(name); ok {
		recent.Store(o.(*operation))
		return o.(*operation)
	}
	o := &operation{raw: name, name: n.state.masker.String(name), state: n.state}
	if n.state.tel == nil {
		return o
	}
	if n.count.Load() >= maxNames {
		o.durations = &n.others
		return o
	}
	o.durations = new(durations)
	got, loaded := n.known.LoadOrStore(name, o)
	if !loaded {
		n.count.Add(1)
	}
	return got.(*operation)
}

// each calls f with the masked names and their durations.
func (n *operations) each(f func(name string, d *durations)) {
	n.known.Range(func(_, o any) bool {
		f(o.(*operation).name, o.(*operation).durations)
		return true
	})
	f(otherName, &n.others)
}

// record adds an operation that has ended to its histogram.
func (o *operation) record(op *Op, due bool) {
	if !o.state.metrics {
		return
	}
	p := &o.durations[op.status]
	h := p.Load()
	if h == nil {
		p.CompareAndSwap(nil, new(histogram))
		h = p.Load()
	}
	h.record(op.duration, op.span, due)
}

// values are the values of a metric's attribute: masked, and few.
type values struct {
	known sync.Map // string -> string
	count atomic.Int64
}

func (v *values) get(m *mask.Masker, raw string) string {
	if s, ok := v.known.Load(raw); ok {
		return s.(string)
	}
	if v.count.Load() >= maxNames {
		return otherName
	}
	s, loaded := v.known.LoadOrStore(raw, m.String(raw))
	if !loaded {
		v.count.Add(1)
	}
	return s.(string)
}
