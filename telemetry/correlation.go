package telemetry

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// scope is what a context carries: the context fields and the correlation ID.
// Immutable once set, so that goroutines share it freely.
type scope struct {
	fields  []slog.Attr // Resolved; unique keys.
	id      string      // context.correlation_id.
	traceID trace.TraceID
	source  idSource

	carried atomic.Pointer[carried]        // As a masker shows it, made when first wanted.
	attrs   atomic.Pointer[spanAttributes] // Likewise.
}

// idSource says where a scope's correlation ID comes from, which decides what
// wins when a span of another trace is in the context too.
type idSource uint8

const (
	generated idSource = iota // Ours: follows the trace it finds itself in.
	custom                    // The caller's: stays what it is.
)

type scopeKey struct{}

func scopeFrom(ctx context.Context) *scope {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

// withScope returns ctx with s in it.
func withScope(ctx context.Context, s *scope) context.Context {
	return context.WithValue(orBackground(ctx), scopeKey{}, s)
}

// orBackground takes a nil ctx for the background, as slog and package
// instrument do.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// scopeOf returns a new scope that continues the one of ctx, or that a first
// field begins: in the trace which ctx is in, or a new one.
func scopeOf(ctx context.Context) *scope {
	s := scopeFrom(ctx)
	sc := trace.SpanContextFromContext(ctx)
	switch {
	case s == nil && sc.HasTraceID():
		return &scope{id: uuidText(sc.TraceID()), traceID: sc.TraceID()}
	case s == nil:
		return newScope(nil)
	case s.source == generated && sc.HasTraceID() && sc.TraceID() != s.traceID:
		// A trace that came from outside wins over an ID of ours.
		return &scope{fields: s.fields, id: uuidText(sc.TraceID()), traceID: sc.TraceID()}
	}
	return &scope{fields: s.fields, id: s.id, traceID: s.traceID, source: s.source}
}

// newScope returns a scope with a new ID and the fields of old, if any.
func newScope(old *scope) *scope {
	tid := newTraceID(time.Now())
	s := &scope{id: uuidText(tid), traceID: tid}
	if old != nil {
		s.fields = old.fields
	}
	return s
}

// NewCorrelation returns a copy of ctx with a new correlation ID, and so a new
// trace: the context fields are kept, and the span of ctx, if any, is not the
// parent of the next one. Use it for each event of a loop.
func NewCorrelation(ctx context.Context) context.Context {
	s := newScope(scopeFrom(ctx))
	if trace.SpanContextFromContext(ctx).IsValid() {
		ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	}
	return withScope(ctx, s)
}

// WithCorrelationID returns a copy of ctx with the correlation ID id. A UUID or
// 32 hexadecimal digits are the trace ID itself, written as a UUID; any other
// string is kept verbatim and the trace ID derived from it, the same one in
// every process. An empty or nil ID begins a new one. Inside a span or under a
// remote parent the trace stays what it is and only context.correlation_id
// changes.
func WithCorrelationID(ctx context.Context, id string) context.Context {
	s := newScope(scopeFrom(ctx))
	if tid, ok := parseTraceID(id); ok {
		if tid.IsValid() {
			s.id, s.traceID = uuidText(tid), tid
		}
	} else if id != "" {
		s.id, s.traceID = id, deriveTraceID(id)
	}
	s.source = custom
	return withScope(ctx, s)
}

// CorrelationID returns the correlation ID that records made with ctx carry:
// the one set, else that of the trace ctx is in, else "".
func CorrelationID(ctx context.Context) string {
	s := scopeFrom(ctx)
	sc := trace.SpanContextFromContext(ctx)
	id, _ := correlate(s, sc)
	return id
}

// correlate decides between a scope and a span context. The span's trace is
// the record's; the ID follows it unless the caller set one of their own.
func correlate(s *scope, sc trace.SpanContext) (string, trace.TraceID) {
	switch {
	case s == nil && !sc.HasTraceID():
		return "", trace.TraceID{}
	case s == nil:
		return uuidText(sc.TraceID()), sc.TraceID()
	case !sc.HasTraceID():
		return s.id, s.traceID
	case s.source == custom || s.traceID == sc.TraceID():
		return s.id, sc.TraceID()
	}
	return uuidText(sc.TraceID()), sc.TraceID()
}

// newTraceID returns a UUIDv7 (RFC 9562, 5.7) as a trace ID: IDs sort by time,
// those of one process in the order in which they were made (6.2, method 3),
// and the rightmost 56 bits are random, which W3C Trace Context level 2 asks of
// the "random" flag and the ratio sampler compares.
func newTraceID(now time.Time) (id trace.TraceID) {
	t := idTime(now)
	binary.BigEndian.PutUint64(id[:8], t/idTicks<<16|7<<12|t%idTicks)
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()&^(3<<62)|2<<62) //nolint:gosec // An ID is no secret.
	return id
}

// idTicks is how many parts of a millisecond an ID tells apart.
const idTicks = 1 << 12

// idLast is the time of the ID made last. It is the process's, as the order is,
// and no lock may stand between its goroutines.
var idLast atomic.Uint64

// idTime returns now in ticks since 1970, or the tick after that of the ID
// before. A clock that was set back, by a second or more, is followed.
func idTime(now time.Time) uint64 {
	t := uint64(now.UnixMilli())*idTicks + uint64(now.Nanosecond()%1e6)*idTicks/1e6 //nolint:gosec // After 1970.
	for {
		last := idLast.Load()
		next := t
		if t <= last && last-t < 1000*idTicks {
			next = last + 1
		}
		if idLast.CompareAndSwap(last, next) {
			return next
		}
	}
}

// deriveTraceID gives a caller's own ID its trace ID.
func deriveTraceID(id string) (tid trace.TraceID) {
	sum := sha256.Sum256([]byte(id))
	copy(tid[:], sum[:])
	return tid
}

// parseTraceID reads a UUID or 32 hexadecimal digits, in either case.
func parseTraceID(s string) (id trace.TraceID, ok bool) {
	switch len(s) {
	case 36:
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return id, false
		}
		s = strings.ReplaceAll(s, "-", "")
		if len(s) != 32 {
			return id, false
		}
	case 32:
	default:
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

// uuidText writes a trace ID as a UUID (8-4-4-4-12).
func uuidText(id trace.TraceID) string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], id[10:16])
	return string(b[:])
}
