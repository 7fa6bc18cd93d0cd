package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"riskmanager.internal/otel/telemetry"
)

// sums returns the metrics that count, by name, component and error.type.
func sums(t *testing.T, tel *telemetry.Telemetry) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := tel.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			sum, _ := m.Data.(metricdata.Sum[int64])
			for _, p := range sum.DataPoints {
				key := []string{m.Name}
				for _, k := range []attribute.Key{"otel.component.name", "error.type"} {
					if v, ok := p.Attributes.Value(k); ok {
						key = append(key, v.String())
					}
				}
				got[strings.Join(key, " ")] += p.Value
			}
		}
	}
	return got
}

func TestPipelineMetrics(t *testing.T) {
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/logs" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer collector.Close()
	log := func(tel *telemetry.Telemetry) {
		telemetry.Logger(telemetry.API).ErrorContext(t.Context(), "refused", "api_key", secretText)
		telemetry.Logger(telemetry.Daemon).DebugContext(t.Context(), "below the level")
		_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "op")
		span.End()
		_ = tel.Flush(context.WithoutCancel(t.Context())) // The collector refuses what it can.
	}
	files := map[string]int64{
		"otel.sdk.log.created":    1,
		"risk_manager.log.masked": 1,
		"otel.sdk.exporter.log.exported rotating_file_log_exporter/daemon":      1,
		"otel.sdk.exporter.log.exported rotating_file_log_exporter/api":         1,
		"otel.sdk.exporter.log.exported rotating_file_log_exporter/error":       1,
		"otel.sdk.exporter.log.exported rotating_file_log_exporter/enforcement": 0,
		"otel.sdk.exporter.log.inflight rotating_file_log_exporter/daemon":      0,
		"risk_manager.log.file.rotations rotating_file_log_exporter/daemon":     0,
	}
	check := func(t *testing.T, got, want map[string]int64) {
		t.Helper()
		for key, n := range want {
			if v, ok := got[key]; !ok || v != n {
				t.Errorf("%s: got %d (there: %v), want %d", key, v, ok, n)
			}
		}
	}
	t.Run("files", func(t *testing.T) {
		tel, _ := start(t)
		log(tel)
		got := sums(t, tel)
		check(t, got, files)
		if _, ok := got["go.goroutine.count"]; ok {
			t.Error("got metrics of the runtime, though nobody is sent them")
		}
	})
	t.Run("collector", func(t *testing.T) {
		tel, _ := start(t, telemetry.WithOTLP(collector.URL))
		log(tel)
		got := sums(t, tel)
		for key, n := range files {
			if n > 0 && key != "otel.sdk.log.created" && got[key] < n { // The telemetry tells of the refusal.
				t.Errorf("%s: got %d, want %d", key, got[key], n)
			}
		}
		check(t, got, map[string]int64{
			"otel.sdk.exporter.span.exported otlp_http_span_exporter/0": 1,
			"otel.sdk.exporter.span.inflight otlp_http_span_exporter/0": 0,
			"otel.sdk.exporter.log.exported otlp_http_log_exporter/0":   0,
		})
		if got["otel.sdk.exporter.log.exported otlp_http_log_exporter/0 rejected"] == 0 {
			t.Errorf("got %v, want the rejected log record", got)
		}
		if got["go.goroutine.count"] == 0 || got["go.memory.used"] == 0 {
			t.Error("got no metrics of the runtime")
		}
	})
}
