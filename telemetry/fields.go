package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

// The keys of the context fields that this daemon's records are found by.
const (
	keyCorrelationID = "correlation_id"
	keyAccountID     = "account_id"
	keyRuleID        = "rule_id"
	keyEventType     = "event_type"
)

// AccountID is the context field account_id, for [With].
func AccountID(id string) slog.Attr { return slog.String(keyAccountID, id) }

// RuleID is the context field rule_id, for [With].
func RuleID(id string) slog.Attr { return slog.String(keyRuleID, id) }

// EventType is the context field event_type, for [With].
func EventType(t string) slog.Attr { return slog.String(keyEventType, t) }

// With returns a copy of ctx with context fields, which every record made with
// it carries in its "context" object. Fields of an outer With are kept; one of
// the same key is replaced. The first With begins a correlation ID, that of
// the trace which ctx is in if there is one. Values are resolved now. A field
// correlation_id is [WithCorrelationID].
func With(ctx context.Context, fields ...slog.Attr) context.Context {
	s := scopeOf(ctx)
	merged := slices.Clone(s.fields)
	id, hasID := "", false
	for _, f := range resolverOf(FromContext(ctx)).Resolve(slog.GroupValue(fields...)).Group() {
		if f.Key == keyCorrelationID {
			id, hasID = f.Value.String(), true
			continue
		}
		if i := slices.IndexFunc(merged, func(a slog.Attr) bool { return a.Key == f.Key }); i >= 0 {
			merged[i] = f
		} else {
			merged = append(merged, f)
		}
	}
	s.fields = merged
	ctx = withScope(ctx, s)
	if hasID {
		ctx = WithCorrelationID(ctx, id)
	}
	return ctx
}

// Fields returns the context fields of ctx, outermost first, without the
// correlation ID. The caller may change the slice.
func Fields(ctx context.Context) []slog.Attr {
	if s := scopeFrom(ctx); s != nil {
		return slices.Clone(s.fields)
	}
	return nil
}

// carried is what a scope gives to records, as one masker shows it.
type carried struct {
	masker *mask.Masker
	*record.Carried
}

// carry returns what s gives to records: most are made with the same context,
// so it is masked and encoded once.
func (s *scope) carry(m *mask.Masker) *record.Carried {
	if c := s.carried.Load(); c != nil && c.masker == m {
		return c.Carried
	}
	c := &carried{masker: m, Carried: record.Carry(m, s.id, s.fields)}
	s.carried.Store(c)
	return c.Carried
}

// spanAttributes are a scope's fields as one masker shows them.
type spanAttributes struct {
	masker *mask.Masker
	attrs  []attribute.KeyValue
}

// spanAttributes returns the fields of s, which may be nil, as attributes of
// spans, masked once.
func (s *scope) spanAttributes(m *mask.Masker) []attribute.KeyValue {
	if s == nil || len(s.fields) == 0 {
		return nil
	}
	if a := s.attrs.Load(); a != nil && a.masker == m {
		return a.attrs
	}
	a := &spanAttributes{masker: m, attrs: make([]attribute.KeyValue, 0, len(s.fields))}
	for _, f := range s.fields {
		a.attrs = append(a.attrs, attribute.KeyValue{Key: attribute.Key(f.Key), Value: value.ToAttribute(f.Value)})
	}
	a.attrs = m.KeyValues(a.attrs)
	s.attrs.Store(a)
	return a.attrs
}
