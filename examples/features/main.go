// Features shows each capability in one short function. Run it and read what
// it wrote with jq; the tests run each function and show its records.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// Loggers may be package variables: they find the Telemetry at each call.
var (
	daemon      = telemetry.Logger(telemetry.Daemon)
	api         = telemetry.Logger(telemetry.API)
	enforcement = telemetry.Logger(telemetry.Enforcement)
	failures    = telemetry.Logger(telemetry.Errors)
)

func main() {
	ctx := context.Background()
	tel, err := telemetry.Setup(ctx, telemetry.WithConsole(true))
	if err != nil {
		log.Fatal(err)
	}
	for _, feature := range []func(context.Context){
		structured, contextFields, nesting, correlation, ownCorrelation,
		timedBlock, timedFunction, timedByHand, threshold,
		masking, errorWithStack, enforce, anyModule,
	} {
		feature(ctx)
	}
	if err := tel.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("now try: jq . logs/daemon.log")
}

// structured: attributes are top-level keys that keep their types.
func structured(ctx context.Context) {
	daemon.InfoContext(ctx, "Trade processed", "symbol", "ES", "quantity", 1, "price", 4512.25)
}

// contextFields: what With sets travels with the context into every record.
func contextFields(ctx context.Context) {
	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"), telemetry.EventType("trade"))
	daemon.InfoContext(ctx, "Processing trade")
	api.InfoContext(ctx, "Positions fetched", "count", 3)
}

// nesting: an inner With adds to the outer one, and replaces what it repeats.
func nesting(ctx context.Context) {
	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"), telemetry.EventType("rule_check"))
	inner := telemetry.With(ctx, telemetry.EventType("enforcement_action"), telemetry.RuleID("MAX_LOSS"))
	daemon.InfoContext(inner, "inner")
	daemon.InfoContext(ctx, "outer again")
}

// correlation: the first With begins a correlation ID, which is the trace ID of
// every span below; each event of a loop begins its own.
func correlation(ctx context.Context) {
	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"))
	for _, symbol := range []string{"ES", "NQ"} {
		event := telemetry.NewCorrelation(ctx)
		daemon.InfoContext(event, "Trade received", "symbol", symbol)
		_ = instrument.Do(event, "trade.process", func(ctx context.Context) error {
			daemon.InfoContext(ctx, "Trade processed", "symbol", symbol)
			return nil
		})
	}
}

// ownCorrelation: an ID of another system is kept as it is.
func ownCorrelation(ctx context.Context) {
	ctx = telemetry.WithCorrelationID(ctx, "order-42")
	daemon.InfoContext(ctx, "Order accepted")
}

// timedBlock: Do is the context manager: a span, its duration, its outcome.
func timedBlock(ctx context.Context) {
	err := instrument.Do(ctx, "fetch_positions", func(context.Context) error {
		return nil
	}, instrument.On(telemetry.API))
	_ = err // The function's own, untouched.
}

// fetchOrders is a function wrapped once: the decorator.
var fetchOrders = instrument.Wrap("fetch_orders", func(_ context.Context, account string) ([]string, error) {
	return []string{account + "-1"}, nil
}, instrument.On(telemetry.API))

func timedFunction(ctx context.Context) {
	_, _ = fetchOrders(ctx, "ACC123")
}

// timedByHand: Start and End where a block or a function does not fit.
func timedByHand(ctx context.Context) {
	ctx, op := instrument.Start(ctx, "reconcile")
	daemon.InfoContext(ctx, "Reconciling")
	op.Set(slog.Int("count", 3))
	op.End(nil)
}

// threshold: an operation with a threshold is told only when it is slower.
func threshold(ctx context.Context) {
	for name, took := range map[string]time.Duration{"fast": 0, "slow": 20 * time.Millisecond} {
		_ = instrument.Do(ctx, name, func(context.Context) error {
			time.Sleep(took)
			return nil
		}, instrument.Threshold(10*time.Millisecond))
	}
}

// masking: secrets never reach a file, wherever they stand.
func masking(ctx context.Context) {
	api.InfoContext(ctx, "login with api_key=sk_live_abcdef and password: hunter2",
		"token", "eyJhbGciOi", "headers", map[string]string{"Authorization": "Bearer abc.def", "Accept": "*/*"},
		"url", "https://api.example.com/hub?access_token=abcdef&symbol=ES", "email", "jane@example.com")
}

// errorWithStack: a panic inside an operation is recorded with its stack, and
// goes on.
func errorWithStack(ctx context.Context) {
	failures.ErrorContext(ctx, "Operation failed", "error", fmt.Errorf("reconcile: %w", errors.New("gateway closed")))

	defer func() { _ = recover() }()
	_ = instrument.Do(ctx, "risky_operation", func(context.Context) error { panic("index out of range") })
}

// enforce: a breach and what was done about it, under one correlation ID.
func enforce(ctx context.Context) {
	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"), telemetry.RuleID("MAX_LOSS"), telemetry.EventType("rule_check"))
	enforcement.WarnContext(ctx, "Max loss breached", "current_loss", -550.0, "max_loss", -500.0, "breach_amount", -50.0)

	ctx = telemetry.With(ctx, telemetry.EventType("enforcement_action"))
	enforcement.InfoContext(ctx, "Flattening positions", "action", "flatten_all")
}

// anyModule: a logger of any name, with levels of its own by log_levels.
func anyModule(ctx context.Context) {
	telemetry.Named("risk_manager.rules.loss").InfoContext(ctx, "Rule loaded")
}
