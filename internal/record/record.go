package record

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Record is one log record between the call that made it and the sinks. Its
// values are resolved: every [slog.Value] in it is a plain one (see package
// value), so that no sink ever calls code of the caller.
type Record struct {
	Time   time.Time  // UTC, whole microseconds.
	Level  slog.Level // As given; the severity number is Level+9, clamped.
	Logger string     // The instrumentation scope's name.
	Body   slog.Value // The message; a string for all of slog.

	CorrelationID string      // context.correlation_id; empty means none.
	Context       []slog.Attr // The other context fields; unique keys.

	Attrs []slog.Attr // Top-level keys: unique, none of them reserved.
	Moved []slog.Attr // Attributes whose key is reserved: the object "attributes".

	Error  *Error
	Source *Source

	TraceID trace.TraceID
	SpanID  trace.SpanID
	Flags   trace.TraceFlags

	UID       string // A ULID (log.record.uid).
	EventName string // Of records of the log API; empty for slog's.

	OriginalBytes int  // Size before it was cut; 0 means whole.
	Masked        bool // Set by Mask: the sinks need not mask again.
}

// Error is the record's "error" object, exception.* over OTLP.
type Error struct {
	Type    string
	Message string
	Stack   string // Empty when the error carries none.
}

// Source is where the record was made, code.* over OTLP.
type Source struct {
	Function string
	File     string
	Line     int
}
