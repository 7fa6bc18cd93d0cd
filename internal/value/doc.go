// Package value turns any Go value into a plain [slog.Value] tree.
//
// A plain value is of kind Bool, Int64, Uint64, Float64, String, Duration,
// Time or Group (an object; unique keys), or of kind Any holding nil, []byte,
// [json.Number] or a [List]. Nothing in a plain tree can run a caller's code,
// form a cycle, or change after the call.
//
// # How a value is chosen
//
// The first that applies:
//
//   - nil, and a nil pointer, map, slice, func or channel of any type: nil
//   - [slog.LogValuer], at any depth: what LogValue returns
//   - [time.Time], [time.Duration], [slog.Value], slices of [slog.Attr], and
//     OpenTelemetry's attribute values: themselves
//   - error: an object of "type" and "message"
//   - [encoding.TextMarshaler], [fmt.Stringer]: text
//   - [json.Marshaler]: its JSON, parsed; numbers keep their digits
//   - named basic types: by kind; []byte and its kin: bytes
//   - structs: as encoding/json would, tags and embedding included
//   - maps: sorted by the text of their keys; slices and arrays: a [List]
//   - complex numbers: text; channels, functions and pointers without a type:
//     "!UNSUPPORTED: " and the type
//
// Methods of the pointer type count for values too. An empty object inside an
// object is left out, because [slog.GroupValue] leaves it out.
//
// # Hostile values
//
// A panic in a method of the value is recovered and its text stands in the
// value's place ("!PANIC: ..."), as do "!ERROR: ..." for an error that a
// marshaler returned, "!CYCLE" where a value contains itself, "!DEPTH" below
// [MaxDepth] and "!TRUNCATED: n more" beyond [MaxWidth] elements, [MaxText]
// bytes or the [Budget].
//
// Three things cannot be survived by any logger, because the Go runtime ends
// the process without a panic: a map written by another goroutine while it is
// read here, a method of the value that recurses until the stack is exhausted,
// and one that exits. A method that blocks, blocks its caller: values are
// resolved at the call and in the caller's goroutine, never later.
package value
