package instrument

import (
	"context"
	"errors"
	"reflect"
)

// status is how an operation ended.
type status uint8

const (
	ok status = iota
	failed
	canceled
	statuses // How many there are.
)

// String returns the value of the attribute status.
func (s status) String() string {
	return [statuses]string{ok: statusOK, failed: statusError, canceled: statusCanceled}[s]
}

// statusOf tells a failure from the cancellation of the operation's own
// context, which is no fault of anybody's. A deadline that passes is one.
func statusOf(ctx context.Context, err error) status {
	switch {
	case err == nil:
		return ok
	case ctx.Err() == context.Canceled && (isCanceled(err) || isCause(ctx, err)):
		return canceled
	}
	return failed
}

// isCause reports whether err is what ctx was canceled for (context.Cause),
// which net/http and errgroup return in the place of context.Canceled.
func isCause(ctx context.Context, err error) (is bool) {
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	cause := context.Cause(ctx)
	return cause != context.Canceled && errors.Is(err, cause) //nolint:errorlint // Itself, not what wraps it.
}

// isCanceled reports whether err is, or wraps, context.Canceled and nothing
// that [errors.Join] put beside it: that other error is a failure of its own.
// The methods of err may panic.
func isCanceled(err error) (is bool) {
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	return errors.Is(err, context.Canceled) && !joinedWithOther(err)
}

func joinedWithOther(err error) bool {
	switch e := err.(type) { //nolint:errorlint // One step of the chain is meant.
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return joinedWithOther(inner)
		}
	case interface{ Unwrap() []error }:
		// fmt.Errorf("%w: %w", ErrKind, cause) describes one error.
		if reflect.TypeOf(err) != joined {
			return false
		}
		for _, inner := range e.Unwrap() {
			if !errors.Is(inner, context.Canceled) || joinedWithOther(inner) {
				return true
			}
		}
	}
	return false
}

var joined = reflect.TypeOf(errors.Join(context.Canceled))
