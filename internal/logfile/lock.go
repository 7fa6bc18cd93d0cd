package logfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// LockName is the name of the lock file within its directory.
const LockName = ".risk-manager.lock"

const (
	lockPatience = 5 * time.Second
	lockPoll     = 50 * time.Millisecond
)

// ErrLocked is wrapped by the errors of [Lock] for a directory that is owned
// already. [LockedError] names the owner.
var ErrLocked = errors.New("directory is in use")

// LockedError says who owns a directory. It wraps [ErrLocked].
type LockedError struct {
	Dir   string
	PID   int       // Zero where the owner could not be read.
	Since time.Time // When the owning process started.
	Own   bool      // The owner is this very process.
}

// Error names the directory, the owner's process ID and its start.
func (e *LockedError) Error() string {
	who := "another process"
	if e.PID != 0 {
		who = fmt.Sprintf("PID %d, started %s", e.PID, e.Since.UTC().Format(time.RFC3339Nano))
	}
	if e.Own {
		who = "this process: " + who
	}
	return fmt.Sprintf("logfile: %s: %v by %s", e.Dir, ErrLocked, who)
}

// Unwrap returns [ErrLocked].
func (e *LockedError) Unwrap() error { return ErrLocked }

// started tells this process from an earlier one of the same ID, and from one
// of another container, where every process may have ID 1.
var started = time.Now().Round(0)

// DirLock is a directory owned by this process. The kernel drops it with the
// process, however that ends, so a lock file left behind is no obstacle; what
// the file says is for people and for [LockedError]. It is safe for concurrent
// use.
type DirLock struct {
	dir, path string

	mu   sync.Mutex
	lock *flock.Flock // Guarded by mu; nil after Unlock.
}

// Lock makes this process the owner of dir, which is made with mode 0700 where
// it is missing. Where another process owns it, Lock waits for 5 s, or until
// ctx is done, and returns a [LockedError]; where this process does, it
// returns one at once. A symlink, FIFO or device in the place of the lock file
// is refused.
func Lock(ctx context.Context, dir string) (*DirLock, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("logfile: %w", err)
	}
	l := &DirLock{dir: dir, path: filepath.Join(dir, LockName)}
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	for {
		l.lock, err = l.try()
		var held *LockedError
		if err == nil {
			return l, nil
		}
		if !errors.As(err, &held) || held.Own {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(lockPoll):
		}
	}
}

// Renew takes the lock anew where its file is no longer the one under its
// name, as after rm -r of the directory. Its error is that of [Lock]; the
// directory is then without an owner, or with two.
func (l *DirLock) Renew() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lock == nil || inPlace(l.lock, l.path) {
		return nil
	}
	fresh, err := l.try()
	if err != nil {
		return err
	}
	old := l.lock
	l.lock = fresh
	return old.Unlock()
}

// Unlock lets the directory go. Its file stays, empty: to remove it would let
// two processes each lock a file of that name. A second Unlock does nothing.
func (l *DirLock) Unlock() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lock == nil {
		return nil
	}
	if inPlace(l.lock, l.path) {
		_ = os.Truncate(l.path, 0) // Only what people would read in it.
	}
	err := l.lock.Unlock()
	l.lock = nil
	if err != nil {
		return fmt.Errorf("logfile: unlock: %w", err)
	}
	return nil
}

// try takes the lock or says who has it.
func (l *DirLock) try() (*flock.Flock, error) {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, fmt.Errorf("logfile: %w", err)
	}
	// Looked at before it is opened, since to open a device may do something.
	if info, err := os.Lstat(l.path); err == nil && !info.Mode().IsRegular() {
		return nil, refused(l.path, info.Mode())
	}
	lock := flock.New(l.path, flock.SetFlag(os.O_RDWR|os.O_CREATE|openFlags), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("logfile: lock: %w", err)
	}
	if !got {
		return nil, l.owner()
	}
	if !inPlace(lock, l.path) {
		// Removed or replaced between its opening and its locking: no lock
		// that the next process would see.
		return nil, errors.Join(&LockedError{Dir: l.dir}, lock.Unlock())
	}
	l.sign()
	return lock, nil
}

// sign writes who owns the directory into the lock file. On a full disk nobody
// is named: that is no reason not to start.
func (l *DirLock) sign() {
	f, err := openRegular(l.path, os.O_WRONLY)
	if err != nil {
		return
	}
	text := fmt.Sprintf("pid %d\nstarted %s\n", os.Getpid(), started.UTC().Format(time.RFC3339Nano))
	size := lockOffset + int64(len(text))
	if _, err := f.WriteAt([]byte(text), lockOffset); err != nil {
		size = 0 // Better no owner than the one before.
	}
	_, _, _ = f.Chmod(0o600), f.Truncate(size), f.Close()
}

// owner reads who holds the lock.
func (l *DirLock) owner() error {
	held := &LockedError{Dir: l.dir}
	f, err := openRegular(l.path, os.O_RDONLY)
	if err != nil {
		return held
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, lockOffset, 256))
	if err != nil {
		return held
	}
	var since string
	if _, err := fmt.Sscanf(strings.TrimSpace(string(text)), "pid %d\nstarted %s", &held.PID, &since); err != nil {
		held.PID = 0
		return held
	}
	held.Since, _ = time.Parse(time.RFC3339Nano, since) // A wrong one is shown as zero.
	held.Own = held.PID == os.Getpid() && held.Since.Equal(started)
	return held
}

// inPlace reports whether the file that lock holds is a regular one and still
// the one at path.
func inPlace(lock *flock.Flock, path string) bool {
	held, err := lock.Stat()
	if err != nil || !held.Mode().IsRegular() {
		return false
	}
	now, err := os.Lstat(path)
	return err == nil && os.SameFile(held, now)
}

// refused is the error for something that is no regular file in the place of
// one of ours.
func refused(path string, mode fs.FileMode) error {
	return fmt.Errorf("logfile: %s: %w: %v, want a regular file", path, ErrRefused, mode.Type())
}
