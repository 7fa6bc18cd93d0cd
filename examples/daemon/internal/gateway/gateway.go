package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

// Config describes a gateway.
type Config struct {
	// Seed determines what happens. The zero value is a seed like any other.
	Seed uint64

	// Speed is how much faster than real time the traders trade, tokens expire,
	// hubs hang up and answers are delayed. Zero means 1.
	Speed float64

	// The credentials of the one user. Zero fields mean "demo", and a key and a
	// password that are made from Seed.
	UserName, APIKey, Password string

	// Quiet leaves out the traders and the faults, for tests.
	Quiet bool
}

// Gateway is a running gateway.
type Gateway struct {
	cfg    Config
	url    *url.URL
	server *http.Server
	auth   *auth
	faults *faults
	market *market
	user   *hub
	quotes *hub

	begin sync.Once // The traders start with the first client of the user hub.
	stop  context.CancelFunc
	run   context.Context //nolint:containedctx // The gateway's lifetime, which Close ends.
	wg    sync.WaitGroup
}

// Start listens on a free port of the loopback interface and serves until Close,
// whatever becomes of ctx in the meantime.
func Start(ctx context.Context, cfg Config) (*Gateway, error) {
	if cfg.Speed < 0 {
		return nil, fmt.Errorf("gateway: speed %g: want more than 0", cfg.Speed)
	}
	if cfg.Speed == 0 {
		cfg.Speed = 1
	}
	cfg = cfg.withCredentials()
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}

	g := &Gateway{
		cfg:    cfg,
		url:    &url.URL{Scheme: "http", Host: ln.Addr().String()},
		auth:   newAuth(cfg),
		faults: newFaults(cfg),
		user:   newHub(),
		quotes: newHub(),
	}
	g.market = newMarket(cfg.Seed, g.user.send, g.quotes.send)
	g.run, g.stop = context.WithCancel(context.WithoutCancel(ctx))
	g.server = &http.Server{
		Handler:           g.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return g.run },
		ErrorLog:          discardLog(),
	}
	g.wg.Go(func() {
		if err := g.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			g.stop() // Nobody can be served any more.
		}
	})
	return g, nil
}

// URL returns the gateway's base URL, without a path.
func (g *Gateway) URL() string { return g.url.String() }

// AlertURL returns where alerts are posted to, with the user's name and
// password in it, as such URLs are often handed out.
func (g *Gateway) AlertURL() string {
	u := g.url.JoinPath(PathAlerts)
	u.User = url.UserPassword(g.cfg.UserName, g.cfg.Password)
	return u.String()
}

// Credentials returns what the one user logs in with.
func (g *Gateway) Credentials() (userName, apiKey, password string) {
	return g.cfg.UserName, g.cfg.APIKey, g.cfg.Password
}

// Issued returns every token that the gateway has issued.
func (g *Gateway) Issued() []string { return g.auth.all() }

// Requests returns how many requests to the path were answered.
func (g *Gateway) Requests(path string) int { return g.faults.count(path) }

// Close hangs up on everybody and waits until nothing runs any more.
func (g *Gateway) Close() error {
	g.stop()
	err := g.server.Close()
	g.wg.Wait()
	return err
}

// scaled returns how long d is at the gateway's speed.
func (c Config) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.Speed)
}

// sleep waits for d or until ctx ends, and reports whether d has passed.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// startTrading lets the traders and quotes begin.
func (g *Gateway) startTrading() {
	if g.cfg.Quiet {
		return
	}
	g.begin.Do(func() {
		g.wg.Go(func() { g.market.trade(g.run, g.cfg) })
		g.wg.Go(func() { g.market.quote(g.run, g.cfg) })
	})
}

// Trade lets a trader of the account enter at the market, for tests; with a
// stop order if protected. A negative size sells.
func (g *Gateway) Trade(accountID int64, contractID string, size int, protected bool) {
	g.market.enter(accountID, contractID, size, protected)
}

// Accounts returns the accounts.
func (g *Gateway) Accounts() []projectx.Account { return g.market.accountList() }
