package record_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
)

// wholeDouble is how a line tells a whole double from an integer.
var wholeDouble = regexp.MustCompile(`(\d)\.0([],}])`)

func TestAppendFloat(t *testing.T) {
	t.Parallel()
	floats := []float64{0, math.Copysign(0, -1), 1, -1, 100000, 1e20, 1e21, 1e-6, 1e-7, 1.5e-9, 45.23, math.MaxFloat64, math.SmallestNonzeroFloat64}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		if f := math.Float64frombits(rnd.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			floats = append(floats, f)
		}
	}
	for _, f := range floats {
		want, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.ContainsAny(want, ".e") {
			want = append(want, ".0"...) // A double, not an integer.
		}
		if got := record.AppendFloat(nil, f); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAppendDuration(t *testing.T) {
	t.Parallel()
	durations := []time.Duration{0, 1, 999, 1000, 1001, 1500 * time.Microsecond, time.Second, time.Minute, 61 * time.Second, time.Hour, 100*time.Hour + 1, math.MaxInt64, math.MinInt64}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		durations = append(durations, time.Duration(rnd.Int64()>>(i%63)), -time.Duration(rnd.Int64()>>(i%63)))
	}
	for _, d := range durations {
		if got := string(record.AppendDuration(nil, d)); got != d.String() {
			t.Errorf("got %s, want %s", got, d)
		}
	}
}

func TestAppendTimestamp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   time.Time
		want string
	}{
		{"micros", time.Date(2025, 10, 21, 10, 30, 45, 123456789, time.UTC), "2025-10-21T10:30:45.123456Z"},
		{"zeros", time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), "2025-01-02T03:04:05.000000Z"},
		{"zone", time.Date(2025, 1, 1, 1, 0, 0, 0, time.FixedZone("", 2*3600)), "2024-12-31T23:00:00.000000Z"},
		{"far", time.Date(12345, 1, 2, 3, 4, 5, 6000, time.UTC), "9999-01-02T03:04:05.000006Z"},
		{"long ago", time.Date(-5, 1, 2, 3, 4, 5, 6000, time.UTC), "0000-01-02T03:04:05.000006Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := parse(t, record.AppendJSON(nil, &record.Record{Time: tt.in}))["timestamp"]; got != tt.want {
				t.Errorf("timestamp = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestStructs checks our walker of structs against encoding/json.
func TestStructs(t *testing.T) {
	t.Parallel()
	type Deep struct {
		A int `json:"a"`
		B int
	}
	type Deeper struct {
		*Deep
		B string // Wins over Deep's.
		C int    `json:"c,omitempty"`
	}
	type Twin struct{ X, Y int }
	type hidden struct{ Seen int }
	type Twin2 struct {
		X int
		Z int `json:"z,string"`
	}
	n := 5
	for _, v := range []any{
		Deep{1, 2},
		Deeper{&Deep{1, 2}, "b", 0},
		Deeper{nil, "b", 3},
		struct {
			Twin
			Twin2
			hidden
		}{Twin{1, 2}, Twin2{3, 4}, hidden{5}},
		struct {
			*hidden
			N *int `json:",omitempty"`
		}{&hidden{1}, &n},
		struct {
			Deep `json:"named"`
			Any  any               `json:"any"`
			Map  map[string]Deep   `json:"map,omitempty"`
			Keys map[int8]bool     `json:"keys"`
			List []float32         `json:"list"`
			Arr  [2]Twin           `json:"arr"`
			Ptr  **int             `json:"ptr"`
			Zero time.Time         `json:"zero,omitzero"`
			Odd  int               `json:"odd name,string"`
			Bad  int               `json:"a b"`
			F    float32           `json:"f,string"`
			B    bool              `json:",string"`
			U    uint8             `json:"u"`
			By   []byte            `json:"by"`
			Nil  []int             `json:"nil"`
			NilM map[string]string `json:"nilm"`
			Raw  json.RawMessage   `json:"raw"`
			Num  json.Number       `json:"num"`
		}{
			Deep: Deep{1, 2}, Any: map[string]any{"b": []any{1, "x"}, "a": nil}, Map: map[string]Deep{"k": {3, 4}},
			Keys: map[int8]bool{-1: true, 10: false}, List: []float32{0.1, 1e10, 3}, F: 0.25, B: true, U: 200, By: []byte("hello"),
			Raw: json.RawMessage(`{"z":1,"y":[2,3.00]}`), Num: "12.50",
		},
		map[string]any{"<&>": "<&>", "b": 1.0, "a": uint64(math.MaxUint64)},
		[]any{},
		map[string]int{},
	} {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got := wholeDouble.ReplaceAll(record.AppendValue(nil, value.Resolve(slog.AnyValue(v))), []byte("$1$2"))
		if canonical(t, got) != canonical(t, want) {
			t.Errorf("%T\n got %s\nwant %s", v, got, want)
		}
	}
}

// canonical takes the HTML escapes of encoding/json out; order and digits stay.
func canonical(t *testing.T, b []byte) string {
	t.Helper()
	if !json.Valid(b) {
		t.Fatalf("not JSON: %s", b)
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		if i+6 <= len(b) && b[i] == '\\' && b[i+1] == 'u' && b[i+2] == '0' && b[i+3] == '0' {
			var c rune
			if _, err := fmt.Sscanf(string(b[i+2:i+6]), "%04x", &c); err == nil && (c == '<' || c == '>' || c == '&') {
				out = append(out, byte(c))
				i += 5
				continue
			}
		}
		out = append(out, b[i])
	}
	return string(out)
}

func TestAppendStringEscapes(t *testing.T) {
	t.Parallel()
	var all []rune
	for _, r := range [][2]rune{{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}} {
		for c := r[0]; c <= r[1]; c++ {
			all = append(all, c)
		}
	}
	for _, c := range all {
		in := "a" + string(c) + "b"
		out := record.AppendString(nil, in)
		safe(t, string(out))
		var back string
		if err := json.Unmarshal(out, &back); err != nil || back != in {
			t.Errorf("%U became %s: %v", c, out, err)
		}
	}
	const shown = `"é ¡ ʻ \u200d \u2065 \u206a 漢 😀"`
	if got := string(record.AppendString(nil, "é ¡ ʻ \u200d \u2065 \u206a 漢 😀")); got != "\"é ¡ ʻ \u200d \u2065 \u206a 漢 😀\"" {
		t.Errorf("got %s, want %s", got, shown)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		level slog.Level
		want  string
	}{
		{slog.LevelDebug, "DEBUG"},
		{slog.LevelInfo, "INFO"},
		{slog.LevelWarn, "WARNING"},
		{slog.LevelError, "ERROR"},
		{record.LevelCritical, "CRITICAL"},
		{slog.LevelInfo + 1, "INFO+1"},
		{slog.LevelError + 2, "ERROR+2"},
		{slog.LevelDebug - 4, "DEBUG-4"},
		{100, "CRITICAL+88"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			if got := record.LevelText(tt.level); got != tt.want {
				t.Errorf("LevelText = %q, want %q", got, tt.want)
			}
			if got := parse(t, record.AppendJSON(nil, &record.Record{Level: tt.level}))["level"]; got != tt.want {
				t.Errorf("level = %q, want %q", got, tt.want)
			}
			if got, err := record.ParseLevel(tt.want); err != nil || got != tt.level {
				t.Errorf("ParseLevel = %v, %v, want %v", got, err, tt.level)
			}
		})
	}
	for in, want := range map[string]slog.Level{"warn": slog.LevelWarn, "Fatal": record.LevelCritical, "info": slog.LevelInfo, "error-1": slog.LevelError - 1} {
		if got, err := record.ParseLevel(in); err != nil || got != want {
			t.Errorf("ParseLevel(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "loud", "INFO+", "INFO+x", "+1", "INFO+99999999999"} {
		if _, err := record.ParseLevel(in); err == nil {
			t.Errorf("ParseLevel(%q) is no error", in)
		}
	}
}
