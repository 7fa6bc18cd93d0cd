// Package record is the in-flight form of a log record: what the slog handler
// builds, the processor enriches and masks, and the sinks (files, console,
// OTLP) render. It has one JSON encoder, one text renderer for people, and the
// conversions from and to the SDK's record.
//
// A record belongs to one goroutine at a time. Its order of life is
// [Get], the fields and [Record.Add], [Record.Mask], the sinks ([AppendJSON],
// [TextStyle.Append], [Record.ToSDK]), [Put].
package record
