package logfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// File is one rotating file of lines. It is safe for concurrent use.
//
// Its parts belong to one of three:
//
//   - who holds mu, for as long as it takes to copy a line: nothing under mu
//     ever waits for the disk;
//   - the owner, who has set busy and alone writes, rotates and reopens: the
//     caller whose line it is, or the keeper;
//   - the keeper, the one goroutine of the file, which syncs, looks whether
//     the file is still the one under its name, retries, prunes, compresses
//     and alone closes descriptors, so that none is closed while it is synced.
type File struct {
	cfg Config // Immutable once set.

	disk disk // The owner's.

	mu   sync.Mutex
	busy bool // There is an owner.
	calm bool // Nothing is to be considered: see isCalm. Set by leave.

	// queue holds the lines that wait for the kernel, in order. Every line has
	// a number: those up to head are with the kernel, those up to tail were
	// taken on.
	queue, spare []byte
	head, tail   int64
	crowd        int // Positive while lines take the queue though it is empty.

	waiting, resting []*waiter // Parked; to be used again.
	alarm            *time.Timer
	watching         bool  // The alarm is set,
	watched          int64 // for the write of this number.
	writes           int64 // Ownerships that have ended.

	closed  bool
	asleep  bool // The keeper has stopped looking: the next owner looks.
	doubt   bool // The file may not be the one under its name.
	stalled bool // A write hangs: nobody waits for it,

	stalledAt time.Time // since then.

	failure error // What the disk refused last; nil when all is well.
	retryAt time.Time
	backoff time.Duration
	untold  Loss // Lost since the last line that told it.

	live     *os.File // The owner's descriptor, for the keeper.
	liveInfo fs.FileInfo
	end      int64     // Its size after the last write.
	seen     int64     // Its size when it was last seen under its name.
	next     *nextFile // Opened ahead of the rotation,
	nextAt   int64     // at this size.
	nexts    int
	retired  []*os.File // To be synced and closed.
	urgent   bool       // The next sync is not to wait.
	stats    Stats

	wake    chan struct{}
	flushes chan chan error
	stop    chan context.Context
	done    chan struct{} // Closed when the keeper has gone.
	final   error         // What Close reports. Set before done is closed.
}

// Open opens or creates the file of cfg, puts right what a kill or a power cut
// left behind and removes the backups that are due. It returns an error where
// the directory or the file cannot be used; after it nothing is fatal.
func Open(cfg Config) (*File, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	f := &File{
		cfg:     cfg,
		wake:    make(chan struct{}, 1),
		flushes: make(chan chan error),
		stop:    make(chan context.Context, 1),
		done:    make(chan struct{}),
	}
	f.disk.init(f)
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err != nil {
		return nil, fmt.Errorf("logfile: %w", err)
	}
	opened, err := openLive(cfg.Path)
	if err != nil {
		return nil, err
	}
	f.heal(opened.info)
	if opened.size >= cfg.MaxBytes {
		// Nobody waits yet: time enough for lumberjack.
		if err := errors.Join(opened.file.Close(), f.disk.setAside(time.Now())); err != nil {
			return nil, fmt.Errorf("logfile: rotate: %w", err)
		}
		f.stats.Rotated++
		if opened, err = openLive(cfg.Path); err != nil {
			return nil, err
		}
	}
	f.adopt(opened)
	f.prune(time.Now())
	f.calm = true
	go f.keep()
	return f, nil
}

// Stats returns the counters.
func (f *File) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.HeldLines, s.HeldBytes = f.tail-f.head, int64(len(f.queue))
	s.Err = f.failure
	return s
}

// Flush waits until what was appended before it is on the disk, and synced. It
// returns early when ctx is done or the disk refuses; what is held stays held.
func (f *File) Flush(ctx context.Context) error {
	f.mu.Lock()
	goal := f.tail
	for {
		// The keeper writes and syncs, since that may take longer than ctx
		// allows; another one's write is waited for here.
		for f.busy && f.head < goal && ctx.Err() == nil {
			f.mu.Unlock()
			time.Sleep(time.Millisecond)
			f.mu.Lock()
		}
		f.mu.Unlock()
		reply := make(chan error, 1)
		select {
		case f.flushes <- reply:
		case <-f.done:
			return ErrClosed
		case <-ctx.Done():
			return f.undelivered(ctx.Err())
		}
		select {
		case err := <-reply:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return f.undelivered(ctx.Err())
		}
		f.mu.Lock()
		if f.head >= goal {
			f.mu.Unlock()
			return nil
		}
	}
}

// Close writes what is held, syncs, and closes the file; it waits for the
// file's goroutine, but never longer than ctx allows. Its error says how many
// lines could not be delivered. A second Close waits for the first.
//
// Where the disk refuses, Close retries for 2 s at most. Where a write hangs
// in the kernel, Close returns when ctx is done and the goroutine goes when the
// kernel lets it.
func (f *File) Close(ctx context.Context) error {
	f.mu.Lock()
	first := !f.closed
	f.closed = true
	f.leave()
	if first {
		f.stop <- ctx
	}
	select {
	case <-f.done:
		if first {
			return f.final
		}
		return nil
	case <-ctx.Done():
		select {
		case <-f.done:
			return f.final
		default:
			return f.undelivered(ctx.Err())
		}
	}
}

// undelivered is the error that says what waits in memory, or for the disk.
func (f *File) undelivered(cause error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	what := "not synced"
	if n := f.tail - f.head; n > 0 {
		what = fmt.Sprintf("%d lines undelivered", n)
	}
	return fmt.Errorf("logfile: %s: %s: %w", f.cfg.Path, what, errors.Join(cause, f.failure))
}
