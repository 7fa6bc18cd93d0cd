package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Names of the pipeline's own metrics: those of the SDK's semantic conventions
// (https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/) where they
// have one, with each file as an exporter.
const (
	metricCreated    = "otel.sdk.log.created"
	metricExported   = "otel.sdk.exporter.log.exported"
	metricInflight   = "otel.sdk.exporter.log.inflight"
	metricMasked     = "risk_manager.log.masked"
	metricFolded     = "risk_manager.log.folded"
	metricRotations  = "risk_manager.log.file.rotations"
	metricRepairs    = "risk_manager.log.file.repairs"
	keyComponentType = "otel.component.type"
	keyComponentName = "otel.component.name"
	keyErrorType     = "error.type"
)

// observe registers the pipeline's counters, which are read when metrics are.
func (t *Telemetry) observe() error {
	m := t.meters.Meter(scopeName)
	var firstErr error
	counter := func(name, unit, description string) metric.Int64ObservableCounter {
		c, err := m.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
		if firstErr == nil {
			firstErr = err
		}
		return c
	}
	created := counter(metricCreated, "{log_record}", "Log records that passed their level.")
	masked := counter(metricMasked, "{log_record}", "Log records in which something was masked.")
	folded := counter(metricFolded, "{log_record}", "Log records folded into a summary.")
	exported := counter(metricExported, "{log_record}", "Log records written to a file, or lost with an error.type.")
	rotations := counter(metricRotations, "{rotation}", "Rotations of a file.")
	repairs := counter(metricRepairs, "{repair}", "Torn lines closed off in a file.")
	inflight, err := m.Int64ObservableUpDownCounter(metricInflight, metric.WithUnit("{log_record}"),
		metric.WithDescription("Log records held while the disk refuses them."))
	if firstErr == nil {
		firstErr = err
	}
	if firstErr != nil {
		return firstErr
	}
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := t.Stats()
		o.ObserveInt64(created, s.Accepted)
		o.ObserveInt64(masked, s.Masked)
		o.ObserveInt64(folded, s.Folded)
		for name, f := range s.Files {
			at := []attribute.KeyValue{attribute.String(keyComponentType, "rotating_file_log_exporter"), attribute.String(keyComponentName, "rotating_file_log_exporter/"+name)}
			of := metric.WithAttributes(at...)
			o.ObserveInt64(exported, f.Lines, of)
			if lost := f.Lost.Total(); lost > 0 {
				o.ObserveInt64(exported, lost, metric.WithAttributes(append(at, attribute.String(keyErrorType, "disk"))...))
			}
			o.ObserveInt64(inflight, f.HeldLines, of)
			o.ObserveInt64(rotations, f.Rotated, of)
			o.ObserveInt64(repairs, f.Repaired, of)
		}
		return nil
	}, created, masked, folded, exported, inflight, rotations, repairs)
	return err
}
