package value_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"

	"riskmanager.internal/otel/internal/value"
)

// plain shows a plain tree as Go values that compare, and fails the test if
// the tree is not plain. Objects are lists of pairs, so that order counts.
func plain(t *testing.T, v slog.Value) any {
	t.Helper()
	switch v.Kind() {
	case slog.KindGroup:
		out := []any{"object"}
		seen := map[string]bool{}
		for _, a := range v.Group() {
			if seen[a.Key] {
				t.Errorf("key %q is there twice", a.Key)
			}
			seen[a.Key] = true
			out = append(out, a.Key, plain(t, a.Value))
		}
		return out
	case slog.KindAny:
		switch x := v.Any().(type) {
		case nil, []byte, json.Number:
			return x
		case value.List:
			out := []any{}
			for _, e := range x {
				out = append(out, plain(t, e))
			}
			return out
		default:
			t.Errorf("%T is not plain", x)
			return x
		}
	case slog.KindLogValuer:
		t.Errorf("a LogValuer is not plain")
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindString, slog.KindTime, slog.KindUint64:
	}
	return v.Any()
}

type (
	side        int
	price       float64
	name        string
	textual     struct{ s string }
	failing     struct{}
	pointerText struct{ n int }
	rawJSON     string
	boom        struct{}
	boomLog     struct{}
	boomPanic   struct{}
	boomError   struct{}
	boomText    struct{}
	boomJSON    struct{}
	loop        struct{}
	nilable     struct{ s string }
	token       struct{ secret string }
	node        struct {
		Name string
		Next *node
	}
	tagged struct {
		Name     string  `json:"name"`
		Skipped  int     `json:"-"`
		Dash     int     `json:"-,"` //nolint:staticcheck // The name "-" is meant.
		Empty    string  `json:",omitempty"`
		Zero     int     `json:"zero,omitzero"`
		ZeroTime when    `json:"when,omitzero"`
		Quoted   int64   `json:"quoted,string"`
		Single   float32 `json:"single"`
		hidden   int
		Side     side
		Any      any
		inner
		*Outer
	}
	when  struct{ time.Time }
	inner struct {
		Promoted int
		Name     string // Loses against the outer one.
	}
	Outer struct{ FromPointer int }
	creds struct {
		Password string `json:"p"`
		User     string `json:"u"`
	}
	Token   struct{ Value string }
	session struct {
		Token
		ID int
	}
)

func (s side) String() string                  { return [...]string{"buy", "sell"}[s] }
func (t textual) MarshalText() ([]byte, error) { return []byte("text:" + t.s), nil }
func (failing) MarshalText() ([]byte, error)   { return nil, errors.New("no text") }
func (p *pointerText) String() string          { return fmt.Sprint("p", p.n) }
func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }
func (boom) String() string                    { panic("in String") }
func (boomLog) LogValue() slog.Value           { panic(errors.New("in LogValue")) }
func (boomPanic) String() string               { panic(boom{}) }
func (boomError) Error() string                { panic("in Error") }
func (boomText) MarshalText() ([]byte, error)  { panic("in MarshalText") }
func (boomJSON) MarshalJSON() ([]byte, error)  { panic(errors.New("in MarshalJSON")) }
func (l loop) LogValue() slog.Value            { return slog.AnyValue(l) }
func (n *nilable) Error() string               { return n.s }
func (n *nilable) String() string              { return n.s }
func (token) LogValue() slog.Value             { return slog.StringValue("REDACTED") }

func object(pairs ...any) []any { return append([]any{"object"}, pairs...) }

func TestResolve(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 21, 10, 30, 45, 123456789, time.UTC)
	link, err := url.Parse("https://example.com/a?b=c")
	if err != nil {
		t.Fatal(err)
	}
	self := &node{Name: "self"}
	self.Next = self
	selfMap := map[string]any{}
	selfMap["me"] = selfMap
	selfList := []any{1}
	selfList[0] = selfList
	type selfPointer *selfPointer
	var sp selfPointer
	sp = &sp
	var nilFunc func()
	var nilMap map[string]int
	var nilError *nilable
	var nilErr error = nilError
	dec, ok := new(big.Int).SetString("123456789012345678901234567890", 10)
	if !ok {
		t.Fatal("no number")
	}
	for _, tt := range []struct {
		name string
		in   any
		want any
	}{
		{"string", "s", "s"},
		{"int", 7, int64(7)},
		{"uint64", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"bool", true, true},
		{"float", 1.5, 1.5},
		{"time", at, at},
		{"time pointer", &at, at},
		{"duration", time.Second, time.Second},
		{"nil", nil, nil},
		{"nil func", nilFunc, nil},
		{"nil map", nilMap, nil},
		{"nil error", nilErr, nil},
		{"nil slice", []string(nil), nil},
		{"nil bytes", []byte(nil), nil},
		{"named string", name("n"), "n"},
		{"named float", price(2.5), 2.5},
		{"stringer", side(1), "sell"},
		{"error", fmt.Errorf("outer: %w", errors.New("inner")), object("type", "*errors.errorString", "message", "outer: inner")},
		{"text", textual{"x"}, "text:x"},
		{"text fails", failing{}, "!ERROR: no text"},
		{"url", *link, "https://example.com/a?b=c"},
		{"url pointer", link, "https://example.com/a?b=c"},
		{"stringer on the pointer, by value", pointerText{3}, "p3"},
		{"stringer on the pointer", &pointerText{3}, "p3"},
		{"stringer on the pointer, in a list", []pointerText{{4}}, []any{"p4"}},
		{"big int", *dec, "123456789012345678901234567890"},
		{"json", rawJSON(`{"b":1.50,"a":[true,null,"x"],"b":2.50}`), object("b", json.Number("2.50"), "a", []any{true, nil, "x"})},
		{"json number", json.Number("1.50"), json.Number("1.50")},
		{"json number, wrong", json.Number("NaN"), "NaN"},
		{"json raw message", json.RawMessage(`[1]`), []any{json.Number("1")}},
		{"json invalid", rawJSON(`{"a":`), "!ERROR: invalid JSON: unexpected EOF"},
		{"json trailing", rawJSON(`1 2`), "!ERROR: invalid JSON: more than one JSON value"},
		{"bytes", []byte("abc"), []byte("abc")},
		{"byte array", [2]byte{1, 2}, []any{uint64(1), uint64(2)}},
		{"strings", []string{"a", "b"}, []any{"a", "b"}},
		{"ints", []int{1, 2}, []any{int64(1), int64(2)}},
		{"anys", []any{1, "x", nil, at}, []any{int64(1), "x", nil, at}},
		{"map", map[string]any{"b": 1, "a": side(0)}, object("a", "buy", "b", int64(1))},
		{"map of ints", map[int]string{10: "x", 9: "y"}, object("10", "x", "9", "y")},
		{"map of texts", map[textual]int{{"k"}: 1}, object("text:k", int64(1))},
		{"map of sides", map[side]int{1: 1}, object("sell", int64(1))},
		{"map of anys", map[any]any{1: 2, "a": "b"}, object("1", int64(2), "a", "b")},
		{"map of structs", map[inner]int{{1, "x"}: 1}, object("{1 x}", int64(1))},
		{
			"struct",
			tagged{Name: "n", Skipped: 1, Dash: 2, Quoted: 5, Single: 0.1, Side: 1, hidden: 1, inner: inner{Promoted: 6, Name: "no"}, Outer: &Outer{7}},
			object("name", "n", "-", int64(2), "quoted", "5", "single", 0.1, "Side", "sell", "Any", nil, "Promoted", int64(6), "Name", "no", "FromPointer", int64(7)),
		},
		{"complex", complex(1, 2), "(1+2i)"},
		{"chan", make(chan int), "!UNSUPPORTED: chan int"},
		{"func", func() {}, "!UNSUPPORTED: func()"},
		{"attribute", attribute.StringSliceValue([]string{"a"}), []any{"a"}},
		{"slog value", map[string]slog.Value{"g": slog.GroupValue(slog.Int("n", 1))}, object("g", object("n", int64(1)))},
		{"slog value pointer", new(slog.GroupValue(slog.Int("n", 1))), object("n", int64(1))},
		{"nested LogValuer", []any{token{"x"}, map[string]token{"k": {"x"}}}, []any{"REDACTED", object("k", "REDACTED")}},
		{"nested error", struct{ Err error }{errors.New("e")}, object("Err", object("type", "*errors.errorString", "message", "e"))},
		{"panic in String", boom{}, "!PANIC: in String"},
		{"panic in LogValue", boomLog{}, "!PANIC: in LogValue"},
		{"panic in the panic", boomPanic{}, "!PANIC: %!v(PANIC=String method: in String)"},
		{"panic in Error", boomError{}, object("type", "riskmanager.internal/otel/internal/value_test.boomError", "message", "!PANIC: in Error")},
		{"panic in MarshalText", boomText{}, "!PANIC: in MarshalText"},
		{"panic in MarshalJSON", boomJSON{}, "!PANIC: in MarshalJSON"},
		{"panic inside", []any{1, boom{}}, []any{int64(1), "!PANIC: in String"}},
		{"LogValue loop", loop{}, "!CYCLE"},
		{"cycle of pointers", self, object("Name", "self", "Next", "!CYCLE")},
		{"cycle of maps", selfMap, object("me", "!CYCLE")},
		{"cycle of lists", selfList, []any{"!CYCLE"}},
		{"cycle of nothing", sp, "!CYCLE"},
		{"not a cycle", []any{self.Name, &at, &at}, []any{"self", at, at}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := plain(t, value.Resolve(slog.AnyValue(tt.in)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Resolve(%T) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestResolveGroup(t *testing.T) {
	t.Parallel()
	in := slog.GroupValue(
		slog.Int("a", 1),
		slog.Attr{},
		slog.Group("", slog.Int("b", 2), slog.Group("", slog.Int("c", 3))),
		slog.Group("empty"),
		slog.Group("nested", slog.Group("empty")),
		slog.Int("a", 4),
	)
	got := plain(t, value.Resolve(in))
	want := any(object("a", int64(4), "b", int64(2), "c", int64(3)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Resolve (-want +got):\n%s", diff)
	}
}

func TestResolverSensitive(t *testing.T) {
	t.Parallel()
	r := value.Resolver{Sensitive: func(key string) bool {
		return strings.EqualFold(key, "password") || strings.EqualFold(key, "token")
	}}
	got := plain(t, r.Resolve(slog.AnyValue([]any{creds{"hunter2", "joe"}, session{Token{"abc"}, 1}})))
	want := any([]any{object("p", value.Masked, "u", "joe"), object("Value", value.Masked, "ID", int64(1))})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Resolve (-want +got):\n%s", diff)
	}
}

// Their methods panic with themselves.
type (
	panickyError    struct{}
	panickyStringer struct{}
)

func (panickyError) Error() string     { panic(panickyError{}) }
func (panickyStringer) String() string { panic(panickyStringer{}) }

func TestPanicsWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, v := range []any{panickyError{}, panickyStringer{}} {
		if got := fmt.Sprint(value.Resolve(slog.AnyValue(v)).Any()); !strings.Contains(got, value.MarkPanic) {
			t.Errorf("%T: got %s, want the mark of a panic", v, got)
		}
	}
}
