package record_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/internal/record"
)

type (
	nilError         struct{ s string }
	panicString      struct{}
	panicError       struct{}
	panicLog         struct{}
	panicJSON        struct{}
	panicFormatError struct{ error }
	tree             struct{ Child *tree }
)

func (e *nilError) Error() string                       { return e.s }
func (panicString) String() string                      { panic("in String") }
func (panicError) Error() string                        { panic("in Error") }
func (panicLog) LogValue() slog.Value                   { panic("in LogValue") }
func (panicJSON) MarshalJSON() ([]byte, error)          { panic("in MarshalJSON") }
func (panicFormatError) Format(fmt.State, rune)         { panic("in Format") }
func (p panicFormatError) StackTrace() panicFormatError { return p }

// TestHostile logs what a line must survive, and looks at it as JSON, as text
// and after a way through the SDK.
func TestHostile(t *testing.T) {
	t.Parallel()
	cycle := &tree{}
	cycle.Child = cycle
	var deep any
	for range 20_000 {
		deep = map[string]any{"d": deep}
	}
	wide := map[string]any{}
	for i := range 20_000 {
		wide[strconv.Itoa(i)] = i
	}
	long := make([]slog.Attr, 128)
	for i := range long {
		long[i] = slog.String(fmt.Sprint("k", i), strings.Repeat("x", 1<<20))
	}
	for _, tt := range []struct {
		name  string
		attrs []slog.Attr
		want  map[string]any // Members of the object, if given.
	}{
		{"line ends", []slog.Attr{slog.String("v", "a\r\nb\x1b[31mc\u0085d\u2028e\u202ef\x00g\x7fh\ufeffi")}, map[string]any{"v": "a\r\nb\x1b[31mc\u0085d\u2028e\u202ef\x00g\x7fh\ufeffi"}},
		{"line ends in a key", []slog.Attr{slog.Int("a\nb\u2028\u202e\x9b", 1)}, map[string]any{"a\nb\u2028\u202e\ufffd": json.Number("1")}},
		{"broken UTF-8", []slog.Attr{slog.String("v", "a\xffb\xc3")}, map[string]any{"v": "a\ufffdb\ufffd"}},
		{"forged line", []slog.Attr{slog.String("v", "\"}\n{\"level\":\"ERROR\"}")}, map[string]any{"v": "\"}\n{\"level\":\"ERROR\"}", "level": "INFO"}},
		{
			"nil error",
			[]slog.Attr{slog.Any("error", (*nilError)(nil)), slog.Any("err", (*nilError)(nil))},
			map[string]any{"attributes": map[string]any{"error": nil}, "err": nil},
		},
		{"panic in String", []slog.Attr{slog.Any("v", panicString{})}, map[string]any{"v": "!PANIC: in String"}},
		{
			"panic in Error",
			[]slog.Attr{slog.Any("error", panicError{})},
			map[string]any{"error": map[string]any{"type": "riskmanager.internal/otel/internal/record_test.panicError", "message": "!PANIC: in Error"}},
		},
		{"panic in LogValue", []slog.Attr{slog.Any("v", panicLog{})}, map[string]any{"v": "!PANIC: in LogValue"}},
		{"panic in LogValue of an error key", []slog.Attr{slog.Any("err", panicLog{})}, map[string]any{"error": map[string]any{"message": "!PANIC: in LogValue"}}},
		{"panic in MarshalJSON", []slog.Attr{slog.Any("v", panicJSON{})}, map[string]any{"v": "!PANIC: in MarshalJSON"}},
		{"panic in Format", []slog.Attr{slog.Any("err", panicFormatError{errors.New("e")})}, nil},
		{"cycle", []slog.Attr{slog.Any("v", cycle)}, map[string]any{"v": map[string]any{"Child": "!CYCLE"}}},
		{"deep", []slog.Attr{slog.Any("v", deep)}, nil},
		{"wide", []slog.Attr{slog.Any("v", wide)}, nil},
		{
			"not a number",
			[]slog.Attr{slog.Float64("a", math.NaN()), slog.Float64("b", math.Inf(1)), slog.Float64("c", math.Inf(-1))},
			map[string]any{"a": "NaN", "b": "Infinity", "c": "-Infinity"},
		},
		{
			"no values",
			[]slog.Attr{slog.Any("a", make(chan int)), slog.Any("b", func() {})},
			map[string]any{"a": "!UNSUPPORTED: chan int", "b": "!UNSUPPORTED: func()"},
		},
		{"long", []slog.Attr{slog.String("v", strings.Repeat("x", 5<<20))}, map[string]any{"truncated": true}},
		{"many long", long, map[string]any{"truncated": true}},
		{
			"duplicates",
			[]slog.Attr{slog.Int("a", 1), slog.Int("b", 1), slog.String("a", "2"), slog.Group("g", slog.Int("x", 1), slog.Int("x", 2))},
			map[string]any{"a": "2", "b": json.Number("1"), "g": map[string]any{"x": json.Number("2")}},
		},
		{
			"reserved",
			[]slog.Attr{
				slog.Int("timestamp", 1), slog.Int("level", 1), slog.Int("logger", 1), slog.Int("message", 1), slog.Int("context", 1),
				slog.Int("attributes", 1), slog.Int("error", 1), slog.Int("source", 1), slog.Int("trace_id", 1), slog.Int("span_id", 1), slog.Int("uid", 1),
				slog.Int("truncated", 1), slog.Int("original_bytes", 1), slog.Int("err", 1),
			},
			map[string]any{"err": json.Number("1"), "level": "INFO", "attributes": map[string]any{
				"timestamp": json.Number("1"), "level": json.Number("1"), "logger": json.Number("1"), "message": json.Number("1"), "context": json.Number("1"),
				"attributes": json.Number("1"), "error": json.Number("1"), "source": json.Number("1"), "trace_id": json.Number("1"), "span_id": json.Number("1"),
				"uid": json.Number("1"), "truncated": json.Number("1"), "original_bytes": json.Number("1"),
			}},
		},
		{
			"no key",
			[]slog.Attr{{}, slog.Int("", 1), slog.Group("", slog.Int("a", 1), slog.Group("empty")), slog.Any("map", map[string]int{})},
			map[string]any{"!BADKEY": json.Number("1"), "a": json.Number("1"), "map": map[string]any{}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := record.Get()
			defer record.Put(r)
			r.Time = time.Now().UTC().Truncate(time.Microsecond)
			r.Body = slog.StringValue("m")
			for _, a := range tt.attrs {
				r.Add(a)
			}
			line := record.AppendJSON(nil, r)
			got := parse(t, line)
			for key, want := range tt.want {
				if diff := cmp.Diff(want, got[key]); diff != "" {
					t.Errorf("%q (-want +got):\n%s", key, diff)
				}
			}
			text := record.TextStyle{}.Append(nil, r)
			if len(text) > record.MaxLine || strings.Count(string(text), "\n") != 1 {
				t.Errorf("%d bytes, %d lines of text", len(text), strings.Count(string(text), "\n"))
			}
			safe(t, strings.TrimSuffix(string(text), "\n"))

			r.Mask(nil)
			parse(t, record.AppendJSON(nil, r))
			sdk := newSDK()
			r.ToSDK(&sdk)
			back := record.FromSDK(&sdk)
			parse(t, record.AppendJSON(nil, back))
		})
	}
}
