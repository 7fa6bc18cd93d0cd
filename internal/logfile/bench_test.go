package logfile_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"riskmanager.internal/otel/internal/logfile"
)

// locked is the plain writer that Append is compared with: a lock and a
// write(2) a line.
type locked struct {
	mu   sync.Mutex
	file *os.File
}

func (l *locked) Append(line []byte, _ slog.Level) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.file.Write(line)
	return err
}

// BenchmarkAppend compares Append with a plain locked write. The difference is
// that of the callers: on a busy machine look at the CPU time, not at the clock.
func BenchmarkAppend(b *testing.B) {
	line := append(bytes.Repeat([]byte("x"), 329), '\n')
	for _, goroutines := range []int{1, 2, 8, 64} {
		for _, kind := range []string{"plain", "file"} {
			b.Run(fmt.Sprintf("goroutines=%d/%s", goroutines, kind), func(b *testing.B) {
				path := filepath.Join(b.TempDir(), "daemon.log")
				var w interface {
					Append(line []byte, level slog.Level) error
				}
				if kind == "plain" {
					file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
					if err != nil {
						b.Fatal(err)
					}
					defer file.Close()
					w = &locked{file: file}
				} else {
					f, err := logfile.Open(logfile.Config{Path: path, MaxBytes: 1 << 40})
					if err != nil {
						b.Fatal(err)
					}
					defer func() { _ = f.Close(b.Context()) }()
					w = f
				}
				b.ReportAllocs()
				var left atomic.Int64
				left.Store(int64(b.N))
				b.ResetTimer()
				var wg sync.WaitGroup
				for range goroutines {
					wg.Go(func() {
						for left.Add(-1) >= 0 {
							if err := w.Append(line, slog.LevelInfo); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
			})
		}
	}
}
