package instrument

import (
	"context"
	"time"

	"riskmanager.internal/otel/telemetry"
)

// Func is what [Go] and [Every] run.
type Func interface {
	func(context.Context) | func(context.Context) error
}

// withError returns fn in its long form.
func withError[F Func](fn F) func(context.Context) error {
	if fn, ok := any(fn).(func(context.Context) error); ok {
		return fn
	}
	plain := any(fn).(func(context.Context)) // The only other type of the set.
	return func(ctx context.Context) error {
		plain(ctx)
		return nil
	}
}

// Task is a goroutine that [Go] started.
type Task struct {
	done chan struct{}
	err  error // Set before done is closed.
}

// Done returns a channel that is closed when the goroutine has ended and its
// record is written.
func (t *Task) Done() <-chan struct{} { return t.done }

// Wait waits for the goroutine to end and returns the error of its function, or
// its contained panic as a [PanicError].
func (t *Task) Wait() error {
	<-t.done
	return t.err
}

// flushLimit bounds how long a panic is held up for what is queued for OTLP.
const flushLimit = 2 * time.Second

// Go runs fn as an operation in a goroutine of its own, which keeps the context
// fields, the correlation ID, the trace and the cancellation of ctx. The
// goroutine may outlive the operation that started it; for one that lives on
// its own, give [NewTrace].
//
// A panic is recorded and goes on, which ends the process, once what is queued
// for OTLP has left or 2 s have passed. With OnPanic(Contain) it ends with the
// goroutine, and [Task.Wait] returns it.
func Go[F Func](ctx context.Context, name string, fn F, opts ...Option) *Task {
	ctx = orBackground(ctx)
	run := withError(fn)
	t := &Task{done: make(chan struct{})}
	go func() {
		defer t.finish(ctx)
		t.err = Do(ctx, name, run, opts...)
	}()
	return t
}

// finish tells the waiters that the goroutine has ended. A panic it holds up
// until what is queued for OTLP has left, the panic's record among it; the files
// have that already. The waiters are not told of it: the process ends, and one of
// them could end it first, as if nothing were wrong.
func (t *Task) finish(ctx context.Context) {
	p := recover()
	if p == nil {
		close(t.done)
		return
	}
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushLimit)
	defer cancel()
	_ = telemetry.FromContext(ctx).Flush(flush) // There is nobody to tell.
	panic(p)
}
