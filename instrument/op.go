package instrument

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/telemetry"
)

// Op is an operation under way, from [Start] to [Op.End]. All methods are safe
// for concurrent use, and on a nil Op.
//
// It is as small as can be: the memory of an operation is most of what it costs
// beyond its span. What few operations have is in more.
type Op struct {
	inner   context.Context //nolint:containedctx // With the span; the Op is the context around it. Immutable once set, as are the fields below.
	span    trace.Span
	op      *operation
	limit   time.Duration // Beyond which it is slow; zero: none.
	start   time.Duration // Since clock; where the span does not tell, as is the next.
	parent  trace.SpanID
	level   int32 // Of a successful end without a limit.
	stream  streamCode
	panics  PanicPolicy
	adopted bool // The span is another's to end.

	// returned is set when the function of Do or the like returns: if it has
	// not and nothing panics, the goroutine exits.
	returned bool

	status   status        // Set before the phase is ended, as are the fields below.
	phase    atomic.Uint32 // Bits; see below.
	duration time.Duration
	more     atomic.Pointer[more]
}

// clock is what times are counted from; it is never changed.
var clock = time.Now()

// more is what few operations have.
type more struct {
	detail detail       // Immutable once set: what more the record tells.
	log    *slog.Logger // Immutable once set: of a stream that is none of the four.
	named  *operation   // Set before the phase is ended: what it turned out to be.

	mu       sync.Mutex
	attrs    []slog.Attr // Guarded by mu; resolved.
	err      error       // Guarded by mu; why the operation failed.
	failure  error       // Guarded by mu; why End(nil) is a failure all the same.
	panicked any         // Guarded by mu; the panic that an operation inside recorded.
}

// The phases of an operation, as bits.
const (
	ending    = 1 << iota // End was called.
	ended                 // Its outcome is known.
	recorded              // The end record is written, or about to be.
	connected             // An operation inside is recorded.
)

// reach adds bits to the phase and returns it as it was.
func (o *Op) reach(bits uint32) uint32 { return o.phase.Or(bits) }

// detail is what an operation of a certain kind adds to its end record.
type detail interface {
	// verdict returns the level of the record, and the word after the
	// operation's name that makes its message.
	verdict(o *Op) (slog.Level, string)

	attrs(s *state) []slog.Attr
}

// extra returns what few operations have, which this one is to have now.
func (o *Op) extra() *more {
	m := o.more.Load()
	if m == nil {
		o.more.CompareAndSwap(nil, new(more))
		m = o.more.Load()
	}
	return m
}

// Start begins an operation: a span of that name, which is a child of the one
// in ctx. End it with [Op.End], or defer [Op.Done]:
//
//	ctx, op := instrument.Start(ctx, "fetch_positions", instrument.On(telemetry.API))
//	defer op.Done(&err)
//
// The returned context carries the span. Names should be few: they are those
// of spans and metrics. What varies goes into [Attrs].
func Start(ctx context.Context, name string, opts ...Option) (context.Context, *Op) {
	op := start(ctx, name, config{}.with(opts))
	return op.context(), op
}

func start(ctx context.Context, name string, c config) *Op {
	ctx = orBackground(ctx)
	o := newOp(ctx, name, c)
	if c.newTrace {
		if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
			c.links = append(c.links, link{to: sc})
		}
		ctx = telemetry.NewCorrelation(ctx)
	}
	s := o.op.state
	if c.kind == 0 && c.links == nil {
		o.inner, o.span = s.tracer.Start(ctx, o.op.name) //nolint:spancheck // The operation ends it, here and below.
	} else {
		o.inner, o.span = s.tracer.Start(ctx, o.op.name, trace.WithSpanKind(c.kind), trace.WithLinks(s.links(c.links)...)) //nolint:spancheck // Likewise.
	}
	if m := o.more.Load(); m != nil && len(m.attrs) > 0 && o.span.IsRecording() {
		o.span.SetAttributes(s.attributes(m.attrs)...)
	}
	o.adopted = s.untraced
	if _, timed := o.timed(); !timed {
		o.start = time.Since(clock)
		o.parent = trace.SpanContextFromContext(ctx).SpanID()
	}
	return o
}

// newOp returns an operation without a span.
func newOp(ctx context.Context, name string, c config) *Op {
	s := stateOf(ctx)
	o := &Op{op: s.operations.get(name), level: int32(c.level), panics: c.panics} //nolint:gosec // No level is that high.
	switch {
	case c.threshold > 0:
		o.limit = c.threshold
	case c.threshold == 0:
		o.limit = s.threshold
	}
	if o.stream = codeOf(c.stream); o.stream == otherStream {
		o.extra().log = telemetry.Logger(c.stream)
	}
	if c.attrs != nil {
		o.extra().attrs = s.resolve(c.attrs)
	}
	return o
}

// named returns which operation this is, once it has ended.
func (o *Op) named() *operation {
	if m := o.more.Load(); m != nil && m.named != nil {
		return m.named
	}
	return o.op
}

// log returns the logger of the operation's stream.
func (o *Op) log() *slog.Logger {
	if o.stream == otherStream {
		return o.more.Load().log
	}
	return loggers[o.stream]
}

// sdkSpan is what the SDK's spans tell of themselves.
type sdkSpan interface {
	StartTime() time.Time
	EndTime() time.Time
	Parent() trace.SpanContext
}

// Set adds attributes to the span and the end record. Values are resolved and
// masked; a key set again has its last value. It does nothing after End.
func (o *Op) Set(attrs ...slog.Attr) {
	if o == nil || len(attrs) == 0 {
		return
	}
	attrs = o.op.state.resolve(attrs)
	m := o.extra()
	m.mu.Lock()
	defer m.mu.Unlock()
	if o.phase.Load()&ending != 0 {
		return
	}
	m.attrs = append(m.attrs, attrs...)
	if o.span.IsRecording() {
		o.span.SetAttributes(o.op.state.attributes(attrs)...)
	}
}

// End ends the operation: with err nil it succeeded. It returns the duration.
// A second End does nothing and returns the same duration.
//
// Deferred directly, End records a panic as [Op.Done] does.
func (o *Op) End(err error) time.Duration {
	if p := recover(); p != nil {
		o.panic(p, nil)
		return o.Duration()
	}
	return o.end(err)
}

// Done ends the operation with the error that err points to, read when the
// deferred call runs. A nil err means none. It records a panic, with its stack,
// and goes on panicking, unless [OnPanic] says otherwise. Defer it directly:
//
//	defer op.Done(&err)
func (o *Op) Done(err *error) {
	if p := recover(); p != nil {
		o.panic(p, err)
		return
	}
	if err == nil {
		o.end(nil)
		return
	}
	o.end(*err)
}

// errExit stands for the end of the goroutine, which is nobody's failure.
var errExit = errors.New("instrument: runtime.Goexit")

func (o *Op) end(err error) time.Duration {
	if o == nil {
		return 0
	}
	if o.reach(ending)&ending != 0 {
		return o.Duration()
	}
	if m := o.more.Load(); m != nil && err == nil {
		m.mu.Lock()
		err = m.failure
		m.mu.Unlock()
	}
	if err != nil {
		o.fails(err)
	}
	if !o.adopted {
		// Not deferred: the SDK would put the text of a panic into the span.
		o.span.End()
	}
	o.measure()
	due := o.due()
	o.named().record(o, due)
	if due {
		o.reach(ended | recorded)
	} else if o.reach(ended)&connected != 0 {
		due = o.reach(recorded)&recorded == 0 // Else connect was faster.
	}
	if due {
		o.write()
	}
	return o.duration
}

// fails sets the outcome of an operation that ends with an error.
func (o *Op) fails(err error) {
	if err == errExit { //nolint:errorlint // It is never wrapped.
		o.status = canceled
		return
	}
	o.status = statusOf(o.inner, err)
	m := o.extra()
	m.mu.Lock()
	m.err = err
	m.mu.Unlock()
	if o.status == failed {
		failSpan(o.span, o.op.state, err)
	}
}

// timed returns the span if its clock is the operation's.
func (o *Op) timed() (s sdkSpan, is bool) {
	s, is = o.span.(sdkSpan)
	return s, is && !o.adopted
}

// measure sets how long the operation took, by the span's own clock if it has
// one, so that both agree.
func (o *Op) measure() {
	if s, timed := o.timed(); timed {
		o.duration = s.EndTime().Sub(s.StartTime())
		return
	}
	o.duration = time.Since(clock) - o.start
}

// startTime returns when the operation began.
func (o *Op) startTime() time.Time {
	if s, timed := o.timed(); timed {
		return s.StartTime().UTC()
	}
	return time.Now().Add(o.start - time.Since(clock)).UTC()
}

// Duration returns how long the operation took, or has taken so far.
func (o *Op) Duration() time.Duration {
	switch {
	case o == nil:
		return 0
	case o.phase.Load()&ended != 0:
		return o.duration
	}
	if s, timed := o.timed(); timed {
		return time.Since(s.StartTime())
	}
	return time.Since(clock) - o.start
}

// err returns why the operation failed.
func (o *Op) err() error {
	m := o.more.Load()
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}
