// Package value turns any Go value into a plain [slog.Value] tree.
//
// A plain value is of kind Bool, Int64, Uint64, Float64, String, Duration,
// Time or Group (an object; unique keys), or of kind Any holding nil, []byte,
// [json.Number] or a [List]. Nothing in a plain tree can run a caller's code,
// form a cycle, or change after the call.
package value
