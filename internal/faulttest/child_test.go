//go:build unix

package faulttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"riskmanager.internal/otel/telemetry"
)

// job is what a child does: it logs records numbered from First and prints an
// ack for each once the log call has returned.
type job struct {
	Do       string // "" for that, else a scenario of its own.
	Dir      string
	First, N int // Without N until it is killed or told to stop by SIGTERM.
	Size     int // Of a record, in bytes.
	MaxMB    int
	Compress bool
	Callers  int           // Concurrent ones; one without.
	Pause    time.Duration // Between two records.
	Count    bool          // The acks say what is lost and held.
	Endpoint string        // Of a collector.
	Unmasked bool
	Close    time.Duration // The limit of Shutdown.
	Stop     time.Duration // Shuts down after that, whatever the callers do.
	NoClose  bool          // Exits as if killed.
}

func (j job) setup(ctx context.Context) (*telemetry.Telemetry, error) {
	cfg := telemetry.Config{
		LogDir: j.Dir,
		Rotation: telemetry.RotationConfig{
			MaxMB: j.MaxMB, BackupCount: new(0), Compress: new(j.Compress),
		},
		OTLP: telemetry.OTLPConfig{Endpoint: j.Endpoint},
	}
	if j.Unmasked {
		cfg.Security.MaskSensitive = new(false)
	}
	return telemetry.Setup(ctx, telemetry.WithConfig(cfg))
}

// streamOf is the stream of the record of that number, and its level.
func streamOf(n int) (telemetry.Stream, slog.Level) {
	switch n % 4 {
	case 1:
		return telemetry.Enforcement, slog.LevelInfo
	case 2:
		return telemetry.API, slog.LevelWarn
	case 3:
		return telemetry.Errors, slog.LevelError
	}
	return telemetry.Daemon, slog.LevelInfo
}

// numbered logs the record of that number, of about that size.
func numbered(ctx context.Context, logger func(telemetry.Stream) *slog.Logger, n, size int) {
	stream, level := streamOf(n)
	logger(stream).Log(ctx, level, "record", "n", n, "pad", strings.Repeat("x", max(size-400, 0)))
}

// child does the job that spec holds as JSON.
func child(spec string) error {
	var j job
	if err := json.Unmarshal([]byte(spec), &j); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	tel, err := j.setup(ctx)
	if err != nil {
		return err
	}
	switch j.Do {
	case "secrets":
		err = tellSecrets(ctx, tel, j)
	case "huge":
		err = logHuge(ctx)
	case "panics":
		logPanics(ctx)
	default:
		j.work(ctx, tel)
	}
	if j.NoClose {
		return err
	}
	if j.Close == 0 {
		j.Close = 8 * time.Second
	}
	closing, cancel := context.WithTimeout(context.Background(), j.Close)
	defer cancel()
	begun := time.Now()
	err = errors.Join(err, tel.Shutdown(closing))
	fmt.Fprintf(os.Stdout, "close %d %d\n", time.Since(begun).Milliseconds(), noise.Load())
	if j.Do == "secrets" {
		tellAfterwards()
	}
	return err
}

// noise is how long the machine kept this process from running, in
// milliseconds: what no logger answers for.
var noise atomic.Int64

func listen(ctx context.Context) {
	for ctx.Err() == nil {
		begun := time.Now()
		time.Sleep(2 * time.Millisecond)
		noise.Store(max(noise.Load(), time.Since(begun).Milliseconds()-2))
	}
}

// work logs until there is nothing more to log, or SIGTERM, or Stop.
func (j job) work(ctx context.Context, tel *telemetry.Telemetry) {
	go listen(ctx)
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		for n := 0; (j.N == 0 || n < j.N) && ctx.Err() == nil; n++ {
			numbers <- j.First + n
			time.Sleep(j.Pause)
		}
	}()
	var wg sync.WaitGroup
	for range max(j.Callers, 1) {
		wg.Go(func() {
			for n := range numbers {
				begun := time.Now()
				numbered(ctx, telemetry.Logger, n, j.Size)
				a := ack{N: n, Took: int(time.Since(begun).Milliseconds()), At: time.Now().UnixMicro()}
				if j.Count {
					s := tel.Stats().Files["daemon"]
					a.Lost, a.Held = s.Lost.Total(), s.HeldLines
				}
				// One write(2), as long as a line is short.
				fmt.Fprintf(os.Stdout, "ack %d %d %d %d %d\n", a.N, a.Took, a.At, a.Lost, a.Held)
			}
		})
	}
	if j.Stop > 0 {
		time.Sleep(j.Stop)
		return
	}
	wg.Wait()
}
