package exporters

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// senderConfig is what a sender needs to know; every field is set.
type senderConfig struct {
	signal string // "logs" or "traces", for notices and errors.

	maxItems   int
	maxBytes   int64
	batchItems int
	batchBytes int64
	interval   time.Duration // A record waits no longer for its batch to fill.

	timeout      time.Duration // Of one attempt.
	retryMin     time.Duration // Wait after the first failure; doubles.
	retryMax     time.Duration
	retryWaitMax time.Duration // Cap of a wait that the collector asks for.
	grace        time.Duration // A shutdown gives up after this long without success.
}

// poisonFailures is how often a record is tried alone at a collector that
// answers with an error of its own before the others go first.
const poisonFailures = 5

// sender delivers the records of one signal: a bounded queue, and a goroutine
// that sends batches and retries them for as long as the process lives. put
// never waits for it.
type sender[T any] struct {
	cfg    senderConfig
	export func(context.Context, []T) error
	close  func(context.Context) error // Called once, by the goroutine.
	errs   *redactor
	news   *bulletin

	base   context.Context //nolint:containedctx // Parent of every attempt; canceled when Shutdown's time is up.
	cancel context.CancelFunc
	wake   chan struct{} // Capacity 1: something next should look at.
	done   chan struct{} // Closed when the goroutine has left.

	mu       sync.Mutex // Guards the fields below.
	queue    sendQueue[T]
	stats    SignalStats
	limit    int           // Records in the next batch; shrinks to isolate a bad record, or for a slow collector.
	failures int           // Attempts failed in a row.
	retryAt  time.Time     // No attempt before this.
	asked    bool          // The collector asked for that wait.
	since    time.Time     // When the oldest waiting record began to wait for its batch.
	flushing int           // Calls of flush under way.
	changed  chan struct{} // Closed and replaced whenever records were settled.
	stopping bool          // Shutdown has begun: no more records.
	giveUp   time.Time     // While stopping: no attempt after this.
	closed   bool          // What was held has been given up.
}

// newSender starts the goroutine.
func newSender[T any](
	cfg senderConfig, errs *redactor, news *bulletin,
	export func(context.Context, []T) error, closeFn func(context.Context) error,
) *sender[T] {
	s := &sender[T]{
		cfg: cfg, export: export, close: closeFn, errs: errs, news: news,
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		limit:   cfg.batchItems,
		changed: make(chan struct{}),
	}
	s.base, s.cancel = context.WithCancel(context.Background()) //nolint:gosec // Shutdown calls it.
	s.queue.maxItems, s.queue.maxBytes = cfg.maxItems, cfg.maxBytes
	s.stats.Up = true
	go s.run()
	return s
}

// put enqueues a record. It takes a short lock and never waits for the network.
func (s *sender[T]) put(v T, size int64, r rank) {
	s.mu.Lock()
	s.stats.Accepted++
	if s.stopping {
		s.stats.drop(DropShutdown, 1)
		s.mu.Unlock()
		return
	}
	before, bytesBefore := s.queue.queued()
	evicted := s.queue.push(v, size, r)
	after, bytes := s.queue.queued()
	if before == 0 {
		s.since = time.Now()
	}
	s.stats.drop(DropQueueFull, evicted)
	signal := before == 0 ||
		before < s.limit && after >= s.limit ||
		bytesBefore < s.cfg.batchBytes && bytes >= s.cfg.batchBytes
	s.mu.Unlock()
	if evicted > 0 {
		s.news.dropped(evicted)
	}
	if signal || evicted > 0 && s.news.due() {
		s.poke()
	}
}

func (s *sender[T]) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *sender[T]) run() {
	defer close(s.done)
	for {
		batch := s.next()
		if batch == nil {
			break
		}
		s.send(batch)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.base), time.Second)
	defer cancel()
	//nolint:errcheck // The exporter holds nothing: what was not delivered is known.
	guard(func() error { return s.close(ctx) })
}

// next waits until a batch is due and takes it. It returns nil when the
// sender is to end.
func (s *sender[T]) next() []*item[T] {
	for {
		s.mu.Lock()
		wait, due := s.pause(time.Now())
		if due {
			batch := s.queue.take(s.limit, s.cfg.batchBytes, s.stopping)
			s.since = time.Now()
			s.mu.Unlock()
			return batch
		}
		ended := s.closed || s.stopping && (s.queue.held() == 0 || wait < 0)
		s.mu.Unlock()
		if ended || s.base.Err() != nil {
			return nil
		}
		s.news.tell()

		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-timer:
		case <-s.wake:
		case <-s.base.Done():
			return nil
		}
	}
}

// pause reports whether a batch is due at now, or for how long to wait: 0
// means until woken, below 0 that a stopping sender shall give up.
func (s *sender[T]) pause(now time.Time) (wait time.Duration, due bool) {
	n, bytes := s.queue.queued()
	if n == 0 {
		return 0, false
	}
	if s.stopping && (now.After(s.giveUp) || s.retryAt.After(s.giveUp)) {
		return -1, false
	}
	if wait := s.retryAt.Sub(now); wait > 0 {
		return wait, false
	}
	if s.failures > 0 || s.stopping || s.flushing > 0 || n >= s.limit || bytes >= s.cfg.batchBytes {
		return 0, true
	}
	if wait := s.since.Add(s.cfg.interval).Sub(now); wait > 0 {
		return wait, false
	}
	return 0, true
}

// send makes one attempt at the batch and settles it.
func (s *sender[T]) send(batch []*item[T]) {
	values := make([]T, len(batch))
	for i, it := range batch {
		values[i] = it.value
	}
	ctx, cancel := context.WithTimeout(s.base, s.cfg.timeout)
	a := attempt(ctx, s.errs, func(ctx context.Context) error { return s.export(ctx, values) })
	cancel()
	s.settle(batch, a)
	s.news.tell() // Before those who wait for this batch go on.
	s.mu.Lock()
	s.announce()
	s.mu.Unlock()
}

// announce wakes the calls of flush. s.mu is held.
func (s *sender[T]) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// settle books the outcome of an attempt.
func (s *sender[T]) settle(batch []*item[T], a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed { // Shutdown did not wait for this attempt, and has booked it.
		return
	}
	n := len(batch)
	first := batch[0] // settle and putBack clear the batch.
	s.stats.Attempts++
	s.stats.Up = a.verdict == verdictDelivered
	if a.verdict == verdictPanic {
		s.stats.Panics++
	}
	if n == 1 && (a.verdict == verdictTooLarge || a.verdict == verdictPanic) {
		a.verdict = verdictRejected // Nothing is left to split.
	}
	if n == 1 && a.verdict == verdictBroken {
		if first.failures++; first.failures == 1 {
			first.settledAt = s.stats.Delivered
		} else if first.failures > poisonFailures && s.stats.Delivered > first.settledAt {
			a.verdict = verdictRejected // It takes others, never this one.
		}
	}

	switch a.verdict {
	case verdictDelivered:
		rejected := int(min(a.rejected, int64(n)))
		s.stats.Delivered += uint64(n - rejected) //nolint:gosec // Counts are not negative.
		s.stats.drop(DropPartial, rejected)
		s.queue.settle()
		s.limit = min(s.limit+s.limit/4+1, s.cfg.batchItems)
		s.failures, s.retryAt, s.asked = 0, time.Time{}, false
		if s.stopping {
			s.giveUp = time.Now().Add(s.cfg.grace)
		}
		s.news.delivered(rejected, a.message, s.queue.held() == 0)
	case verdictRejected:
		cause := DropRejected
		if a.panicked {
			cause = DropPanic
		}
		s.stats.drop(cause, n)
		s.queue.settle()
		s.failures, s.retryAt, s.asked = 0, time.Time{}, false
		s.stats.LastError = a.text
		s.news.rejected(cause, n, a.text)
	default:
		forfeited := s.queue.putBack()
		s.stats.drop(DropQueueFull, forfeited)
		if s.base.Err() == nil { // Else it says only that Shutdown cut it short.
			s.stats.LastError = a.text
		}
		s.failures++
		switch a.verdict { //nolint:exhaustive // The others keep the size.
		case verdictTooLarge, verdictPanic, verdictBroken, verdictTimeout:
			s.limit = max(1, n/2)
			if first.failures > 0 && first.failures%poisonFailures == 0 {
				s.queue.rotate(first)
			}
		}
		s.retryAt, s.asked = time.Time{}, false
		if a.verdict != verdictTooLarge && a.verdict != verdictPanic { // Those are tried in parts at once.
			s.retryAt, s.asked = time.Now().Add(s.backoff(a.wait)), a.wait > 0
			s.news.away(s.queue.held(), a.text)
		}
		s.news.dropped(forfeited)
	}
}

// backoff is how long to wait after the failures so far: what the collector
// asked for, capped, else twice as long as the last time, capped, with jitter.
func (s *sender[T]) backoff(asked time.Duration) time.Duration {
	if asked > 0 {
		return min(asked, s.cfg.retryWaitMax)
	}
	wait, limit := s.cfg.retryMin, s.cfg.retryMax
	if s.stopping || s.flushing > 0 { // Somebody waits.
		limit = min(limit, 500*time.Millisecond)
	}
	for range min(s.failures-1, 30) {
		if wait *= 2; wait >= limit {
			break
		}
	}
	wait = min(wait, limit)
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // Jitter is no secret.
}

// flush waits until every record put so far is settled, or ctx is done.
func (s *sender[T]) flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil
	}
	last, lost := s.queue.seq, s.stats.Dropped
	s.flushing++
	defer func() { s.flushing-- }()
	if !s.asked {
		s.retryAt = time.Time{} // Try at once instead of waiting out the backoff.
	}
	for {
		oldest, ok := s.queue.oldest()
		if !ok || oldest > last {
			if lost = s.stats.Dropped - lost; lost > 0 {
				return fmt.Errorf("%s: %d records not delivered%s", s.cfg.signal, lost, because(s.stats.LastError))
			}
			return nil
		}
		changed, held := s.changed, s.queue.held()
		s.mu.Unlock()
		s.poke()
		var err error
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		s.mu.Lock()
		if err != nil {
			return fmt.Errorf("%s: %d records not delivered yet%s: %w",
				s.cfg.signal, held, because(s.stats.LastError), err)
		}
	}
}

// shutdown delivers what it can before ctx is done, gives up the rest and
// reports it. Calls after the first return nil.
func (s *sender[T]) shutdown(ctx context.Context) error {
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return nil
	}
	s.stopping = true
	lost := s.stats.Dropped
	s.giveUp = time.Now().Add(s.cfg.grace)
	if !s.asked {
		s.retryAt = time.Time{}
	}
	s.mu.Unlock()
	s.poke()

	var ctxErr error
	select {
	case <-s.done:
	case <-ctx.Done():
		ctxErr = ctx.Err()
		s.cancel() // An exporter that honors its context ends now.
		select {
		case <-s.done:
		case <-time.After(50 * time.Millisecond):
		}
	}
	s.cancel()

	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.stats.drop(DropShutdown, s.queue.reset())
	s.announce()
	if lost = s.stats.Dropped - lost; lost == 0 {
		return nil
	}
	err := fmt.Errorf("%s: %d records not delivered%s", s.cfg.signal, lost, because(s.stats.LastError))
	if ctxErr != nil {
		err = fmt.Errorf("%w: %w", err, ctxErr)
	}
	return err
}

func (s *sender[T]) snapshot() SignalStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Held = uint64(s.queue.held())     //nolint:gosec // Counts are not negative.
	stats.HeldBytes = uint64(s.queue.bytes) //nolint:gosec // Counts are not negative.
	return stats
}

func because(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// guard runs fn and turns its panic into an error.
func guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{value: p}
		}
	}()
	return fn()
}

// panicError is an exporter's panic.
type panicError struct{ value any }

func (e *panicError) Error() string {
	text := "panic"
	//nolint:errcheck // A value that panics when printed stays without a text.
	guard(func() error { text = fmt.Sprintf("panic: %v", e.value); return nil })
	return text
}

func isPanic(err error) bool {
	var p *panicError
	return errors.As(err, &p)
}
