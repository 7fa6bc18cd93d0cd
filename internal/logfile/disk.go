package logfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// disk is what the owner alone touches.
type disk struct {
	f    *File
	file *os.File
	size int64

	// torn counts the bytes of a broken line at the end of the file that could
	// not be cut off.
	torn int64

	rotateAt time.Time // No rotation is tried before: the last one failed.
	names    names

	lumberjack *lumberjack.Logger // Nil until it is needed: see setAside.
}

func (d *disk) init(f *File) {
	d.f = f
	d.names.init(f.cfg.Path)
}

// write puts the lines of p into the file, rotating where it must, and returns
// how many bytes of them are there for good: all, or with an error the whole
// lines before the trouble. What the kernel took of a line that it did not take
// whole is cut off again.
func (d *disk) write(p []byte) (n int, err error) {
	if d.size+int64(len(p)) <= d.f.cfg.MaxBytes && d.torn == 0 {
		n, err = d.put(p)
		if err == nil {
			return n, nil
		}
	}
	// Once more at once: a single ENOSPC, EIO or EAGAIN is then nothing that
	// the caller, or a kill right after, would ever notice.
	for failed := err != nil; n < len(p); failed = err != nil {
		var m int
		m, err = d.put(d.fit(p[n:]))
		n += m
		if err != nil && failed {
			return n, err
		}
	}
	return n, nil
}

// put writes p, whole lines, into the file as it is.
func (d *disk) put(p []byte) (int, error) {
	if d.torn > 0 {
		if err := d.closeOff(); err != nil {
			return 0, err
		}
	}
	n, err := d.file.Write(p)
	d.size += int64(n)
	if err == nil {
		return n, nil
	}
	whole := bytes.LastIndexByte(p[:n], '\n') + 1
	d.torn = int64(n - whole)
	if d.torn > 0 {
		d.cut() // Where it cannot be now, the next write tries again.
	}
	return whole, fmt.Errorf("logfile: %w", err)
}

// cut takes the broken line off the end of the file. The size is the kernel's,
// not ours: somebody may have truncated the file (copytruncate).
func (d *disk) cut() bool {
	info, err := d.file.Stat()
	if err != nil {
		return false
	}
	if size := max(info.Size()-d.torn, 0); d.file.Truncate(size) == nil {
		d.size, d.torn = size, 0
		return true
	}
	return false
}

// takeBack takes so many bytes, just written, off the end of the file again.
func (d *disk) takeBack(bytes int) {
	if d.torn += int64(bytes); d.torn > 0 {
		d.cut()
	}
}

// closeOff makes sure that the next line does not glue to a broken one.
func (d *disk) closeOff() error {
	if d.cut() {
		return nil
	}
	n, err := d.file.Write(newline)
	d.size += int64(n)
	if err != nil {
		return fmt.Errorf("logfile: %w", err)
	}
	d.torn = 0
	d.f.mu.Lock()
	d.f.stats.Repaired++
	d.f.mu.Unlock()
	return nil
}

// fit returns as many whole lines of p, at least one, as the file has room for.
// It rotates where there is room for none.
func (d *disk) fit(p []byte) []byte {
	for range 2 {
		room := d.f.cfg.MaxBytes - d.size
		if int64(len(p)) <= room {
			return p
		}
		if room > 0 {
			if whole := bytes.LastIndexByte(p[:room], '\n') + 1; whole > 0 {
				return p[:whole]
			}
		}
		if d.size == 0 {
			break // The line is larger than a file may be: it gets its own.
		}
		now := time.Now()
		if now.Before(d.rotateAt) {
			return p
		}
		if err := d.f.rotate(now); err != nil {
			// The file can still be written: a file too large is better than
			// a record lost.
			if !errors.Is(err, errMoved) {
				d.rotateAt = now.Add(rotateRetry)
				d.f.mu.Lock()
				d.f.stats.WriteErrors++
				d.f.mu.Unlock()
			}
			return p
		}
	}
	return p[:bytes.IndexByte(p, '\n')+1]
}

// live is a descriptor of the live file.
type live struct {
	file   *os.File
	info   fs.FileInfo
	size   int64
	mended bool
}

// openLive opens or creates the live file and ends it with a whole line.
func openLive(path string) (live, error) {
	// Readable, since an unlinked file is copied from its own descriptor.
	file, err := openRegular(path, os.O_RDWR|os.O_APPEND|os.O_CREATE)
	if err != nil {
		return live{}, err
	}
	l := live{file: file}
	if l.info, err = file.Stat(); err == nil && l.info.Mode().Perm()&^0o600 != 0 {
		err = file.Chmod(0o600)
	}
	if err == nil {
		l.size, l.mended, err = mend(file)
	}
	if err != nil {
		return live{}, errors.Join(fmt.Errorf("logfile: %w", err), file.Close())
	}
	return l, nil
}

// adopt makes l the file that is written to. The caller is the owner.
func (f *File) adopt(l live) {
	f.disk.file, f.disk.size, f.disk.torn, f.disk.rotateAt = l.file, l.size, 0, time.Time{}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.live != nil {
		f.retired = append(f.retired, f.live)
	}
	f.live, f.liveInfo = l.file, l.info
	f.end, f.seen = l.size, l.size
	f.nextAt = f.cfg.MaxBytes / 2
	if l.mended {
		f.stats.Repaired++
	}
	f.rouse()
}

// verify looks whether the file is still the one under its name, and moves to
// the one that is, or to a new one, where it is not. The caller is the owner.
//
// A file that was renamed keeps what it got. One that was deleted has no name
// but, as long as our descriptor is open, still has its data: what it got since
// it was last seen under its name is returned, to be written to the new one. So
// nothing is lost after a deletion although no write pays for looking.
func (f *File) verify() (kept []byte, err error) {
	now, err := os.Lstat(f.cfg.Path)
	switch {
	case err == nil && os.SameFile(now, f.liveInfo):
		f.disk.size = now.Size() // Smaller after copytruncate.
		return nil, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, nil // It cannot be told; the descriptor is as good as before.
	}
	old, err := f.disk.file.Stat()
	deleted := err == nil && links(old) == 0
	opened, err := f.reopen()
	switch {
	case err != nil && deleted:
		return nil, err
	case err != nil:
		return nil, nil //nolint:nilerr // What is written to the renamed file is not lost.
	}
	if deleted {
		kept = f.salvage(f.disk.file, old.Size())
	}
	f.adopt(opened)
	f.mu.Lock()
	f.stats.Reopened++
	f.mu.Unlock()
	return kept, nil
}

// reopen opens what is at the live name, making the directory and its lock
// anew where they are gone.
func (f *File) reopen() (live, error) {
	dir := filepath.Dir(f.cfg.Path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return live{}, fmt.Errorf("logfile: %w", err)
		}
	}
	if f.cfg.Lock != nil {
		if err := f.cfg.Lock.Renew(); err != nil {
			return live{}, err
		}
	}
	return openLive(f.cfg.Path)
}

// salvage reads what a deleted file got since it was last seen.
func (f *File) salvage(file *os.File, size int64) []byte {
	f.mu.Lock()
	from := min(f.seen, size)
	f.mu.Unlock()
	kept := make([]byte, size-from)
	n, err := file.ReadAt(kept, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	// From a line's start to a line's end, should the file have been truncated.
	return kept[:bytes.LastIndexByte(kept[:n], '\n')+1]
}
