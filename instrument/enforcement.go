package instrument

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"riskmanager.internal/otel/telemetry"
)

// The counters of what a risk daemon is for, by rule.
const (
	breachesName     = "risk_manager.breaches"
	enforcementsName = "risk_manager.enforcements"

	keyRule   = "rule_id"
	keyAction = "action"
)

func (s *state) newCounters() {
	m := s.tel.MeterProvider().Meter(scopeName)
	counter := func(name, unit, description string) metric.Int64Counter {
		// An error comes with an instrument that works or does nothing, and
		// the names are constants that TestCounters proves valid.
		c, _ := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		return c
	}
	s.breaches = counter(breachesName, "{breach}", "Breaches of risk rules, by rule.")
	s.enforcements = counter(enforcementsName, "{enforcement}", "Enforcement actions, by rule, action and status.")
}

// Breach writes the breach of a rule to enforcement.log, at WARNING, and
// counts it in risk_manager.breaches. The rule becomes the context field
// rule_id.
//
//	instrument.Breach(ctx, "MAX_LOSS", slog.Float64("current_loss", -620), slog.Float64("max_loss", -500))
func Breach(ctx context.Context, rule string, attrs ...slog.Attr) {
	ctx = telemetry.With(orBackground(ctx), telemetry.RuleID(rule))
	s := stateOf(ctx)
	if s.breaches != nil {
		s.breaches.Add(ctx, 1, metric.WithAttributeSet(attribute.NewSet(attribute.String(keyRule, s.rule(rule)))))
	}
	write(ctx, loggers[enforcementStream], slog.LevelWarn, rule+" breached", s.resolve(attrs))
}

// Enforce runs an enforcement action as an operation of that name whose record
// goes to enforcement.log, with the action as an attribute, and counts it in
// risk_manager.enforcements. The rule becomes the context field rule_id.
// Enforcements have no threshold unless opts give one: each is recorded.
func Enforce(ctx context.Context, rule, action string, fn func(context.Context) error, opts ...Option) error {
	ctx = telemetry.With(orBackground(ctx), telemetry.RuleID(rule))
	s := stateOf(ctx)
	opts = append([]Option{On(telemetry.Enforcement), Threshold(0), Attrs(slog.String(keyAction, action))}, opts...)
	counted := func(ctx context.Context) (err error) {
		st := failed // Of a panic.
		defer func() {
			if s.enforcements != nil {
				s.enforcements.Add(ctx, 1, metric.WithAttributeSet(attribute.NewSet(
					attribute.String(keyRule, s.rule(rule)), attribute.String(keyAction, s.rule(action)), attribute.String(keyStatus, st.String()),
				)))
			}
		}()
		err = fn(ctx)
		st = statusOf(ctx, err)
		return err
	}
	return Do(ctx, action, counted, opts...)
}

// rule returns a rule or an action as the value of a metric's attribute:
// masked, and few.
func (s *state) rule(name string) string {
	return s.rules.get(s.masker, name)
}
