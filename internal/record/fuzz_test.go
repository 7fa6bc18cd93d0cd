package record_test

import (
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"riskmanager.internal/otel/internal/record"
)

// FuzzAppendJSON checks that whatever is logged becomes one JSON object on one
// line, without duplicate keys, no longer than MaxLine, whose values are those
// that were given.
func FuzzAppendJSON(f *testing.F) {
	f.Add("message", "key", "value", int64(1), 1.5, []byte("bytes"), uint16(1))
	f.Add("a\nb", "level", "\u202e\xff", int64(math.MinInt64), math.NaN(), []byte(nil), uint16(60_000))
	f.Add("", "", "", int64(0), math.Inf(-1), []byte{0}, uint16(0))
	f.Add("\\\"", "error", "\x00\x7f\u0085", int64(-1), 1e-7, []byte("\xfe"), uint16(3))
	f.Add("m", "!TRUNCATED", "v", int64(-1), 1e21, []byte("\xfe"), uint16(9999))
	f.Fuzz(func(t *testing.T, message, key, text string, i int64, x float64, data []byte, times uint16) {
		r := new(record.Record)
		r.Time = time.Unix(0, i).UTC()
		r.Level = slog.Level(i % 64)
		r.Logger = key
		r.Body = slog.StringValue(message)
		r.AddContext(slog.String(text, key))
		r.Add(slog.String(key, text))
		r.Add(slog.Int64("int", i))
		r.Add(slog.Uint64("uint", uint64(i)))
		r.Add(slog.Float64("float", x))
		r.Add(slog.Any("bytes", data))
		r.Add(slog.Duration("duration", time.Duration(i)))
		r.Add(slog.Time("time", time.Unix(i%1e10, i%1e9)))
		r.Add(slog.Group("group", slog.String(key, text), slog.String(text, key), slog.Any("list", []any{text, i, x, data, nil})))
		r.Add(slog.Any("number", json.Number(text)))
		r.Add(slog.String("long", strings.Repeat(text, int(times))))
		r.Add(slog.String(strings.Repeat(key, int(times)/64), text))
		line := record.AppendJSON(nil, r)
		got := parse(t, line)

		// The length that is worked out is the one that comes out.
		if n := record.LineLen(r); n <= record.MaxLine && n != len(line) {
			t.Errorf("lineLen = %d, the line has %d bytes", n, len(line))
		}
		if _, cut := got["truncated"]; cut {
			r.Mask(nil)
			parse(t, record.AppendJSON(nil, r))
			return
		}
		if want := strings.ToValidUTF8(message, "\ufffd"); !invalid(message) && got["message"] != want {
			t.Errorf("message = %q, want %q", got["message"], want)
		}
		if key != "int" && !invalid(key) && got["int"] != nil && text != "int" {
			if n, ok := got["int"].(json.Number); !ok || n.String() != json.Number(slog.Int64Value(i).String()).String() {
				t.Errorf("int = %v, want %d", got["int"], i)
			}
		}
		if n, ok := got["float"].(json.Number); ok && key != "float" && strings.Repeat(key, int(times)/64) != "float" {
			if back, err := n.Float64(); err != nil || back != x {
				t.Errorf("float = %v, want %v", n, x)
			}
		}

		sdk := newSDK()
		r.ToSDK(&sdk)
		parse(t, record.AppendJSON(nil, record.FromSDK(&sdk)))
		out := record.TextStyle{}.Append(nil, r)
		safe(t, strings.TrimSuffix(string(out), "\n"))
	})
}

func invalid(s string) bool { return !utf8.ValidString(s) }

// FuzzString checks the encoder of strings against encoding/json.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "abc", "12345678", "1234567\n", "é\u2028\u202e", "\xff\xfe", "a\x7f\u0080", "\\\"\b\f\t\r", "\U0001f600"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := record.AppendString(nil, s)
		safe(t, string(out))
		var got, want string
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%q is not JSON: %v", out, err)
		}
		std, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(std, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		total, fit := record.EscapedLen(s, len(s))
		if total != len(out)-2 {
			t.Errorf("escapedLen = %d, want %d", total, len(out)-2)
		}
		if n := len(record.AppendString(nil, s[:fit])) - 2; n > len(s) {
			t.Errorf("the first %d bytes make %d, which is over %d", fit, n, len(s))
		}
	})
}
