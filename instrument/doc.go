// Package instrument wraps the operations of a daemon: each becomes a span, a
// duration, and a log record at its end, from which the files alone give the
// tree of operations.
//
//	positions, err := instrument.Call(ctx, "fetch_positions", client.Positions,
//		instrument.On(telemetry.API), instrument.Threshold(100*time.Millisecond))
//
// [Do] and [Call] run a function as an operation, [Wrap] makes a function into
// one, [Start] and [Op.End] time whatever lies between them. [Transport] and
// [Middleware] do the same for HTTP, [Go] for goroutines, [Every] for periodic
// work and [Feed] for the messages of a long-lived connection.
//
// # Records
//
// The end record has operation, duration_ms, status (ok, error, canceled),
// start_time, parent_span_id and threshold_ms where they apply, and the
// operation's attributes. Without a threshold a successful end is at INFO; with
// one there is a record only when the operation took longer, at WARNING. A
// failure is at ERROR, the cancellation of the operation's own context at INFO.
// An operation whose child was recorded is recorded too, whatever its level and
// threshold, so that the trees in the files are connected.
//
// # Errors and panics
//
// Errors and results pass through untouched. A panic is recorded with its
// stack, fails the span, and goes on with the same value unless [OnPanic] says
// otherwise. Whatever enters a span or a record is masked.
//
// # Where it goes
//
// An operation belongs to the Telemetry of its context, or else to the current
// one (see [telemetry.FromContext]). Without any, functions still run, nothing
// is traced, and records go to stderr as those of loggers do. A nil context is
// taken for [context.Background].
package instrument
