package instrument

import (
	"context"
	"log/slog"
	"time"
)

// Keys of the attributes of periodic operations.
const (
	keyInterval = "interval_ms"
	keyDrift    = "drift_ms"
	keyMissed   = "missed"
)

// Every runs fn at each interval until ctx is done, and returns then; the first
// time one interval from now. It blocks: run it with [Go], or in a goroutine.
// The interval must be positive.
//
// Each run is an operation with a trace and a correlation ID of its own, linked
// to the span of ctx; the context fields are kept. Runs never overlap and keep
// to the schedule: when one takes longer than the interval, the times that pass
// meanwhile are left out, and a WARNING record says how many. How late a run
// begins is its attribute drift_ms; a tenth of the interval, and at least 10 ms,
// is a WARNING record too.
//
// An error of fn is recorded and the next run takes place. So it is with a
// panic that is contained (see [OnPanic]).
func Every[F Func](ctx context.Context, interval time.Duration, name string, fn F, opts ...Option) {
	if interval <= 0 {
		panic("instrument: Every " + name + ": interval " + interval.String() + ", want a positive one")
	}
	ctx = orBackground(ctx)
	p := periodic{name: name, interval: interval, run: withError(fn), opts: opts, log: logger(config{}.with(opts).stream), due: time.Now().Add(interval)}
	timer := time.NewTimer(interval)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if ctx.Err() != nil { // Both were ready.
			return
		}
		p.tick(ctx)
		timer.Reset(time.Until(p.due))
	}
}

// periodic is the state of an [Every].
type periodic struct {
	name     string
	interval time.Duration
	run      func(context.Context) error
	opts     []Option
	log      *slog.Logger
	due      time.Time // When the next run is to begin.
}

// tick runs once.
func (p *periodic) tick(ctx context.Context) {
	drift := max(time.Since(p.due), 0)
	opts := append([]Option{NewTrace(), Attrs(slog.Float64(keyDrift, milliseconds(drift)))}, p.opts...)
	_ = Do(ctx, p.name, func(ctx context.Context) error { // Recorded; the next run is what follows.
		defer p.advance(ctx)
		if drift >= max(p.interval/10, 10*time.Millisecond) {
			p.warn(ctx, " late", slog.Float64(keyDrift, milliseconds(drift)))
		}
		return p.run(ctx)
	}, opts...)
}

// advance sets when the next run is due: at the first time that has not passed.
func (p *periodic) advance(ctx context.Context) {
	p.due = p.due.Add(p.interval)
	if behind := time.Since(p.due); behind > 0 {
		missed := int64((behind + p.interval - 1) / p.interval)
		p.due = p.due.Add(time.Duration(missed) * p.interval)
		p.warn(ctx, " overran its interval", slog.Int64(keyMissed, missed))
	}
}

// warn writes a record about the schedule, inside the run's operation.
func (p *periodic) warn(ctx context.Context, what string, attr slog.Attr) {
	write(ctx, p.log, slog.LevelWarn, p.name+what, []slog.Attr{
		slog.String(keyOperation, p.name), attr, slog.Float64(keyInterval, milliseconds(p.interval)),
	})
}
