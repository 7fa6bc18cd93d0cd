package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
	"riskmanager.internal/otel/examples/daemon/internal/risk"
	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// daemon is the risk manager.
type daemon struct {
	settings settings
	client   *projectx.Client
	alerts   *http.Client
	book     *risk.Book
	accounts map[int64]projectx.Account // immutable once start has set it

	// The client's calls, instrumented: in api.log when they take long.
	positions func(ctx context.Context, accountID int64) ([]projectx.Position, error)
	orders    func(ctx context.Context, accountID int64) ([]projectx.Order, error)

	workers  sync.WaitGroup // Hubs and periodic work; they end with run's context.
	enforced sync.WaitGroup // Enforcement and alerts under way; they are let finish,

	patience context.Context //nolint:containedctx // as long as this one lasts.
	giveUp   context.CancelFunc
}

func newDaemon(s settings) (*daemon, error) {
	if err := s.Limits.Validate(); err != nil {
		return nil, err
	}
	// With this transport every HTTP call is in the traces and in api.log:
	// masked, so that even headers and bodies can be.
	transport := instrument.Transport(http.DefaultTransport,
		instrument.CaptureHeaders("Authorization", "Retry-After"), instrument.CaptureBodies(2<<10))
	client, err := projectx.New(projectx.Config{
		BaseURL:  s.URL,
		UserName: s.UserName,
		APIKey:   s.APIKey.Reveal(),
		HTTP:     &http.Client{Transport: transport},
		Before: func(ctx context.Context, path string, attempt int) context.Context {
			return instrument.WithRequest(ctx, instrument.Template(path), instrument.Attempt(attempt))
		},
		Backoff: s.scaled(100 * time.Millisecond),
		MaxWait: s.scaled(time.Second),
	})
	if err != nil {
		return nil, err
	}
	slow := instrument.Threshold(250 * time.Millisecond)
	d := &daemon{
		settings:  s,
		client:    client,
		alerts:    &http.Client{Transport: transport},
		book:      risk.NewBook(s.Limits, time.Now().Add(s.Day)),
		positions: instrument.Wrap("fetch_positions", client.Positions, append(calls(projectx.PathPositions), slow)...),
		orders:    instrument.Wrap("fetch_orders", client.Orders, append(calls(projectx.PathOrders), slow)...),
	}
	d.patience, d.giveUp = context.WithCancel(context.Background())
	return d, nil
}

// calls are the options of an operation that is a call of the gateway: in
// api.log, with its endpoint.
func calls(endpoint string, attrs ...slog.Attr) []instrument.Option {
	return []instrument.Option{
		instrument.On(telemetry.API),
		instrument.Attrs(append(attrs, slog.String("endpoint", endpoint))...),
	}
}

// run works until ctx ends; then it lets enforcement that is under way finish.
func (d *daemon) run(ctx context.Context) error {
	if err := d.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // Told to stop before it had begun.
		}
		return err
	}
	users := follower{daemon: d, path: projectx.PathUserHub, feed: instrument.NewFeed("user_hub"), sync: d.reconcile}
	d.workers.Go(func() { users.run(ctx) })
	quotes := follower{daemon: d, path: projectx.PathMarketHub, feed: instrument.NewFeed("market_hub")}
	d.workers.Go(func() { quotes.run(ctx) })
	d.every(ctx, 5*time.Second, "refresh_session", d.client.Refresh, instrument.On(telemetry.API))
	d.every(ctx, 500*time.Millisecond, "check_timers", d.checkTimers, instrument.AtLevel(slog.LevelDebug))
	d.every(ctx, 5*time.Second, "report_status", d.reportStatus, instrument.AtLevel(slog.LevelDebug))

	<-ctx.Done()
	d.workers.Wait()
	defer d.giveUp()
	defer time.AfterFunc(drainTimeout, d.giveUp).Stop()
	d.enforced.Wait()
	return nil
}

// finish returns a context for work that is let finish when the daemon is told
// to stop, though not for longer than drainTimeout: with the values of ctx, but
// not its end.
func (d *daemon) finish(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), workTimeout)
	stop := context.AfterFunc(d.patience, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// every runs fn at the interval until ctx ends, each time in a trace of its own.
// A panic costs one run, not the daemon.
func (d *daemon) every(ctx context.Context, interval time.Duration, name string, fn func(context.Context) error, opts ...instrument.Option) {
	opts = append(opts, instrument.OnPanic(instrument.Contain))
	d.workers.Go(func() { instrument.Every(ctx, d.settings.scaled(interval), name, fn, opts...) })
}

// start logs in and learns the accounts.
func (d *daemon) start(ctx context.Context) (err error) {
	ctx, op := instrument.Start(ctx, "start")
	defer op.Done(&err)

	if err := instrument.Do(ctx, "login", d.client.Login, calls(projectx.PathLogin)...); err != nil {
		return err
	}
	accounts, err := instrument.Call(ctx, "search_accounts", d.client.Accounts, calls(projectx.PathAccounts)...)
	if err != nil {
		return err
	}
	d.accounts = make(map[int64]projectx.Account, len(accounts))
	for _, a := range accounts {
		d.accounts[a.ID] = a
	}
	op.Set(slog.Int("accounts", len(accounts)))
	return nil
}

// reconcile asks the gateway for what the accounts hold: events that came
// while the hub was away are lost.
func (d *daemon) reconcile(ctx context.Context) (err error) {
	ctx, op := instrument.Start(ctx, "reconcile", instrument.NewTrace(), instrument.Threshold(time.Second))
	defer op.Done(&err)
	ctx = telemetry.With(ctx, telemetry.EventType("reconcile"))
	for _, id := range d.accountIDs() {
		ctx := telemetry.With(ctx, telemetry.AccountID(d.name(id)))
		positions, err := d.positions(ctx, id)
		if err != nil {
			return fmt.Errorf("positions of %s: %w", d.name(id), err)
		}
		orders, err := d.orders(ctx, id)
		if err != nil {
			return fmt.Errorf("orders of %s: %w", d.name(id), err)
		}
		d.book.Sync(id, positions, orders, time.Now())
		d.check(ctx, id)
	}
	return nil
}
