package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
	"riskmanager.internal/otel/examples/daemon/internal/risk"
	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// slowQuote is how long a quote may take: there are many a second, each worth a
// record only if it is slow.
const slowQuote = 20 * time.Millisecond

// process takes one event of a hub through the pipeline: event -> state ->
// rules -> enforcement -> API calls. All of it, and every record on the way, is
// one trace, and has the event's account and type in its context.
func (d *daemon) process(ctx context.Context, feed *instrument.Feed, ev projectx.Event) error {
	ctx = telemetry.With(ctx, telemetry.EventType(ev.Type()))
	if ev.Quote != nil {
		return feed.Message(ctx, ev.Type(), func(context.Context) error {
			d.book.Apply(ev, time.Now())
			return nil
		}, instrument.Threshold(slowQuote))
	}
	ctx = telemetry.With(ctx, telemetry.AccountID(d.name(ev.AccountID())))
	return feed.Message(ctx, ev.Type(), func(ctx context.Context) error {
		logEvent(ctx, ev)
		d.update(ctx, ev)
		d.check(ctx, ev.AccountID())
		return nil
	}, instrument.Attrs(slog.String("symbol", projectx.Symbol(ev.ContractID()))))
}

// update applies the event to the state of its account. Its record says what
// the account holds now.
func (d *daemon) update(ctx context.Context, ev projectx.Event) {
	level := slog.LevelInfo
	if ev.Order != nil {
		level = slog.LevelDebug // Changes no position and no result.
	}
	_, op := instrument.Start(ctx, "update_state", instrument.AtLevel(level))
	defer op.End(nil)
	now := time.Now()
	d.book.Apply(ev, now)
	op.Set(summaryAttrs(d.book.Summary(ev.AccountID(), now), now)...)
}

// check holds the account against the rules and starts the enforcement of each
// that is newly broken.
func (d *daemon) check(ctx context.Context, accountID int64) {
	ctx, op := instrument.Start(ctx, "evaluate_rules", instrument.AtLevel(slog.LevelDebug))
	defer op.End(nil)
	breaches := d.book.Evaluate(accountID, time.Now())
	op.Set(slog.Int("breaches", len(breaches)))
	for _, b := range breaches {
		d.enforce(ctx, b)
	}
}

// checkTimers checks what time alone can break: a stop order that does not
// come, a trading day that ends.
func (d *daemon) checkTimers(ctx context.Context) error {
	now := time.Now()
	if d.book.NextDay(now, now.Add(d.settings.Day)) {
		daemonLog.InfoContext(ctx, "New trading day: losses and lockouts reset", slog.Duration("length", d.settings.Day))
	}
	ctx = telemetry.With(ctx, telemetry.EventType("timer"))
	for _, id := range d.accountIDs() {
		d.check(telemetry.With(ctx, telemetry.AccountID(d.name(id))), id)
	}
	return nil
}

// reportStatus logs what each account holds.
func (d *daemon) reportStatus(ctx context.Context) error {
	now := time.Now()
	for _, id := range d.accountIDs() {
		ctx := telemetry.With(ctx, telemetry.AccountID(d.name(id)))
		stateLog.LogAttrs(ctx, slog.LevelInfo, "Account status", summaryAttrs(d.book.Summary(id, now), now)...)
	}
	return nil
}

// accountIDs returns the IDs of all accounts, in order.
func (d *daemon) accountIDs() []int64 { return slices.Sorted(maps.Keys(d.accounts)) }

// name returns the account's name, by which the logs call it.
func (d *daemon) name(accountID int64) string {
	if a, ok := d.accounts[accountID]; ok {
		return a.Name
	}
	return strconv.FormatInt(accountID, 10)
}

func summaryAttrs(s risk.Summary, now time.Time) []slog.Attr {
	attrs := []slog.Attr{
		slog.Int("contracts", s.Contracts),
		slog.Float64("realized", cents(s.Realized)),
		slog.Float64("unrealized", cents(s.Unrealized)),
	}
	if s.LockedBy != "" {
		attrs = append(attrs, slog.String("locked_by", string(s.LockedBy)),
			slog.Duration("locked_for", s.LockedUntil.Sub(now).Round(time.Millisecond)))
	}
	return attrs
}

// logEvent says what arrived.
func logEvent(ctx context.Context, ev projectx.Event) {
	switch symbol := slog.String("symbol", projectx.Symbol(ev.ContractID())); {
	case ev.Trade != nil:
		t := ev.Trade
		attrs := []slog.Attr{
			symbol, slog.Any("side", t.Side), slog.Int("quantity", t.Size), slog.Float64("price", t.Price),
			slog.Int64("order_id", t.OrderID),
		}
		if t.ProfitAndLoss != nil {
			attrs = append(attrs, slog.Float64("profit_and_loss", cents(*t.ProfitAndLoss)))
		}
		daemonLog.LogAttrs(ctx, slog.LevelInfo, "Trade received", attrs...)
	case ev.Position != nil:
		p := ev.Position
		daemonLog.LogAttrs(ctx, slog.LevelDebug, "Position received", symbol,
			slog.Any("side", p.Type), slog.Int("quantity", p.Size), slog.Float64("average_price", p.AvgPrice))
	case ev.Order != nil:
		o := ev.Order
		daemonLog.LogAttrs(ctx, slog.LevelDebug, "Order received", symbol,
			slog.Any("side", o.Side), slog.Int("quantity", o.Size), slog.Int64("order_id", o.ID), slog.Int("status", int(o.Status)))
	}
}
