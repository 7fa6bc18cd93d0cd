package telemetry

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"riskmanager.internal/otel/exporters"
)

// Names of the pipeline's own metrics: those of the SDK's semantic conventions
// (https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/) where they
// have one, with each file as an exporter.
const (
	metricCreated       = "otel.sdk.log.created"
	metricLogs          = "otel.sdk.exporter.log.exported"
	metricLogsInflight  = "otel.sdk.exporter.log.inflight"
	metricSpans         = "otel.sdk.exporter.span.exported"
	metricSpansInflight = "otel.sdk.exporter.span.inflight"
	metricMasked        = "risk_manager.log.masked"
	metricFolded        = "risk_manager.log.folded"
	metricRotations     = "risk_manager.log.file.rotations"
	metricRepairs       = "risk_manager.log.file.repairs"

	keyComponentType = "otel.component.type"
	keyComponentName = "otel.component.name"
	keyErrorType     = "error.type"

	fileExporter = "rotating_file_log_exporter"
)

// observe registers the pipeline's counters, which are read when metrics are,
// and the Go runtime's metrics if there is somebody to send them to
// (https://opentelemetry.io/docs/specs/semconv/runtime/go-metrics/).
func (t *Telemetry) observe() error {
	m := t.meters.Meter(scopeName)
	var all []metric.Observable
	var errs []error
	counter := func(name, unit, description string) metric.Int64Observable {
		c, err := m.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
		all, errs = append(all, c), append(errs, err)
		return c
	}
	gauge := func(name, unit, description string) metric.Int64Observable {
		c, err := m.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
		all, errs = append(all, c), append(errs, err)
		return c
	}
	created := counter(metricCreated, "{log_record}", "Log records that passed their level.")
	masked := counter(metricMasked, "{log_record}", "Log records in which something was masked.")
	folded := counter(metricFolded, "{log_record}", "Log records folded into a summary.")
	logs := counter(metricLogs, "{log_record}", "Log records written to a file or delivered, or lost with an error.type.")
	logsHeld := gauge(metricLogsInflight, "{log_record}", "Log records held for a disk or a collector.")
	spans := counter(metricSpans, "{span}", "Spans delivered, or lost with an error.type.")
	spansHeld := gauge(metricSpansInflight, "{span}", "Spans held for a collector.")
	rotations := counter(metricRotations, "{rotation}", "Rotations of a file.")
	repairs := counter(metricRepairs, "{repair}", "Torn lines closed off in a file.")

	_, err := m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := t.Stats()
		o.ObserveInt64(created, s.Accepted)
		o.ObserveInt64(masked, s.Masked)
		o.ObserveInt64(folded, s.Folded)
		for name, f := range s.Files {
			of := component(fileExporter, name)
			o.ObserveInt64(logs, f.Lines, of)
			o.ObserveInt64(logsHeld, f.HeldLines, of)
			if lost := f.Lost.Total(); lost > 0 {
				o.ObserveInt64(logs, lost, of, lostTo("disk"))
			}
			o.ObserveInt64(rotations, f.Rotated, of)
			o.ObserveInt64(repairs, f.Repaired, of)
		}
		if t.forward.LogProcessor() != nil {
			observeSignal(o, logs, logsHeld, s.Forward.Logs, component(otlpExporter(t.cfg.OTLP.Logs, "log"), "0"))
		}
		if t.forward.SpanProcessor() != nil {
			observeSignal(o, spans, spansHeld, s.Forward.Traces, component(otlpExporter(t.cfg.OTLP.Traces, "span"), "0"))
		}
		return nil
	}, all...)
	errs = append(errs, err)
	if t.forward.MetricReader() != nil {
		errs = append(errs, runtime.Start(runtime.WithMeterProvider(t.meters)))
	}
	return errors.Join(errs...)
}

// observeSignal observes what became of the records of a signal.
func observeSignal(o metric.Observer, exported, held metric.Int64Observable, s exporters.SignalStats, of metric.ObserveOption) {
	o.ObserveInt64(exported, int64(s.Delivered), of) //nolint:gosec // 2^63 records are not to be had, here and below.
	o.ObserveInt64(held, int64(s.Held), of)          //nolint:gosec // As above.
	for cause, n := range s.DroppedBy {
		if n > 0 {
			o.ObserveInt64(exported, int64(n), of, lostTo(exporters.DropCause(cause).String())) //nolint:gosec // As above.
		}
	}
}

// component returns the attributes of an exporter.
func component(typ, name string) metric.ObserveOption {
	return metric.WithAttributes(attribute.String(keyComponentType, typ), attribute.String(keyComponentName, typ+"/"+name))
}

// lostTo returns the attribute of what was lost.
func lostTo(cause string) metric.ObserveOption {
	return metric.WithAttributes(attribute.String(keyErrorType, cause))
}

// otlpExporter returns the conventions' word for the exporter of a signal, such
// as otlp_http_log_exporter.
func otlpExporter(c OTLPSignalConfig, signal string) string {
	transport, _, _ := strings.Cut(cmp.Or(c.Protocol, exporters.ProtocolHTTP), "/")
	return "otlp_" + transport + "_" + signal + "_exporter"
}
