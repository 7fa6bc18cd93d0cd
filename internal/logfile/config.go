package logfile

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"
)

// Defaults of the fields of [Config].
const (
	DefaultMaxBytes   = 10 << 20
	DefaultMaxBackups = 7
	DefaultMaxAge     = 7 * 24 * time.Hour
	DefaultBuffer     = 8 << 20
)

// Config says where a [File] lives and when its old parts go.
type Config struct {
	// Path is the name of the live file. Required. Its directory is made with
	// mode 0700 where it is missing.
	Path string

	// MaxBytes is the size in bytes that the file does not pass: the line that
	// would make it larger goes to the next file. A single line may be larger.
	// Zero means [DefaultMaxBytes].
	MaxBytes int64

	// MaxBackups is how many rotated files are kept. Zero means
	// [DefaultMaxBackups]; negative keeps any number.
	MaxBackups int

	// MaxAge is how long a rotated file is kept. Zero means [DefaultMaxAge];
	// negative keeps it for ever.
	MaxAge time.Duration

	// Compress makes rotated files .gz files.
	Compress bool

	// Buffer bounds the bytes of the lines that wait in memory while the disk
	// refuses or stalls. Zero means [DefaultBuffer].
	Buffer int

	// Loss appends to dst the line, with its newline, that tells what was lost.
	// It is written ahead of the first line after the disk recovers. Nil tells
	// nobody but [Stats]. It must not call the File.
	Loss func(dst []byte, l Loss) []byte

	// Lock is the lock of the file's directory. It is renewed where the
	// directory had to be made anew. Nil where the caller holds none.
	Lock *DirLock
}

// withDefaults returns c with its zero fields set, or every fault at once.
func (c Config) withDefaults() (Config, error) {
	var errs []error
	if c.Path == "" {
		errs = append(errs, errors.New("logfile: path is empty"))
	}
	if c.MaxBytes < 0 {
		errs = append(errs, fmt.Errorf("logfile: MaxBytes is %d, want 0 or more", c.MaxBytes))
	}
	if c.Buffer < 0 {
		errs = append(errs, fmt.Errorf("logfile: Buffer is %d, want 0 or more", c.Buffer))
	}
	if err := errors.Join(errs...); err != nil {
		return c, err
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return c, fmt.Errorf("logfile: %s: %w", c.Path, err)
	}
	c.Path = path
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.MaxBackups == 0 {
		c.MaxBackups = DefaultMaxBackups
	}
	if c.MaxAge == 0 {
		c.MaxAge = DefaultMaxAge
	}
	if c.Buffer == 0 {
		c.Buffer = DefaultBuffer
	}
	return c, nil
}

// levels are the classes that lost lines are counted in, lowest first.
var levels = [...]slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, slog.LevelError + 4}

// Loss is what a [File] could not keep: lines that came while the buffer was
// full.
type Loss struct {
	// Lines counts them by class: DEBUG and below, INFO, WARNING, ERROR,
	// CRITICAL and above.
	Lines [len(levels)]int64
	Bytes int64

	// From and To are when the first and the last of them came. Zero where
	// nothing was lost.
	From, To time.Time

	// Cause is what the disk answered, nil for a stalled disk.
	Cause error
}

// Total returns how many lines were lost.
func (l Loss) Total() (n int64) {
	for _, c := range l.Lines {
		n += c
	}
	return n
}

// Each calls yield for each class that lost lines, with the lowest level of
// the class.
func (l Loss) Each(yield func(level slog.Level, lines int64) bool) {
	for i, n := range l.Lines {
		if n > 0 && !yield(levels[i], n) {
			return
		}
	}
}

// add counts one lost line.
func (l *Loss) add(level slog.Level, size int, now time.Time) {
	class := 0
	for i, min := range levels {
		if level >= min {
			class = i
		}
	}
	l.Lines[class]++
	l.Bytes += int64(size)
	if l.From.IsZero() {
		l.From = now
	}
	l.To = now
}

// plus returns the sum of l and a later loss.
func (l Loss) plus(later Loss) Loss {
	if later.From.IsZero() {
		return l
	}
	for i, n := range l.Lines {
		later.Lines[i] += n
	}
	later.Bytes += l.Bytes
	if !l.From.IsZero() {
		later.From = l.From
	}
	return later
}

// Stats are the counters of a [File] since it was opened.
type Stats struct {
	Lines, Bytes int64 // Written: with the kernel.
	Lost         Loss  // Since Open, told or not.
	Repaired     int64 // Torn tails closed off or cut.
	Rotated      int64
	Reopened     int64 // The live name was gone, or another file's.
	HeldLines    int64 // Waiting in memory now.
	HeldBytes    int64
	WriteErrors  int64 // Refusals of the disk, retries included.
	Compressed   int64
	Pruned       int64
	Syncs        int64

	// Err is what the disk refused last, nil once lines are written again.
	Err error
}

// Errors that [File.Append] returns.
var (
	// ErrClosed is returned for a line that came after [File.Close]. It is not
	// written and not counted.
	ErrClosed = errors.New("logfile: closed")

	// ErrFull is returned for a line that found the buffer full. It is lost
	// and counted.
	ErrFull = errors.New("logfile: buffer full, line lost")
)
