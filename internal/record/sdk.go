package record

import (
	"encoding/hex"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"riskmanager.internal/otel/internal/value"
)

// FromSDK returns a record of ours for one of the SDK's, for records of the
// log API and for pipelines that are not ours. It is the inverse of
// [Record.ToSDK] as far as OpenTelemetry's model allows: of the context fields
// it knows correlation_id, account_id, rule_id and event_type again, and the
// keys of objects are sorted. Attributes that it does not know become
// attributes as [Record.Add] has it. Without a timestamp the observed one
// counts, without a correlation ID the trace ID is it.
//
// The record is from [Get]; the caller may [Put] it.
func FromSDK(s *sdklog.Record) *Record {
	r := Get()
	r.foreign = true
	r.Time = s.Timestamp()
	if r.Time.IsZero() {
		r.Time = s.ObservedTimestamp()
	}
	r.Time = r.Time.UTC().Truncate(time.Microsecond)
	r.Level = levelOf(s.Severity(), s.SeverityText())
	r.Logger = s.InstrumentationScope().Name
	r.Body = r.budget.FromAttribute(s.Body())
	r.EventName = s.EventName()
	r.TraceID, r.SpanID, r.Flags = s.TraceID(), s.SpanID(), s.TraceFlags()
	s.WalkAttributes(func(kv attribute.KeyValue) bool {
		r.addOwn(kv)
		return true
	})
	s.WalkAttributes(func(kv attribute.KeyValue) bool {
		r.addOther(kv)
		return true
	})
	if r.CorrelationID == "" && r.TraceID.IsValid() {
		r.CorrelationID = uuidText(r.TraceID)
	}
	return r
}

// addOwn takes what ToSDK made of the record's own fields.
func (r *Record) addOwn(kv attribute.KeyValue) {
	switch kv.Key {
	case semconv.ExceptionTypeKey, semconv.ExceptionMessageKey, semconv.ExceptionStacktraceKey:
		if kv.Value.Type() != attribute.STRING {
			return
		}
		r.Error = &r.error
		switch kv.Key {
		case semconv.ExceptionTypeKey:
			r.error.Type = kv.Value.AsString()
		case semconv.ExceptionMessageKey:
			r.error.Message = kv.Value.AsString()
		case semconv.ExceptionStacktraceKey:
			r.error.Stack = kv.Value.AsString()
		}
	case semconv.CodeFunctionNameKey, semconv.CodeFilePathKey:
		if kv.Value.Type() != attribute.STRING {
			return
		}
		if r.Source == nil {
			r.Source = &Source{}
		}
		if kv.Key == semconv.CodeFunctionNameKey {
			r.Source.Function = kv.Value.AsString()
		} else {
			r.Source.File = kv.Value.AsString()
		}
	case semconv.CodeLineNumberKey:
		if kv.Value.Type() != attribute.INT64 {
			return
		}
		if r.Source == nil {
			r.Source = &Source{}
		}
		r.Source.Line = int(kv.Value.AsInt64())
	case semconv.LogRecordUIDKey:
		if kv.Value.Type() == attribute.STRING {
			r.UID = kv.Value.AsString()
		}
	case keyOriginalBytes:
		if kv.Value.Type() == attribute.INT64 {
			r.OriginalBytes = int(max(0, kv.Value.AsInt64()))
		}
	}
}

// addOther takes all the rest.
func (r *Record) addOther(kv attribute.KeyValue) {
	switch kv.Key {
	case semconv.ExceptionTypeKey, semconv.ExceptionMessageKey, semconv.ExceptionStacktraceKey,
		semconv.CodeFunctionNameKey, semconv.CodeFilePathKey, semconv.LogRecordUIDKey:
		if kv.Value.Type() == attribute.STRING {
			return
		}
	case semconv.CodeLineNumberKey:
		if kv.Value.Type() == attribute.INT64 {
			return
		}
	case keyOriginalBytes, keyTruncated:
		if r.OriginalBytes > 0 {
			return
		}
	case keyCorrelationID, keyAccountID, keyRuleID, keyEventType:
		r.AddContext(slog.Attr{Key: string(kv.Key), Value: r.budget.FromAttribute(kv.Value)})
		return
	case keyAttributes:
		if kv.Value.Type() == attribute.MAP {
			for _, a := range r.budget.FromAttribute(kv.Value).Group() {
				r.Moved = set(r.Moved, a)
			}
			return
		}
	}
	r.AddPlain(slog.Attr{Key: string(kv.Key), Value: r.budget.FromAttribute(kv.Value)})
}

// levelOf returns the level of a severity; none is INFO. The text counts where
// the number could not say all.
func levelOf(s log.Severity, text string) slog.Level {
	if s == log.SeverityUndefined {
		return slog.LevelInfo
	}
	l := slog.Level(int(s) - severityOffset)
	if s <= log.SeverityTrace1 || s >= log.SeverityFatal4 {
		if exact, err := ParseLevel(text); err == nil && severity(exact) == severity(l) {
			return exact
		}
	}
	return l
}

// ToSDK writes the record over dst: the record as OTLP has it. Context fields
// are attributes of the same name; a context field or an attribute whose name
// is taken by then goes to the map "attributes", together with Moved. dst
// keeps its resource, scope and observed timestamp and shares nothing with r.
func (r *Record) ToSDK(dst *sdklog.Record) {
	dst.SetTimestamp(r.Time)
	dst.SetSeverity(log.Severity(severity(r.Level)))
	dst.SetSeverityText(LevelText(r.Level))
	dst.SetBody(value.ToAttribute(r.Body))
	dst.SetEventName(value.Valid(r.EventName))
	dst.SetTraceID(r.TraceID)
	dst.SetSpanID(r.SpanID)
	dst.SetTraceFlags(r.Flags)

	kvs := r.kvs[:0]
	var moved []attribute.KeyValue // Rare.
	for _, a := range r.Moved {
		moved = append(moved, keyValue(a))
	}
	if r.CorrelationID != "" {
		kvs = append(kvs, attribute.String(keyCorrelationID, value.Valid(r.CorrelationID)))
	}
	for _, a := range r.Context {
		if r.takes(a.Key) {
			moved = setKeyValue(moved, keyValue(a))
			continue
		}
		kvs = append(kvs, keyValue(a))
	}
	for _, a := range r.Attrs {
		if r.takes(a.Key) || has(r.Context, a.Key) {
			moved = setKeyValue(moved, keyValue(a))
			continue
		}
		kvs = append(kvs, keyValue(a))
	}
	if len(moved) > 0 {
		kvs = append(kvs, attribute.KeyValue{Key: keyAttributes, Value: attribute.MapValue(moved...)})
	}
	if e := r.Error; e != nil {
		if e.Type != "" {
			kvs = append(kvs, semconv.ExceptionType(value.Valid(e.Type)))
		}
		kvs = append(kvs, semconv.ExceptionMessage(value.Valid(e.Message)))
		if e.Stack != "" {
			kvs = append(kvs, semconv.ExceptionStacktrace(value.Valid(e.Stack)))
		}
	}
	if s := r.Source; s != nil {
		kvs = append(kvs, semconv.CodeFunctionName(value.Valid(s.Function)), semconv.CodeFilePath(value.Valid(s.File)), semconv.CodeLineNumber(s.Line))
	}
	if uid := value.Valid(r.UIDText()); uid != "" {
		kvs = append(kvs, semconv.LogRecordUID(uid))
	}
	if r.OriginalBytes > 0 {
		kvs = append(kvs, attribute.Bool(keyTruncated, true), attribute.Int(keyOriginalBytes, r.OriginalBytes))
	}
	dst.SetAttributes(kvs...)
	r.kvs = kvs
}

func keyValue(a slog.Attr) attribute.KeyValue {
	return attribute.KeyValue{Key: attribute.Key(a.Key), Value: value.ToAttribute(a.Value)}
}

// takes tells whether ToSDK uses key for a field of the record.
func (r *Record) takes(key string) bool {
	switch attribute.Key(key) {
	case keyCorrelationID:
		return r.CorrelationID != ""
	case keyAttributes:
		return true
	case semconv.ExceptionTypeKey, semconv.ExceptionMessageKey, semconv.ExceptionStacktraceKey:
		return r.Error != nil
	case semconv.CodeFunctionNameKey, semconv.CodeFilePathKey, semconv.CodeLineNumberKey:
		return r.Source != nil
	case semconv.LogRecordUIDKey:
		return r.HasUID()
	case keyTruncated, keyOriginalBytes:
		return r.OriginalBytes > 0
	}
	return false
}

func setKeyValue(kvs []attribute.KeyValue, kv attribute.KeyValue) []attribute.KeyValue {
	for i := range kvs {
		if kvs[i].Key == kv.Key {
			kvs[i] = kv
			return kvs
		}
	}
	return append(kvs, kv)
}

// uuidText returns 16 bytes as a UUID is written.
func uuidText(id [16]byte) string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}
