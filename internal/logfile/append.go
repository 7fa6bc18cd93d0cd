package logfile

import (
	"bytes"
	"log/slog"
	"runtime"
	"slices"
	"time"
)

const (
	// patience is how long a write may take until it counts as hung. Who waits
	// for it waits for twice that at most, leaves its line in the buffer, and so
	// does everybody until the write returns.
	patience = 80 * time.Millisecond

	// grace is how long a write may hang at no loss: until then, once the buffer
	// is half full, each line that comes is held up for lingering. After that the
	// disk is taken for dead, and nobody waits for it.
	grace     = 5 * time.Second
	lingering = 40 * time.Millisecond

	// spins is how often a caller lets others run before it parks. A batch is
	// written in a few microseconds; to park and be woken takes about one.
	spins = 8

	// crowded is how long lines take the queue, empty or not, after a write that
	// carried more than one: to yield before the next write lets more of them
	// come. Eight writes of a single line end it.
	crowded = 64

	// lookWrites is after how many writes the file is looked for under its name,
	// should the keeper be late: a few nanoseconds for each.
	lookWrites = 1024

	// spareBytes is the largest buffer that is kept for the next batch.
	spareBytes = 1 << 20

	retryFirst = 5 * time.Millisecond
	retryMost  = 500 * time.Millisecond
)

// Append takes on line, which ends in its only newline. When it returns nil,
// the line is with the kernel; or, while the disk refuses or a write hangs, in
// memory, to be written in order once that ends. Its error is [ErrFull] for a
// line that is lost and counted, [ErrClosed] after Close.
//
// A lone caller pays a lock and a write(2). Of several, one writes the lines of
// all and the others wait until theirs are with the kernel, for 160 ms at most:
// after that their lines are held. The caller whose own write hangs waits as
// long as the kernel does; to bound that too would take a second thread for
// every write.
//
// Append keeps no reference to line and does not allocate.
func (f *File) Append(line []byte, level slog.Level) error {
	f.mu.Lock()
	if f.busy || !f.calm {
		return f.appendSlow(line, level)
	}
	f.busy = true
	f.tail++
	f.mu.Unlock()

	n, err := f.disk.write(line)

	f.mu.Lock()
	f.busy = false
	f.head++
	if f.writes++; f.writes%lookWrites == 0 {
		f.doubt = true
	}
	if level >= slog.LevelError && !f.urgent {
		f.urge()
	}
	f.stats.Lines++
	f.stats.Bytes += int64(n)
	if f.end = f.disk.size; f.end > f.nextAt {
		f.wantNext()
	}
	if err != nil {
		f.undeliver(slices.Clone(line[n:]), 1)
		f.fail(err)
	}
	if err != nil || len(f.queue) > 0 || f.doubt || f.stalled {
		f.settle(0)
		f.leave()
		return nil //nolint:nilerr // The line is held, not lost.
	}
	f.mu.Unlock()
	return nil
}

// appendSlow is Append where there is something to consider. It is called with
// mu held and returns without.
func (f *File) appendSlow(line []byte, level slog.Level) error {
	if f.asleep {
		f.asleep, f.doubt = false, true
		f.rouse()
	}
	if f.stalled {
		f.linger(len(line))
	}
	switch {
	case f.closed:
		f.leave()
		return ErrClosed
	case f.troubled() && len(f.queue)+len(line) > f.cfg.Buffer:
		now := time.Now()
		f.stats.Lost.add(level, len(line), now)
		f.untold.add(level, len(line), now)
		f.stats.Lost.Cause, f.untold.Cause = f.failure, f.failure
		f.retry(now)
		f.leave()
		return ErrFull
	}
	// Beyond the buffer's size too while all is well: everybody waits for his
	// line then, so that there is one of each caller at most, and no reason to
	// lose any.
	f.queue = append(f.queue, line...)
	f.tail++
	if level >= slog.LevelError && !f.urgent {
		f.urge()
	}
	if f.failure != nil {
		f.retry(time.Now())
	} else {
		f.await(f.tail)
	}
	f.leave()
	return nil
}

// troubled reports whether lines are held rather than waited for.
func (f *File) troubled() bool { return f.failure != nil || f.stalled }

// linger holds a caller up while a write hangs and the lines that come in the
// meantime are about to fill the buffer: better late than lost. It is called
// with mu held and returns with it.
func (f *File) linger(size int) {
	until := earliest(time.Now().Add(lingering), f.stalledAt.Add(grace))
	for f.stalled && 2*(len(f.queue)+size) > f.cfg.Buffer && time.Now().Before(until) {
		f.leave()
		time.Sleep(lingering / 4)
		f.mu.Lock()
	}
}

// retry makes the caller the owner where it is time to try the disk again.
func (f *File) retry(now time.Time) {
	if f.failure != nil && !f.busy && !now.Before(f.retryAt) {
		f.lead()
	}
}

// await returns when the line of that number is with the kernel, or is held
// since the disk is in trouble. Whoever waits and finds no owner becomes it.
// It is called with mu held and returns with it.
func (f *File) await(number int64) {
	for spin := 0; f.head < number && !f.troubled(); spin++ {
		// The first time it yields even where it could write, so that callers
		// about to append come along: one write(2) for all their lines. Not
		// when it is alone, which a write of a single line has shown.
		switch {
		case !f.busy && (spin > 0 || f.crowd == 0):
			f.lead()
		case spin < spins:
			f.leave()
			runtime.Gosched()
			f.mu.Lock()
		default:
			f.park(number)
		}
	}
}

// waiter is a caller that has parked until the line of that number is written.
type waiter struct {
	number int64
	woken  chan struct{}
}

// park waits to be woken by release. It is called with mu held and returns
// with it.
func (f *File) park(number int64) {
	var w *waiter
	if n := len(f.resting); n > 0 {
		w, f.resting = f.resting[n-1], f.resting[:n-1]
	} else {
		w = &waiter{woken: make(chan struct{}, 1)}
	}
	w.number = number
	f.waiting = append(f.waiting, w)
	f.watch()
	f.leave()
	<-w.woken
	f.mu.Lock()
	f.resting = append(f.resting, w)
}

// watch has the alarm ring where the write that goes on now still does when
// patience has passed. One alarm serves all that wait: a timer for each would
// cost as much as its wait. Whose wait is short finds it set already.
func (f *File) watch() {
	if f.watching {
		return
	}
	f.watching, f.watched = true, f.writes
	if f.alarm == nil {
		f.alarm = time.AfterFunc(patience, f.ring)
	} else {
		f.alarm.Reset(patience)
	}
}

// ring sends those who wait away where a write hangs.
func (f *File) ring() {
	f.mu.Lock()
	defer f.leave()
	f.watching = false
	if len(f.waiting) == 0 {
		return
	}
	if f.busy && f.writes == f.watched {
		f.stalled, f.stalledAt = true, time.Now()
		f.release()
		return
	}
	f.watch()
}

// lead makes the caller the owner and writes everything that waits. It is
// called with mu held and busy unset, and returns with mu held.
func (f *File) lead() {
	f.busy = true
	batch, lines := f.queue, f.tail-f.head
	f.queue, f.spare = f.spare[:0], nil
	told := f.untold
	f.untold = Loss{}
	doubt := f.doubt || f.failure != nil
	f.doubt = false
	f.mu.Unlock()

	var kept []byte
	var err error
	if doubt {
		kept, err = f.verify()
	}
	again := int64(bytes.Count(kept, newline))
	if again > 0 {
		batch = append(kept, batch...)
	}
	var loss []byte
	if err == nil && told.Total() > 0 && f.cfg.Loss != nil {
		// Ahead of what was held, so that the first line after the recovery
		// says what is missing.
		loss = f.cfg.Loss(nil, told)
		_, err = f.disk.write(loss)
	}
	n := 0
	if err == nil {
		if n, err = f.disk.write(batch); n > 0 || err == nil {
			told = Loss{}
		} else {
			// Room for that line and for nothing else is no recovery: it
			// would be told again, in parts, at every try.
			f.disk.takeBack(len(loss))
		}
	}

	f.mu.Lock()
	f.busy = false
	f.writes++
	if f.end = f.disk.size; f.end > f.nextAt {
		f.wantNext()
	}
	f.untold = told.plus(f.untold)
	f.head += lines
	f.stats.Lines += lines
	f.stats.Bytes += int64(n) - int64(len(kept))
	switch {
	case err != nil:
		rest := batch[n:]
		f.undeliver(rest, int64(bytes.Count(rest, newline)))
		f.fail(err)
	default:
		f.failure, f.backoff = nil, 0
		if cap(batch) <= spareBytes {
			f.spare = batch[:0]
		}
	}
	f.settle(lines + again)
}

var newline = []byte{'\n'}

// undeliver puts lines that were counted as written back at the front of the
// queue.
func (f *File) undeliver(rest []byte, lines int64) {
	if len(f.queue) > 0 {
		rest = append(rest, f.queue...)
	}
	f.queue = rest
	f.head -= lines
	f.stats.Lines -= lines
}

// fail notes that the disk refused.
func (f *File) fail(err error) {
	if f.failure == nil {
		f.rouse()
	}
	f.failure = err
	f.stats.WriteErrors++
	f.backoff = min(max(2*f.backoff, retryFirst), retryMost)
	f.retryAt = time.Now().Add(f.backoff)
}

// settle ends an ownership that wrote so many lines of the queue.
func (f *File) settle(lines int64) {
	if f.stalled {
		// Nobody waits any more for what came in the meantime.
		f.stalled = false
		f.rouse()
	}
	switch {
	case lines > 1:
		f.crowd = crowded
	case lines == 1:
		f.crowd = max(f.crowd-crowded/8, 0)
	}
	f.release()
}

// release wakes the callers whose wait is over, and one to be the next owner.
func (f *File) release() {
	if len(f.waiting) == 0 {
		return
	}
	over := 0 // They are in the order of their numbers, nearly.
	for over < len(f.waiting) && (f.troubled() || f.head >= f.waiting[over].number) {
		over++
	}
	if over < len(f.waiting) && !f.busy {
		over++ // To write what is left.
	}
	for _, w := range f.waiting[:over] {
		w.woken <- struct{}{}
	}
	f.waiting = slices.Delete(f.waiting, 0, over)
}

// leave unlocks mu after something may have changed.
func (f *File) leave() {
	f.calm = !f.closed && !f.asleep && !f.doubt && !f.stalled && f.failure == nil &&
		f.crowd == 0 && len(f.queue) == 0 && f.untold.From.IsZero()
	f.mu.Unlock()
}

// urge has the keeper sync without waiting for the second to pass.
func (f *File) urge() {
	f.urgent = true
	f.rouse()
}

// rouse wakes the keeper.
func (f *File) rouse() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
