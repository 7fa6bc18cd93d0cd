package instrument

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"runtime/debug"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/value"
)

// PanicPolicy says what becomes of a panic once it is recorded.
type PanicPolicy uint8

const (
	// Repanic lets the panic go on with the same value. It is the default,
	// except for [Recover].
	Repanic PanicPolicy = iota + 1

	// Contain ends the panic: [Do], [Call], [Op.Done] and [Task.Wait] return
	// it as a [PanicError].
	Contain
)

// OnPanic sets what becomes of a panic.
func OnPanic(p PanicPolicy) Option { return func(c config) config { c.panics = p; return c } }

// PanicError is a contained panic.
type PanicError struct {
	// Value is what panic was called with. It is not masked.
	Value any

	text, typ, stack string
}

// newPanicError reads p, whose methods may panic, and the stack, which is that
// of the panic as long as the deferred functions run.
func newPanicError(p any) *PanicError {
	e := &PanicError{Value: p, typ: "panic"}
	if err, ok := p.(error); ok {
		e.text, e.typ = value.ErrorText(err), cmp.Or(value.ErrorType(err), e.typ)
	} else {
		e.text = value.Resolve(slog.AnyValue(p)).String()
	}
	e.stack = string(trimStack(debug.Stack()))
	return e
}

// trimStack takes off the frames above the panic: those of this package and of
// the runtime. The line with the goroutine stays.
func trimStack(stack []byte) []byte {
	head, rest, ok := bytes.Cut(stack, []byte("\n"))
	i := bytes.Index(rest, []byte("\npanic("))
	if !ok || i < 0 {
		return stack
	}
	rest = rest[i+1:]
	for range 2 { // "panic(...)" and its file.
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	return append(append(bytes.Clone(head), '\n'), rest...)
}

// Error returns "panic: " and the text of the value. It is not masked.
func (e *PanicError) Error() string { return "panic: " + e.text }

// ErrorType returns the type of the value if that is an error, else "panic".
func (e *PanicError) ErrorType() string { return e.typ }

// Stack returns the stack of the goroutine from where it panicked on.
func (e *PanicError) Stack() string { return e.stack }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// panic ends the operation with a panic, and goes on with it or stores it.
func (o *Op) panic(p any, into *error) {
	if o == nil {
		panic(p)
	}
	err := newPanicError(p)
	if o.hasSeen(p) {
		o.end(err.seen())
	} else {
		o.end(err)
	}
	if o.panics != Contain {
		if outer := o.outer(); outer != nil {
			outer.sees(p)
		}
		panic(p)
	}
	if into != nil {
		*into = err
	}
}

// fail has End(nil) be a failure: a panic inside was contained by [Recover],
// which has written its stack.
func (o *Op) fail(err *PanicError) {
	m := o.extra()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failure = err.seen()
}

// sees notes a panic that an operation inside has recorded.
func (o *Op) sees(p any) {
	m := o.extra()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.panicked = p
}

func (o *Op) hasSeen(p any) bool {
	m := o.more.Load()
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return samePanic(p, m.panicked)
}

// failOnPanic ends an operation and its span, which its owner will not end, with
// a panic. Defer it directly.
func (o *Op) failOnPanic() {
	if p := recover(); p != nil {
		o.span.End()
		o.panic(p, nil)
	}
}

// seen returns the panic without its stack, which is in the files already.
func (e *PanicError) seen() *PanicError {
	c := *e
	c.stack = ""
	return &c
}

// samePanic reports whether two panics are one that passes through two
// operations. Values that cannot be compared are taken for different ones.
func samePanic(a, b any) (same bool) {
	defer func() {
		if recover() != nil {
			same = false
		}
	}()
	return a != nil && a == b
}

// Into has [Recover] store a panic as a [PanicError] in err.
func Into(err *error) Option { return func(c config) config { c.into = err; return c } }

// Recover ends a panic of the function that defers it, writes one ERROR record
// with the stack, and fails the span of ctx. Defer it directly:
//
//	go func() {
//		defer instrument.Recover(ctx)
//		...
//	}()
//
// It takes [On], [Attrs], [Into] and [OnPanic], whose default is [Contain]
// here. A panic that an operation inside has recorded is not recorded again.
func Recover(ctx context.Context, opts ...Option) {
	p := recover()
	if p == nil {
		return
	}
	ctx = orBackground(ctx)
	c := config{panics: Contain}.with(opts)
	err := newPanicError(p)
	op := fromContext(ctx)
	if op == nil || !op.hasSeen(p) {
		attrs := append([]slog.Attr{slog.Any(keyError, err)}, c.attrs...)
		write(ctx, logger(c.stream), slog.LevelError, "panic recovered", attrs)
	}
	failSpan(trace.SpanFromContext(ctx), stateOf(ctx), err)
	if op != nil {
		op.fail(err)
	}
	if c.panics == Repanic {
		panic(p)
	}
	if c.into != nil {
		*c.into = err
	}
}

// failSpan sets a span's status and error.type.
func failSpan(span trace.Span, s *state, err error) {
	if _, isStatus := err.(httpStatus); isStatus || !span.IsRecording() { //nolint:errorlint // It is never wrapped.
		return // The semantic conventions want no description of a status; otelhttp has set the rest.
	}
	text := strings.ToValidUTF8(value.ErrorText(err), "\uFFFD")
	span.SetStatus(codes.Error, s.masker.String(text))
	span.SetAttributes(s.masker.KeyValue(errorType(err)))
}
