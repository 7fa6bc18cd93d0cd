package instrument

import "context"

// Wrap returns fn as an operation: each call of the result is one. Results and
// errors pass untouched.
//
//	fetch := instrument.Wrap("fetch_positions", client.Positions, instrument.On(telemetry.API))
//	positions, err := fetch(ctx, accountID)
func Wrap[A, R any](name string, fn func(context.Context, A) (R, error), opts ...Option) func(context.Context, A) (R, error) {
	return func(ctx context.Context, a A) (v R, err error) {
		op := start(ctx, name, config{}.with(opts))
		defer op.leave(&err)
		v, err = fn(op.context(), a)
		op.returned = true
		return v, err
	}
}

// Wrap0 is [Wrap] for a function without an argument.
func Wrap0[R any](name string, fn func(context.Context) (R, error), opts ...Option) func(context.Context) (R, error) {
	return func(ctx context.Context) (R, error) { return Call(ctx, name, fn, opts...) }
}

// WrapErr is [Wrap] for a function with an error as its only result.
func WrapErr[A any](name string, fn func(context.Context, A) error, opts ...Option) func(context.Context, A) error {
	return func(ctx context.Context, a A) (err error) {
		op := start(ctx, name, config{}.with(opts))
		defer op.leave(&err)
		err = fn(op.context(), a)
		op.returned = true
		return err
	}
}

// WrapErr0 is [WrapErr] for a function without an argument.
func WrapErr0(name string, fn func(context.Context) error, opts ...Option) func(context.Context) error {
	return func(ctx context.Context) error { return Do(ctx, name, fn, opts...) }
}
