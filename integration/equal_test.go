package integration

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
)

// otlpValue returns v as plain Go values of distinct types.
func otlpValue(v *commonpb.AnyValue) any {
	switch x := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return x.StringValue
	case *commonpb.AnyValue_BoolValue:
		return x.BoolValue
	case *commonpb.AnyValue_IntValue:
		return x.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return x.DoubleValue
	case *commonpb.AnyValue_BytesValue:
		return x.BytesValue
	case *commonpb.AnyValue_ArrayValue:
		list := []any{}
		for _, e := range x.ArrayValue.GetValues() {
			list = append(list, otlpValue(e))
		}
		return list
	case *commonpb.AnyValue_KvlistValue:
		return otlpMap(x.KvlistValue.GetValues())
	default:
		return nil
	}
}

func otlpMap(kvs []*commonpb.KeyValue) map[string]any {
	m := map[string]any{}
	for _, kv := range kvs {
		m[kv.GetKey()] = otlpValue(kv.GetValue())
	}
	return m
}

// model is a log record of OpenTelemetry's model, ready to be compared. The
// time of observation is not part of it: it is when somebody saw the record.
type model struct {
	Scope          string
	ScopeVersion   string
	Time           time.Time
	SeverityNumber int32
	SeverityText   string
	Body           any
	Attributes     map[string]any
	Dropped        uint32
	TraceID        string
	SpanID         string
	Flags          uint32
	EventName      string
}

func modelOf(r logRecord) model {
	return model{
		Scope: r.scope.GetName(), ScopeVersion: r.scope.GetVersion(),
		Time:           time.Unix(0, int64(r.GetTimeUnixNano())).UTC(),
		SeverityNumber: int32(r.GetSeverityNumber()), SeverityText: r.GetSeverityText(),
		Body: otlpValue(r.GetBody()), Attributes: otlpMap(r.GetAttributes()), Dropped: r.GetDroppedAttributesCount(),
		TraceID: hex.EncodeToString(r.GetTraceId()), SpanID: hex.EncodeToString(r.GetSpanId()),
		Flags: r.GetFlags(), EventName: r.GetEventName(),
	}
}

// jsonOnly makes equal what JSON cannot tell apart: bytes are text in base64.
var jsonOnly = cmp.FilterValues(func(a, b any) bool {
	return fmt.Sprintf("%T", a) != fmt.Sprintf("%T", b)
}, cmp.Comparer(func(a, b any) bool {
	return asJSON(a) == asJSON(b)
}))

// asJSON returns a value as the files have it.
func asJSON(v any) any {
	switch x := v.(type) {
	case string:
		return x
	case []byte:
		return base64.StdEncoding.EncodeToString(x)
	}
	return new(int) // Equal to nothing else.
}

var levelPattern = regexp.MustCompile(`^([A-Z]+)([+-]\d+)?$`)

// modelFromLine is what OTLP has for a line of the files: DESIGN's mapping,
// written once more.
func modelFromLine(t *testing.T, line map[string]any) model {
	t.Helper()
	str := func(v any) string { s, _ := v.(string); return s }
	at, err := time.Parse("2006-01-02T15:04:05.000000Z", str(line["timestamp"]))
	if err != nil {
		t.Fatal(err)
	}
	m := model{
		Scope: str(line["logger"]), Time: at, SeverityText: str(line["level"]), Body: plain(line["message"]),
		Attributes: map[string]any{}, TraceID: str(line["trace_id"]), SpanID: str(line["span_id"]),
	}
	parts := levelPattern.FindStringSubmatch(m.SeverityText)
	if parts == nil {
		t.Fatalf("level %q", m.SeverityText)
	}
	offset, _ := strconv.Atoi(parts[2])
	base := map[string]int{"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}[parts[1]]
	m.SeverityNumber = int32(max(1, min(24, base+offset)))
	if m.SpanID != "" {
		m.Flags = 1
	}
	moved := map[string]any{}
	if a, ok := line["attributes"].(map[string]any); ok {
		moved = plain(a).(map[string]any)
	}
	context, _ := line["context"].(map[string]any)
	for k, v := range line {
		switch k {
		case "timestamp", "level", "logger", "message", "context", "attributes", "error", "source",
			"trace_id", "span_id", "uid":
			continue
		}
		if _, ok := context[k]; ok {
			moved[k] = plain(v)
			continue
		}
		m.Attributes[k] = plain(v)
	}
	for k, v := range context {
		m.Attributes[k] = plain(v)
	}
	if len(moved) > 0 {
		m.Attributes["attributes"] = moved
	}
	set := func(key string, v any) {
		if v != nil {
			m.Attributes[key] = plain(v)
		}
	}
	if e, ok := line["error"].(map[string]any); ok {
		set("exception.type", e["type"])
		set("exception.message", e["message"])
		set("exception.stacktrace", e["stack"])
	}
	if s, ok := line["source"].(map[string]any); ok {
		set("code.function.name", s["function"])
		set("code.file.path", s["file"])
		set("code.line.number", s["line"])
	}
	set("log.record.uid", line["uid"])
	return m
}

// plain turns json.Number into int64 or float64.
func plain(v any) any {
	switch x := v.(type) {
	case json.Number:
		if i, err := x.Int64(); err == nil {
			return i
		}
		f, _ := x.Float64()
		return f
	case map[string]any:
		m := map[string]any{}
		for k, e := range x {
			m[k] = plain(e)
		}
		return m
	case []any:
		list := []any{}
		for _, e := range x {
			list = append(list, plain(e))
		}
		return list
	}
	return v
}

// flatten is what the collector's transform does to attributes.
func flatten(m map[string]any) map[string]any {
	out := map[string]any{}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch x := v.(type) {
		case map[string]any:
			for k, e := range x {
				walk(key+"."+k, e)
			}
		case []any:
			for i, e := range x {
				walk(fmt.Sprintf("%s.%d", key, i), e)
			}
		default:
			out[key] = v
		}
	}
	for k, v := range m {
		switch x := v.(type) {
		case map[string]any:
			for k2, e := range x {
				walk(k+"."+k2, e)
			}
		case []any:
			for i, e := range x {
				walk(fmt.Sprintf("%s.%d", k, i), e)
			}
		default:
			out[k] = v
		}
	}
	return out
}
