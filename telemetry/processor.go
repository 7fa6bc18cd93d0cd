package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

// processor is the only one that the SDK knows: it enriches each record, masks
// it once, and hands it to the sinks, which see nothing unmasked.
type processor struct {
	tel    *Telemetry
	sinks  []sdklog.Processor // The files first.
	folder *folder            // Nil unless repeats are folded.
}

var _ sdklog.Processor = (*processor)(nil)

// Enabled gates callers of the log API; slog's are gated by the handler.
func (p *processor) Enabled(_ context.Context, param sdklog.EnabledParameters) bool {
	l := p.tel.logger(param.InstrumentationScope.Name)
	return int64(param.Severity-log.SeverityInfo) >= l.level.Load() || param.Severity == log.SeverityUndefined
}

func (p *processor) OnEmit(ctx context.Context, rec *sdklog.Record) error {
	if p.tel.closed.Load() {
		return nil // The handler sees that nobody took it.
	}
	r := record.FromContext(ctx)
	if r == nil { // From the log API: nothing has gated it yet.
		r = record.FromSDK(rec)
		if r.Level < slog.Level(p.tel.logger(r.Logger).level.Load()) {
			return nil
		}
		ctx = record.NewContext(ctx, r)
	}
	summary := r.Masked // Only a folded one comes masked.
	enrich(ctx, r, p.tel.masker, p.tel.policy)
	r.EnsureUID()
	p.tel.counters.accepted.Add(1)
	r.Mask(p.tel.masker)
	if r.Dirty {
		p.tel.counters.masked.Add(1)
	}
	p.tel.limits.apply(r)
	if p.folder != nil && !summary && p.folder.folds(r) {
		p.tel.counters.folded.Add(1)
		return nil
	}
	return p.write(ctx, rec)
}

// write hands the record in ctx to every sink.
func (p *processor) write(ctx context.Context, rec *sdklog.Record) (err error) {
	for _, s := range p.sinks {
		if e := safely(func() error { return s.OnEmit(ctx, rec) }); e != nil {
			err = errors.Join(err, e)
		}
	}
	return err
}

// policy is what the configuration says of correlation IDs.
type policy struct {
	ids  bool // context.correlation_ids: records carry them.
	auto bool // context.auto_generate: one begins with the first field.
}

// enrich adds what travels with the context: the fields, the correlation ID,
// the IDs of trace and span.
func enrich(ctx context.Context, r *record.Record, m *mask.Masker, p policy) {
	s := scopeFrom(ctx)
	sc := trace.SpanContextFromContext(ctx)
	r.SpanID, r.Flags = sc.SpanID(), sc.TraceFlags()

	named := s
	if s != nil && s.source == generated && !p.auto {
		named = nil
	}
	id, tid := correlate(named, sc)
	r.TraceID = tid
	if s != nil && id == s.id && p.ids && len(r.Context) == 0 {
		r.SetContext(s.carry(m))
		return
	}
	r.CorrelationID = ""
	if p.ids {
		r.CorrelationID = id
	}
	if s == nil {
		return
	}
	for _, f := range s.fields { // The log API's record may have fields of its own, which win.
		if !slices.ContainsFunc(r.Context, func(a slog.Attr) bool { return a.Key == f.Key }) {
			r.Context = append(r.Context, f)
		}
	}
}

// safely turns a panic of f into an error: no sink may kill the daemon.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("telemetry: a sink panicked: %v", p)
		}
	}()
	return f()
}

// Shutdown does nothing: [Telemetry.Shutdown] closes the sinks, the files first
// and whatever hangs, while the SDK would wait for every call under way.
func (p *processor) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing, for the same reason: [Telemetry.Flush] does it.
func (p *processor) ForceFlush(ctx context.Context) error { return p.tel.Flush(ctx) }
