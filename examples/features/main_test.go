package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"riskmanager.internal/otel/telemetry"
)

// run sets up telemetry in a new directory, runs one feature, and prints the
// given keys (a dot descends) of each record it left in a file.
func run(feature func(context.Context), file string, keys ...string) {
	dir, err := os.MkdirTemp("", "features")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	tel, err := telemetry.Setup(ctx, telemetry.WithLogDir(dir))
	if err != nil {
		panic(err)
	}
	defer func() { _ = tel.Shutdown(ctx) }()
	feature(ctx)
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		panic(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var r any
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			panic(err)
		}
		var shown []string
		for _, key := range keys {
			v := r
			for k := range strings.SplitSeq(key, ".") {
				m, _ := v.(map[string]any)
				v = m[k]
			}
			b, _ := json.Marshal(v)
			shown = append(shown, string(b))
		}
		fmt.Println(strings.Join(shown, " "))
	}
}

func Example_structured() {
	run(structured, "daemon.log", "level", "logger", "message", "symbol", "quantity", "price")
	// Output: "INFO" "risk_manager.daemon" "Trade processed" "ES" 1 4512.25
}

func Example_contextFields() {
	run(contextFields, "daemon.log", "logger", "message", "context.account_id", "context.event_type")
	// Output:
	// "risk_manager.daemon" "Processing trade" "ACC123" "trade"
	// "risk_manager.api" "Positions fetched" "ACC123" "trade"
}

func Example_nesting() {
	run(nesting, "daemon.log", "message", "context.account_id", "context.event_type", "context.rule_id")
	// Output:
	// "inner" "ACC123" "enforcement_action" "MAX_LOSS"
	// "outer again" "ACC123" "rule_check" null
}

func Example_correlation() {
	run(correlation, "daemon.log", "message", "symbol", "operation", "status")
	// Output:
	// "Trade received" "ES" null null
	// "Trade processed" "ES" null null
	// "trade.process completed" null "trade.process" "ok"
	// "Trade received" "NQ" null null
	// "Trade processed" "NQ" null null
	// "trade.process completed" null "trade.process" "ok"
}

func Example_ownCorrelation() {
	run(ownCorrelation, "daemon.log", "context.correlation_id", "trace_id")
	// Output: "order-42" "3bf8b157c4238eefe5ae4a66eca81c6b"
}

func Example_timedBlock() {
	run(timedBlock, "api.log", "level", "operation", "status")
	// Output: "INFO" "fetch_positions" "ok"
}

func Example_timedFunction() {
	run(timedFunction, "api.log", "level", "operation", "status")
	// Output: "INFO" "fetch_orders" "ok"
}

func Example_timedByHand() {
	run(timedByHand, "daemon.log", "message", "operation", "status", "count")
	// Output:
	// "Reconciling" null null null
	// "reconcile completed" "reconcile" "ok" 3
}

func Example_threshold() {
	run(threshold, "daemon.log", "level", "operation", "threshold_ms")
	// Output: "WARNING" "slow" 10
}

func Example_masking() {
	run(masking, "api.log", "message", "token", "headers", "url", "email")
	// Output: "login with api_key=***MASKED*** and password: ***MASKED***" "***MASKED***" {"Accept":"*/*","Authorization":"***MASKED***"} "https://api.example.com/hub?access_token=***MASKED***\u0026symbol=ES" "***@example.com"
}

func Example_errorWithStack() {
	run(errorWithStack, "error.log", "level", "message", "error.type", "error.message")
	// Output:
	// "ERROR" "Operation failed" "*errors.errorString" "reconcile: gateway closed"
	// "ERROR" "risky_operation failed" "panic" "panic: index out of range"
}

func Example_enforce() {
	run(enforce, "enforcement.log", "level", "message", "context.rule_id", "context.event_type", "breach_amount", "action")
	// Output:
	// "WARNING" "Max loss breached" "MAX_LOSS" "rule_check" -50 null
	// "INFO" "Flattening positions" "MAX_LOSS" "enforcement_action" null "flatten_all"
}

func Example_anyModule() {
	run(anyModule, "daemon.log", "logger", "message")
	// Output: "risk_manager.rules.loss" "Rule loaded"
}

// Example_customConfiguration: the YAML file of the Python system, unchanged.
func Example_customConfiguration() {
	dir, err := os.MkdirTemp("", "features")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "logging.yaml")
	yaml := "log_dir: " + filepath.Join(dir, "logs") + "\nlog_level: \"WARNING\"\nrotation:\n  max_mb: 10\n  backup_count: 7\n"
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		panic(err)
	}
	tel, err := telemetry.Setup(context.Background(), telemetry.WithConfigFile(file))
	if err != nil {
		panic(err)
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	daemon.Info("below the level")
	daemon.Warn("at the level")
	fmt.Println(tel.Stats().Files["daemon"].Lines)
	// Output: 1
}

func TestMainRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	main()
	for _, file := range []string{"daemon.log", "enforcement.log", "api.log", "error.log"} {
		if info, err := os.Stat(filepath.Join("logs", file)); err != nil || info.Size() == 0 {
			t.Errorf("%s: got %v, %v, want records", file, info, err)
		}
	}
}
