package telemetry_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"riskmanager.internal/otel/telemetry"
)

// One call sets everything up; what a context carries is in each record.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	ctx := context.Background()
	tel, err := telemetry.Setup(ctx, telemetry.WithLogDir(dir), telemetry.WithService("risk-manager", "1.0.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"), telemetry.EventType("trade"))
	telemetry.Logger(telemetry.Daemon).InfoContext(ctx, "Trade received", "symbol", "ES", "quantity", 1)

	inner := telemetry.With(ctx, telemetry.RuleID("MAX_LOSS"), telemetry.EventType("rule_check"))
	telemetry.Named("risk_manager.rules").WarnContext(inner, "Loss near its limit", "api_key", "k-123")
	if err := tel.Shutdown(context.WithoutCancel(ctx)); err != nil {
		fmt.Println(err)
	}

	f, err := os.Open(filepath.Join(dir, "daemon.log"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = f.Close() }()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var r map[string]any
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			fmt.Println(err)
		}
		fields := r["context"].(map[string]any)
		same := fields["correlation_id"] == telemetry.CorrelationID(ctx)
		fmt.Println(r["level"], r["message"], fields["account_id"], fields["event_type"], fields["rule_id"], r["api_key"], same)
	}
	// Output:
	// INFO Trade received ACC123 trade <nil> <nil> true
	// WARNING Loss near its limit ACC123 rule_check MAX_LOSS ***MASKED*** true
}
