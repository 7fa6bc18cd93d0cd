package instrument

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/telemetry"
)

// Op is an operation under way, from [Start] to [Op.End]. All methods are safe
// for concurrent use, and on a nil Op.
type Op struct {
	context opContext // Immutable once set, as are the fields below.
	outer   context.Context
	span    trace.Span
	state   *state
	metrics *operation // Nil without a Telemetry.
	name    string
	start   time.Time
	config  config
	detail  detail // What more the record tells; nil for most.
	adopted bool   // The span is another's to end.

	// returned is set by Do when its function returns: if it has not and
	// nothing panics, the goroutine exits.
	returned bool

	mu        sync.Mutex
	attrs     []slog.Attr // Guarded by mu; what Set added, resolved.
	panicked  any         // Guarded by mu; the panic that an operation inside recorded.
	failure   error       // Guarded by mu; why End(nil) is a failure all the same.
	ending    bool        // Guarded by mu; End was called.
	ended     bool        // Guarded by mu; the fields below are set, and stay.
	recorded  bool        // Guarded by mu; the end record is written, or about to be.
	connected bool        // Guarded by mu; an operation inside is recorded.
	status    status
	duration  time.Duration
	err       error
}

// detail is what an operation of a certain kind adds to its end record.
type detail interface {
	// verdict returns the level of the record, and the word after the
	// operation's name that makes its message.
	verdict(o *Op) (slog.Level, string)

	attrs(s *state) []slog.Attr
}

// opContext is the context of an operation. It is part of the [Op], whose Done
// method would hide that of a context.
type opContext struct {
	context.Context //nolint:containedctx // It is one.
	op              *Op
}

type opKey struct{}

// Value returns the operation for its key.
func (c *opContext) Value(key any) any {
	if key == (opKey{}) {
		return c.op
	}
	return c.Context.Value(key)
}

// fromContext returns the innermost operation of ctx, or nil.
func fromContext(ctx context.Context) *Op {
	op, _ := ctx.Value(opKey{}).(*Op)
	return op
}

func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
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
	op := start(ctx, name, opts)
	return &op.context, op
}

func start(ctx context.Context, name string, opts []Option) *Op {
	ctx = orBackground(ctx)
	o := &Op{name: name, state: stateOf(ctx)}
	o.config.apply(opts)
	if o.config.attrs != nil {
		o.config.attrs = o.state.resolve(o.config.attrs)
	}
	if o.config.newTrace {
		ctx = o.newTrace(ctx)
	}
	spanName := name
	if o.state.metrics {
		var own bool
		o.metrics, own = o.state.operations.get(name)
		spanName = o.metrics.name
		if !own {
			spanName = o.state.masker.String(name)
		}
	} else {
		spanName = o.state.masker.String(name)
	}
	o.outer = ctx
	o.context.op = o
	if o.config.kind == 0 && o.config.links == nil {
		o.context.Context, o.span = o.state.tracer.Start(ctx, spanName)
	} else {
		o.context.Context, o.span = o.state.tracer.Start(ctx, spanName, o.spanOptions()...)
	}
	if o.span.IsRecording() {
		o.describe()
	}
	o.start = startTime(o.span)
	return o
}

// newTrace leaves the trace of ctx and links the operation to it.
func (o *Op) newTrace(ctx context.Context) context.Context {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		o.config.links = append(o.config.links, link{to: sc})
	}
	return telemetry.NewCorrelation(ctx)
}

func (o *Op) spanOptions() []trace.SpanStartOption {
	opts := []trace.SpanStartOption{trace.WithLinks(o.state.links(o.config.links)...)}
	if o.config.kind != 0 {
		opts = append(opts, trace.WithSpanKind(o.config.kind))
	}
	return opts
}

// describe gives the span the context fields and the attributes, masked.
func (o *Op) describe() {
	if fields := telemetry.SpanAttributes(o.outer); len(fields) > 0 {
		o.span.SetAttributes(fields...)
	}
	if len(o.config.attrs) > 0 {
		o.span.SetAttributes(o.state.attributes(o.config.attrs)...)
	}
}

// startTime returns the start of a span that has one, so that the span and the
// record agree.
func startTime(span trace.Span) time.Time {
	if s, ok := span.(interface{ StartTime() time.Time }); ok {
		return s.StartTime()
	}
	return time.Now()
}

// Set adds attributes to the span and the end record. Values are resolved and
// masked; a key set again has its last value. It does nothing after End.
func (o *Op) Set(attrs ...slog.Attr) {
	if o == nil || len(attrs) == 0 {
		return
	}
	attrs = o.state.resolve(attrs)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending {
		return
	}
	o.attrs = append(o.attrs, attrs...)
	if o.span.IsRecording() {
		o.span.SetAttributes(o.state.attributes(attrs)...)
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
	return o.end(err, nil)
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
		o.end(nil, nil)
		return
	}
	o.end(*err, nil)
}

// leave is Done for Do, which knows whether its function returned.
func (o *Op) leave(err *error) {
	if p := recover(); p != nil {
		o.panic(p, err)
		return
	}
	if !o.returned { // runtime.Goexit, as by testing.T.FailNow.
		o.end(errExit, nil)
		return
	}
	o.end(*err, nil)
}

// panic ends the operation with a panic, and goes on with it or stores it.
func (o *Op) panic(p any, into *error) {
	if o == nil {
		panic(p)
	}
	err := newPanicError(p)
	o.end(err, p)
	if o.config.panics != Contain {
		if outer := fromContext(o.outer); outer != nil {
			outer.sees(p)
		}
		panic(p)
	}
	if into != nil {
		*into = err
	}
}

// end ends the operation with err, which is that of the panic p if there is one.
func (o *Op) end(err error, p any) time.Duration {
	if o == nil {
		return 0
	}
	o.mu.Lock()
	if o.ending {
		defer o.mu.Unlock()
		return o.duration // Zero while another goroutine is at it.
	}
	o.ending = true
	if err == nil {
		err = o.failure
	}
	if p != nil && samePanic(p, o.panicked) {
		err = err.(*PanicError).seen() //nolint:errorlint // It is one.
	}
	o.mu.Unlock()

	// Without the lock: the methods of err are the caller's.
	st := ok
	if err != nil {
		st = statusOf(o.context.Context, err)
		if err == errExit { //nolint:errorlint // It is never wrapped.
			st, err = canceled, nil
		}
	}
	if st == failed {
		failSpan(o.span, o.state, err)
	}
	if !o.adopted {
		// Not deferred: the SDK would put the text of a panic into the span.
		o.span.End()
	}
	d := o.measure()

	o.mu.Lock()
	o.status, o.err, o.duration, o.ended = st, err, d, true
	due := o.connected || o.due()
	o.recorded = due
	o.mu.Unlock()

	if o.metrics != nil {
		o.metrics.record(st, d).exemplify(d, o.span.SpanContext(), due)
	}
	if due {
		o.write()
	}
	return d
}

// errExit stands for the end of the goroutine, which is nobody's failure.
var errExit = errors.New("instrument: runtime.Goexit")

// measure returns how long the operation took, by the span's own clock if it
// has one.
func (o *Op) measure() time.Duration {
	if s, ok := o.span.(interface{ EndTime() time.Time }); ok {
		if end := s.EndTime(); !end.IsZero() {
			return end.Sub(o.start)
		}
	}
	return time.Since(o.start)
}

// Duration returns how long the operation took, or has taken so far.
func (o *Op) Duration() time.Duration {
	if o == nil {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return o.duration
	}
	return time.Since(o.start)
}

// fail has End(nil) be a failure: a panic inside was contained by [Recover],
// which has written its stack.
func (o *Op) fail(err *PanicError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failure = err.seen()
}

// sees notes a panic that an operation inside has recorded.
func (o *Op) sees(p any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.panicked = p
}

func (o *Op) hasSeen(p any) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return samePanic(p, o.panicked)
}
