package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// rotateRetry is how long a file that could not be rotated grows on before the
// next try.
const rotateRetry = time.Second

// errMoved is returned by rotate for a file that is no longer under its name.
var errMoved = errors.New("logfile: the live file was moved")

// nextFile is the file that the next rotation goes on with, opened ahead.
type nextFile struct {
	path string
	file *os.File
	info fs.FileInfo
}

// discard removes a file that is not needed.
func (n *nextFile) discard() {
	_, _ = os.Remove(n.path), n.file.Close()
}

// openNext makes the file that the next rotation goes on with. Each has its own
// name, so that the owner and the keeper can both make one.
func (f *File) openNext() (*nextFile, error) {
	for {
		f.mu.Lock()
		f.nexts++
		path := f.disk.names.next(f.nexts)
		f.mu.Unlock()
		file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL|openFlags, 0o600) //nolint:gosec // The name is ours.
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		info, err := file.Stat()
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		return &nextFile{path, file, info}, nil
	}
}

// wantNext has the keeper open the next file: half of this one is written. It
// is called with mu held.
func (f *File) wantNext() {
	f.nextAt = math.MaxInt64
	f.rouse()
}

// takeNext returns the file opened ahead, or opens it now.
func (f *File) takeNext() (*nextFile, error) {
	f.mu.Lock()
	next := f.next
	f.next = nil
	f.mu.Unlock()
	if next != nil {
		// It was opened some time ago.
		if now, err := os.Lstat(next.path); err == nil && os.SameFile(now, next.info) {
			return next, nil
		}
		f.retire(next.file)
	}
	return f.openNext()
}

// keepNext puts next where the next rotation finds it.
func (f *File) keepNext(next *nextFile) {
	f.mu.Lock()
	spare := f.next
	f.next = next
	f.mu.Unlock()
	if spare != nil {
		spare.discard()
	}
}

// retire hands a descriptor to the keeper for syncing and closing.
func (f *File) retire(file *os.File) {
	f.mu.Lock()
	f.retired = append(f.retired, file)
	f.mu.Unlock()
	f.rouse()
}

// rotate gives the live file its backup name and goes on with the next. The
// caller is the owner.
//
// It is two system calls, link and rename, since somebody waits: to sync and
// close the old file, to prune and to compress is for the keeper. They leave
// the live name in place at every moment and every record under a name that
// readers know, so a kill between them loses nothing: [File.heal] finds a live
// file with a second name and takes that away.
//
// Lumberjack's Rotate would do it by rename, stat, chown and two opens, six
// times as long (160 µs against 25 on ext4, where closing what it opened with
// O_TRUNC takes another 2 ms); overwrites the last backup when it is called
// twice in a millisecond; and leaves no live file in between. It rotates where
// hard links are not to be had.
func (f *File) rotate(now time.Time) error {
	d := &f.disk
	if at, err := os.Lstat(f.cfg.Path); err != nil || !os.SameFile(at, f.liveInfo) {
		f.mu.Lock()
		f.doubt = true
		f.mu.Unlock()
		return errMoved
	}
	if !renamesOpenFiles {
		return f.rotateClosed(now)
	}
	next, err := f.takeNext()
	if err != nil {
		return fmt.Errorf("logfile: rotate: %w", err)
	}
	stamp := d.names.after(now)
	err = os.Link(f.cfg.Path, d.names.path(stamp))
	for errors.Is(err, fs.ErrExist) {
		stamp = stamp.Add(time.Millisecond)
		err = os.Link(f.cfg.Path, d.names.path(stamp))
	}
	linked := err == nil
	if noLinks(err) {
		err = d.setAside(now)
	} else {
		d.names.last = stamp
	}
	if err == nil {
		err = os.Rename(next.path, f.cfg.Path)
		if err != nil && linked {
			_ = os.Remove(d.names.path(stamp))
		}
	}
	if err != nil {
		f.keepNext(next)
		return fmt.Errorf("logfile: rotate: %w", err)
	}
	f.adopt(live{file: next.file, info: next.info})
	f.mu.Lock()
	f.stats.Rotated++
	f.mu.Unlock()
	return nil
}

// setAside has lumberjack rename the live file and make an empty one, where
// there are no hard links. A kill right after leaves an empty live file.
//
// Lumberjack names the backup by the clock. Where that would not be later than
// the last one's name, the name is ours.
func (d *disk) setAside(now time.Time) error {
	if stamp := d.names.after(now); !stamp.Equal(now.UTC().Truncate(time.Millisecond)) {
		d.names.last = stamp
		return os.Rename(d.f.cfg.Path, d.names.path(stamp))
	}
	// It neither compresses nor prunes here; see compress and excess for why.
	// Its mill starts all the same, does nothing, and never ends.
	if d.lumberjack == nil {
		d.lumberjack = &lumberjack.Logger{Filename: d.f.cfg.Path}
	}
	err := errors.Join(d.lumberjack.Rotate(), d.lumberjack.Close())
	d.names.last = time.Now().UTC().Truncate(time.Millisecond)
	return err
}

// rotateClosed rotates where an open file cannot be renamed.
func (f *File) rotateClosed(now time.Time) error {
	f.mu.Lock()
	old := f.live
	f.live, f.liveInfo = nil, nil // Should it not open again, verify opens it.
	f.mu.Unlock()
	err := errors.Join(old.Sync(), old.Close(), f.disk.setAside(now))
	opened, openErr := openLive(f.cfg.Path)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	f.adopt(opened)
	if err != nil {
		return fmt.Errorf("logfile: rotate: %w", err)
	}
	f.mu.Lock()
	f.stats.Rotated++
	f.mu.Unlock()
	return nil
}

// renamesOpenFiles: Windows refuses to rename what is open.
const renamesOpenFiles = runtime.GOOS != "windows"
