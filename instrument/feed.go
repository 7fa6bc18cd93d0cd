package instrument

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/telemetry"
)

// Keys of the attributes of feeds; those of messages are of the semantic
// conventions (https://opentelemetry.io/docs/specs/semconv/messaging/).
const (
	keyDestination   = "messaging.destination.name"
	keyOperationType = "messaging.operation.type"
	keyMessageType   = "message_type"
	keyDelay         = "delay_ms"
	keyDowntime      = "downtime_ms"
	keySilence       = "since_last_message_ms"
	keyMessages      = "messages"
	keyExpected      = "expected"
	keyGot           = "received"
	keyMissing       = "missing"
)

// Feed follows a long-lived stream of messages, such as a SignalR or WebSocket
// hub, over its connections. It imposes no client library: tell it when the
// connection comes and goes, and have it run the handling of each message.
//
//	feed := instrument.NewFeed("user_hub", instrument.On(telemetry.API))
//	for {
//		conn, err := dial(ctx)
//		if err != nil {
//			feed.Retrying(ctx, attempt, delay, err)
//			...
//		}
//		feed.Connected(ctx)
//		for msg := range conn.Messages() {
//			_ = feed.Message(ctx, msg.Type, func(ctx context.Context) error { return handle(ctx, msg) },
//				instrument.Sequence(msg.Number))
//		}
//		feed.Disconnected(conn.Err())
//	}
//
// A connection is an operation "user_hub.connection" with a trace of its own. A
// message is an operation "user_hub.trade" with a trace and a correlation ID of
// its own, linked to the connection's span; its record is at DEBUG when all is
// well. Reconnections and gaps are records. All methods are safe for concurrent
// use.
type Feed struct {
	name string // Immutable once set, as are the fields below.
	opts []Option
	log  *slog.Logger

	mu         sync.Mutex
	connection *Op       // Guarded by mu, as are the fields below; nil while there is none.
	lost       time.Time // When the last connection ended; zero before.
	retries    int
	messages   int64     // Of this connection.
	last       time.Time // When the last message came.
	sequence   map[string]uint64
}

// NewFeed returns a feed of that name. The options are those of all its
// operations; [On] names the stream of its records.
func NewFeed(name string, opts ...Option) *Feed {
	return &Feed{name: name, opts: opts, log: logger(config{}.with(opts).stream), sequence: map[string]uint64{}}
}

// Connected begins a connection. Again after [Feed.Disconnected], it writes a
// WARNING record: how long there was no connection, how long ago the last
// message came, how many retries it took. It returns the connection's context.
func (f *Feed) Connected(ctx context.Context, attrs ...slog.Attr) context.Context {
	f.Disconnected(nil)
	opts := append([]Option{NewTrace(), Threshold(0), Kind(trace.SpanKindConsumer), Attrs(slog.String(keyDestination, f.name)), Attrs(attrs...)}, f.opts...)
	ctx, op := Start(orBackground(ctx), f.name+".connection", opts...)

	f.mu.Lock()
	level, what := slog.LevelInfo, " connected"
	attrs = append([]slog.Attr{slog.String(keyDestination, f.name)}, attrs...)
	if !f.lost.IsZero() {
		level, what = slog.LevelWarn, " reconnected"
		attrs = append(attrs, slog.Float64(keyDowntime, milliseconds(time.Since(f.lost))), slog.Int(keyAttempt, f.retries+1))
		if !f.last.IsZero() {
			attrs = append(attrs, slog.Float64(keySilence, milliseconds(time.Since(f.last))))
		}
	}
	f.connection, f.retries, f.messages = op, 0, 0
	f.mu.Unlock()
	f.tell(ctx, level, what, attrs)
	return ctx
}

// Retrying writes a WARNING record: connecting failed with err, and is tried
// again after delay.
func (f *Feed) Retrying(ctx context.Context, attempt int, delay time.Duration, err error) {
	f.mu.Lock()
	f.retries = attempt
	if f.lost.IsZero() {
		f.lost = time.Now()
	}
	f.mu.Unlock()
	attrs := []slog.Attr{slog.String(keyDestination, f.name), slog.Int(keyAttempt, attempt), slog.Float64(keyDelay, milliseconds(delay))}
	if err != nil {
		attrs = append(attrs, slog.Any(keyError, err))
	}
	f.tell(orBackground(ctx), slog.LevelWarn, " reconnecting", attrs)
}

// Disconnected ends the connection, with err if it was lost. Without a
// connection it does nothing.
func (f *Feed) Disconnected(err error) {
	f.mu.Lock()
	op := f.connection
	f.connection = nil
	n := f.messages
	if op != nil {
		f.lost = time.Now()
	}
	f.mu.Unlock()
	if op != nil {
		op.Set(slog.Int64(keyMessages, n))
		op.End(err)
	}
}

// Sequence gives a message its number, for [Feed.Message]: one that is not the
// next of its type is a gap.
func Sequence(n uint64) Option { return func(c config) config { c.sequence = n + 1; return c } }

// Message runs fn as the operation that handles one message of that type, and
// returns its error untouched. Types should be few: they are in names. With
// [Sequence], a number that leaves some out writes a gap record.
func (f *Feed) Message(ctx context.Context, typ string, fn func(context.Context) error, opts ...Option) error {
	c := config{level: slog.LevelDebug, kind: trace.SpanKindConsumer, attrs: []slog.Attr{
		slog.String(keyDestination, f.name), slog.String(keyOperationType, "process"), slog.String(keyMessageType, typ),
	}}
	f.mu.Lock()
	f.messages++
	f.last = time.Now()
	if f.connection != nil {
		c.links = []link{{to: f.connection.span.SpanContext()}}
	}
	f.mu.Unlock()
	c = c.with(f.opts).with(opts)
	if c.sequence > 0 {
		f.follow(ctx, typ, c.sequence-1)
	}
	// Not NewTrace: the link is to the connection's span, not to that of ctx.
	return start(telemetry.NewCorrelation(orBackground(ctx)), f.name+"."+typ, c).run(fn)
}

// follow compares a number with the one expected.
func (f *Feed) follow(ctx context.Context, typ string, n uint64) {
	f.mu.Lock()
	next, known := f.sequence[typ]
	if known || len(f.sequence) < maxNames {
		f.sequence[typ] = max(next, n+1)
	}
	f.mu.Unlock()
	if known && n > next {
		f.Gap(ctx, slog.String(keyMessageType, typ), slog.Uint64(keyExpected, next), slog.Uint64(keyGot, n), slog.Uint64(keyMissing, n-next))
	}
}

// Gap writes a WARNING record: messages are missing. [Feed.Message] does so for
// numbered messages.
func (f *Feed) Gap(ctx context.Context, attrs ...slog.Attr) {
	f.tell(orBackground(ctx), slog.LevelWarn, " gap", append([]slog.Attr{slog.String(keyDestination, f.name)}, attrs...))
}

// tell writes a record about the connection, in its span if there is one.
func (f *Feed) tell(ctx context.Context, level slog.Level, what string, attrs []slog.Attr) {
	f.mu.Lock()
	if f.connection != nil {
		ctx = f.connection.context()
	}
	f.mu.Unlock()
	write(ctx, f.log, level, f.name+what, attrs)
}
