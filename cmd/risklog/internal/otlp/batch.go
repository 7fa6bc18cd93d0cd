package otlp

import (
	"context"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"riskmanager.internal/otel/internal/logread"
)

// Limits of a batch. Collectors take 4 MiB and more.
const (
	maxBatch      = 512
	maxBatchBytes = 2 << 20
)

// Sink takes batches. It returns how many of the records, or spans, it was
// told that the other side did not take.
type Sink interface {
	Logs(ctx context.Context, data *logspb.LogsData) (rejected int64, err error)
	Traces(ctx context.Context, data *tracepb.TracesData) (rejected int64, err error)
	Close() error
}

// Sums is what an Exporter has exported.
type Sums struct {
	Records, Spans                 int64
	RejectedRecords, RejectedSpans int64
}

// Exporter exports records in batches.
type Exporter struct {
	Converter     Converter
	Sink          Sink
	Resource      *resourcepb.Resource
	WithoutLogs   bool
	WithoutTraces bool

	Sums  Sums
	logs  scopes[*logspb.LogRecord]
	spans scopes[*tracepb.Span]
}

// scopes is a batch, by logger in the order of their first record.
type scopes[T proto.Message] struct {
	names []string
	items map[string][]T
	n     int
	bytes int
}

func (s *scopes[T]) add(scope string, item T) (full bool) {
	if s.items == nil {
		s.items = map[string][]T{}
	}
	if _, ok := s.items[scope]; !ok {
		s.names = append(s.names, scope)
	}
	s.items[scope] = append(s.items[scope], item)
	s.n++
	s.bytes += proto.Size(item)
	return s.n >= maxBatch || s.bytes >= maxBatchBytes
}

// Add exports a record, and the span if it is the end record of one.
func (e *Exporter) Add(ctx context.Context, r *logread.Record) error {
	scope := e.Converter.Masker.String(r.Text(logread.Logger))
	if !e.WithoutLogs && e.logs.add(scope, e.Converter.Log(r)) {
		if err := e.flushLogs(ctx); err != nil {
			return err
		}
	}
	if e.WithoutTraces {
		return nil
	}
	if s := e.Converter.Span(r); s != nil && e.spans.add(scope, s) {
		return e.flushSpans(ctx)
	}
	return nil
}

// Flush exports what is left.
func (e *Exporter) Flush(ctx context.Context) error {
	if err := e.flushLogs(ctx); err != nil {
		return err
	}
	return e.flushSpans(ctx)
}

func (e *Exporter) flushLogs(ctx context.Context) error {
	b := e.logs
	if b.n == 0 {
		return nil
	}
	e.logs = scopes[*logspb.LogRecord]{}
	rl := &logspb.ResourceLogs{Resource: e.Resource}
	for _, name := range b.names {
		rl.ScopeLogs = append(rl.ScopeLogs, &logspb.ScopeLogs{Scope: &commonpb.InstrumentationScope{Name: name}, LogRecords: b.items[name]})
	}
	rejected, err := e.Sink.Logs(ctx, &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{rl}})
	if err != nil {
		return err
	}
	e.Sums.Records += int64(b.n) - rejected
	e.Sums.RejectedRecords += rejected
	return nil
}

func (e *Exporter) flushSpans(ctx context.Context) error {
	b := e.spans
	if b.n == 0 {
		return nil
	}
	e.spans = scopes[*tracepb.Span]{}
	rs := &tracepb.ResourceSpans{Resource: e.Resource}
	for _, name := range b.names {
		rs.ScopeSpans = append(rs.ScopeSpans, &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: name}, Spans: b.items[name]})
	}
	rejected, err := e.Sink.Traces(ctx, &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{rs}})
	if err != nil {
		return err
	}
	e.Sums.Spans += int64(b.n) - rejected
	e.Sums.RejectedSpans += rejected
	return nil
}
