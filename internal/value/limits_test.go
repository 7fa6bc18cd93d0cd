package value_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"riskmanager.internal/otel/internal/value"
)

// depth returns how many lists and objects of plain are inside each other.
func depth(x any) int {
	list, ok := x.([]any)
	if !ok {
		return 0
	}
	deepest := 0
	for _, e := range list {
		deepest = max(deepest, depth(e))
	}
	return deepest + 1
}

// size returns how many values there are, and how many bytes of text.
func size(x any) (values, bytes int) {
	switch x := x.(type) {
	case string:
		return 1, len(x)
	case []byte:
		return 1, len(x)
	case []any:
		values = 1
		for _, e := range x {
			n, b := size(e)
			values, bytes = values+n, bytes+b
		}
		return values, bytes
	}
	return 1, 0
}

type (
	list     []list
	wideText struct{}
	deepJSON struct{}
	wideJSON struct{}
	ladder   struct{ n int }
)

func (wideText) String() string { return strings.Repeat("word ", 1<<20) }
func (deepJSON) MarshalJSON() ([]byte, error) {
	return []byte(strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)), nil
}

func (wideJSON) MarshalJSON() ([]byte, error) {
	return []byte("[1" + strings.Repeat(",1", 20_000) + "]"), nil
}
func (l ladder) LogValue() slog.Value { return slog.GroupValue(slog.Any("next", ladder{l.n + 1})) }

func TestResolveLimits(t *testing.T) {
	t.Parallel()
	var deepAny any = 1
	deepList := list{}
	var deepNode *node
	deepGroup := slog.GroupValue(slog.Int("x", 1))
	deepErr := errors.New("e")
	wideMap := map[int]any{}
	wideGroup := make([]slog.Attr, 20_000)
	for i := range 20_000 {
		deepAny = []any{deepAny}
		deepList = list{deepList}
		deepNode = &node{Next: deepNode}
		deepGroup = slog.GroupValue(slog.Attr{Key: "g", Value: deepGroup})
		deepErr = errors.Join(deepErr)
		wideMap[i] = i
		wideGroup[i] = slog.Int(time.Duration(i).String(), i)
	}
	bomb := any("x")
	for range 10 { // 10^10 values behind few pointers.
		bomb = []any{bomb, bomb, bomb, bomb, bomb, bomb, bomb, bomb, bomb, bomb}
	}
	texts := make([]wideText, 100)
	blobs := make([][]byte, 128)
	for i := range blobs {
		blobs[i] = make([]byte, 1<<20)
	}
	for _, tt := range []struct {
		name string
		in   any
		mark string // In the text of the result.
	}{
		{"deep lists", deepAny, value.MarkDepth},
		{"deep lists by reflection", deepList, value.MarkDepth},
		{"deep structs", deepNode, value.MarkDepth},
		{"deep groups", deepGroup, value.MarkDepth},
		{"deep error", struct{ E error }{deepErr}, ""},
		{"deep JSON", deepJSON{}, value.MarkDepth},
		{"endless LogValuers", ladder{}, value.MarkDepth},
		{"wide list", make([]int, 20_000), "!TRUNCATED: 19000 more"},
		{"wide strings", make([]string, 20_000), "!TRUNCATED: 19000 more"},
		{"wide anys", make([]any, 20_000), "!TRUNCATED: 19000 more"},
		{"wide array", [20_000]int{}, "!TRUNCATED: 19000 more"},
		{"wide map", wideMap, "!TRUNCATED: 19000 more"},
		{"wide group", slog.GroupValue(wideGroup...), "!TRUNCATED: 19000 more"},
		{"wide JSON", wideJSON{}, "!TRUNCATED: 19001 more"},
		{"wide and deep", bomb, value.MarkTruncated},
		{"long string", strings.Repeat("word ", 1<<20), " bytes more"},
		{"long text", wideText{}, " bytes more"},
		{"long texts", texts, " bytes more"},
		{"long bytes", make([]byte, 5<<20), "!TRUNCATED: 5242880 bytes"},
		{"many bytes", blobs, "!TRUNCATED: 1048576 bytes"},
		{"long number", json.Number(strings.Repeat("1", 5<<20)), " bytes more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, ok := tt.in.(slog.Value)
			if !ok {
				in = slog.AnyValue(tt.in)
			}
			got := plain(t, value.Resolve(in))
			if d := depth(got); d > value.MaxDepth {
				t.Errorf("the value is %d deep", d)
			}
			values, bytes := size(got)
			if values > 80_000 || bytes > 5<<20 {
				t.Errorf("%d values of %d bytes", values, bytes)
			}
			if !contains(got, tt.mark) {
				t.Errorf("%q is nowhere in the value", tt.mark)
			}
		})
	}
}

func contains(x any, mark string) bool {
	switch x := x.(type) {
	case string:
		return strings.Contains(x, mark)
	case []any:
		for _, e := range x {
			if contains(e, mark) {
				return true
			}
		}
	}
	return mark == ""
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   string
		n    int
		want string
	}{
		{"short", "abc", 3, "abc"},
		{"between words", "one two three", 9, "one two!TRUNCATED: 6 bytes more"},
		{"not in digits", "card 4111 1111 1111 1111 x", 16, "card!TRUNCATED: 22 bytes more"},
		{"no break", strings.Repeat("x", 5000), 4999, strings.Repeat("x", 903) + "!TRUNCATED: 4097 bytes more"},
		{"nothing", "abc", 0, "!TRUNCATED: 3 bytes more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := value.Cut(tt.in, tt.n); got != tt.want {
				t.Errorf("Cut = %q, want %q", got, tt.want)
			}
		})
	}
	if got := value.Truncate("aé", 2); got != "a!TRUNCATED: 2 bytes more" || !utf8.ValidString(got) {
		t.Errorf("Truncate = %q", got)
	}
}

func TestResolveAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it.
	for _, tt := range []struct {
		name string
		in   slog.Value
		want float64
	}{
		{"string", slog.StringValue("s"), 0},
		{"int", slog.IntValue(1), 0},
		{"float", slog.Float64Value(1), 0},
		{"bool", slog.BoolValue(true), 0},
		{"time", slog.TimeValue(time.Now()), 0},
		{"duration", slog.DurationValue(1), 0},
		{"nil", slog.Value{}, 0},
		{"stringer", slog.AnyValue(side(1)), 0},
		{"named string", slog.AnyValue(name("n")), 0},
		{"strings", slog.AnyValue([]string{"a", "b"}), 2},
	} {
		t.Run(tt.name, func(t *testing.T) { //nolint:paralleltest // As above.
			var r value.Resolver
			b := new(value.Budget)
			if got := testing.AllocsPerRun(100, func() { *b = value.Budget{}; r.ResolveWithin(b, tt.in) }); got > tt.want {
				t.Errorf("%v allocations, want %v", got, tt.want)
			}
		})
	}
}

func BenchmarkResolve(b *testing.B) {
	for _, bb := range []struct {
		name string
		in   slog.Value
	}{
		{"int", slog.IntValue(1)},
		{"stringer", slog.AnyValue(side(1))},
		{"error", slog.AnyValue(errors.New("e"))},
		{"strings", slog.AnyValue([]string{"a", "b"})},
		{"struct", slog.AnyValue(tagged{Name: "n"})},
		{"map", slog.AnyValue(map[string]any{"a": 1, "b": "x"})},
	} {
		b.Run("kind="+bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				value.Resolve(bb.in)
			}
		})
	}
}

// FuzzResolve turns JSON into Go values of several shapes and checks that what
// comes back is plain, bounded and, where nothing was cut, the same.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2.50,"x",null,true],"b":{"c":{}}}`, `[[[[]]]]`, `"\ud800"`, `1e400`, `{"a":1,"a":2}`, `{"":{"":0}}`, `nul`, `[1] 2`, `-0`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := plain(t, value.Resolve(slog.AnyValue(rawJSON(s))))
		if d := depth(got); d > value.MaxDepth {
			t.Errorf("the value is %d deep", d)
		}
		var tree any
		valid := json.Valid([]byte(s))
		if text, ok := got.(string); !valid && (!ok || !strings.HasPrefix(text, value.MarkError)) {
			t.Errorf("%q became %v", s, got)
		}
		if !valid {
			return
		}
		if err := json.Unmarshal([]byte(s), &tree); err != nil {
			return // A number out of range.
		}
		want := plain(t, value.Resolve(slog.AnyValue(tree)))
		if a, b := depth(want), depth(got); a != b {
			t.Errorf("the value is %d deep as a tree and %d as JSON", a, b)
		}
	})
}
