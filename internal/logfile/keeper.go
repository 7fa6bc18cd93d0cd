package logfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"
)

const (
	// lookEvery is how often a file in use is looked for under its name. An
	// idle one is looked for by the first caller that writes again.
	lookEvery = 50 * time.Millisecond

	// syncAfter is how old a line is when it is synced. With the time of the
	// sync itself, a power cut takes a second.
	syncAfter = 700 * time.Millisecond

	// syncUrgent is the same for the lines at ERROR and above.
	syncUrgent = 100 * time.Millisecond

	// tidyEvery is how often backups are looked at while nothing rotates.
	tidyEvery = time.Minute

	// closePatience is how long Close tries a disk that refuses.
	closePatience = 2 * time.Second
)

// keeper is the state of the file's goroutine.
type keeper struct {
	f *File

	lookAt, syncAt, tidyAt time.Time // Zero: nothing to look at, or to sync.

	lines    int64 // Taken on when it last looked.
	synced   int64 // Bytes written when it last synced.
	syncedAt time.Time
	named    fs.FileInfo // The live file whose name is known to be synced.
}

// keep is the file's goroutine.
func (f *File) keep() {
	defer close(f.done)
	k := &keeper{f: f, tidyAt: time.Now()}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-f.wake:
		case <-timer.C:
		case reply := <-f.flushes:
			reply <- k.flush()
		case ctx := <-f.stop:
			f.final = k.finish(ctx)
			return
		}
		next := k.duties(time.Now())
		if now := time.Now(); !now.Before(k.tidyAt) {
			k.tidyAt = now.Add(tidyEvery)
			k.tidy(now)
			next = k.duties(time.Now())
		}
		timer.Reset(time.Until(earliest(next, k.tidyAt)))
	}
}

// earliest returns the earliest of the times that are not zero.
func earliest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// duties does what is due but cannot take long, and returns when the next is.
func (k *keeper) duties(now time.Time) time.Time {
	k.look(now)
	retryAt := k.deliver(now)
	k.prepare()
	k.sync(now)
	k.bury()
	return earliest(k.lookAt, k.syncAt, retryAt)
}

// look looks whether the file is still the one under its name. A file that
// nobody writes to is left alone: the next caller looks before it writes.
func (k *keeper) look(now time.Time) {
	f := k.f
	f.mu.Lock()
	if f.asleep || now.Before(k.lookAt) {
		if f.asleep {
			k.lookAt = time.Time{}
		}
		f.mu.Unlock()
		return
	}
	idle := f.tail == k.lines && len(f.queue) == 0 && f.failure == nil && !f.busy
	k.lines = f.tail
	end, info := f.end, f.liveInfo
	f.mu.Unlock()

	at, err := os.Lstat(f.cfg.Path)
	if f.cfg.Lock != nil {
		_ = f.cfg.Lock.Renew() // Where somebody was faster, the lines still count more.
	}

	f.mu.Lock()
	defer f.leave()
	switch same := err == nil && os.SameFile(at, info); {
	case f.liveInfo != info:
		// Rotated since. Look again.
	case same && at.Size() >= end:
		f.seen = max(f.seen, end)
	case same, err == nil, errors.Is(err, fs.ErrNotExist):
		f.doubt = true
		if same {
			f.seen = 0 // Truncated.
		}
		if !f.busy {
			f.lead()
		}
	}
	k.lookAt = now.Add(lookEvery)
	if idle && f.tail == k.lines && !f.busy {
		f.asleep = true
		k.lookAt = time.Time{}
	}
}

// deliver writes what nobody waits for, and tries again what the disk refused.
// It returns when to try next.
func (k *keeper) deliver(now time.Time) time.Time {
	f := k.f
	f.mu.Lock()
	defer f.leave()
	waits := len(f.queue) > 0 || f.failure != nil || f.untold.Total() > 0
	if waits && !f.busy && (f.failure == nil || !now.Before(f.retryAt)) {
		f.lead()
	}
	if f.failure == nil {
		return time.Time{}
	}
	return f.retryAt
}

// sync brings to the disk what was written long enough ago.
func (k *keeper) sync(now time.Time) {
	f := k.f
	f.mu.Lock()
	written, file, info := f.stats.Bytes, f.live, f.liveInfo
	if written == k.synced || file == nil {
		f.mu.Unlock()
		return
	}
	if k.syncAt.IsZero() {
		k.syncAt = now.Add(syncAfter)
	}
	if soon := k.syncedAt.Add(syncUrgent); f.urgent && soon.Before(k.syncAt) {
		k.syncAt = soon
	}
	if now.Before(k.syncAt) {
		f.mu.Unlock()
		return
	}
	f.urgent = false
	// A sync may take long: the next caller looks for itself.
	f.asleep = true
	f.leave()
	_ = k.syncNow(file, info) // Counted there, and nobody to tell.
	k.synced, k.syncAt, k.syncedAt = written, time.Time{}, time.Now()
}

// syncNow syncs the live file, and its name where it is new.
func (k *keeper) syncNow(file *os.File, info fs.FileInfo) error {
	f := k.f
	err := file.Sync()
	if k.named != info {
		err = errors.Join(err, syncDir(f.disk.names.dir))
		k.named = info
	}
	f.mu.Lock()
	f.stats.Syncs++
	if err != nil {
		f.stats.WriteErrors++
	}
	f.mu.Unlock()
	return err
}

// bury syncs and closes the files that were rotated or replaced.
func (k *keeper) bury() {
	f := k.f
	f.mu.Lock()
	retired := f.retired
	f.retired = nil
	f.mu.Unlock()
	for _, file := range retired {
		_, _ = file.Sync(), file.Close()
		k.tidyAt = time.Time{}
	}
}

// prepare opens the file that the next rotation goes on with.
func (k *keeper) prepare() {
	f := k.f
	f.mu.Lock()
	soon := f.next == nil && f.nextAt == math.MaxInt64
	f.mu.Unlock()
	if !soon || !renamesOpenFiles {
		return
	}
	if next, err := f.openNext(); err == nil {
		f.keepNext(next)
	}
}

// tidy removes the backups that are due and compresses the others.
func (k *keeper) tidy(now time.Time) {
	f := k.f
	f.prune(now)
	if !f.cfg.Compress {
		return
	}
	// An error is tried again in a minute. Nothing is lost by it.
	_ = f.compress(func() error {
		select {
		case reply := <-f.flushes:
			reply <- k.flush()
		default:
		}
		k.duties(time.Now())
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.closed {
			return errStopped
		}
		return nil
	})
}

// flush delivers and syncs.
func (k *keeper) flush() error {
	f := k.f
	f.mu.Lock()
	if !f.busy && (len(f.queue) > 0 || f.failure != nil) {
		f.lead()
	}
	failed, written, file, info := f.failure, f.stats.Bytes, f.live, f.liveInfo
	f.leave()
	if failed != nil {
		return f.undelivered(nil)
	}
	if file == nil {
		return nil
	}
	if err := k.syncNow(file, info); err != nil {
		return fmt.Errorf("logfile: sync: %w", err)
	}
	k.synced, k.syncAt, k.syncedAt = written, time.Time{}, time.Now()
	return nil
}

// finish delivers what is left, as long as ctx and the disk allow, and closes
// the file.
func (k *keeper) finish(ctx context.Context) error {
	f := k.f
	k.own(ctx)
	// The owner for good now.
	var err error
	if f.tail > f.head {
		err = f.undelivered(ctx.Err())
	}
	f.mu.Lock()
	files, next := f.retired, f.next
	if f.live != nil {
		files = append(files, f.live)
	}
	f.live, f.retired, f.next = nil, nil, nil
	f.mu.Unlock()
	for _, file := range files {
		if e := errors.Join(file.Sync(), file.Close()); e != nil {
			err = errors.Join(err, fmt.Errorf("logfile: close: %w", e))
		}
	}
	if next != nil {
		next.discard()
	}
	if f.alarm != nil {
		f.alarm.Stop()
	}
	_ = syncDir(f.disk.names.dir)
	return err
}

// own makes the keeper the owner, for good, once everything is delivered or
// nothing more can be.
func (k *keeper) own(ctx context.Context) {
	f := k.f
	until := time.Now().Add(closePatience)
	f.mu.Lock()
	defer f.mu.Unlock()
	// What was written since the file was last seen may be in a deleted one.
	f.doubt = f.doubt || f.end > f.seen
	for {
		if !f.busy {
			if f.doubt || f.head < f.tail || f.untold.Total() > 0 {
				f.lead()
			}
			over := f.head == f.tail
			if f.failure != nil {
				over = ctx.Err() != nil || time.Now().After(until)
			}
			if over {
				f.busy = true
				return
			}
		}
		f.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		f.mu.Lock()
	}
}
