package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
	"riskmanager.internal/otel/examples/daemon/internal/risk"
	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// The outcomes of an enforcement, in its records.
const (
	outcomePending = "pending" // The breach is found, the action begins.
	outcomeDone    = "done"
	outcomeFailed  = "failed"
)

// enforce begins to enforce the rule. It does not wait for the gateway, so
// that the next event is not held up.
func (d *daemon) enforce(ctx context.Context, b risk.Breach) {
	ctx = telemetry.With(ctx, telemetry.RuleID(string(b.Rule)))
	instrument.Breach(ctx, string(b.Rule), breachAttrs(b, outcomePending)...)
	if b.Action.Locks() {
		d.book.Lock(b.AccountID, b.Rule, time.Now(), b.LockUntil) // At once: the gateway's calls take their time.
	}
	d.enforced.Go(func() { d.carryOut(ctx, b) })
	d.alert(ctx, b)
}

// carryOut does what the breach asks for and records what came of it. What was
// decided is carried out, even if the daemon is told to stop in the meantime.
func (d *daemon) carryOut(ctx context.Context, b risk.Breach) {
	ctx, cancel := d.finish(ctx)
	defer cancel()
	err := instrument.Enforce(ctx, string(b.Rule), string(b.Action), func(ctx context.Context) error {
		if err := d.act(ctx, b); err != nil {
			return err
		}
		enforcementLog.LogAttrs(ctx, slog.LevelInfo, "Rule enforced", breachAttrs(b, outcomeDone)...)
		return nil
	}, instrument.Attrs(breachAttrs(b, "")...))
	if err != nil {
		d.book.Reopen(b) // So that the next check tries again.
		attrs := append(breachAttrs(b, outcomeFailed), slog.Any("error", err))
		enforcementLog.LogAttrs(ctx, slog.LevelError, "Rule not enforced", attrs...)
	}
}

// act does what the breach asks for.
func (d *daemon) act(ctx context.Context, b risk.Breach) error {
	switch b.Action {
	case risk.Flatten, risk.FlattenAndLockOut:
		return d.flatten(ctx, b.AccountID)
	case risk.ClosePosition:
		return d.close(ctx, b.AccountID, b.Contract)
	case risk.LockOut:
		return nil // The daemon's own: there is nothing to ask of the gateway.
	default:
		return fmt.Errorf("unknown action %q", b.Action)
	}
}

// flatten cancels all orders and closes all positions, by what the gateway says
// there is: the book may be behind.
func (d *daemon) flatten(ctx context.Context, accountID int64) error {
	orders, err := d.orders(ctx, accountID)
	if err != nil {
		return err
	}
	positions, err := d.positions(ctx, accountID)
	if err != nil {
		return err
	}
	var errs []error // One that fails must not keep the others.
	for _, o := range orders {
		errs = append(errs, d.cancelOrder(ctx, accountID, o.ID))
	}
	for _, p := range positions {
		errs = append(errs, d.closePosition(ctx, accountID, p.ContractID))
	}
	return errors.Join(errs...)
}

// close closes one position and cancels its orders.
func (d *daemon) close(ctx context.Context, accountID int64, contract string) error {
	var errs []error
	for _, id := range d.book.Orders(accountID, contract) {
		errs = append(errs, d.cancelOrder(ctx, accountID, id))
	}
	errs = append(errs, d.closePosition(ctx, accountID, contract))
	return errors.Join(errs...)
}

func (d *daemon) closePosition(ctx context.Context, accountID int64, contract string) error {
	return instrument.Do(ctx, "close_contract", func(ctx context.Context) error {
		err := d.client.ClosePosition(ctx, accountID, contract)
		if errors.Is(err, projectx.ErrNotFound) {
			apiLog.InfoContext(ctx, "Position was closed already", slog.String("symbol", projectx.Symbol(contract)))
			return nil
		}
		return err
	}, calls(projectx.PathClosePosition, slog.String("symbol", projectx.Symbol(contract)))...)
}

func (d *daemon) cancelOrder(ctx context.Context, accountID, orderID int64) error {
	return instrument.Do(ctx, "cancel_order", func(ctx context.Context) error {
		err := d.client.CancelOrder(ctx, accountID, orderID)
		if errors.Is(err, projectx.ErrNotFound) {
			apiLog.InfoContext(ctx, "Order was gone already", slog.Int64("order_id", orderID))
			return nil
		}
		return err
	}, calls(projectx.PathCancelOrder, slog.Int64("order_id", orderID))...)
}

// breachAttrs is what every record of an enforcement says, beside its context:
// what was done, what came of it, and the values that broke the rule.
func breachAttrs(b risk.Breach, outcome string) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("action", string(b.Action)),
		slog.Float64("current", cents(b.Current)),
		slog.Float64("limit", cents(b.Limit)),
		slog.Float64("breach_amount", cents(b.Excess())),
	}
	if outcome != "" { // An operation's record has its status instead.
		attrs = append(attrs, slog.String("outcome", outcome))
	}
	if b.Contract != "" {
		attrs = append(attrs, slog.String("symbol", projectx.Symbol(b.Contract)))
	}
	if !b.LockUntil.IsZero() {
		attrs = append(attrs, slog.Time("locked_until", b.LockUntil))
	}
	return attrs
}
