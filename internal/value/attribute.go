package value

import (
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// FromAttribute returns the plain value of v, whatever its type. Objects get
// unique keys (the last wins); the limits of a plain tree hold.
func FromAttribute(v attribute.Value) slog.Value {
	var b Budget
	return b.FromAttribute(v)
}

// FromAttribute is the function of that name spending from b.
func (b *Budget) FromAttribute(v attribute.Value) slog.Value { return fromAttribute(b, v, 0) }

func fromAttribute(b *Budget, v attribute.Value, depth int) slog.Value {
	switch v.Type() {
	case attribute.BOOL:
		return slog.BoolValue(v.AsBool())
	case attribute.INT64:
		return slog.Int64Value(v.AsInt64())
	case attribute.FLOAT64:
		return slog.Float64Value(v.AsFloat64())
	case attribute.STRING:
		if s := v.AsString(); len(s) > MaxText {
			return slog.StringValue(b.Text(s))
		}
		return slog.StringValue(v.AsString())
	case attribute.BYTESLICE:
		return slog.AnyValue(v.AsByteSlice())
	case attribute.BOOLSLICE:
		return listOf(v.AsBoolSlice(), slog.BoolValue)
	case attribute.INT64SLICE:
		return listOf(v.AsInt64Slice(), slog.Int64Value)
	case attribute.FLOAT64SLICE:
		return listOf(v.AsFloat64Slice(), slog.Float64Value)
	case attribute.STRINGSLICE:
		return listOf(v.AsStringSlice(), slog.StringValue)
	case attribute.SLICE:
		if depth >= MaxDepth {
			return slog.StringValue(MarkDepth)
		}
		return listOf(v.AsSlice(), func(v attribute.Value) slog.Value { return fromAttribute(b, v, depth+1) })
	case attribute.MAP:
		if depth >= MaxDepth {
			return slog.StringValue(MarkDepth)
		}
		kvs := v.AsMap()
		g := object{attrs: make([]slog.Attr, 0, min(len(kvs), MaxWidth+1))}
		for i, kv := range kvs {
			if i == MaxWidth {
				g.attrs = append(g.attrs, LeftOut(g.attrs, len(kvs)-i))
				break
			}
			g.set(string(kv.Key), fromAttribute(b, kv.Value, depth+1))
		}
		return slog.GroupValue(g.attrs...)
	case attribute.EMPTY:
	}
	return slog.Value{}
}

func listOf[T any](in []T, f func(T) slog.Value) slog.Value {
	out := make(List, 0, min(len(in), MaxWidth+1))
	for i, e := range in {
		if i == MaxWidth {
			out = append(out, slog.StringValue(more(len(in)-i)))
			break
		}
		out = append(out, f(e))
	}
	return slog.AnyValue(out)
}

// ToAttribute returns a plain value as OpenTelemetry's. What OpenTelemetry has
// no type for becomes what it is in JSON: durations and times are text, as are
// integers beyond int64; a number kept with its digits is an int64, or a
// float64 if that keeps its value, or text. Text is valid UTF-8, without which
// OTLP refuses a whole batch. The keys of objects are sorted, as
// [attribute.MapValue] does. A value that is not plain is resolved first.
func ToAttribute(v slog.Value) attribute.Value {
	switch v.Kind() {
	case slog.KindBool:
		return attribute.BoolValue(v.Bool())
	case slog.KindInt64:
		return attribute.Int64Value(v.Int64())
	case slog.KindUint64:
		if u := v.Uint64(); u > math.MaxInt64 {
			return attribute.StringValue(strconv.FormatUint(u, 10))
		}
		return attribute.Int64Value(int64(v.Uint64())) //nolint:gosec // It was just compared.
	case slog.KindFloat64:
		switch f := v.Float64(); {
		case math.IsNaN(f):
			return attribute.StringValue("NaN")
		case math.IsInf(f, 1):
			return attribute.StringValue("Infinity")
		case math.IsInf(f, -1):
			return attribute.StringValue("-Infinity")
		default:
			return attribute.Float64Value(f)
		}
	case slog.KindString:
		return attribute.StringValue(Valid(v.String()))
	case slog.KindDuration:
		return attribute.StringValue(v.Duration().String())
	case slog.KindTime:
		return attribute.StringValue(v.Time().Format(time.RFC3339Nano))
	case slog.KindGroup:
		attrs := v.Group()
		kvs := make([]attribute.KeyValue, 0, len(attrs))
		for _, a := range attrs {
			kvs = append(kvs, attribute.KeyValue{Key: attribute.Key(a.Key), Value: ToAttribute(a.Value)})
		}
		return attribute.MapValue(kvs...)
	case slog.KindAny, slog.KindLogValuer:
	}
	switch x := v.Any().(type) {
	case nil:
		return attribute.Value{}
	case []byte:
		return attribute.ByteSliceValue(x)
	case json.Number:
		return numberAttribute(string(x))
	case List:
		out := make([]attribute.Value, 0, len(x))
		for _, e := range x {
			out = append(out, ToAttribute(e))
		}
		return attribute.SliceValue(out...)
	}
	return ToAttribute(Resolve(v))
}

// exactDigits is how many decimal digits a float64 always keeps.
const exactDigits = 15

func numberAttribute(s string) attribute.Value {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil && s != "-0" {
		return attribute.Int64Value(i)
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := 0
	for _, c := range mantissa {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && digits <= exactDigits {
		return attribute.Float64Value(f)
	}
	return attribute.StringValue(s)
}
