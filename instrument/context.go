package instrument

import (
	"context"
	"time"
)

// opContext is an operation as the context inside it. It is a type of its own
// since [Op.Done] is not that of a context.
type opContext Op

type opKey struct{}

// Deadline implements context.Context.
func (c *opContext) Deadline() (time.Time, bool) { return c.inner.Deadline() }

// Done implements context.Context.
func (c *opContext) Done() <-chan struct{} { return c.inner.Done() }

// Err implements context.Context.
func (c *opContext) Err() error { return c.inner.Err() }

// Value implements context.Context.
func (c *opContext) Value(key any) any {
	if key == (opKey{}) {
		return (*Op)(c)
	}
	return c.inner.Value(key)
}

// String names the context in the text of those made from it.
func (c *opContext) String() string { return "instrument.Op(" + c.op.name + ")" }

func (o *Op) context() context.Context { return (*opContext)(o) }

// outer returns the operation around this one, or nil.
func (o *Op) outer() *Op { return fromContext(o.inner) }

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
