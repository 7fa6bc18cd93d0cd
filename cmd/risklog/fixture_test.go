package main_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

var update = flag.Bool("update", false, "rewrite testdata/written and the golden files")

// fixtureDir holds files that the library itself wrote, by writeFixture.
const fixtureDir = "testdata/written"

var errGateway = errors.New("gateway: position 4711 is locked")

// TestFixture rewrites the files when it is asked to, and otherwise shows that
// the library of today still writes such files.
func TestFixture(t *testing.T) {
	dir := t.TempDir()
	if *update {
		if err := os.RemoveAll(fixtureDir); err != nil {
			t.Fatal(err)
		}
		dir = fixtureDir
	}
	writeFixture(t, dir)
	_ = os.Remove(filepath.Join(dir, ".risk-manager.lock"))
	if *update {
		for _, name := range []string{"daemon", "enforcement", "api", "error"} {
			path := filepath.Join(dir, name+".log")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, withoutPaths(t, b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, stderr, code := run(t, "show", "-dir", dir, "-json")
	if code != 0 || stderr != "" {
		t.Errorf("risklog show = %d, %q, want 0 and no message", code, stderr)
	}
	if n := strings.Count(got, "\n"); n < 55 {
		t.Errorf("risklog show wrote %d records, want at least 55", n)
	}
}

// writeFixture writes what a risk daemon writes in two sessions; the files of
// the first one have been rotated and compressed.
func writeFixture(t *testing.T, dir string) {
	t.Helper()
	session(t, dir, func(ctx context.Context) {
		for i := range 4 {
			trade(ctx, "ACC123", "ES", i)
		}
		breach(ctx, "ACC123", -620, -500, nil)
	})
	for _, name := range []string{"daemon", "enforcement", "api", "error"} {
		rotate(t, dir, name)
	}
	session(t, dir, func(ctx context.Context) {
		for i := range 3 {
			trade(ctx, "ACC456", "NQ", i)
		}
		breach(ctx, "ACC456", -1500, -1000, errGateway)
		breach(ctx, "ACC123", -510, -500, nil)
		order := telemetry.WithCorrelationID(ctx, "order-42")
		telemetry.Logger(telemetry.Daemon).InfoContext(order, "Order \x1b[31mreceived\u202e", "price", 4512.25, "tags", []string{"a", "b"})
		_ = instrument.Do(order, "place_order", func(context.Context) error {
			time.Sleep(2 * time.Millisecond)
			return fmt.Errorf("placing order 42: %w", context.DeadlineExceeded)
		}, instrument.On(telemetry.API))
		for i := range 3 {
			telemetry.Logger(telemetry.Errors).ErrorContext(telemetry.NewCorrelation(telemetry.With(ctx, telemetry.AccountID(fmt.Sprintf("ACC%d", i)))),
				fmt.Sprintf("Reconciliation of order %d failed", 1000+i), "error", errGateway)
		}
		telemetry.Named("risk_manager.rules").WarnContext(ctx, "No context: rule file is old", "age", 3*time.Hour)
	})
}

func session(t *testing.T, dir string, fn func(context.Context)) {
	t.Helper()
	ctx := t.Context()
	tel, err := telemetry.Setup(ctx, telemetry.WithLogDir(dir), telemetry.WithLevel(slog.LevelDebug), telemetry.WithoutGlobals())
	if err != nil {
		t.Fatal(err)
	}
	fn(telemetry.NewContext(ctx, tel))
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
}

func rotate(t *testing.T, dir, name string) {
	t.Helper()
	live := filepath.Join(dir, name+".log")
	b, err := os.ReadFile(live)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		b = withoutPaths(t, b)
	}
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, err = zw.Write(b)
	backup := filepath.Join(dir, fmt.Sprintf("%s-%s.log.gz", name, time.Now().UTC().Format("2006-01-02T15-04-05.000")))
	if err := errors.Join(err, zw.Close(), os.WriteFile(backup, buf.Bytes(), 0o600), os.Remove(live)); err != nil {
		t.Fatal(err)
	}
}

// withoutPaths takes this machine's directories out of the sources.
func withoutPaths(t *testing.T, b []byte) []byte {
	t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte(wd+"/"), []byte("daemon/"))
	return bytes.ReplaceAll(b, []byte(filepath.Dir(filepath.Dir(wd))+"/"), nil)
}

// trade is one event that takes its way through the daemon.
func trade(ctx context.Context, account, symbol string, i int) {
	daemon, api := telemetry.Logger(telemetry.Daemon), telemetry.Logger(telemetry.API)
	ctx = telemetry.NewCorrelation(telemetry.With(ctx, telemetry.AccountID(account), telemetry.EventType("trade")))
	_ = instrument.Do(ctx, "process_event", func(ctx context.Context) error {
		daemon.InfoContext(ctx, "Trade received", "symbol", symbol, "quantity", i+1)
		_ = instrument.Do(ctx, "fetch_positions", func(ctx context.Context) error {
			api.DebugContext(ctx, "Fetching positions", "endpoint", "/positions")
			time.Sleep(time.Duration(1+30*(i/2)) * time.Millisecond) // The later ones are slow.
			return nil
		}, instrument.On(telemetry.API), instrument.Threshold(20*time.Millisecond))
		daemon.InfoContext(ctx, "Trade processed", "symbol", symbol)
		return nil
	})
}

// breach is an event that breaks a rule, and its enforcement.
func breach(ctx context.Context, account string, loss, limit float64, fault error) {
	enforcement := telemetry.Logger(telemetry.Enforcement)
	ctx = telemetry.NewCorrelation(telemetry.With(ctx, telemetry.AccountID(account), telemetry.EventType("rule_check")))
	_ = instrument.Do(ctx, "process_event", func(ctx context.Context) error {
		ctx = telemetry.With(ctx, telemetry.RuleID("MAX_LOSS"))
		enforcement.WarnContext(ctx, "Max loss breached", "current_loss", loss, "max_loss", limit, "breach_amount", limit-loss, "action", "flatten_all", "outcome", "pending")
		err := instrument.Do(ctx, "enforcement.flatten", func(ctx context.Context) error {
			ctx = telemetry.With(ctx, telemetry.EventType("enforcement_action"))
			enforcement.InfoContext(ctx, "Flattening positions", "action", "flatten_all")
			return instrument.Do(ctx, "close_position", func(context.Context) error {
				time.Sleep(8 * time.Millisecond)
				return fault
			}, instrument.On(telemetry.API))
		}, instrument.On(telemetry.Enforcement))
		if err != nil {
			enforcement.ErrorContext(ctx, "Rule not enforced", "action", "flatten_all", "outcome", "failed", "error", err)
			return err
		}
		enforcement.InfoContext(ctx, "Rule enforced", "action", "flatten_all", "outcome", "done")
		return nil
	})
}
