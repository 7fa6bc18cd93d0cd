package telemetry_test

import (
	"errors"
	"log/slog"
	"regexp"
	"testing"

	"riskmanager.internal/otel/telemetry"
)

func TestAttributeLimitsHold(t *testing.T) {
	t.Setenv("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "2")
	t.Setenv("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4")
	_, dir := start(t)
	ctx := telemetry.With(t.Context(), telemetry.AccountID("a long account name"))
	slog.InfoContext(ctx, "m", "a", "123456", "b", []string{"123456"}, "c", 3, "d", 4)
	got := last(t, dir, "daemon.log")
	if got["a"] != "1234" || got["b"].([]any)[0] != "1234" || got["c"] != nil || got["dropped_attributes"] != 2. {
		t.Errorf("got %v", got)
	}
	if contextOf(got)["account_id"] != "a long account name" {
		t.Errorf("got context %v, want it untouched", contextOf(got))
	}
}

func TestFullTraces(t *testing.T) {
	fromHere := regexp.MustCompile(`^goroutine \d+ \[running\]:\n\S*TestFullTraces\(`)
	on := true
	_, dir := start(t, telemetry.WithConfig(telemetry.Config{Development: telemetry.DevelopmentConfig{FullTraces: &on}}))
	slog.Error("failed", "err", errors.New("boom"))
	e, _ := last(t, dir, "error.log")["error"].(record)
	if s, _ := e["stack"].(string); !fromHere.MatchString(s) {
		t.Errorf("got stack %q, want it from this test on", s)
	}
}
