package telemetry

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/contrib/bridges/otelslog"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

// Logger returns the logger of a stream. It may be a package variable: it
// finds the [Telemetry] at each call, that of the context ([NewContext]) or
// else the current one. Before [Setup] and after Shutdown it writes masked
// lines to stderr.
func Logger(s Stream) *slog.Logger { return Named(s.LoggerName()) }

// Named returns the logger of that name, as by [Logger]. Its records go to
// daemon.log, and to the file of a stream if the name is below that stream's.
func Named(name string) *slog.Logger { return slog.New(&handler{name: name}) }

// Logger returns the logger of a stream that writes to t and nothing else.
func (t *Telemetry) Logger(s Stream) *slog.Logger { return t.Named(s.LoggerName()) }

// Named returns the logger of that name that writes to t and nothing else.
func (t *Telemetry) Named(name string) *slog.Logger {
	return slog.New(&handler{name: name, fixed: t})
}

// logger is what one name means in one Telemetry.
type logger struct {
	tel   *Telemetry
	name  string
	level atomic.Int64 // The lowest slog.Level that it lets through.
	otel  *otelslog.Handler
}

// resolver returns how values are resolved; for a nil logger as by default.
func (l *logger) resolver() value.Resolver {
	if l == nil {
		return resolverOf(nil)
	}
	return resolverOf(l.tel)
}

// resolverOf returns how values are resolved for t; without one as by default.
func resolverOf(t *Telemetry) value.Resolver {
	if t == nil {
		return value.Resolver{Sensitive: mask.Default().Key}
	}
	return t.resolver
}

// emit sends r through otelslog and the SDK to the processor, which finds it in
// the context. A record that nothing took, since there is no Telemetry or it is
// shut down, goes to stderr.
func (l *logger) emit(ctx context.Context, r *record.Record, sr slog.Record) error {
	if l == nil {
		return fallback(ctx, os.Stderr, r)
	}
	bare := slog.NewRecord(r.Time, sr.Level, sr.Message, 0)
	err := l.otel.Handle(record.NewContext(ctx, r), bare)
	if !r.Masked { // The provider is shut down: the processor never saw it.
		return fallback(ctx, os.Stderr, r)
	}
	return err
}

// fallback writes r where a daemon without telemetry would be looked for.
func fallback(ctx context.Context, w io.Writer, r *record.Record) error {
	enrich(ctx, r, mask.Default(), policy{ids: true, auto: true})
	r.Mask(mask.Default())
	_, err := w.Write(record.TextStyle{}.Append(nil, r))
	return err
}

// levels decides the level of each logger: the one set for its name or for its
// nearest parent's, else the global one.
type levels struct {
	global slog.Level
	byName map[string]slog.Level
}

func (l levels) of(name string) slog.Level {
	for {
		if level, ok := l.byName[name]; ok {
			return level
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return l.global
		}
		name = name[:i]
	}
}
