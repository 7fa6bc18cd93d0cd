package telemetry_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// TestPromises is what the tests of the Python logging system promised, one
// subtest for each, as its users would check it here.
func TestPromises(t *testing.T) {
	daemon := telemetry.Logger(telemetry.Daemon)
	both := func(t *testing.T, key string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
	for _, promise := range []struct {
		name string
		keep func(t *testing.T, dir string)
	}{
		{"settings: the defaults", func(t *testing.T, _ string) {
			c := telemetry.FromContext(t.Context()).Config()
			both(t, "max_mb", c.Rotation.MaxMB, 10)
			both(t, "backup_count", *c.Rotation.BackupCount, 7)
			both(t, "max_age_days", *c.Rotation.MaxAgeDays, 7)
			both(t, "compress", *c.Rotation.Compress, true)
			both(t, "log_level", *c.LogLevel, slog.LevelInfo)
		}},
		{"settings: a directory that is made", func(t *testing.T, dir string) {
			info, err := os.Stat(dir)
			both(t, "error", err, nil)
			both(t, "directory", info.IsDir(), true)
		}},
		{"loggers: by name", func(t *testing.T, dir string) {
			telemetry.Named("risk_manager.rules").Info("m")
			both(t, "logger", last(t, dir, "daemon.log")["logger"], "risk_manager.rules")
		}},
		{"loggers: the four specialised ones", func(t *testing.T, dir string) {
			for _, s := range telemetry.Streams() {
				telemetry.Logger(s).Error("m")
				both(t, "logger", last(t, dir, s.Filename())["logger"], s.LoggerName())
			}
		}},
		{"loggers: an unknown one is refused", func(t *testing.T, _ string) {
			_, err := telemetry.ParseStream("nope")
			both(t, "refused", err != nil, true)
		}},
		{"files: all four exist", func(t *testing.T, dir string) {
			for _, s := range telemetry.Streams() {
				_, err := os.Stat(filepath.Join(dir, s.Filename()))
				both(t, s.Filename(), err, nil)
			}
		}},
		{"files: errors of any logger reach error.log", func(t *testing.T, dir string) {
			telemetry.Logger(telemetry.API).Error("m")
			both(t, "logger", last(t, dir, "error.log")["logger"], "risk_manager.api")
		}},
		{"context: fields in every record", func(t *testing.T, dir string) {
			ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"), telemetry.RuleID("MAX_LOSS"), telemetry.EventType("trade"))
			daemon.InfoContext(ctx, "m")
			c := contextOf(last(t, dir, "daemon.log"))
			both(t, "account_id", c["account_id"], "ACC123")
			both(t, "rule_id", c["rule_id"], "MAX_LOSS")
			both(t, "event_type", c["event_type"], "trade")
		}},
		{"context: gone outside", func(t *testing.T, dir string) {
			_ = telemetry.With(t.Context(), telemetry.AccountID("ACC123"))
			daemon.InfoContext(t.Context(), "m")
			both(t, "account_id", contextOf(last(t, dir, "daemon.log"))["account_id"], nil)
		}},
		{"nesting: an inner context adds and replaces", func(t *testing.T, dir string) {
			ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"), telemetry.EventType("outer"))
			daemon.InfoContext(telemetry.With(ctx, telemetry.EventType("inner")), "m")
			c := contextOf(last(t, dir, "daemon.log"))
			both(t, "account_id", c["account_id"], "ACC123")
			both(t, "event_type", c["event_type"], "inner")
		}},
		{"correlation: one ID for all of a context", func(t *testing.T, dir string) {
			ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"))
			daemon.InfoContext(ctx, "m")
			first := contextOf(last(t, dir, "daemon.log"))["correlation_id"]
			daemon.InfoContext(telemetry.With(ctx, telemetry.EventType("x")), "m")
			both(t, "correlation_id", contextOf(last(t, dir, "daemon.log"))["correlation_id"], first)
			both(t, "made", first != nil && first != "", true)
		}},
		{"correlation: a custom ID", func(t *testing.T, dir string) {
			daemon.InfoContext(telemetry.WithCorrelationID(t.Context(), "custom-123"), "m")
			both(t, "correlation_id", contextOf(last(t, dir, "daemon.log"))["correlation_id"], "custom-123")
		}},
		{"JSON: the layout", func(t *testing.T, dir string) {
			daemon.Info("Trade processed")
			r := last(t, dir, "daemon.log")
			both(t, "level", r["level"], "INFO")
			both(t, "logger", r["logger"], "risk_manager.daemon")
			both(t, "message", r["message"], "Trade processed")
			_, err := time.Parse("2006-01-02T15:04:05.000000Z", r["timestamp"].(string))
			both(t, "timestamp", err, nil)
		}},
		{"JSON: extra fields at the top, typed", func(t *testing.T, dir string) {
			daemon.Info("m", "symbol", "ES", "quantity", 1, "price", 45.23, "live", true)
			r := last(t, dir, "daemon.log")
			both(t, "symbol", r["symbol"], "ES")
			both(t, "quantity", r["quantity"], 1.)
			both(t, "price", r["price"], 45.23)
			both(t, "live", r["live"], true)
		}},
		{"masking: an API key", func(t *testing.T, dir string) {
			daemon.Info("using api_key=abc123secret")
			both(t, "message", last(t, dir, "daemon.log")["message"], "using api_key=***MASKED***")
		}},
		{"masking: a password", func(t *testing.T, dir string) {
			daemon.Info("password: hunter2")
			both(t, "message", last(t, dir, "daemon.log")["message"], "password: ***MASKED***")
		}},
		{"masking: a token", func(t *testing.T, dir string) {
			daemon.Info("sent Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc")
			both(t, "message", last(t, dir, "daemon.log")["message"], "sent Authorization: Bearer ***MASKED***")
		}},
		{"masking: a dictionary", func(t *testing.T, dir string) {
			daemon.Info("m", "login", map[string]any{"user": "bob", "password": "hunter2", "nested": map[string]any{"token": "x"}})
			login := last(t, dir, "daemon.log")["login"].(record)
			both(t, "user", login["user"], "bob")
			both(t, "password", login["password"], "***MASKED***")
			both(t, "token", login["nested"].(record)["token"], "***MASKED***")
		}},
		{"timing: a timer", func(t *testing.T, dir string) {
			_, op := instrument.Start(t.Context(), "op")
			d := op.End(nil)
			r := last(t, dir, "daemon.log")
			both(t, "operation", r["operation"], "op")
			both(t, "status", r["status"], "ok")
			both(t, "duration", d > 0 && r["duration_ms"].(float64) >= 0, true)
		}},
		{"timing: the decorator, and its error", func(t *testing.T, dir string) {
			cause := errors.New("boom")
			double := instrument.Wrap("double", func(_ context.Context, n int) (int, error) { return 2 * n, cause })
			got, err := double(t.Context(), 21)
			both(t, "result", got, 42)
			both(t, "error", err, cause)
			r := last(t, dir, "error.log")
			both(t, "operation", r["operation"], "double")
			both(t, "status", r["status"], "error")
		}},
		{"timing: a threshold", func(t *testing.T, dir string) {
			fast := func(context.Context) error { return nil }
			both(t, "error", instrument.Do(t.Context(), "fast", fast, instrument.Threshold(time.Hour)), nil)
			both(t, "records", len(read(t, dir, "daemon.log")), 0)
			both(t, "error", instrument.Do(t.Context(), "slow", fast, instrument.Threshold(time.Nanosecond)), nil)
			r := last(t, dir, "daemon.log")
			both(t, "operation", r["operation"], "slow")
			both(t, "level", r["level"], "WARNING")
		}},
		{"isolation between goroutines", func(t *testing.T, dir string) {
			var wg sync.WaitGroup
			for _, account := range []string{"A", "B", "C"} {
				wg.Go(func() {
					ctx := telemetry.With(t.Context(), telemetry.AccountID(account))
					for range 50 {
						daemon.InfoContext(ctx, account)
					}
				})
			}
			wg.Wait()
			records := read(t, dir, "daemon.log")
			both(t, "records", len(records), 150)
			for _, r := range records {
				both(t, "account_id", contextOf(r)["account_id"], r["message"])
			}
		}},
		{"a complete workflow", func(t *testing.T, dir string) {
			ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"), telemetry.EventType("trade"))
			err := instrument.Do(ctx, "trade.process", func(ctx context.Context) error {
				telemetry.Logger(telemetry.API).InfoContext(ctx, "Positions fetched", "token", "x")
				ctx = telemetry.With(ctx, telemetry.RuleID("MAX_LOSS"))
				telemetry.Logger(telemetry.Enforcement).WarnContext(ctx, "Max loss breached")
				return nil
			})
			both(t, "error", err, nil)
			records := read(t, dir, "daemon.log")
			both(t, "records", len(records), 3)
			for _, r := range records {
				both(t, "correlation_id", contextOf(r)["correlation_id"], telemetry.CorrelationID(ctx))
			}
			both(t, "api.log", last(t, dir, "api.log")["token"], "***MASKED***")
			both(t, "enforcement.log", contextOf(last(t, dir, "enforcement.log"))["rule_id"], "MAX_LOSS")
		}},
	} {
		t.Run(promise.name, func(t *testing.T) {
			_, dir := start(t)
			promise.keep(t, dir)
		})
	}
}
