package docstest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

// Loggers may be package variables: they find the telemetry at each call.
var (
	daemonLog = telemetry.Logger(telemetry.Daemon)
	apiLog    = telemetry.Logger(telemetry.API)
	rulesLog  = telemetry.Named("risk_manager.rules") // Any name: it goes to daemon.log.
)

func run(ctx context.Context, dir string) (err error) {
	tel, err := telemetry.Setup(ctx,
		telemetry.WithLogDir(dir),
		telemetry.WithService("risk-manager", "1.0.0"))
	if err != nil {
		return err // Every fault of the configuration at once; another owner of the directory.
	}
	defer func() {
		// By now ctx may have ended: the last records need a deadline of their own.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, tel.Shutdown(ctx))
	}()

	daemonLog.InfoContext(ctx, "Daemon started", "version", "1.0.0")
	slog.Info("so do slog's default and the log package")
	return serve(ctx)
}

func serve(ctx context.Context) error {
	onTrade(ctx, trade{account: "ACC123", symbol: "ES", quantity: 1})
	if err := timing(ctx, client{}); err != nil {
		return err
	}
	if err := enforce(ctx); err != nil {
		return err
	}
	return around(ctx)
}

type trade struct {
	account, symbol string
	quantity        int
}

func onTrade(ctx context.Context, t trade) {
	// Fields for every record made with ctx, of whatever logger, and for every span.
	ctx = telemetry.With(ctx, telemetry.AccountID(t.account), telemetry.EventType("trade"))
	ctx = telemetry.NewCorrelation(ctx) // A new ID, and so a new trace, for each event of a loop.

	rulesLog.InfoContext(ctx, "Trade received", "symbol", t.symbol, "quantity", t.quantity)

	log := telemetry.Bind(ctx, apiLog) // A logger whose plain Info carries ctx.
	log.Info("Order placed", "token", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")

	id := telemetry.CorrelationID(ctx)                     // 019ab3c4-e5f6-7890-abcd-ef1234567890
	reply := telemetry.WithCorrelationID(ctx, "order-"+id) // Any string: an ID of another system.
	daemonLog.DebugContext(reply, "below the level: INFO by default")
}

type client struct{}

func (client) Positions(_ context.Context, account string) ([]string, error) {
	return []string{account + ":ES"}, nil
}

func (client) Login(context.Context) error     { return nil }
func (client) Reconcile(context.Context) error { return nil }

func timing(ctx context.Context, c client) error {
	// The context manager: a span, its duration, a record at its end.
	err := instrument.Do(ctx, "login", c.Login, instrument.On(telemetry.API))
	if err != nil {
		return err // The function's own error, untouched.
	}

	// The decorator; Call runs a function with a result once. With a threshold, success is
	// recorded only when it took longer, at WARNING.
	positions := instrument.Wrap("fetch_positions", c.Positions,
		instrument.On(telemetry.API), instrument.Threshold(100*time.Millisecond))
	open, err := positions(ctx, "ACC123")
	if err != nil {
		return err
	}

	// The manual timer. To defer it: defer op.Done(&err), which records a panic too.
	ctx, op := instrument.Start(ctx, "reconcile", instrument.Attrs(slog.Int("open", len(open))))
	err = c.Reconcile(ctx)
	op.Set(slog.Bool("changed", false))
	took := op.End(err)
	_ = took
	return err
}

func enforce(ctx context.Context) error {
	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"))
	instrument.Breach(ctx, "MAX_LOSS", slog.Float64("current_loss", -620), slog.Float64("max_loss", -500))
	return instrument.Enforce(ctx, "MAX_LOSS", "flatten_all", flatten)
}

func flatten(context.Context) error { return nil }

func around(ctx context.Context) error {
	// The same masking for texts of your own: "user=bob password=***MASKED***".
	text := mask.Default().String("user=bob password=hunter2")
	daemonLog.InfoContext(ctx, text)

	// Requests: a span and a record in api.log each, URLs and headers masked.
	gateway := &http.Client{Transport: instrument.Transport(nil)}

	// A goroutine with ctx's fields and trace. A panic is recorded, then contained.
	task := instrument.Go(ctx, "refresh", func(ctx context.Context) error {
		return refresh(ctx, gateway)
	}, instrument.OnPanic(instrument.Contain))
	return task.Wait()
}

func refresh(ctx context.Context, c *http.Client) error {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/hub?access_token=abcdef", nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// The code of the README runs, and this is what it writes.
func Example() {
	dir, err := os.MkdirTemp("", "readme")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := run(context.Background(), dir); err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"daemon.log", "enforcement.log", "api.log", "error.log"} {
		fmt.Println(name)
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			fmt.Println(err)
			return
		}
		for sc := bufio.NewScanner(f); sc.Scan(); {
			var r struct {
				Level, Logger, Message, Token string
				Context                       struct {
					AccountID string `json:"account_id"`
				}
			}
			if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
				fmt.Println(err)
				return
			}
			line := strings.Join([]string{r.Level, r.Logger, r.Message, r.Context.AccountID, r.Token}, " ")
			fmt.Println(" ", strings.TrimSpace(line))
		}
		f.Close()
	}
	// Output:
	// daemon.log
	//   INFO risk_manager.daemon Daemon started
	//   INFO risk_manager.daemon so do slog's default and the log package
	//   INFO risk_manager.rules Trade received ACC123
	//   INFO risk_manager.api Order placed ACC123 ***MASKED***
	//   INFO risk_manager.api login completed
	//   INFO risk_manager.daemon reconcile completed
	//   WARNING risk_manager.enforcement MAX_LOSS breached ACC123
	//   INFO risk_manager.enforcement flatten_all completed ACC123
	//   INFO risk_manager.daemon user=bob password=***MASKED***
	//   WARNING risk_manager.api GET rejected
	//   INFO risk_manager.daemon refresh completed
	//   INFO risk_manager.daemon performance summary
	// enforcement.log
	//   WARNING risk_manager.enforcement MAX_LOSS breached ACC123
	//   INFO risk_manager.enforcement flatten_all completed ACC123
	// api.log
	//   INFO risk_manager.api Order placed ACC123 ***MASKED***
	//   INFO risk_manager.api login completed
	//   WARNING risk_manager.api GET rejected
	// error.log
}
