package integration

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// canary stands where secrets stand. No collector may ever see it.
const canary = "CANARY7f3a9cSECRET"

// A writer is a child process that logs on command: what a daemon is to its
// telemetry, with a clock on every call. It is set up by the environment, as any
// program is.

// report is the answer to a command.
type report struct {
	Error  string        `json:"error,omitempty"`
	Max    time.Duration `json:"max,omitempty"` // The slowest log call.
	Median time.Duration `json:"median,omitempty"`
	Stats  *exporters.ForwardStats
}

// runWriter is the child.
func runWriter() error {
	ctx := context.Background()
	tel, err := telemetry.Setup(ctx)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	answer := func(r report) error {
		s := tel.Stats().Forward
		r.Stats = &s
		return out.Encode(r)
	}
	if err := answer(report{}); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	next := 0
	for in.Scan() {
		var r report
		var n int
		var d time.Duration
		cmd, arg, _ := strings.Cut(in.Text(), " ")
		switch cmd {
		case "log":
			var rate float64
			if _, err := fmt.Sscan(arg, &n, &rate); err != nil {
				return err
			}
			r.Max, r.Median = logRecords(ctx, &next, n, rate)
		case "variety":
			logVariety(ctx)
		case "stats":
		case "flush":
			if d, err = time.ParseDuration(arg); err != nil {
				return err
			}
			err = flushAll(ctx, tel, d)
		case "quit":
			if d, err = time.ParseDuration(arg); err != nil {
				return err
			}
			sctx, cancel := context.WithTimeout(ctx, d)
			start := time.Now()
			err = tel.Shutdown(sctx)
			r.Max = time.Since(start)
			cancel()
		default:
			return fmt.Errorf("command %q", in.Text())
		}
		if err != nil {
			r.Error = err.Error()
		}
		if err := answer(r); err != nil || cmd == "quit" {
			return err
		}
	}
	return tel.Shutdown(ctx)
}

// flushAll flushes until nothing is held, not even the notice that the collector
// is back, or until d is over.
func flushAll(ctx context.Context, tel *telemetry.Telemetry, d time.Duration) error {
	for end := time.Now().Add(d); ; time.Sleep(20 * time.Millisecond) {
		err := tel.Flush(ctx) // It is bounded by 10 s.
		s := tel.Stats().Forward
		if err == nil && s.Logs.Held+s.Traces.Held == 0 || time.Now().After(end) {
			return err
		}
	}
}

// logRecords logs n records at rate a second (0: as fast as it goes) and
// returns how long the slowest call and the median took.
func logRecords(ctx context.Context, next *int, n int, rate float64) (slowest, median time.Duration) {
	loggers := []*slog.Logger{
		telemetry.Logger(telemetry.Daemon), telemetry.Logger(telemetry.API), telemetry.Logger(telemetry.Enforcement),
	}
	took := make([]time.Duration, 0, n)
	start := time.Now()
	for i := range n {
		if rate > 0 {
			time.Sleep(time.Until(start.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		}
		ctx := telemetry.With(ctx, telemetry.AccountID("ACC123"), telemetry.EventType("trade"))
		level, msg := slog.LevelInfo, "Trade processed"
		if *next%20 == 19 {
			level, msg = slog.LevelError, "login with password="+canary+" failed"
		}
		at := time.Now()
		loggers[*next%3].Log(ctx, level, msg, "n", *next, "symbol", "ES", "price", 4512.25, "api_key", canary)
		took = append(took, time.Since(at))
		*next++
	}
	slices.Sort(took)
	return took[len(took)-1], took[len(took)/2]
}

// logVariety logs one record of everything there is.
func logVariety(ctx context.Context) {
	log := telemetry.Named("risk_manager.rules")
	log.InfoContext(ctx, "bare")
	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"), telemetry.RuleID("MAX_LOSS"), slog.Int("n", 7))
	for _, l := range []slog.Level{
		slog.LevelDebug, slog.LevelInfo + 1, slog.LevelWarn, slog.LevelError + 2, telemetry.LevelCritical, 40,
	} {
		log.Log(ctx, l, "level "+l.String())
	}
	log.InfoContext(ctx, "scalars", "int", 42, "negative", -1, "big", int64(math.MaxInt64), "float", 45.23,
		"whole", 5.0, "tiny", 1e-9, "huge", 1e300, "true", true, "empty", "", "nil", nil,
		"duration", 1500*time.Millisecond, "time", time.Date(2025, 10, 21, 10, 30, 45, 123456000, time.UTC))
	log.InfoContext(ctx, "not numbers", "nan", math.NaN(), "inf", math.Inf(1))
	log.InfoContext(ctx, "bytes", "raw", []byte{0, 1, 254, 255})
	log.InfoContext(ctx, "text \u00e9\u4e16\u754c \u2028 \x1b[31m \"quoted\"\n\ttab", "bad", "a\xffb")
	log.InfoContext(ctx, "lists", "ints", []int{1, 2, 3}, "strings", []string{"a", "b"}, "none", []string{},
		"mixed", []any{1, "x", 2.5, nil, true, map[string]any{"k": []int{1}}})
	log.InfoContext(ctx, "objects", slog.Group("order", slog.String("id", "O1"), slog.Group("leg", slog.Int("qty", 2))),
		"map", map[string]any{"a": 1, "b": map[string]string{"c": "d"}}, "struct", struct {
			Symbol string  `json:"symbol"`
			Price  float64 `json:"price"`
		}{"ES", 4512.25})
	log.InfoContext(ctx, "a key of the context", "account_id", "other", "n", "mine")
	log.InfoContext(ctx, "reserved keys", "message", "m", "level", 3, "uid", "u", "context", "c", "trace_id", "t")
	log.InfoContext(ctx, "semantic keys", "http.request.method", "GET", "code.line.number", 9, "exception.type", "t")
	log.ErrorContext(ctx, "an error", "error", fmt.Errorf("load: %w", os.ErrNotExist))
	log.ErrorContext(ctx, "two errors", "error", errors.New("one"), "cause", errors.New("two"))
	log.InfoContext(ctx, "secrets token="+canary, "password", canary, "url", &url.URL{
		Scheme: "https", Host: "x.example", User: url.UserPassword("u", canary),
	})
	log.InfoContext(telemetry.WithCorrelationID(ctx, "order 4711"), "a correlation ID of one's own")
	log.InfoContext(ctx, "long", "text", strings.Repeat("0123456789", 150_000))
	_ = instrument.Do(ctx, "fetch_positions", func(ctx context.Context) error {
		log.InfoContext(ctx, "in a span")
		return instrument.Do(ctx, "parse", func(context.Context) error { return errors.New("no such field") })
	})
}

// writer is the parent's side.
type writer struct {
	t   *testing.T
	dir string // Of the log files.
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
	buf *strings.Builder // Stderr.
}

// startWriter starts a writer that forwards to endpoint, if there is one.
func startWriter(t *testing.T, dir, endpoint string, env ...string) *writer {
	t.Helper()
	w := &writer{t: t, dir: dir, buf: &strings.Builder{}}
	w.cmd = exec.Command(os.Args[0])
	w.cmd.Env = append(cleanEnviron(), childEnv+"=writer", "RISK_MANAGER_LOG_DIR="+dir, "RISK_MANAGER_LOG_LEVEL=DEBUG")
	if endpoint != "" {
		w.cmd.Env = append(w.cmd.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint)
	}
	w.cmd.Env = append(w.cmd.Env, env...)
	w.cmd.Stderr = w.buf
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.out = json.NewDecoder(out)
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.kill)
	w.read()
	return w
}

func (w *writer) kill() {
	if w.cmd.ProcessState == nil {
		_ = w.cmd.Process.Kill()
		_ = w.cmd.Wait()
	}
}

// send gives a command without waiting for it; read waits for the answer.
func (w *writer) send(format string, args ...any) {
	w.t.Helper()
	if _, err := fmt.Fprintf(w.in, format+"\n", args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) read() report {
	w.t.Helper()
	var r report
	if err := w.out.Decode(&r); err != nil {
		_ = w.cmd.Wait()
		w.t.Fatalf("the writer does not answer: %v\n%s", err, w.buf)
	}
	s := r.Stats
	for name, s := range map[string]exporters.SignalStats{"logs": s.Logs, "traces": s.Traces} {
		if s.Accepted != s.Delivered+s.Dropped+s.Held {
			w.t.Errorf("%s: accepted is not delivered + dropped + held: %+v", name, s)
		}
	}
	return r
}

func (w *writer) do(format string, args ...any) report {
	w.t.Helper()
	w.send(format, args...)
	return w.read()
}

// log logs n records and checks that no call waited for the network. The bounds
// are those of a busy machine: one that waits for a collector which is away
// would take as long as its attempt, 10 s.
func (w *writer) log(n int, rate float64) {
	w.t.Helper()
	w.send("log %d %g", n, rate)
	w.logged()
}

func (w *writer) logged() {
	w.t.Helper()
	if r := w.read(); r.Median > 100*time.Millisecond || r.Max > 8*time.Second {
		w.t.Errorf("slow log calls: half of them within %v, the slowest took %v", r.Median, r.Max)
	}
}

// failed waits until an attempt at the logs has failed.
func (w *writer) failed() exporters.SignalStats {
	w.t.Helper()
	var s exporters.SignalStats
	eventually(w.t, "a failed attempt", func() bool {
		s = w.do("stats").Stats.Logs
		return s.LastError != ""
	})
	return s
}

// flush delivers everything.
func (w *writer) flush() report {
	w.t.Helper()
	r := w.do("flush 5m")
	if r.Error != "" {
		w.t.Errorf("flush: %s", r.Error)
	}
	return r
}

// lines returns the records of daemon.log and its backups.
func (w *writer) lines() []map[string]any {
	w.t.Helper()
	return readLines(w.t, w.dir)
}

// readLines returns the records of daemon.log and its backups in dir.
func readLines(t *testing.T, dir string) []map[string]any {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "daemon*.log*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, p := range paths {
		switch filepath.Ext(p) {
		case ".log":
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, decodeLines(t, p, bytes.NewReader(b))...)
		case ".gz":
			all = append(all, readGzip(t, p)...)
		}
	}
	return all
}

// readGzip returns the records of a compressed backup.
func readGzip(t *testing.T, path string) []map[string]any {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return decodeLines(t, path, zr)
}

func decodeLines(t *testing.T, path string, r io.Reader) []map[string]any {
	t.Helper()
	var all []map[string]any
	dec := json.NewDecoder(r)
	dec.UseNumber()
	for {
		var m map[string]any
		if err := dec.Decode(&m); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, m)
	}
}

// uids returns the uids in the files.
func uids(lines []map[string]any) map[string]bool {
	m := make(map[string]bool, len(lines))
	for _, l := range lines {
		if uid, ok := l["uid"].(string); ok {
			m[uid] = true
		}
	}
	return m
}
