package instrument_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// every runs fn each second for d of fake time. The Telemetry is outside the
// bubble: its goroutines have a time of their own.
func every(t *testing.T, b *bench, d time.Duration, fn func(context.Context, int) error, opts ...instrument.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(telemetry.NewContext(t.Context(), b.Telemetry.Telemetry), d)
		defer cancel()
		ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"))
		n := 0
		instrument.Every(ctx, time.Second, "reconcile", func(ctx context.Context) error {
			n++
			return fn(ctx, n)
		}, opts...)
	})
}

func TestEvery(t *testing.T) {
	b := setup(t)
	every(t, b, 3500*time.Millisecond, func(_ context.Context, n int) error {
		if n == 2 {
			return errors.New("second")
		}
		return nil
	})
	if diff := cmp.Diff(b.messages(), []string{"INFO reconcile completed", "ERROR reconcile failed", "INFO reconcile completed"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
	traces := map[any]bool{}
	for _, r := range b.Records(telemetry.Daemon) {
		traces[r["trace_id"]] = true
		if r["parent_span_id"] != nil || r.Get("context", "account_id") != "ACC123" || r["drift_ms"] != 0.0 {
			t.Errorf("got %v, want a root with the fields, on time", r)
		}
	}
	if len(traces) != 3 {
		t.Errorf("got %d traces, want one a run", len(traces))
	}
}

func TestEveryOverrun(t *testing.T) {
	b := setup(t)
	var starts []string
	began := time.Time{}
	every(t, b, 6500*time.Millisecond, func(_ context.Context, n int) error {
		if began.IsZero() {
			began = time.Now()
		}
		starts = append(starts, fmt.Sprint(time.Since(began)))
		switch n {
		case 1:
			time.Sleep(2500 * time.Millisecond)
		case 2:
			time.Sleep(time.Second) // No longer than the interval.
		}
		return nil
	})
	// Due at 1 s, 2 s, ...; the run of 1 s lasts until 3.5 s.
	if diff := cmp.Diff(starts, []string{"0s", "3s", "4s", "5s"}); diff != "" {
		t.Errorf("starts (-got +want):\n%s", diff)
	}
	b.want(b.one("reconcile overran its interval"), map[string]any{"level": "WARNING", "missed": 2, "interval_ms": 1000, "operation": "reconcile"})
}

func TestEveryContains(t *testing.T) {
	b := setup(t)
	every(t, b, 3500*time.Millisecond, func(_ context.Context, n int) error {
		if n == 1 {
			panic("first")
		}
		return nil
	}, instrument.OnPanic(instrument.Contain), instrument.Threshold(time.Hour))
	if diff := cmp.Diff(b.messages(), []string{"ERROR reconcile failed"}); diff != "" {
		t.Errorf("messages (-got +want):\n%s", diff)
	}
}

func TestEveryPanics(t *testing.T) {
	b := setup(t)
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if got := recover(); got != "first" {
				t.Errorf("recovered %v, want the panic", got)
			}
		}()
		instrument.Every(telemetry.NewContext(t.Context(), b.Telemetry.Telemetry), time.Second, "reconcile", func(context.Context) { panic("first") })
	})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("an interval of 0 did not panic")
			}
		}()
		instrument.Every(b.ctx, 0, "never", func(context.Context) {})
	}()
}

func TestEveryEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	instrument.Every(ctx, time.Hour, "never", func(context.Context) { t.Error("ran") })
}
