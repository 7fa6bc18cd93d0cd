package value_test

import (
	"encoding/json"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"

	"riskmanager.internal/otel/internal/value"
)

func TestFromAttribute(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   attribute.Value
		want any
	}{
		{"empty", attribute.Value{}, nil},
		{"bool", attribute.BoolValue(true), true},
		{"int", attribute.Int64Value(-7), int64(-7)},
		{"float", attribute.Float64Value(1.5), 1.5},
		{"string", attribute.StringValue("s"), "s"},
		{"bools", attribute.BoolSliceValue([]bool{true, false}), []any{true, false}},
		{"ints", attribute.Int64SliceValue([]int64{1, 2}), []any{int64(1), int64(2)}},
		{"floats", attribute.Float64SliceValue([]float64{1.5}), []any{1.5}},
		{"strings", attribute.StringSliceValue([]string{"a", "b"}), []any{"a", "b"}},
		{"bytes", attribute.ByteSliceValue([]byte{1, 2}), []byte{1, 2}},
		{"slice", attribute.SliceValue(attribute.IntValue(1), attribute.Value{}), []any{int64(1), nil}},
		{"map", attribute.MapValue(attribute.Int("b", 1), attribute.Int("a", 2), attribute.Int("b", 3)), object("a", int64(2), "b", int64(3))},
		{"empty slice", attribute.SliceValue(), []any{}},
		{"empty map", attribute.MapValue(), []any{"object"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := value.FromAttribute(tt.in)
			if diff := cmp.Diff(tt.want, plain(t, got)); diff != "" {
				t.Errorf("FromAttribute (-want +got):\n%s", diff)
			}
			again := plain(t, value.FromAttribute(value.ToAttribute(got)))
			if diff := cmp.Diff(tt.want, again); diff != "" {
				t.Errorf("FromAttribute(ToAttribute) (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromAttributeDepth(t *testing.T) {
	t.Parallel()
	deep := attribute.SliceValue()
	for range 2000 {
		deep = attribute.SliceValue(deep)
	}
	if got := depth(plain(t, value.FromAttribute(deep))); got > value.MaxDepth {
		t.Errorf("the value is %d deep", got)
	}
}

func TestToAttribute(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 21, 10, 30, 45, 5, time.UTC)
	for _, tt := range []struct {
		name string
		in   slog.Value
		want attribute.Value
	}{
		{"uint64", slog.Uint64Value(7), attribute.Int64Value(7)},
		{"uint64 beyond int64", slog.Uint64Value(math.MaxUint64), attribute.StringValue("18446744073709551615")},
		{"duration", slog.DurationValue(1500 * time.Millisecond), attribute.StringValue("1.5s")},
		{"time", slog.TimeValue(at), attribute.StringValue("2025-10-21T10:30:45.000000005Z")},
		{"number, whole", slog.AnyValue(json.Number("12")), attribute.Int64Value(12)},
		{"number, decimal", slog.AnyValue(json.Number("1.50")), attribute.Float64Value(1.5)},
		{"number, exponent", slog.AnyValue(json.Number("1e3")), attribute.Float64Value(1000)},
		{"number, minus zero", slog.AnyValue(json.Number("-0")), attribute.Float64Value(math.Copysign(0, -1))},
		{"number, too exact", slog.AnyValue(json.Number("0.12345678901234567890")), attribute.StringValue("0.12345678901234567890")},
		{"number, too big", slog.AnyValue(json.Number("1e999")), attribute.StringValue("1e999")},
		{"group", slog.GroupValue(slog.Int("b", 1), slog.Int("a", 2)), attribute.MapValue(attribute.Int("a", 2), attribute.Int("b", 1))},
		{"list", slog.AnyValue(value.List{slog.IntValue(1), {}}), attribute.SliceValue(attribute.IntValue(1), attribute.Value{})},
		{"nil", slog.Value{}, attribute.Value{}},
		{"not plain", slog.AnyValue(side(1)), attribute.StringValue("sell")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := value.ToAttribute(tt.in); got != tt.want {
				t.Errorf("ToAttribute = %v %v, want %v %v", got.Type(), got, tt.want.Type(), tt.want)
			}
		})
	}
}
