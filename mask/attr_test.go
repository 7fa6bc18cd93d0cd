package mask_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"math"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

type config struct {
	Host     string `json:"host"`
	Password string `json:"password"`
	Nested   struct {
		APIKey string `json:"api_key"`
		N      int    `json:"n"`
	} `json:"nested"`
}

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

type opaque struct{ ch chan int }

// text returns all that is in v, with its keys.
func text(v slog.Value) string {
	var b strings.Builder
	write(&b, v)
	return b.String()
}

func write(b *strings.Builder, v slog.Value) {
	switch v.Kind() {
	case slog.KindGroup:
		b.WriteString("{")
		for i, a := range v.Group() {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(a.Key + ":")
			write(b, a.Value)
		}
		b.WriteString("}")
	case slog.KindAny:
		if l, ok := v.Any().(value.List); ok {
			b.WriteString("[")
			for i, e := range l {
				if i > 0 {
					b.WriteString(" ")
				}
				write(b, e)
			}
			b.WriteString("]")
			return
		}
		if p, ok := v.Any().([]byte); ok {
			b.Write(p)
			return
		}
		b.WriteString(v.String())
	default:
		b.WriteString(v.String())
	}
}

func TestAttr(t *testing.T) {
	cfg := config{Host: "db", Password: "hunter2"}
	cfg.Nested.APIKey, cfg.Nested.N = "k1", 5
	for _, c := range []struct {
		name string
		attr slog.Attr
		want string
	}{
		{"string", slog.String("password", "x"), mask.Text},
		{"int", slog.Int("pin", 1234), mask.Text},
		{"bool", slog.Bool("secret", true), mask.Text},
		{"nil", slog.Any("token", nil), mask.Text},
		{"float", slog.Float64("cvv", 123), mask.Text},
		{"duration", slog.Duration("otp", time.Second), mask.Text},
		{"group", slog.Group("credentials", "user", "bob", "x", 1), mask.Text},
		{"list", slog.Any("secrets", []string{"a", "b"}), mask.Text},
		{"map", slog.Any("auth", map[string]int{"a": 1}), mask.Text},
		{"struct under a key", slog.Any("secret", cfg), mask.Text},
		{"clean", slog.String("symbol", "ESZ5"), "ESZ5"},
		{"dirty text", slog.String("msg", "token=abc ok"), "token=***MASKED*** ok"},
		{"nested group", slog.Group("a", slog.Group("b", "api_key", "k", "n", 1)), "{b:{api_key:***MASKED*** n:1}}"},
		{"struct", slog.Any("cfg", cfg), "{host:db password:***MASKED*** nested:{api_key:***MASKED*** n:5}}"},
		{"pointer", slog.Any("cfg", &cfg), "{host:db password:***MASKED*** nested:{api_key:***MASKED*** n:5}}"},
		{"map of any", slog.Any("m", map[string]any{"a": map[string]any{"token": 5}}), "{a:{token:***MASKED***}}"},
		{"header", slog.Any("h", http.Header{"Authorization": {"Bearer x"}, "Host": {"y"}}), "{Authorization:***MASKED*** Host:[y]}"},
		{"bytes", slog.Any("body", []byte("password=x")), mask.Text},
		{"clean bytes", slog.Any("body", []byte("hello there")), "hello there"},
		{"card", slog.Int64("n", 4111111111111111), mask.Text},
		{"card, unsigned", slog.Uint64("n", 4111111111111111), mask.Text},
		{"card, float", slog.Float64("n", 4111111111111111), mask.Text},
		{"card, JSON", slog.Any("n", json.Number("4111111111111111")), mask.Text},
		{"card, text", slog.String("n", "4111 1111 1111 1111"), mask.Text},
		{"order", slog.Int64("order_id", 4111111111111111), "4111111111111111"},
		{"order, text", slog.String("order_id", "4111111111111111"), "4111111111111111"},
		{"time", slog.Int64("ts_ns", 4111111111111111), "4111111111111111"},
		{"card ID", slog.Int64("card_id", 4111111111111111), mask.Text},
		{"long order", slog.Int64("n", 1234567890123456789), "1234567890123456789"},
		{"price", slog.Float64("px", 4111.1111), "4111.1111"},
		{"named", slog.Group("env", "name", "DB_PASSWORD", "value", "x"), "{name:DB_PASSWORD value:***MASKED***}"},
		{"flags", slog.Any("args", []string{"--password", "x", "-v"}), "[--password ***MASKED*** -v]"},
		{"Go's name", slog.Any("x", struct {
			Password string `json:"p"`
		}{"x"}), "{p:***MASKED***}"},
		{"private keys", slog.Any("k", []any{ed25519.PrivateKey("x"), rsa.PrivateKey{D: big.NewInt(1)}, &rsa.PublicKey{E: 3}}), "[***MASKED*** ***MASKED*** {N:<nil> E:3}]"},
		{"cookies", slog.Any("c", []any{&http.Cookie{Name: "theme", Value: "x", Path: "/"}, http.Cookie{Name: "b", Value: "x"}}), "[theme=***MASKED***; Path=/ b=***MASKED***]"},
		{"log valuer", slog.Any("x", valuer{slog.StringValue("own say")}), "own say"},
		{"log valuer, dirty", slog.Any("x", valuer{slog.GroupValue(slog.String("token", "x"))}), "{token:***MASKED***}"},
		{"log valuer, key", slog.Any("token", valuer{slog.StringValue("own say")}), mask.Text},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mask.Default().Attr(c.attr)
			if got.Key != c.attr.Key {
				t.Errorf("key %q, want %q", got.Key, c.attr.Key)
			}
			if s := text(got.Value); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
			if again := mask.Default().Attr(got); text(again.Value) != text(got.Value) {
				t.Errorf("twice: %s", text(again.Value))
			}
		})
	}
}

// TestAttrForOtherHandlers checks that what Attr returns can be shown by a
// handler that knows nothing of ours.
func TestAttrForOtherHandlers(t *testing.T) {
	var buf bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&buf, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return mask.Default().Attr(a) },
	}))
	log.Info("m", "l", []any{"a", 1, 1.5, math.NaN(), nil, time.Second, map[string]any{"token": "x", "l": []int{1}}})
	if got, want := buf.String(), `"l":["a",1,1.5,"NaN",null,"1s",{"l":[1],"token":"***MASKED***"}]}`; !strings.HasSuffix(got, want+"\n") {
		t.Errorf("got %s want %s", got, want)
	}
}

func TestAttrKeyWithSecret(t *testing.T) {
	got := mask.Default().Attr(slog.Group("mails", slog.Int("bob@example.com", 1)))
	if s := text(got.Value); s != "{***@example.com:1}" {
		t.Errorf("got %s", s)
	}
}

func TestAttrInspectsOpaque(t *testing.T) {
	got := mask.Default().Value(slog.AnyValue(opaque{make(chan int)}))
	if strings.Contains(text(got), "0xc0") {
		t.Errorf("got %s", text(got))
	}
}

// TestAttrsCopiesOnWrite checks that what a caller holds does not change.
func TestAttrsCopiesOnWrite(t *testing.T) {
	inner := []slog.Attr{slog.String("token", "x"), slog.Int("n", 1)}
	list := value.List{slog.StringValue("password=x"), slog.IntValue(2)}
	attrs := []slog.Attr{
		{Key: "g", Value: slog.GroupValue(inner...)}, {Key: "l", Value: slog.AnyValue(list)}, slog.String("pin", "1"),
	}
	mask.Default().Attrs(attrs)
	if got, want := text(slog.GroupValue(attrs...)), "{g:{token:***MASKED*** n:1} l:[password=***MASKED*** 2] pin:***MASKED***}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if inner[0].Value.String() != "x" || list[0].String() != "password=x" {
		t.Error("Attrs changed what the caller holds")
	}
}

func TestKeyValues(t *testing.T) {
	m := mask.Default()
	in := []attribute.KeyValue{
		attribute.String("a", "password=x"), attribute.String("token", "x"), attribute.Int("pin", 1),
		attribute.StringSlice("s", []string{"ok", "bob@example.com"}), attribute.Int64Slice("i", []int64{1, 4111111111111111}),
		attribute.StringSlice("args", []string{"--token", "x"}), attribute.BoolSlice("secrets", []bool{true}),
		attribute.Map("m", attribute.String("api_key", "k"), attribute.Int("n", 1)),
		attribute.Slice("l", attribute.StringValue("token=x"), attribute.Int64Value(4111111111111111)),
		attribute.ByteSlice("b", []byte("password=x")), attribute.Float64("f", 1.5), attribute.Int64("order_id", 4111111111111111),
		attribute.Float64Slice("fs", []float64{1.5}), attribute.Bool("ok", true),
	}
	want := []attribute.KeyValue{
		attribute.String("a", "password=***MASKED***"), attribute.String("token", mask.Text), attribute.String("pin", mask.Text),
		attribute.StringSlice("s", []string{"ok", "***@example.com"}),
		attribute.Slice("i", attribute.IntValue(1), attribute.StringValue(mask.Text)),
		attribute.StringSlice("args", []string{"--token", mask.Text}), attribute.String("secrets", mask.Text),
		attribute.Map("m", attribute.String("api_key", mask.Text), attribute.Int("n", 1)),
		attribute.Slice("l", attribute.StringValue("token=***MASKED***"), attribute.StringValue(mask.Text)),
		attribute.String("b", mask.Text), attribute.Float64("f", 1.5), attribute.Int64("order_id", 4111111111111111),
		attribute.Float64Slice("fs", []float64{1.5}), attribute.Bool("ok", true),
	}
	got := m.KeyValues(in)
	for i := range want {
		if g, w := got[i].Value.String(), want[i].Value.String(); g != w || got[i].Key != want[i].Key {
			t.Errorf("%s: got %s, want %s", got[i].Key, g, w)
		}
		if g := m.KeyValue(in[i]); g.Value.String() != want[i].Value.String() {
			t.Errorf("KeyValue %s: got %s", g.Key, g.Value.String())
		}
	}
	if in[0].Value.AsString() != "password=x" {
		t.Error("KeyValues changed its argument")
	}
	if got := m.AttributeValue(attribute.StringValue("token=x")).AsString(); got != "token=***MASKED***" {
		t.Errorf("AttributeValue: %q", got)
	}
	clean := []attribute.KeyValue{attribute.String("a", "b")}
	if got := m.KeyValues(clean); &got[0] != &clean[0] {
		t.Error("KeyValues copied clean attributes")
	}
}
