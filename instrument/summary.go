package instrument

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"riskmanager.internal/otel/telemetry"
)

// OperationSummary says how often an operation ran and how long it took.
type OperationSummary struct {
	Operation string // Masked.

	Count    uint64 // How often it ended, in whatever way.
	Errors   uint64 // How often it failed.
	Canceled uint64 // How often its context was canceled.

	// Min, Max and Mean are exact, the percentiles within 2.2 %.
	Min, Max, Mean, P50, P95, P99 time.Duration
}

// Summary returns a summary of each operation that has ended since Setup, in
// the order of their names, from the current Telemetry. It needs no OTLP: the
// durations are kept in the histograms of the metric
// risk_manager.operation.duration, whose memory is bounded. From the 501st name
// on, operations are counted together as _OTHER. It is nil without a Telemetry
// and with performance.include_metrics off.
func Summary() []OperationSummary { return SummaryOf(telemetry.FromContext(context.Background())) }

// SummaryOf returns the [Summary] of one Telemetry.
func SummaryOf(tel *telemetry.Telemetry) []OperationSummary {
	if s, ok := states.byTel.Load(tel); ok {
		return s.(*state).summary()
	}
	return nil
}

// LogSummary writes the [Summary] of the Telemetry of ctx as one INFO record,
// "performance summary", with a list of operations. Shutdown does so too.
func LogSummary(ctx context.Context) {
	ctx = orBackground(ctx)
	stateOf(ctx).logSummary(ctx)
}

func (s *state) summary() []OperationSummary {
	var all []OperationSummary
	s.operations.each(func(name string, d *durations) {
		var t tally
		var n [statuses]uint64
		for st := range statuses {
			if h := d[st].Load(); h != nil {
				before := t.count
				t.add(h)
				n[st] = t.count - before
			}
		}
		if t.count == 0 {
			return
		}
		all = append(all, OperationSummary{
			Operation: name, Count: t.count, Errors: n[failed], Canceled: n[canceled],
			Min: t.min, Max: t.max, Mean: t.sum / time.Duration(t.count), //nolint:gosec // 2^63 operations are not to be had.
			P50: t.quantile(0.50), P95: t.quantile(0.95), P99: t.quantile(0.99),
		})
	})
	slices.SortFunc(all, func(a, b OperationSummary) int { return cmp.Compare(a.Operation, b.Operation) })
	return all
}

// logSummary writes the summary. It is a list, not an object with the names as
// keys, since an operation may be called refresh_token.
func (s *state) logSummary(ctx context.Context) {
	all := s.summary()
	if len(all) == 0 {
		return
	}
	write(ctx, loggers[daemonStream], slog.LevelInfo, "performance summary", []slog.Attr{
		slog.Any("operations", all),
		slog.Float64("period_s", time.Since(s.since).Round(time.Millisecond).Seconds()),
	})
}

// LogValue returns the summary with durations in milliseconds, as records have
// them.
func (s OperationSummary) LogValue() slog.Value {
	ms := func(key string, d time.Duration) slog.Attr { return slog.Float64(key+"_ms", milliseconds(d)) }
	return slog.GroupValue(
		slog.String(keyOperation, s.Operation),
		slog.Uint64("count", s.Count), slog.Uint64("errors", s.Errors), slog.Uint64("canceled", s.Canceled),
		ms("min", s.Min), ms("mean", s.Mean), ms("p50", s.P50), ms("p95", s.P95), ms("p99", s.P99), ms("max", s.Max),
	)
}
