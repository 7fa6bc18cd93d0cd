package telemetry_test

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// TestRecipes runs the jq recipes that users of the Python system know, word
// for word, over files that a complete workflow wrote.
func TestRecipes(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed: the recipes were not run")
	}
	tel, dir := start(t)
	ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"), telemetry.EventType("trade"))
	telemetry.Logger(telemetry.Daemon).InfoContext(ctx, "Trade received", "symbol", "ES")
	err := instrument.Do(ctx, "fetch_positions", func(ctx context.Context) error {
		telemetry.Logger(telemetry.API).InfoContext(ctx, "slow call", "duration_ms", 250.5, "endpoint", "/positions", "operation", "fetch")
		return nil
	}, instrument.On(telemetry.API))
	if err != nil {
		t.Fatal(err)
	}
	breach := telemetry.With(ctx, telemetry.RuleID("MAX_LOSS"))
	telemetry.Logger(telemetry.Enforcement).WarnContext(breach, "Max loss breached", "current_loss", -550)
	for range 2 {
		telemetry.Logger(telemetry.Errors).ErrorContext(ctx, "Operation failed", "error", errors.New("boom"))
	}
	telemetry.Logger(telemetry.Daemon).Info("another account's")
	stop(t, tel)

	id := telemetry.CorrelationID(ctx)
	for _, tt := range []struct {
		name, command, want string
		lines               int
	}{
		{name: "pretty-print", command: `test $(cat daemon.log | jq . | grep -c '^{') = $(wc -l < daemon.log) && echo equal`, want: "equal"},
		{name: "by account", command: `cat daemon.log | jq -c 'select(.context.account_id == "ACC123")'`, lines: 6},
		{name: "slow operations", command: `cat api.log | jq -c 'select(.duration_ms > 100)'`, lines: 1},
		{name: "breaches of an account", command: `cat enforcement.log | jq -c 'select(.context.account_id == "ACC123")'`, lines: 1},
		{name: "correlation ID of a trade", command: `cat daemon.log | jq -r 'select(.message | contains("Trade received")) | .context.correlation_id' | head -1`, want: id},
		{name: "everything of a correlation ID", command: `cat *.log | jq -c "select(.context.correlation_id == \"` + id + `\")"`, lines: 11},
		{name: "slow calls with their fields", command: `cat api.log | jq -c 'select(.duration_ms > 200) | {operation, duration_ms, endpoint}'`, want: `{"operation":"fetch","duration_ms":250.5,"endpoint":"/positions"}`},
		{name: "daily error summary", command: `cat error.log | jq -r '.message' | sort | uniq -c | sort -rn | sed 's/^ *//'`, want: "2 Operation failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -o pipefail; "+tt.command)
			cmd.Dir = filepath.Clean(dir)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := strings.TrimSpace(string(out))
			if tt.want != "" && got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if n := strings.Count(got, "\n") + 1; tt.lines != 0 && n != tt.lines {
				t.Errorf("got %d lines, want %d:\n%s", n, tt.lines, got)
			}
		})
	}
}
