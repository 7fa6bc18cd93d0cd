package exporters

import (
	"context"
	"log/slog"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/mask"
)

// logForward is the log processor of a [Forward].
type logForward struct {
	masker *mask.Masker
	sender *sender[sdklog.Record]
	origin originMasker
}

var _ sdklog.Processor = (*logForward)(nil)

func newLogForward(ctx context.Context, cfg ForwardConfig) (*logForward, error) {
	c, errs, news, err := cfg.connect("logs", cfg.Logs, cfg.LogExporter != nil)
	if err != nil {
		return nil, err
	}
	exporter := cfg.LogExporter
	if exporter == nil {
		if exporter, err = c.logExporter(ctx); err != nil {
			return nil, errs.wrap("exporters: otlp logs", err)
		}
	}
	f := &logForward{masker: cfg.Masker, origin: originMasker{masker: cfg.Masker}}
	f.sender = newSender(cfg.sender("logs", cfg.Logs, c), errs, news, exporter.Export, closeBoth(exporter.Shutdown, c))
	return f, nil
}

// Enabled implements [sdklog.Processor]: every record is wanted; the levels are
// the business of who logs.
func (f *logForward) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// OnEmit implements [sdklog.Processor]. It copies the record into the queue and
// returns; it never waits for the network.
func (f *logForward) OnEmit(ctx context.Context, r *sdklog.Record) error {
	rec := record.FromContext(ctx)
	if rec == nil { // From another pipeline than package telemetry's.
		rec = record.FromSDK(r)
		defer record.Put(rec)
		rec.EnsureUID() // Retries can deliver twice: something to tell by.
	}
	if !rec.Masked {
		rec.Mask(f.masker)
	}
	rec.Limit() // As the files do: what arrives is what the line holds.
	out := f.origin.clone(r)
	rec.ToSDK(&out)
	level := rankOf(rec.Level)
	if within(rec.Logger, enforcementLogger) {
		level = rankHigh
	}
	f.sender.put(out, recordSize(rec), level)
	return nil
}

// enforcementLogger names the loggers whose records are lost last.
const enforcementLogger = "risk_manager.enforcement"

// ForceFlush implements [sdklog.Processor].
func (f *logForward) ForceFlush(ctx context.Context) error { return f.sender.flush(ctx) }

// Shutdown implements [sdklog.Processor].
func (f *logForward) Shutdown(ctx context.Context) error { return f.sender.shutdown(ctx) }

// closeBoth returns what ends an exporter and its client.
func closeBoth(shutdown func(context.Context) error, c *client) func(context.Context) error {
	return func(ctx context.Context) error {
		err := shutdown(ctx)
		if c != nil {
			if closeErr := c.close(); err == nil {
				err = closeErr
			}
		}
		return err
	}
}

// recordSize estimates the memory that a record takes while it waits.
func recordSize(r *record.Record) int64 {
	n := int64(800) // The SDK's record itself, and its place in the queue.
	n += valueSize(r.Body) + int64(len(r.CorrelationID)+len(r.UID)+len(r.EventName))
	if r.Error != nil {
		n += int64(len(r.Error.Type)+len(r.Error.Message)+len(r.Error.Stack)) + 200
	}
	if r.Source != nil {
		n += int64(len(r.Source.Function)+len(r.Source.File)) + 200
	}
	return n + attrsSize(r.Context) + attrsSize(r.Attrs) + attrsSize(r.Moved)
}

func attrsSize(attrs []slog.Attr) int64 {
	var n int64
	for i := range attrs {
		n += 80 + int64(len(attrs[i].Key)) + valueSize(attrs[i].Value)
	}
	return n
}

func valueSize(v slog.Value) int64 {
	switch v.Kind() { //nolint:exhaustive // The others have no size of their own.
	case slog.KindString:
		return int64(len(v.String()))
	case slog.KindGroup:
		return attrsSize(v.Group())
	case slog.KindTime, slog.KindDuration: // They become text.
		return 32
	case slog.KindAny:
		switch x := v.Any().(type) {
		case value.List:
			n := int64(48 * len(x))
			for i := range x {
				n += valueSize(x[i])
			}
			return n
		case []byte:
			return int64(len(x))
		}
	}
	return 0
}

// originMasker replaces what a record cannot be told to change: its resource
// and its scope. Package telemetry masks both when it makes them, so for its
// records this is one look into a map.
type originMasker struct {
	masker *mask.Masker

	mu    sync.Mutex // Guards seen.
	seen  map[origin]*sdklog.Record
	clean originCache
}

type origin struct {
	resource           *resource.Resource
	name, version, url string
	attributes         attribute.Distinct
}

// clone returns a copy of r whose resource and scope are masked.
func (m *originMasker) clone(r *sdklog.Record) sdklog.Record {
	res, scope := r.Resource(), r.InstrumentationScope()
	maskedRes, resDirty := m.clean.resource(m.masker, res)
	maskedScope, scopeDirty := maskScope(m.masker, scope)
	if !resDirty && !scopeDirty {
		return r.Clone()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := origin{
		maskedRes, maskedScope.Name, maskedScope.Version, maskedScope.SchemaURL, maskedScope.Attributes.Equivalent(),
	}
	if blank := m.seen[key]; blank != nil {
		return blank.Clone()
	}
	if m.seen == nil || len(m.seen) > 256 { // Nobody has that many; do not grow for who does.
		m.seen = map[origin]*sdklog.Record{}
	}
	blank := blankRecord(maskedRes, maskedScope)
	m.seen[key] = &blank
	return blank.Clone()
}

// blankRecord returns a record of the given origin. Only the SDK can make one,
// so a provider is made for it; the record is taken from its only processor.
func blankRecord(res *resource.Resource, scope instrumentation.Scope) sdklog.Record {
	var blank recordCatcher
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(res),
		sdklog.WithProcessor(&blank),
		sdklog.WithAttributeCountLimit(-1),
		sdklog.WithAttributeValueLengthLimit(-1),
	)
	provider.Logger(scope.Name,
		log.WithInstrumentationVersion(scope.Version),
		log.WithSchemaURL(scope.SchemaURL),
		log.WithInstrumentationAttributes(scope.Attributes.ToSlice()...),
	).Emit(context.Background(), log.Record{})
	return blank.record
}

// recordCatcher is a processor that keeps the last record.
type recordCatcher struct{ record sdklog.Record }

func (c *recordCatcher) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

func (c *recordCatcher) OnEmit(_ context.Context, r *sdklog.Record) error {
	c.record = r.Clone()
	return nil
}

func (c *recordCatcher) Shutdown(context.Context) error   { return nil }
func (c *recordCatcher) ForceFlush(context.Context) error { return nil }
