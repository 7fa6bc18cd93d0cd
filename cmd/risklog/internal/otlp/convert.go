package otlp

import (
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"riskmanager.internal/otel/internal/logread"
	"riskmanager.internal/otel/mask"
)

// Converter converts records. What it returns is masked by its Masker, which
// changes nothing of what the library wrote, but foreign lines may be in the
// files.
type Converter struct {
	Masker *mask.Masker
}

// Log returns the record as OTLP has it.
func (c Converter) Log(r *logread.Record) *logspb.LogRecord {
	out := &logspb.LogRecord{
		TimeUnixNano:         nanos(r),
		ObservedTimeUnixNano: nanos(r),
		SeverityNumber:       severity(r.Level()),
		SeverityText:         r.Text(logread.Level),
		Body:                 c.value("", r.Raw(logread.Message)),
		TraceId:              id(r.TraceID(), 16),
		SpanId:               id(r.Text(logread.SpanID), 8),
		EventName:            attrText(r, "event_name"),
	}
	if r.Level() != logread.LevelUnknown {
		out.SeverityText = logread.LevelText(r.Level())
	}
	out.Attributes = c.attributes(r, true)
	return out
}

// Span returns the operation whose end record r is as a span, nil if r is none
// or lacks an ID.
func (c Converter) Span(r *logread.Record) *tracepb.Span {
	traceID, spanID := id(r.TraceID(), 16), id(r.Text(logread.SpanID), 8)
	if !r.IsEnd() || traceID == nil || spanID == nil {
		return nil
	}
	ms, _ := r.Number(logread.DurationMS)
	start := r.Start().UnixNano()
	s := &tracepb.Span{
		TraceId:           traceID,
		SpanId:            spanID,
		ParentSpanId:      id(r.Text(logread.ParentSpanID), 8),
		Name:              c.Masker.String(r.Text(logread.Operation)),
		Kind:              tracepb.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: positive(start),
		EndTimeUnixNano:   positive(start + int64(math.Round(ms*1000))*1000),
		Attributes:        c.attributes(r, false),
		Status:            &tracepb.Status{},
	}
	typ, message, stack := r.ErrorParts()
	typ, message, stack = c.Masker.String(typ), c.Masker.String(message), c.Masker.String(stack)
	if r.Is(logread.Status, "error") {
		s.Status.Code = tracepb.Status_STATUS_CODE_ERROR
		s.Status.Message = message
	}
	if typ != "" || message != "" {
		event := &tracepb.Span_Event{TimeUnixNano: s.GetEndTimeUnixNano(), Name: "exception"}
		for _, kv := range [][2]string{{"exception.type", typ}, {"exception.message", message}, {"exception.stacktrace", stack}} {
			if kv[1] != "" {
				event.Attributes = append(event.Attributes, text(kv[0], kv[1]))
			}
		}
		s.Events = append(s.Events, event)
		if typ != "" {
			s.Attributes = append(s.Attributes, text("error.type", typ))
		}
	}
	return s
}

func attrText(r *logread.Record, key string) string {
	if v := r.Attr(key); len(v) > 1 && v[0] == '"' {
		return logread.Text(v)
	}
	return ""
}

func positive(ns int64) uint64 { return uint64(max(ns, 0)) }

func nanos(r *logread.Record) uint64 {
	if r.Time().IsZero() {
		return 0
	}
	return positive(r.Time().UnixNano())
}

// severity is the number of a level, clamped to OTLP's 1 to 24.
func severity(l slog.Level) logspb.SeverityNumber {
	if l == logread.LevelUnknown {
		return logspb.SeverityNumber_SEVERITY_NUMBER_UNSPECIFIED
	}
	return logspb.SeverityNumber(min(max(int(l)+9, 1), 24))
}

// id decodes an ID of n bytes, nil if it is none or zero.
func id(s string, n int) []byte {
	if len(s) != 2*n || strings.Trim(s, "0") == "" {
		return nil
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

func text(key, v string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: stringValue(v)}
}

func stringValue(v string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.ToValidUTF8(v, "\uFFFD")}}
}

// attributes returns the context fields flat and the attributes beside them,
// those of a log record with all that is known of it, those of a span without
// what the span says by itself.
func (c Converter) attributes(r *logread.Record, log bool) []*commonpb.KeyValue {
	out := []*commonpb.KeyValue{}
	taken := map[string]int{}
	set := func(key string, v *commonpb.AnyValue) {
		if i, ok := taken[key]; ok { // The last one counts.
			out[i].Value = v
			return
		}
		taken[key] = len(out)
		out = append(out, &commonpb.KeyValue{Key: key, Value: v})
	}
	var moved []*commonpb.KeyValue
	contextKeys := map[string]bool{}
	for k, v := range logread.Members(r.Raw(logread.Context)) {
		contextKeys[k] = true
		set(k, c.value(k, v))
	}
	if r.Raw(logread.Context) == nil {
		for k, f := range map[string]logread.Field{"correlation_id": logread.CorrelationID, "account_id": logread.AccountID, "rule_id": logread.RuleID, "event_type": logread.EventType} {
			if r.Has(f) {
				set(k, c.value(k, r.Raw(f)))
			}
		}
	}
	if r.Has(logread.ThresholdMS) {
		set("threshold_ms", double(r.Raw(logread.ThresholdMS)))
	}
	if log {
		for _, f := range []struct {
			key   string
			field logread.Field
		}{{"operation", logread.Operation}, {"status", logread.Status}, {"start_time", logread.StartTime}, {"parent_span_id", logread.ParentSpanID}} {
			if r.Has(f.field) {
				set(f.key, c.value(f.key, r.Raw(f.field)))
			}
		}
		if r.Has(logread.DurationMS) {
			set("duration_ms", double(r.Raw(logread.DurationMS)))
		}
	}
	for k, v := range r.Attrs() {
		switch {
		case k == "event_name" || k == "truncated" && !log:
		case k == "attributes":
			for mk, mv := range logread.Members(v) {
				moved = append(moved, &commonpb.KeyValue{Key: mk, Value: c.value(mk, mv)})
			}
		case contextKeys[k]:
			moved = append(moved, &commonpb.KeyValue{Key: k, Value: c.value(k, v)})
		default:
			set(k, c.value(k, v))
		}
	}
	if len(moved) > 0 {
		set("attributes", &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: moved}}})
	}
	if log {
		typ, message, stack := r.ErrorParts()
		for _, kv := range [][2]string{{"exception.type", typ}, {"exception.message", message}, {"exception.stacktrace", stack}} {
			if kv[1] != "" {
				set(kv[0], stringValue(c.Masker.String(kv[1])))
			}
		}
		if uid := r.Text(logread.UID); uid != "" {
			set("log.record.uid", stringValue(uid))
		}
	}
	c.source(r, set)
	return out
}

func (c Converter) source(r *logread.Record, set func(string, *commonpb.AnyValue)) {
	for k, v := range logread.Members(r.Raw(logread.Source)) {
		switch k {
		case "function":
			set("code.function.name", c.value("", v))
		case "file":
			set("code.file.path", c.value("", v))
		case "line":
			set("code.line.number", c.value("", v))
		}
	}
}

// double is a number that is a double even where it is whole.
func double(raw []byte) *commonpb.AnyValue {
	f, _ := logread.Number(raw)
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: f}}
}

// value converts a JSON value, masked.
func (c Converter) value(key string, raw []byte) *commonpb.AnyValue {
	if key != "" && c.Masker.Key(key) && len(raw) > 0 && string(raw) != "null" {
		return stringValue(mask.Text)
	}
	if len(raw) == 0 {
		return &commonpb.AnyValue{}
	}
	switch raw[0] {
	case '"':
		if s := logread.Text(raw); (key == "correlation_id" || key == "parent_span_id") && logread.IsID(s) {
			return stringValue(s)
		}
		return stringValue(c.Masker.String(logread.Text(raw)))
	case 't', 'f':
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: raw[0] == 't'}}
	case 'n':
		return &commonpb.AnyValue{}
	case '[':
		list := &commonpb.ArrayValue{Values: []*commonpb.AnyValue{}}
		for e := range logread.Elements(raw) {
			list.Values = append(list.Values, c.value("", e))
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
	case '{':
		list := &commonpb.KeyValueList{Values: []*commonpb.KeyValue{}}
		for k, v := range logread.Members(raw) {
			list.Values = append(list.Values, &commonpb.KeyValue{Key: k, Value: c.value(k, v)})
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: list}}
	default:
		return c.number(raw)
	}
}

func (c Converter) number(raw []byte) *commonpb.AnyValue {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		if c.Masker.Int(n) {
			return stringValue(mask.Text)
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: n}}
	}
	var f float64
	if json.Unmarshal(raw, &f) != nil { // Beyond the range of a double.
		return stringValue(string(raw))
	}
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: f}}
}
