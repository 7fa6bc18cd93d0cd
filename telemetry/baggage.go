package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"riskmanager.internal/otel/mask"
)

// The limits of W3C baggage, beyond which a receiver may drop all of it.
const (
	maxBaggageMembers = 64
	maxBaggageBytes   = 8192
)

// Propagate returns a copy of ctx whose context fields of these keys travel
// with its requests, as W3C baggage (https://www.w3.org/TR/baggage/). Other
// fields stay in the process, as do those that are not scalar. Sensitive keys
// never travel, named here or not, and values are masked. A field is taken as
// it is now: call Propagate after [With]. Fields beyond 64, or 8 KiB in all,
// stay behind.
//
//	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"))
//	ctx = telemetry.Propagate(ctx, "account_id")
//
// What is baggage is seen by every server that the requests reach.
func Propagate(ctx context.Context, keys ...string) context.Context {
	ctx = orBackground(ctx)
	m := FromContext(ctx).Masker()
	b := baggage.FromContext(ctx)
	for _, f := range Fields(ctx) {
		if !slices.Contains(keys, f.Key) || m.Key(f.Key) || !isScalar(f.Value) {
			continue
		}
		member, err := baggage.NewMemberRaw(f.Key, m.String(f.Value.String()))
		if err != nil {
			continue // The key is empty or not UTF-8: it cannot travel.
		}
		if with, err := b.SetMember(member); err == nil && with.Len() <= maxBaggageMembers && len(with.String()) <= maxBaggageBytes {
			b = with
		}
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// isScalar reports whether v has one text.
func isScalar(v slog.Value) bool {
	return v.Kind() != slog.KindGroup && v.Kind() != slog.KindAny && v.Kind() != slog.KindLogValuer
}

// WithBaggage returns a copy of ctx with the baggage members of these keys,
// such as a request brought them, as context fields. Members of other keys are
// left alone: a peer does not choose what is in our records. A field that ctx
// has already is kept.
func WithBaggage(ctx context.Context, keys ...string) context.Context {
	ctx = orBackground(ctx)
	b := baggage.FromContext(ctx)
	var fields []slog.Attr
	for _, k := range keys {
		m := b.Member(k)
		if m.Key() == "" || slices.ContainsFunc(Fields(ctx), func(a slog.Attr) bool { return a.Key == k }) {
			continue
		}
		fields = append(fields, slog.String(k, m.Value()))
	}
	if fields == nil {
		return ctx
	}
	return With(ctx, fields...)
}

// maskedBaggage is the W3C baggage propagator, except that nothing sensitive
// leaves: whoever put it into the context, a member with a sensitive key stays
// behind, and values are masked.
type maskedBaggage struct {
	propagation.Baggage
	masker *mask.Masker
}

var _ propagation.TextMapPropagator = maskedBaggage{}

func newBaggage(m *mask.Masker) propagation.TextMapPropagator { return maskedBaggage{masker: m} }

// Inject implements propagation.TextMapPropagator.
func (p maskedBaggage) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	b := baggage.FromContext(ctx)
	if b.Len() == 0 {
		return
	}
	p.Baggage.Inject(baggage.ContextWithBaggage(ctx, p.mask(b)), carrier)
}

// mask returns b as it may leave.
func (p maskedBaggage) mask(b baggage.Baggage) baggage.Baggage {
	for _, m := range b.Members() {
		switch text := p.masker.String(m.Value()); {
		case p.masker.Key(m.Key()):
			b = b.DeleteMember(m.Key())
		case text != m.Value() || p.dirtyProperties(m):
			// Properties are free text: one that is masked is left out.
			masked, err := baggage.NewMemberRaw(m.Key(), text)
			if err != nil {
				b = b.DeleteMember(m.Key())
				continue
			}
			if with, err := b.SetMember(masked); err == nil {
				b = with
			}
		}
	}
	return b
}

func (p maskedBaggage) dirtyProperties(m baggage.Member) bool {
	return slices.ContainsFunc(m.Properties(), func(prop baggage.Property) bool {
		v, _ := prop.Value()
		return p.masker.Key(prop.Key()) || p.masker.String(v) != v
	})
}
