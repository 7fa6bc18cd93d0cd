package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"riskmanager.internal/otel/examples/daemon/internal/gateway"
	"riskmanager.internal/otel/examples/daemon/internal/projectx"
	"riskmanager.internal/otel/examples/daemon/internal/risk"
	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// alert tells the trader of a breach, in a goroutine of its own: it keeps the
// breach's trace and context, and should it panic, the daemon lives and
// error.log has the stack.
func (d *daemon) alert(ctx context.Context, b risk.Breach) {
	ctx, cancel := d.finish(ctx)
	task := instrument.Go(ctx, "send_alert", func(ctx context.Context) error {
		return d.post(ctx, d.alertText(b))
	}, instrument.OnPanic(instrument.Contain))
	d.enforced.Go(func() {
		defer cancel()
		<-task.Done() // Its error is in the logs; there is no more to do about it.
	})
}

// alertText writes the alert. It has a bug, of the kind that gets through: it
// has never seen a breach without a position, such as TRADE_FREQUENCY's. And
// its panic quotes a URL with a password, as panics do.
func (d *daemon) alertText(b risk.Breach) string {
	symbol := projectx.Symbol(b.Contract)
	if b.Rule == risk.TradeFrequency && symbol == "" {
		panic(fmt.Sprintf("alert for %s: no symbol in %+v", d.settings.AlertURL.Reveal(), b))
	}
	return fmt.Sprintf("%s: %s at %g, allowed %g", b.Rule, symbol, b.Current, b.Limit)
}

// post sends an alert to the webhook.
func (d *daemon) post(ctx context.Context, text string) error {
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	ctx = instrument.WithRequest(ctx, instrument.Template(gateway.PathAlerts))
	ctx = telemetry.Propagate(ctx, "account_id", "rule_id") // The firm's own service: its logs get them as well.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.settings.AlertURL.Reveal(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := d.alerts.Do(req)
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("alert: response: %w", err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("alert: %s: %s", resp.Status, bytes.TrimSpace(answer))
	}
	return nil
}
