package logfile

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// File is one rotating file of lines. It is safe for concurrent use.
type File struct {
	cfg Config

	mu     sync.Mutex
	file   *os.File
	closed bool
	stats  Stats
}

// Open opens or creates the file of cfg for appending.
func Open(cfg Config) (*File, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err != nil {
		return nil, fmt.Errorf("logfile: %w", err)
	}
	file, err := os.OpenFile(cfg.Path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("logfile: %w", err)
	}
	return &File{cfg: cfg, file: file}, nil
}

// Append writes line, which ends in its only newline. When it returns nil the
// line is with the kernel or, while the disk refuses or stalls, held in memory
// to be written in order. Its error is [ErrFull] or [ErrClosed].
func (f *File) Append(line []byte, level slog.Level) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrClosed
	}
	n, err := f.file.Write(line)
	f.stats.Lines++
	f.stats.Bytes += int64(n)
	return err
}

// Flush waits until what was appended is on the disk.
func (f *File) Flush(ctx context.Context) error {
	return f.file.Sync()
}

// Stats returns the counters.
func (f *File) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// Close writes what is held, syncs and closes the file. It returns when ctx is
// done at the latest.
func (f *File) Close(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	return f.file.Close()
}
