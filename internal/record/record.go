package record

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/value"
)

// Record is one log record between the call that made it and the sinks. Its
// values are resolved: every [slog.Value] in it is a plain one (see package
// value), so that no sink ever calls code of the caller.
//
// The slices, and what Error points to, belong to the record: [Record.Mask]
// changes them in place. What Source points to may be shared and is never
// changed.
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

	// UID is the record's log.record.uid if another program gave it one. Ours
	// come from [Record.MintUID], which needs no allocation; [Record.UIDText]
	// returns either.
	UID       string
	EventName string // Of records of the log API; empty for slog's.

	OriginalBytes int  // Size before it was cut; 0 means whole.
	Masked        bool // Set by Mask: the sinks need not mask again.
	Dirty         bool // Set by Mask: something was masked.

	// Resolver resolves the values given to Add. Its Sensitive function should
	// be the masker's Key.
	Resolver value.Resolver

	budget   value.Budget
	carried  *Carried       // What Context holds, if nothing else; masked.
	uid      [uidLen]byte   // Minted, if the first byte is not 0.
	whole    bool           // The line is known to fit.
	foreign  bool           // From another program: its names need masking too.
	error    Error          // What Error points to, to save an allocation.
	index    map[string]int // Of Attrs by key, once they are many.
	kvs      []attribute.KeyValue
	inflight inflight
}

// Error is the record's "error" object, exception.* over OTLP.
type Error struct {
	Type    string // Empty when only a text was given.
	Message string
	Stack   string // Empty when the error carries none.
}

// Source is where the record was made, code.* over OTLP.
type Source struct {
	Function string
	File     string
	Line     int

	json string // As it stands in the line, if NewSource made it.
}

// NewSource returns a Source that is encoded once, for call sites that log more
// often. It must not be changed.
func NewSource(function, file string, line int) *Source {
	s := &Source{Function: function, File: file, Line: line}
	s.json = string(s.append(nil))
	return s
}

// maxPooled is the number of attributes beyond which a record's slices are
// left to the garbage collector.
const maxPooled = 128

// pool holds records without content; it is no state.
var pool = sync.Pool{New: func() any { return new(Record) }}

// Get returns an empty record, whose slices may have room.
func Get() *Record {
	return pool.Get().(*Record)
}

// Put gives r back. Nothing may use it, its slices or a context made of it by
// [NewContext] any more. An SDK record may: [Record.ToSDK] copies.
func Put(r *Record) {
	if r == nil {
		return
	}
	*r = Record{
		Context: emptied(r.Context),
		Attrs:   emptied(r.Attrs),
		Moved:   emptied(r.Moved),
		kvs:     emptied(r.kvs),
		// Whoever kept the context against the rules gets an empty one.
		inflight: inflight{Context: context.Background()},
	}
	pool.Put(r)
}

// emptied returns s without elements and without what they refer to.
func emptied[T any](s []T) []T {
	if cap(s) > maxPooled {
		return nil
	}
	clear(s)
	return s[:0]
}

// inflight is a context that carries a record. It lies inside the record, so
// that NewContext costs nothing.
type inflight struct {
	context.Context //nolint:containedctx // This is a context.

	record *Record
}

type contextKey struct{}

// Value returns the record for this package's key, and what the parent has for
// any other.
func (c *inflight) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return c.record
	}
	return c.Context.Value(key)
}

// NewContext returns ctx with r in it. The result is valid until r is [Put]
// and is for the synchronous way through the SDK only: nobody may keep it. A
// record can be in one context at a time.
func NewContext(ctx context.Context, r *Record) context.Context {
	r.inflight = inflight{Context: ctx, record: r}
	return &r.inflight
}

// FromContext returns the record that ctx carries, or nil.
func FromContext(ctx context.Context) *Record {
	if c, ok := ctx.(*inflight); ok {
		return c.record
	}
	r, _ := ctx.Value(contextKey{}).(*Record)
	return r
}
