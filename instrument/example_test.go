package instrument_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.opentelemetry.io/otel/baggage"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// example sets up telemetry in a directory of its own at level DEBUG. What show
// prints is the level and message of each record of a file, and the values of
// keys.
func example() (ctx context.Context, show func(file string, keys ...string), done func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	tel, err := telemetry.Setup(context.Background(), telemetry.WithLogDir(filepath.Join(dir, "logs")), telemetry.WithLevel(slog.LevelDebug))
	if err != nil {
		panic(err)
	}
	ctx = context.Background()
	show = func(file string, keys ...string) {
		text, err := os.ReadFile(filepath.Join(dir, "logs", file))
		if err != nil {
			panic(err)
		}
		for line := range bytes.Lines(text) {
			var r map[string]any
			if err := json.Unmarshal(line, &r); err != nil {
				panic(err)
			}
			fmt.Fprint(os.Stdout, r["level"], " ", r["message"])
			for _, k := range keys {
				if v, ok := r[k]; ok {
					fmt.Fprintf(os.Stdout, " %s=%v", k, v)
				}
			}
			fmt.Fprintln(os.Stdout)
		}
	}
	return ctx, show, func() {
		_ = tel.Shutdown(ctx)
		_ = os.RemoveAll(dir)
	}
}

func ExampleDo() {
	ctx, show, done := example()
	defer done()

	err := instrument.Do(ctx, "fetch_positions", func(context.Context) error {
		return errors.New("gateway refused: token=eyJhbGciOiJIUzI1NiJ9.e30.c2ln")
	}, instrument.On(telemetry.API), instrument.Attrs(slog.String("account", "ACC123")))

	fmt.Println(err) // The error is the caller's, untouched.
	show("error.log", "operation", "status", "account", "error")
	// Output:
	// gateway refused: token=eyJhbGciOiJIUzI1NiJ9.e30.c2ln
	// ERROR fetch_positions failed operation=fetch_positions status=error account=ACC123 error=map[message:gateway refused: token=***MASKED*** type:*errors.errorString]
}

func ExampleCall() {
	ctx, show, done := example()
	defer done()

	n, err := instrument.Call(ctx, "count_positions", func(context.Context) (int, error) { return 3, nil })
	fmt.Println(n, err)
	show("daemon.log", "status")
	// Output:
	// 3 <nil>
	// INFO count_positions completed status=ok
}

func ExampleWrap() {
	ctx, show, done := example()
	defer done()

	positions := func(_ context.Context, account string) ([]string, error) { return []string{account + ":ES"}, nil }
	fetch := instrument.Wrap("fetch_positions", positions, instrument.On(telemetry.API))

	fmt.Println(fetch(ctx, "ACC123"))
	show("api.log", "operation")
	// Output:
	// [ACC123:ES] <nil>
	// INFO fetch_positions completed operation=fetch_positions
}

func ExampleStart() {
	ctx, show, done := example()
	defer done()

	process := func(ctx context.Context) (err error) {
		_, op := instrument.Start(ctx, "process_trade", instrument.Threshold(time.Microsecond))
		defer op.Done(&err) // Or d := op.End(err).
		time.Sleep(time.Millisecond)
		op.Set(slog.Int("rules", 6))
		return nil
	}
	_ = process(ctx)
	show("daemon.log", "threshold_ms", "rules")
	// Output: WARNING process_trade slow threshold_ms=0.001 rules=6
}

func ExampleNewTrace() {
	ctx, show, done := example()
	defer done()

	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"))
	ids := map[string]bool{}
	for range 3 { // Events of a loop.
		_ = instrument.Do(ctx, "handle_event", func(ctx context.Context) error {
			ids[telemetry.CorrelationID(ctx)] = true
			return nil
		}, instrument.NewTrace())
	}
	fmt.Println(len(ids), "correlation IDs")
	show("daemon.log")
	// Output:
	// 3 correlation IDs
	// INFO handle_event completed
	// INFO handle_event completed
	// INFO handle_event completed
}

func ExampleGo() {
	ctx, show, done := example()
	defer done()

	task := instrument.Go(ctx, "reconcile", func(context.Context) error {
		panic("no such account")
	}, instrument.OnPanic(instrument.Contain))

	fmt.Println(task.Wait())
	show("error.log", "operation")
	// Output:
	// panic: no such account
	// ERROR reconcile failed operation=reconcile
}

func ExampleRecover() {
	ctx, show, done := example()
	defer done()

	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer instrument.Recover(ctx)
		panic("password=hunter2")
	}()
	<-finished
	show("error.log")
	// Output: ERROR panic recovered
}

func ExampleEvery() {
	ctx, show, done := example()
	defer done()

	ctx, stop := context.WithCancel(ctx)
	n := 0
	instrument.Every(ctx, 20*time.Millisecond, "reconcile", func(context.Context) {
		if n++; n == 2 {
			stop()
		}
	}, instrument.AtLevel(slog.LevelWarn))
	fmt.Println(n, "runs")
	_ = show // The records: one for each run, with a correlation ID of its own.
	// Output: 2 runs
}

func ExampleTransport() {
	ctx, show, done := example()
	defer done()
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer gateway.Close()

	client := &http.Client{Transport: instrument.Transport(nil, instrument.Threshold(200*time.Millisecond))}
	defer client.CloseIdleConnections()

	ctx = instrument.WithRequest(ctx, instrument.Template("/api/Position/searchOpen"), instrument.Attempt(1))
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, gateway.URL+"/api/Position/searchOpen?access_token=s3cr3t", nil)
	res, err := client.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = res.Body.Close()
	show("api.log", "operation", "http.response.status_code", "retry_after_s", "attempt")
	// Output: WARNING POST /api/Position/searchOpen refused operation=POST /api/Position/searchOpen http.response.status_code=429 retry_after_s=2 attempt=1
}

func ExampleMiddleware() {
	ctx, show, done := example()
	defer done()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /positions/{account}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "[]")
	})
	h := instrument.Middleware(mux)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/positions/ACC123", nil))
	show("api.log", "url.path", "http.response.status_code")
	// Output: DEBUG GET /positions/{account} completed url.path=/positions/ACC123 http.response.status_code=200
}

func ExampleAdmin() {
	ctx, show, done := example()
	defer done()

	h := instrument.Admin(nil) // go http.ListenAndServe("127.0.0.1:9090", h)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPut, "/level", strings.NewReader("INFO")))
	fmt.Print(w.Body)
	show("daemon.log", "from", "to")
	// Output:
	// {"level":"INFO"}
	// WARNING log level changed from=DEBUG to=INFO
}

func ExampleFeed() {
	ctx, show, done := example()
	defer done()

	feed := instrument.NewFeed("user_hub", instrument.On(telemetry.API))
	feed.Connected(ctx)
	for _, number := range []uint64{1, 2, 5} {
		_ = feed.Message(ctx, "trade", func(context.Context) error { return nil }, instrument.Sequence(number))
	}
	feed.Disconnected(errors.New("connection reset"))
	show("api.log", "missing", "messages")
	// Output:
	// INFO user_hub connected
	// DEBUG user_hub.trade completed
	// DEBUG user_hub.trade completed
	// WARNING user_hub gap missing=2
	// DEBUG user_hub.trade completed
	// ERROR user_hub.connection failed messages=3
}

func ExampleBreach() {
	ctx, show, done := example()
	defer done()

	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"))
	instrument.Breach(ctx, "MAX_LOSS", slog.Float64("current_loss", -620), slog.Float64("max_loss", -500))
	_ = instrument.Enforce(ctx, "MAX_LOSS", "flatten", func(context.Context) error { return nil })
	show("enforcement.log", "current_loss", "status")
	// Output:
	// WARNING MAX_LOSS breached current_loss=-620
	// INFO flatten completed status=ok
}

func ExampleSummary() {
	ctx, _, done := example()
	defer done()

	for i := range 10 {
		_, op := instrument.Start(ctx, "fetch_positions")
		if i == 9 {
			op.End(errors.New("refused"))
			continue
		}
		op.End(nil)
	}
	for _, s := range instrument.Summary() {
		fmt.Println(s.Operation, s.Count, "times,", s.Errors, "failed;", s.Min <= s.P50 && s.P50 <= s.P99)
	}
	// Output: fetch_positions 10 times, 1 failed; true
}

// A context field that is to reach other services travels as baggage.
func ExampleTransport_baggage() {
	ctx, _, done := example()
	defer done()
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := baggage.Parse(r.Header.Get("baggage"))
		fmt.Println(b.Member("account_id").Value(), b.Len())
	}))
	defer gateway.Close()
	client := &http.Client{Transport: instrument.Transport(nil)}
	defer client.CloseIdleConnections()

	ctx = telemetry.With(ctx, telemetry.AccountID("ACC123"), slog.String("api_key", "s3cr3t"))
	ctx = telemetry.Propagate(ctx, "account_id", "api_key")
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, gateway.URL, nil)
	if res, err := client.Do(r); err == nil {
		_ = res.Body.Close()
	}
	// Output: ACC123 1
}
