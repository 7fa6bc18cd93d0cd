package telemetry

import (
	"sync/atomic"

	"riskmanager.internal/otel/exporters"
)

// Stats are the counters of the pipeline since [Setup].
type Stats struct {
	// Accepted counts the records that passed their level.
	Accepted int64

	// Masked counts those of them in which something was masked.
	Masked int64

	// Folded counts those that were folded into a summary (fold_repeats).
	Folded int64

	// Errors counts what OpenTelemetry reported to its error handler.
	Errors int64

	// Files holds the counters of each file by its stream's name: daemon,
	// enforcement, api, error.
	Files map[string]exporters.Stats

	// Forward holds the counters of the OTLP forward; all zero without one.
	Forward exporters.ForwardStats
}

// counters are those of the processor.
type counters struct {
	accepted, masked, folded atomic.Int64
}

// Stats returns the counters as they stand.
func (t *Telemetry) Stats() Stats {
	if t == nil {
		return Stats{}
	}
	return Stats{
		Accepted: t.counters.accepted.Load(),
		Masked:   t.counters.masked.Load(),
		Folded:   t.counters.folded.Load(),
		Errors:   t.errors.count.Load(),
		Files:    t.files.Stats(),
		Forward:  t.forward.Stats(),
	}
}
