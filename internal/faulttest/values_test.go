//go:build unix

package faulttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"riskmanager.internal/otel/telemetry"
)

const maxLine = 1 << 20

type (
	nilError    struct{ text string }
	badString   struct{}
	badError    struct{}
	badLogValue struct{}
	badJSON     struct{}
	badText     struct{}
	badFormat   struct{}
	badPanic    struct{} //nolint:errname // Panics with a value that panics.
	endless     struct{ n int }
	node        struct{ Next *node }
	list        []list
)

func (e *nilError) Error() string              { return e.text }
func (badString) String() string               { panic("in String") }
func (badError) Error() string                 { panic("in Error") }
func (badLogValue) LogValue() slog.Value       { panic("in LogValue") }
func (badJSON) MarshalJSON() ([]byte, error)   { panic("in MarshalJSON") }
func (badText) MarshalText() ([]byte, error)   { panic("in MarshalText") }
func (badFormat) Format(fmt.State, rune)       { panic("in Format") }
func (badPanic) String() string                { panic(badPanic{}) }
func (badPanic) Error() string                 { panic(badPanic{}) }
func (e endless) LogValue() slog.Value         { return slog.AnyValue(endless{e.n + 1}) }
func (*nilError) MarshalJSON() ([]byte, error) { var e *nilError; return []byte(e.text), nil }
func hostileDepth[T any](wrap func(T) T, v T) T {
	for range 20_000 {
		v = wrap(v)
	}
	return v
}

// TestHostileValues logs what no daemon should, with every method of a logger
// that takes values. Each is one line of valid JSON with unique keys, of 1 MiB
// at most, with the trouble marked in place; and one line on the console.
func TestHostileValues(t *testing.T) {
	t.Parallel()
	cycle := &node{}
	cycle.Next = cycle
	var ring any = map[string]any{}
	ring.(map[string]any)["self"] = ring
	wide := make(map[string]int, 20_000)
	attrs := make([]any, 0, 20_000)
	for i := range 20_000 {
		wide[strconv.Itoa(i)] = i
		attrs = append(attrs, slog.Int("k"+strconv.Itoa(i), i))
	}
	big := strings.Repeat("big ", 1<<18)
	many := make([]any, 128)
	for i := range many {
		many[i] = slog.String("k"+strconv.Itoa(i), big)
	}
	var nilLogger *node
	tests := []struct {
		name string
		args []any
		want string // In the line.
	}{
		{"line ends", []any{"v", "a\r\n{\"level\":\"ERROR\"}\n"}, `"v":"a\r\n{\"level\":\"ERROR\"}\n"`},
		{"escapes", []any{"v", "\x1b[31m\u009b31m\u202e\u2028\x00\x7f"}, `"v":"\u001b[31m\u009b31m\u202e\u2028\u0000\u007f"`},
		{"hostile key", []any{"a\nb\x1b\u202e", 1}, `"a\nb\u001b\u202e":1`},
		{"broken UTF-8", []any{"v", "a\xff\xc3b"}, "\"v\":\"a\ufffd\ufffdb\""},
		{"nil error", []any{"error", (*nilError)(nil)}, `"error":null`},
		{"nil pointer", []any{"v", nilLogger}, `"v":null`},
		{"nil", []any{"v", nil}, `"v":null`},
		{"panic in String", []any{"v", badString{}}, `"v":"!PANIC: in String"`},
		{"panic in Error", []any{"error", badError{}}, `"message":"!PANIC: in Error"`},
		{"panic in LogValue", []any{"v", badLogValue{}}, `"v":"!PANIC: in LogValue"`},
		{"panic in MarshalJSON", []any{"v", badJSON{}}, `"v":"!PANIC: in MarshalJSON"`},
		{"panic in MarshalText", []any{"v", badText{}}, `"v":"!PANIC: in MarshalText"`},
		{"Format that panics", []any{"v", badFormat{}}, `"v":`},
		{"panic in a group", []any{slog.Group("g", "v", badString{}, "w", 1)}, `"g":{"v":"!PANIC: in String","w":1}`},
		{"panic in a map", []any{"v", map[string]any{"a": badString{}, "b": 1}}, `"v":{"a":"!PANIC: in String","b":1}`},
		{"LogValue without end", []any{"v", endless{}}, `"v":`},
		{"cycle", []any{"v", cycle}, `"!CYCLE"`},
		{"cycle of maps", []any{"v", ring}, `"!CYCLE"`},
		{"deep lists", []any{"v", hostileDepth(func(v list) list { return list{v} }, list{})}, `!DEPTH`},
		{"deep structs", []any{"v", hostileDepth(func(v *node) *node { return &node{v} }, &node{})}, `!DEPTH`},
		{"deep groups", []any{slog.Any("v", hostileDepth(func(v slog.Value) slog.Value { return slog.GroupValue(slog.Attr{Key: "g", Value: v}) }, slog.IntValue(1)))}, `!DEPTH`},
		{"deep errors", []any{"error", hostileDepth(func(v error) error { return errors.Join(v) }, errors.New("root"))}, `root`},
		{"wide map", []any{"v", wide}, `!TRUNCATED`},
		{"wide record", attrs, `"k0":0`},
		{"not a number", []any{"a", math.NaN(), "b", math.Inf(1), "c", float32(math.Inf(-1))}, `"a":"NaN","b":"Infinity","c":"-Infinity"`},
		{"channel and function", []any{"a", make(chan int), "b", func() {}}, `"a":"!UNSUPPORTED: chan int","b":"!UNSUPPORTED: func()"`},
		{"5 MiB string", []any{"v", strings.Repeat("long ", 1<<20)}, `"truncated":true`},
		{"5 MiB key", []any{strings.Repeat("key ", 5<<18), 1}, `"truncated":true`},
		{"5 MiB error", []any{"error", errors.New(strings.Repeat("long ", 1<<20))}, `"truncated":true`},
		{"128 x 1 MiB", many, `"truncated":true`},
		{"duplicate keys", []any{"a", 1, "b", 2, "a", 3}, `3`},
		{"reserved keys", []any{"level", 1, "message", 2, "uid", 3, "timestamp", 4, "attributes", 5}, `"attributes":{"level":1`},
		{"odd arguments", []any{"v"}, `"!BADKEY":"v"`},
		{"no key", []any{"", 1}, `"n":1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var console safeBuffer
			tel := setup(t, dir, telemetry.WithConsole(true), telemetry.WithConsoleWriter(&console))
			log := tel.Logger(telemetry.Errors)
			ways := []func(){
				func() { log.Error("way", append([]any{"n", 1}, tt.args...)...) },
				func() { log.With(tt.args...).Error("way", "n", 1) },
				func() { log.WithGroup("g").With(tt.args...).Error("way", "n", 1) },
			}
			for _, way := range ways {
				way()
			}
			log.Error("after", "n", 2)
			shutdown(t, tel)
			for _, name := range []string{"daemon.log", "error.log"} {
				lines := strings.SplitAfter(readFile(t, filepath.Join(dir, name)), "\n")
				if len(lines) != len(ways)+2 {
					t.Fatalf("%s: %d lines, want %d", name, len(lines)-1, len(ways)+1)
				}
				for i, line := range lines[:len(ways)+1] {
					checkLine(t, line)
					if i < len(ways)-1 && !strings.Contains(line, tt.want) {
						t.Errorf("way %d: %.2000s\nwant %s", i, line, tt.want)
					}
				}
			}
			text := console.String()
			if n := strings.Count(text, "\n"); n != len(ways)+1 {
				t.Errorf("%d lines on the console, want %d", n, len(ways)+1)
			}
			if i := strings.IndexFunc(text, func(r rune) bool {
				return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r == 0x2028
			}); i >= 0 {
				t.Errorf("control character on the console: %q", text[i:min(len(text), i+20)])
			}
		})
	}
}

// checkLine reports what is wrong with a line whatever it says.
func checkLine(t *testing.T, line string) {
	t.Helper()
	if len(line) > maxLine || !strings.HasSuffix(line, "}\n") || !json.Valid([]byte(line)) {
		t.Errorf("line of %d bytes: %.200q ... want valid JSON of 1 MiB at most", len(line), line)
		return
	}
	if i := strings.IndexFunc(line[:len(line)-1], func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }); i >= 0 {
		t.Errorf("control character in %.200q", line[i:])
	}
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var walk func()
	walk = func() {
		tok, err := dec.Token()
		if err != nil {
			t.Error(err)
			return
		}
		delim, ok := tok.(json.Delim)
		if !ok {
			return
		}
		keys := map[any]bool{}
		for dec.More() {
			if delim == '{' {
				key, _ := dec.Token()
				if keys[key] {
					t.Errorf("key %q twice", key)
				}
				keys[key] = true
			}
			walk()
		}
		_, _ = dec.Token()
	}
	walk()
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("more than one value in a line: %v", err)
	}
}

// TestValueChangesLater changes values once the call that took them is over.
func TestValueChangesLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tel := setup(t, dir)
	m, p := map[string]int{"a": 1}, &node{}
	log := tel.Logger(telemetry.Daemon).With("m", m)
	group := tel.Logger(telemetry.Daemon).WithGroup("g").With("p", p)
	m["a"], p.Next = 2, p
	log.Info("now")
	group.Info("now")
	shutdown(t, tel)
	text := readFile(t, filepath.Join(dir, "daemon.log"))
	for _, want := range []string{`"m":{"a":1}`, `"p":{"Next":null}`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s, want %s", text, want)
		}
	}
}

// safeBuffer is a buffer for several goroutines.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestHugeRecord logs 11 MiB in one record between two others.
func TestHugeRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tel := setup(t, dir)
	want := fill(t, tel, 0, 4, 0)
	numbered(t.Context(), tel.Logger, 7, 11<<20)
	tel.Logger(telemetry.Daemon).Info(strings.Repeat("message ", 11<<17), "n", 8)
	want = append(want, fill(t, tel, 9, 12, 0)...)
	shutdown(t, tel)
	got := collect(t, dir)
	got.check(t, append(want, 7, 8))
	for _, r := range got[telemetry.Daemon].lines {
		checkLine(t, string(r.raw))
		if huge := *r.N == 7 || *r.N == 8; r.Truncated != huge {
			t.Errorf("record %d of %d bytes: truncated is %v, want %v", *r.N, len(r.raw), r.Truncated, huge)
		}
	}
}

// logHuge logs 128 attributes of 1 MiB, and 5 MiB strings, from eight
// goroutines at once, and prints by how much that raised the most memory that
// the process has had.
func logHuge(ctx context.Context) error {
	big := strings.Repeat("big ", 1<<18)
	bigger := strings.Repeat("big ", 5<<18)
	many := make([]slog.Attr, 128)
	for i := range many {
		many[i] = slog.String("k"+strconv.Itoa(i), big)
	}
	before, err := peak()
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				telemetry.Logger(telemetry.Errors).LogAttrs(ctx, slog.LevelError, "many", many...)
				telemetry.Logger(telemetry.Errors).ErrorContext(ctx, bigger, "error", errors.New(bigger))
			}
		})
	}
	wg.Wait()
	after, err := peak()
	fmt.Fprintf(os.Stdout, "grown %d\n", (after-before)>>10)
	return err
}

// peak returns the most memory that this process has had, in KiB.
func peak() (kib int, err error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	_, err = fmt.Sscan(rest, &kib)
	return kib, err
}

// TestHugeRecordsBounded measures what huge records take in memory.
func TestHugeRecordsBounded(t *testing.T) {
	t.Parallel()
	if _, err := peak(); err != nil {
		t.Skipf("NOT RUN: takes /proc: %v", err)
	}
	dir := t.TempDir()
	p := start(t, job{Do: "huge", Dir: dir}, launch{})
	p.wait()
	grown := -1
	for _, note := range p.notes {
		_, _ = fmt.Sscanf(note, "grown %d", &grown)
	}
	if grown < 0 || grown > 400 {
		t.Errorf("memory grew by %d MiB, want 400 at most", grown)
	}
	if lines := len(collect(t, dir)[telemetry.Errors].lines); lines != 48 {
		t.Errorf("%d lines, want 48", lines)
	}
	t.Logf("memory grew by %d MiB", grown)
}

// logPanics logs values whose methods panic with values whose methods panic.
func logPanics(ctx context.Context) {
	log := telemetry.Logger(telemetry.Errors)
	log.ErrorContext(ctx, "panics", "n", 3, "v", badPanic{})
	log.ErrorContext(ctx, "panics", "n", 7, "error", badPanic{})
}

// TestPanicOfPanic logs such values in a child, as they may exhaust its stack,
// which nobody recovers from.
func TestPanicOfPanic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, job{Do: "panics", Dir: dir}, launch{})
	if err := p.end(); err != nil {
		t.Fatalf("child: %v\n%.500s", err, p.stderr.String())
	}
	got := collect(t, dir)
	got.check(t, []int{3, 7})
	for _, r := range got[telemetry.Errors].lines {
		checkLine(t, string(r.raw))
		if !bytes.Contains(r.raw, []byte("!PANIC: ")) {
			t.Errorf("%s, want the panic marked", r.raw)
		}
	}
}
