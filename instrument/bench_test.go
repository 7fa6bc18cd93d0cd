package instrument_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

func benchSetup(b *testing.B) *telemetry.Telemetry {
	b.Helper()
	tel, err := telemetry.Setup(b.Context(), telemetry.WithLogDir(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
	return tel
}

// BenchmarkDo is an operation around nothing, with no record due, against a
// bare span of the same provider.
func BenchmarkDo(b *testing.B) {
	tracer := benchSetup(b).TracerProvider().Tracer("bench")
	empty := func(context.Context) error { return nil }
	for _, c := range []struct {
		name string
		ctx  context.Context //nolint:containedctx // One case's.
	}{
		{"plain", b.Context()},
		{"fields", telemetry.With(b.Context(), telemetry.AccountID("ACC123"), telemetry.RuleID("MAX_LOSS"))},
	} {
		b.Run("span/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, span := tracer.Start(c.ctx, "op")
				span.End()
			}
		})
		b.Run("threshold/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = instrument.Do(c.ctx, "op", empty, instrument.Threshold(time.Hour))
			}
		})
		b.Run("level/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = instrument.Do(c.ctx, "op", empty, instrument.AtLevel(slog.LevelDebug))
			}
		})
		b.Run("recorded/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = instrument.Do(c.ctx, "op", empty)
			}
		})
	}
}

// BenchmarkTransport is a request over loopback, with no record due, against
// bare otelhttp.
func BenchmarkTransport(b *testing.B) {
	benchSetup(b)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 500))
	}))
	defer s.Close()
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	for name, rt := range map[string]http.RoundTripper{
		"otelhttp": otelhttp.NewTransport(base),
		"ours":     instrument.Transport(base, instrument.Template("/api/Position/searchOpen")),
	} {
		c := &http.Client{Transport: rt}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.URL+"/?symbol=ES", nil)
				if err != nil {
					b.Fatal(err)
				}
				res, err := c.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
}

// TestDoAllocates pins what an operation allocates beyond its span.
func TestDoAllocates(t *testing.T) {
	b := setup(t)
	empty := func(context.Context) error { return nil }
	tracer := b.TracerProvider().Tracer("bench")
	_ = instrument.Do(b.ctx, "op", empty, instrument.Threshold(time.Hour))
	// The least of several: what goes on in the background allocates too.
	least := func(f func()) float64 {
		n := testing.AllocsPerRun(200, f)
		for range 9 {
			n = min(n, testing.AllocsPerRun(200, f))
		}
		return n
	}
	span := least(func() {
		_, s := tracer.Start(b.ctx, "op")
		s.End()
	})
	got := least(func() { _ = instrument.Do(b.ctx, "op", empty, instrument.Threshold(time.Hour)) })
	if got > span+1 {
		t.Errorf("got %v allocations, want one more than the span's %v", got, span)
	}
}
