package projectx_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

// reply is one answer of a gateway.
type reply struct {
	status int
	body   string
	header http.Header
}

// answers gives replies in turn, in place of a connection; then there is none.
type answers struct {
	list  []reply
	calls []*http.Request
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.calls = append(a.calls, r)
	if len(a.list) < len(a.calls) {
		return nil, errors.New("connection refused")
	}
	next := a.list[len(a.calls)-1]
	return &http.Response{StatusCode: next.status, Header: next.header, Body: io.NopCloser(strings.NewReader(next.body))}, nil
}

func answer(status int, body string) reply { return reply{status: status, body: body} }

func busy(seconds string) reply {
	return reply{status: http.StatusTooManyRequests, body: "{}", header: http.Header{"Retry-After": {seconds}}}
}

func token(exp int64) string {
	return "h." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"exp":%d.5}`, exp)) + ".s"
}

func client(t *testing.T, a *answers) *projectx.Client {
	t.Helper()
	c, err := projectx.New(projectx.Config{
		BaseURL: "http://gateway.test", HTTP: &http.Client{Transport: a},
		Backoff: time.Second, MaxWait: 3 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRetry(t *testing.T) {
	good := answer(200, `{"success":true,"accounts":[]}`)
	tests := []struct {
		name    string
		answers []reply
		calls   int
		wait    time.Duration
		wantErr string
	}{
		{name: "success", answers: []reply{good}, calls: 1},
		{name: "broken once", answers: []reply{answer(500, "oops"), good}, calls: 2, wait: time.Second},
		{name: "busy", answers: []reply{busy("2"), good}, calls: 2, wait: 2 * time.Second},
		{name: "busy for very long", answers: []reply{busy("3600"), good}, calls: 2, wait: 3 * time.Second},
		{
			name: "no connection", calls: 3, wait: 3 * time.Second,
			wantErr: `projectx: /api/Account/search: Post "http://gateway.test/api/Account/search": connection refused`,
		},
		{
			name: "broken for good", answers: []reply{answer(500, "a"), answer(502, "b"), answer(503, "c")},
			calls: 3, wait: 3 * time.Second, wantErr: "projectx: /api/Account/search: status 503, code 0: c",
		},
		{
			name: "refused", answers: []reply{answer(200, `{"success":false,"errorCode":7,"errorMessage":"no"}`)},
			calls: 1, wantErr: "projectx: /api/Account/search: status 200, code 7: no",
		},
		{
			name: "not JSON", answers: []reply{answer(200, "<html>")},
			calls: 1, wantErr: "projectx: /api/Account/search: status 200, code 0: <html>",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &answers{list: tt.answers}
				c, begin := client(t, a), time.Now()
				_, err := c.Accounts(t.Context())
				if got := fmt.Sprint(err); err != nil && got != tt.wantErr || err == nil && tt.wantErr != "" {
					t.Errorf("error = %v, want %q", err, tt.wantErr)
				}
				if got := len(a.calls); got != tt.calls {
					t.Errorf("%d calls, want %d", got, tt.calls)
				}
				if got := time.Since(begin); got != tt.wait {
					t.Errorf("took %v, want %v", got, tt.wait)
				}
			})
		})
	}
}

func TestRetryStopsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{list: []reply{answer(500, "oops"), answer(500, "oops")}}
		c := client(t, a)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := c.Accounts(ctx); err == nil {
			t.Error("Accounts = nil, want the error of the last attempt")
		}
		if len(a.calls) != 1 {
			t.Errorf("%d calls, want 1", len(a.calls))
		}
	})
}

func TestLoginAgainAfter401(t *testing.T) {
	a := &answers{list: []reply{
		answer(200, `{"success":true,"token":"`+token(1)+`"}`),
		answer(401, `{"success":false,"errorCode":3}`),
		answer(200, `{"success":true,"token":"`+token(2)+`"}`),
		answer(200, `{"success":true,"accounts":[{"id":1,"name":"PRAC-V2-12345-67890"}]}`),
	}}
	c := client(t, a)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Expires(), time.UnixMilli(1500); !got.Equal(want) {
		t.Errorf("Expires = %v, want %v", got, want)
	}
	accounts, err := c.Accounts(t.Context())
	if err != nil || len(accounts) != 1 {
		t.Fatalf("Accounts = %v, %v, want one", accounts, err)
	}
	for i, want := range []string{"", "Bearer " + token(1), "", "Bearer " + token(2)} {
		if got := a.calls[i].Header.Get("Authorization"); got != want {
			t.Errorf("call %d: Authorization %q, want %q", i, got, want)
		}
	}
}

func TestLoginBadToken(t *testing.T) {
	for _, bad := range []string{"", "abc", "a.!.c", "a.e30x.c"} {
		c := client(t, &answers{list: []reply{answer(200, `{"success":true,"token":"`+bad+`"}`)}})
		if err := c.Login(t.Context()); err == nil {
			t.Errorf("Login with token %q = nil, want an error", bad)
		}
	}
}

func TestHubMessages(t *testing.T) {
	stream := "data: {\"type\":6}\n\n" +
		"id: 7\ndata: {\"type\":1,\"target\":\"GatewayQuote\",\"arguments\":[\"CON.F.US.EP.Z26\",{\"lastPrice\":6750.25}]}\n\n" +
		"id: 8\ndata: {\"type\":1,\"target\":\"GatewayNews\",\"arguments\":[{}]}\n\n" +
		"id: 9\ndata: {\"type\":1,\"target\":\"GatewayUserTrade\",\"arguments\":[{\"accountId\":5,\"profitAndLoss\":-1.5}]}\n\n"
	tests := []struct{ name, end, want string }{
		{"closed", "data: {\"type\":7}\n\n", "EOF"},
		{"closed with an error", "data: {\"type\":7,\"error\":\"bye\"}\n\n", "projectx: /hubs/user: closed by the gateway: bye"},
		{"cut", "", "projectx: /hubs/user: unexpected EOF"},
		{"garbage", "data: {\n\n", "projectx: /hubs/user: message: unexpected end of JSON input"},
		{"no arguments", "data: {\"type\":1,\"target\":\"GatewayUserTrade\"}\n\n", "projectx: /hubs/user: GatewayUserTrade: no arguments"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, &answers{list: []reply{answer(200, stream+tt.end)}})
			hub, err := c.Hub(t.Context(), projectx.PathUserHub)
			if err != nil {
				t.Fatal(err)
			}
			defer hub.Close()
			quote, err := hub.Next()
			if err != nil || quote.Seq != 7 || quote.Type() != "quote" || quote.ContractID() != "CON.F.US.EP.Z26" || quote.Quote.LastPrice != 6750.25 {
				t.Errorf("first event = %+v, %v, want the quote", quote, err)
			}
			trade, err := hub.Next()
			if err != nil || trade.Seq != 9 || trade.AccountID() != 5 || *trade.Trade.ProfitAndLoss != -1.5 {
				t.Errorf("second event = %+v, %v, want the trade", trade, err)
			}
			if _, err := hub.Next(); err == nil || err.Error() != tt.want {
				t.Errorf("end = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestNewBadURL(t *testing.T) {
	for _, bad := range []string{"", "gateway", "http://", "http://[::1"} {
		if _, err := projectx.New(projectx.Config{BaseURL: bad}); err == nil {
			t.Errorf("New with base URL %q = nil, want an error", bad)
		}
	}
}
