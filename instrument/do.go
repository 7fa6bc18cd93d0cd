package instrument

import "context"

// Do runs fn as an operation and returns its error untouched.
func Do(ctx context.Context, name string, fn func(context.Context) error, opts ...Option) error {
	return start(ctx, name, config{}.with(opts)).run(fn)
}

// Call runs fn as an operation and returns its result and error untouched.
func Call[T any](ctx context.Context, name string, fn func(context.Context) (T, error), opts ...Option) (v T, err error) {
	op := start(ctx, name, config{}.with(opts))
	defer op.leave(&err)
	v, err = fn(op.context())
	op.returned = true
	return v, err
}

// run runs fn as the operation.
func (o *Op) run(fn func(context.Context) error) (err error) {
	defer o.leave(&err)
	err = fn(o.context())
	o.returned = true
	return err
}

// leave is Done where it is known whether the function returned.
func (o *Op) leave(err *error) {
	if p := recover(); p != nil {
		o.panic(p, err)
		return
	}
	if !o.returned { // runtime.Goexit, as by testing.T.FailNow.
		o.end(errExit)
		return
	}
	o.end(*err)
}
