package instrument_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
	"riskmanager.internal/otel/telemetry/telemetrytest"
)

// metric returns the data of a metric, nil if there is none.
func (b *bench) metric(name string) metricdata.Aggregation {
	b.t.Helper()
	for _, s := range b.Metrics().ScopeMetrics {
		for _, m := range s.Metrics {
			if m.Name == name {
				return m.Data
			}
		}
	}
	return nil
}

func value(s attribute.Set, key string) string {
	v, _ := s.Value(attribute.Key(key))
	return v.String()
}

func TestDurationHistogram(t *testing.T) {
	b := setup(t)
	for range 3 {
		_ = instrument.Do(b.ctx, "fetch", func(context.Context) error { return nil }, instrument.Threshold(time.Hour))
	}
	_ = instrument.Do(b.ctx, "fetch", func(context.Context) error { return errGateway })
	_ = instrument.Do(b.ctx, "api_key="+canary, func(context.Context) error { return nil })
	h, ok := b.metric("risk_manager.operation.duration").(metricdata.ExponentialHistogram[float64])
	if !ok || h.Temporality != metricdata.CumulativeTemporality {
		t.Fatalf("got %T, want a cumulative exponential histogram", b.metric("risk_manager.operation.duration"))
	}
	got := map[string]uint64{}
	for _, p := range h.DataPoints {
		got[value(p.Attributes, "operation")+" "+value(p.Attributes, "status")] = p.Count
		if len(p.Exemplars) == 0 || !p.StartTime.Before(p.Time) {
			t.Errorf("got %d exemplars, from %v to %v", len(p.Exemplars), p.StartTime, p.Time)
		}
		for _, e := range p.Exemplars {
			if len(e.TraceID) != 16 || len(e.SpanID) != 8 || e.Value <= 0 {
				t.Errorf("got exemplar %+v, want one of a span", e)
			}
		}
	}
	if diff := cmp.Diff(got, map[string]uint64{"fetch ok": 3, "fetch error": 1, "api_key=***MASKED*** ok": 1}); diff != "" {
		t.Errorf("counts (-got +want):\n%s", diff)
	}
	b.AssertNoSecret(canary)
}

func TestNamesAreBounded(t *testing.T) {
	b := setup(t, telemetry.WithLevel(slog.LevelError))
	for i := range instrument.MaxNames + 50 {
		_ = instrument.Do(b.ctx, fmt.Sprint("op", i), func(context.Context) error { return nil })
		instrument.Breach(b.ctx, fmt.Sprint("RULE", i))
	}
	all := instrument.SummaryOf(b.Telemetry.Telemetry)
	if got, want := len(all), instrument.MaxNames+1; got != want {
		t.Errorf("got %d operations, want %d", got, want)
	}
	for _, s := range all {
		if want := map[bool]uint64{true: 50, false: 1}[s.Operation == "_OTHER"]; s.Count != want {
			t.Errorf("%s: got count %d, want %d", s.Operation, s.Count, want)
		}
	}
	sum := b.metric("risk_manager.breaches").(metricdata.Sum[int64])
	if got, want := len(sum.DataPoints), instrument.MaxNames+1; got != want {
		t.Errorf("got %d rules, want %d", got, want)
	}
}

func TestSummary(t *testing.T) {
	b := setup(t)
	for i := range 100 {
		_, op := instrument.Start(b.ctx, "fetch", instrument.Threshold(time.Hour))
		if i < 2 {
			op.End(errGateway)
			continue
		}
		op.End(nil)
	}
	_ = instrument.Do(b.ctx, "refresh_token", func(context.Context) error { return nil })
	all := instrument.SummaryOf(b.Telemetry.Telemetry)
	if len(all) != 2 || all[0].Operation != "fetch" || all[1].Operation != "refresh_token" {
		t.Fatalf("got %+v, want fetch and refresh_token", all)
	}
	s := all[0]
	if s.Count != 100 || s.Errors != 2 || s.Canceled != 0 {
		t.Errorf("got %d, %d errors, %d canceled, want 100, 2, 0", s.Count, s.Errors, s.Canceled)
	}
	if ds := []time.Duration{1, s.Min, s.P50, s.P95, s.P99, s.Max}; !slices.IsSorted(ds) || s.Mean < s.Min || s.Mean > s.Max {
		t.Errorf("got durations out of order: %+v", s)
	}
	instrument.LogSummary(b.ctx)
	check := func(r record) {
		t.Helper()
		list, _ := r["operations"].([]any)
		if len(list) != 2 {
			t.Fatalf("got operations %v, want 2", r["operations"])
		}
		first := record(list[0].(map[string]any))
		b.want(first, map[string]any{"operation": "fetch", "count": 100, "errors": 2})
		for _, key := range []string{"min_ms", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"} {
			if _, ok := first[key].(float64); !ok {
				t.Errorf("got %s %v, want a number", key, first[key])
			}
		}
	}
	check(b.one("performance summary"))
	if err := b.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	all2 := b.all("performance summary")
	if len(all2) != 2 {
		t.Fatalf("got %d summaries, want one more at shutdown", len(all2))
	}
	check(all2[1])
	if got := instrument.SummaryOf(b.Telemetry.Telemetry); got != nil {
		t.Errorf("got summary %v after Shutdown, want none", got)
	}
	_ = instrument.Do(b.ctx, "after", func(context.Context) error { return nil }, instrument.AtLevel(slog.LevelDebug))
}

func TestSummaryOfTheCurrentTelemetry(t *testing.T) {
	telemetrytest.New(t)
	_ = instrument.Do(t.Context(), "op", func(context.Context) error { return nil })
	if got := instrument.Summary(); len(got) != 1 || got[0].Operation != "op" {
		t.Errorf("got %+v, want op", got)
	}
}

func TestMetricsOff(t *testing.T) {
	b := setup(t, telemetry.WithConfig(telemetry.Config{Performance: telemetry.PerformanceConfig{IncludeMetrics: new(false)}}))
	_ = instrument.Do(b.ctx, "op", func(context.Context) error { return nil })
	if got := b.metric("risk_manager.operation.duration"); got != nil {
		t.Errorf("got %v, want no histogram", got)
	}
	if err := b.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.messages(), []string{"INFO op completed"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
}

func TestEnforcement(t *testing.T) {
	b := setup(t)
	ctx := telemetry.With(b.ctx, telemetry.AccountID("ACC123"))
	_ = instrument.Do(ctx, "check", func(ctx context.Context) error {
		instrument.Breach(ctx, "MAX_LOSS", slog.Float64("current_loss", -620), slog.String("api_key", canary))
		return instrument.Enforce(ctx, "MAX_LOSS", "flatten", func(context.Context) error { return nil })
	}, instrument.Threshold(time.Hour))
	if err := instrument.Enforce(ctx, "MAX_LOSS", "lock_out", func(context.Context) error { return errGateway }); err != errGateway { //nolint:errorlint // The same one.
		t.Errorf("got error %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = instrument.Enforce(ctx, "MAX_LOSS", "panic", func(context.Context) error { panic("x") })
	}()
	var got []string
	for _, r := range b.Records(telemetry.Enforcement) {
		got = append(got, r.Level()+" "+r.Message())
		if r.Get("context", "rule_id") != "MAX_LOSS" || r.Get("context", "account_id") != "ACC123" {
			t.Errorf("%s: got context %v", r.Message(), r["context"])
		}
		if src := r.Text("source", "file"); !strings.HasSuffix(src, "metrics_test.go") {
			t.Errorf("%s: got source %s, want this file", r.Message(), src)
		}
	}
	if diff := cmp.Diff(got, []string{"WARNING MAX_LOSS breached", "INFO flatten completed", "ERROR lock_out failed", "ERROR panic failed"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
	b.one("check completed") // It is what was breached in.
	counts := map[string]int64{}
	for _, name := range []string{"risk_manager.breaches", "risk_manager.enforcements"} {
		for _, p := range b.metric(name).(metricdata.Sum[int64]).DataPoints {
			counts[strings.TrimSpace(fmt.Sprint(name, " ", value(p.Attributes, "rule_id"), " ", value(p.Attributes, "action"), " ", value(p.Attributes, "status")))] += p.Value
		}
	}
	for key, want := range map[string]int64{
		"risk_manager.breaches MAX_LOSS": 1, "risk_manager.enforcements MAX_LOSS flatten ok": 1,
		"risk_manager.enforcements MAX_LOSS lock_out error": 1, "risk_manager.enforcements MAX_LOSS panic error": 1,
	} {
		found := false
		for got, n := range counts {
			if strings.Join(strings.Fields(got), " ") == key {
				found = n == want
			}
		}
		if !found {
			t.Errorf("got %v, want %s = %d", counts, key, want)
		}
	}
	b.AssertNoSecret(canary)
	instrument.Breach(context.Background(), "NO_TELEMETRY") // To stderr.
}

func TestEveryEnforcementIsRecorded(t *testing.T) {
	b := setup(t, telemetry.WithConfig(telemetry.Config{
		Performance: telemetry.PerformanceConfig{Threshold: time.Hour},
		SDK:         telemetry.SDKConfig{Sampler: "always_off"},
	}))
	for range 10 {
		_ = instrument.Enforce(b.ctx, "R", "flatten", func(context.Context) error { return nil })
		_ = instrument.Enforce(b.ctx, "R", "flatten", func(context.Context) error { return errors.New("no") })
	}
	if got := len(b.Records(telemetry.Enforcement)); got != 20 {
		t.Errorf("got %d enforcement records, want 20", got)
	}
}

func TestMetricsConcurrentSafe(t *testing.T) {
	b := setup(t, telemetry.WithLevel(slog.LevelError))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				_ = instrument.Do(b.ctx, fmt.Sprint("op", i%20), func(context.Context) error { return nil })
				if i%50 == 0 {
					_ = instrument.SummaryOf(b.Telemetry.Telemetry)
					b.Metrics()
				}
			}
		})
	}
	wg.Wait()
	for _, s := range instrument.SummaryOf(b.Telemetry.Telemetry) {
		if s.Count != 80 {
			t.Errorf("%s: got count %d, want 80", s.Operation, s.Count)
		}
	}
}
