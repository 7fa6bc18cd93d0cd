package gateway_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"riskmanager.internal/otel/examples/daemon/internal/gateway"
	"riskmanager.internal/otel/examples/daemon/internal/projectx"
	"riskmanager.internal/otel/examples/daemon/internal/risk"
)

const (
	practice = 7001
	es       = "CON.F.US.EP.Z26"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a gateway and returns a client that is not logged in.
func start(t *testing.T, cfg gateway.Config, edit ...func(*projectx.Config)) (*gateway.Gateway, *projectx.Client) {
	t.Helper()
	g, err := gateway.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	user, key, _ := g.Credentials()
	c := projectx.Config{
		BaseURL: g.URL(), UserName: user, APIKey: key, HTTP: &http.Client{Transport: tr},
		Backoff: time.Millisecond, MaxWait: 10 * time.Millisecond,
	}
	for _, f := range edit {
		f(&c)
	}
	client, err := projectx.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g, client
}

func login(t *testing.T, c *projectx.Client) {
	t.Helper()
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSession(t *testing.T) {
	g, c := start(t, gateway.Config{Quiet: true})
	login(t, c)
	if d := time.Until(c.Expires()); d <= 0 || d > 10*time.Second {
		t.Errorf("token expires in %v, want at most 10s", d)
	}
	if err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := g.Issued(); len(got) != 2 || got[0] == got[1] || strings.Count(got[0], ".") != 2 {
		t.Errorf("Issued = %q, want two different JWTs", got)
	}
	accounts, err := c.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(accounts) != 4 || accounts[0].ID != practice || accounts[0].Name != "PRAC-V2-12345-67890" || !accounts[0].CanTrade {
		t.Errorf("Accounts = %+v", accounts)
	}
}

func TestLoginWrongKey(t *testing.T) {
	_, c := start(t, gateway.Config{Quiet: true}, func(c *projectx.Config) { c.APIKey = "wrong" })
	err := c.Login(t.Context())
	got, ok := errors.AsType[*projectx.Error](err)
	if !ok || got.Code != 3 || got.Path != projectx.PathLogin || !strings.Contains(got.Message, "apiKey=wrong") {
		t.Errorf("Login = %v, want code 3 with the key in the message, which the daemon's logs must mask", err)
	}
}

func TestExpiredTokenIsRenewed(t *testing.T) {
	g, c := start(t, gateway.Config{Quiet: true, Speed: 1000}) // Tokens live 10 ms.
	login(t, c)
	time.Sleep(time.Until(c.Expires()) + time.Millisecond)
	if _, err := c.Accounts(t.Context()); err != nil {
		t.Errorf("Accounts with an expired token = %v, want a new login", err)
	}
	if n := g.Requests(projectx.PathLogin); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
}

func TestPositionAndClose(t *testing.T) {
	g, c := start(t, gateway.Config{Quiet: true})
	login(t, c)
	g.Trade(practice, es, 2, true)
	positions, err := c.Positions(t.Context(), practice)
	if err != nil {
		t.Fatal(err)
	}
	if len(positions) != 1 || positions[0].ContractID != es || positions[0].Size != 2 || positions[0].Type != projectx.Long {
		t.Errorf("Positions = %+v, want 2 ES long", positions)
	}
	orders, err := c.Orders(t.Context(), practice)
	if err != nil {
		t.Fatal(err)
	}
	if len(orders) != 1 || orders[0].Type != projectx.Stop || orders[0].Side != projectx.Sell {
		t.Fatalf("Orders = %+v, want the stop", orders)
	}
	if err := c.CancelOrder(t.Context(), practice, orders[0].ID); err != nil {
		t.Error(err)
	}
	if err := c.ClosePosition(t.Context(), practice, es); err != nil {
		t.Error(err)
	}
	err = c.ClosePosition(t.Context(), practice, es)
	if !errors.Is(err, projectx.ErrNotFound) {
		t.Errorf("ClosePosition twice = %v, want ErrNotFound", err)
	}
	if positions, err = c.Positions(t.Context(), practice); err != nil || len(positions) != 0 {
		t.Errorf("Positions after the close = %+v, %v, want none", positions, err)
	}
}

func TestHub(t *testing.T) {
	g, c := start(t, gateway.Config{Quiet: true})
	login(t, c)
	hub, err := c.Hub(t.Context(), projectx.PathUserHub)
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	g.Trade(practice, es, -1, true)
	var types []string
	for i := range 4 {
		ev, err := hub.Next()
		if err != nil {
			t.Fatal(err)
		}
		if ev.AccountID() != practice || ev.ContractID() != es || ev.Seq != int64(i+1) {
			t.Errorf("event %d = %+v, want number %d of the account and contract", i, ev, i+1)
		}
		types = append(types, ev.Type())
	}
	want := []string{projectx.EventOrder, projectx.EventOrder, projectx.EventTrade, projectx.EventPosition}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestHubUnauthorized(t *testing.T) {
	g, c := start(t, gateway.Config{Quiet: true})
	hub, err := c.Hub(t.Context(), projectx.PathUserHub) // Not logged in.
	if err != nil {
		t.Fatalf("Hub = %v, want a login first", err)
	}
	hub.Close()
	if n := g.Requests(projectx.PathLogin); n != 1 {
		t.Errorf("%d logins, want 1", n)
	}
}

// A client sees every rule broken, faults of each kind, and hubs that hang up.
func TestTraders(t *testing.T) {
	g, c := start(t, gateway.Config{Seed: 1, Speed: 20})
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	book := risk.NewBook(risk.Limits{
		MaxContracts: 8, MaxPerInstrument: map[string]int{"MNQ": 5}, DailyLoss: 500,
		MaxEntries: 4, EntryWindow: time.Second, EntryCooldown: time.Second,
		Blocked: []string{"CL"}, StopGrace: 100 * time.Millisecond,
	}, time.Now().Add(time.Hour))
	missing := map[risk.Rule]bool{
		risk.MaxContracts: true, risk.MaxContractsPerInstrument: true, risk.DailyRealizedLoss: true,
		risk.TradeFrequency: true, risk.SymbolBlock: true, risk.NoStopLossGrace: true,
	}

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var hungUp error
	for hungUp == nil || len(missing) > 0 {
		hub, err := c.Hub(ctx, projectx.PathUserHub)
		if err != nil {
			t.Fatalf("hub: %v; rules not broken yet: %v", err, slices.Collect(maps.Keys(missing)))
		}
		for {
			ev, err := hub.Next()
			if err != nil {
				hungUp = err
				break
			}
			book.Apply(ev, time.Now())
			for _, a := range g.Accounts() {
				for _, b := range book.Evaluate(a.ID, time.Now()) {
					delete(missing, b.Rule)
				}
			}
		}
		hub.Close()
	}
	if !errors.Is(hungUp, io.ErrUnexpectedEOF) && !strings.Contains(hungUp.Error(), "closed by the gateway") {
		t.Errorf("hub ended with %v, want an abrupt or a told end", hungUp)
	}
}

func TestFaults(t *testing.T) {
	var status []int
	record := func(c *projectx.Config) {
		next := c.HTTP.Transport
		c.HTTP.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil {
				status = append(status, resp.StatusCode)
			}
			return resp, err
		})
	}
	g, c := start(t, gateway.Config{Seed: 1, Speed: 50}, record)
	_, key, _ := g.Credentials()

	// The first login fails, and the error quotes the key.
	var leaked error
	c2, err := projectx.New(projectx.Config{BaseURL: g.URL(), UserName: "demo", APIKey: key, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	if leaked = c2.Login(t.Context()); leaked == nil || !strings.Contains(leaked.Error(), key) {
		t.Errorf("first login = %v, want an error that quotes the key", leaked)
	}

	login(t, c)
	for range 200 {
		if _, err := c.Accounts(t.Context()); err != nil {
			if _, ok := errors.AsType[*projectx.Error](err); !ok {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []int{http.StatusOK, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusUnauthorized} {
		if !slices.Contains(status, want) {
			t.Errorf("no answer with status %d among %d", want, len(status))
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAlerts(t *testing.T) {
	g, _ := start(t, gateway.Config{Quiet: true})
	good, err := url.Parse(g.AlertURL())
	if err != nil {
		t.Fatal(err)
	}
	bad := *good
	bad.User = url.UserPassword("demo", "wrong")
	for name, tt := range map[string]struct {
		url  *url.URL
		want int
	}{"password": {good, http.StatusNoContent}, "wrong password": {&bad, http.StatusUnauthorized}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url.String(), strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		tr := &http.Transport{DisableKeepAlives: true}
		resp, err := (&http.Client{Transport: tr}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s: status %d, want %d", name, resp.StatusCode, tt.want)
		}
	}
}

// The same seed gives the same trades, whatever the clock does.
func TestSeed(t *testing.T) {
	run := func(seed uint64) (got []string) {
		synctest.Test(t, func(t *testing.T) {
			got = gateway.Script(t.Context(), seed, 30*time.Second)
		})
		return got
	}
	first, again, other := run(1), run(1), run(2)
	if len(first) < 100 {
		t.Errorf("%d messages in 30 s, want a busy market", len(first))
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same seed gave different messages (-first +again):\n%s", diff)
	}
	if slices.Equal(first, other) {
		t.Error("another seed gave the same messages")
	}
}
