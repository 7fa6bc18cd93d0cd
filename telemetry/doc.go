// Package telemetry sets up the telemetry of a daemon with one call, [Setup],
// and holds what travels with a context: context fields and the correlation ID.
//
// A record's way is one: a slog call, whose values are resolved at once;
// otelslog and the SDK's logger; the processor, which adds what the context
// carries and masks everything, once; then the sinks: four rotating JSON files,
// a console for people, and a collector by OTLP if one is configured. When the
// call returns, the record is with the kernel for every file it belongs to.
//
// A correlation ID is a trace ID. It begins with the first context field,
// before any span, and the root span adopts it: records before, inside and
// after the span share it.
package telemetry

// scopeName is the name of this package's own meter.
const scopeName = "riskmanager.internal/otel/telemetry"
