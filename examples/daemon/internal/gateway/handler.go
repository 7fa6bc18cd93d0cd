package gateway

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"strings"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

// PathAlerts takes alerts for traders: not ProjectX's, but a webhook such as
// firms run beside it, with a user name and password (Basic authorization).
const PathAlerts = "/alerts"

// The gateway's error codes, as far as they are used here.
const (
	codeSuccess            = 0
	codeNotFound           = 2
	codeInvalidCredentials = 3
	codeUnavailable        = 9
)

// request has the fields of all requests.
type request struct {
	UserName   string `json:"userName"`
	APIKey     string `json:"apiKey"`
	AccountID  int64  `json:"accountId"`
	ContractID string `json:"contractId"`
	OrderID    int64  `json:"orderId"`
}

// reply is what a call answers: extra fields, or an error code and message.
type reply struct {
	fields  map[string]any
	code    int
	message string
}

func ok(fields map[string]any) reply { return reply{fields: fields} }

// call is one REST call, after the token was checked.
type call func(req request, token string) reply

func (g *Gateway) handler() http.Handler {
	mux := http.NewServeMux()
	rest := func(path string, open bool, fn call) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { g.serveCall(w, r, path, open, fn) })
	}
	rest(projectx.PathLogin, true, g.login)
	rest(projectx.PathValidate, false, func(request, string) reply {
		// The old token stays valid until it expires: calls with it are under way.
		return ok(map[string]any{"newToken": g.auth.issue(time.Now())})
	})
	rest(projectx.PathAccounts, false, func(request, string) reply {
		return ok(map[string]any{"accounts": g.market.accountList()})
	})
	rest(projectx.PathPositions, false, func(req request, _ string) reply {
		return ok(map[string]any{"positions": g.market.positions(req.AccountID)})
	})
	rest(projectx.PathOrders, false, func(req request, _ string) reply {
		return ok(map[string]any{"orders": g.market.orders(req.AccountID)})
	})
	rest(projectx.PathClosePosition, false, func(req request, _ string) reply {
		if !g.market.exit(req.AccountID, req.ContractID, 0) {
			return reply{code: codeNotFound, message: "position not found"}
		}
		return ok(nil)
	})
	rest(projectx.PathCancelOrder, false, func(req request, _ string) reply {
		if !g.market.cancel(req.AccountID, req.OrderID) {
			return reply{code: codeNotFound, message: "order not found"}
		}
		return ok(nil)
	})
	mux.HandleFunc("GET "+projectx.PathUserHub, func(w http.ResponseWriter, r *http.Request) { g.serveHub(w, r, g.user) })
	mux.HandleFunc("GET "+projectx.PathMarketHub, func(w http.ResponseWriter, r *http.Request) { g.serveHub(w, r, g.quotes) })
	mux.HandleFunc("POST "+PathAlerts, g.serveAlert)
	return mux
}

func (g *Gateway) login(req request, _ string) reply {
	if req.UserName != g.cfg.UserName || !equal(req.APIKey, g.cfg.APIKey) {
		return reply{code: codeInvalidCredentials, message: fmt.Sprintf("invalid credentials: userName=%s apiKey=%s", req.UserName, req.APIKey)}
	}
	return ok(map[string]any{"token": g.auth.issue(time.Now())})
}

// serveCall answers one REST call, after whatever goes wrong with it.
func (g *Gateway) serveCall(w http.ResponseWriter, r *http.Request, path string, open bool, fn call) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	what, delay := g.faults.next(path)
	if !sleep(r.Context(), delay) {
		return
	}
	switch what {
	case none, slow:
	case busy:
		w.Header().Set("Retry-After", "1")
		write(w, http.StatusTooManyRequests, reply{code: codeUnavailable, message: "too many requests"})
		return
	case broken:
		// A server in its debug mode: it shows the whole request.
		write(w, http.StatusInternalServerError, reply{code: codeUnavailable, message: fmt.Sprintf(
			"unhandled exception: %s %s Authorization: %s body: %s", r.Method, r.URL, r.Header.Get("Authorization"), body)})
		return
	case expired:
		g.auth.revoke(token)
	}
	if !open {
		if err := g.auth.check(token, time.Now()); err != nil {
			write(w, http.StatusUnauthorized, reply{code: codeInvalidCredentials, message: err.Error()})
			return
		}
	}
	var req request
	if err := json.Unmarshal(body, &req); err != nil {
		write(w, http.StatusBadRequest, reply{code: codeUnavailable, message: "body: " + err.Error()})
		return
	}
	write(w, http.StatusOK, fn(req, token))
}

// serveHub streams events until the client leaves or it is time to hang up.
func (g *Gateway) serveHub(w http.ResponseWriter, r *http.Request, h *hub) {
	if err := g.auth.check(r.URL.Query().Get("access_token"), time.Now()); err != nil {
		write(w, http.StatusUnauthorized, reply{code: codeInvalidCredentials, message: err.Error()})
		return
	}
	frames := h.join()
	defer h.leave(frames)
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	if http.NewResponseController(w).Flush() != nil {
		return
	}
	if h == g.user {
		g.startTrading()
	}

	hangUp, rude := g.hubLife(r.URL.Path)
	end := time.NewTimer(hangUp)
	defer end.Stop()
	ping := time.NewTicker(g.cfg.scaled(5 * time.Second))
	defer ping.Stop()
	for {
		f, open := frame{}, true
		select {
		case <-r.Context().Done():
			return
		case f, open = <-frames:
		case <-ping.C:
			f.data = message(projectx.Message{Type: projectx.MessagePing})
		case <-end.C:
			if rude {
				panic(http.ErrAbortHandler) // Cuts the connection, as a dying proxy does.
			}
			open = false
		}
		if !open {
			f.data = message(projectx.Message{Type: projectx.MessageClose, Error: "server is going down for maintenance"})
		}
		if writeFrame(w, f) != nil || !open {
			return
		}
	}
}

// hubLife returns how long the next connection to the hub lasts, and whether
// it ends without a word. The first ends early, for those who watch.
func (g *Gateway) hubLife(path string) (time.Duration, bool) {
	n := g.faults.visit(path)
	if g.cfg.Quiet {
		return 24 * time.Hour, false
	}
	if n == 0 && path == projectx.PathUserHub {
		return g.cfg.scaled(4 * time.Second), true
	}
	rng := chance(g.cfg.Seed, path, n)
	return g.cfg.scaled(10*time.Second + time.Duration(rng.Int64N(int64(20*time.Second)))), rng.IntN(2) == 0
}

func (g *Gateway) serveAlert(w http.ResponseWriter, r *http.Request) {
	what, delay := g.faults.next(PathAlerts)
	if !sleep(r.Context(), delay) {
		return
	}
	user, password, _ := r.BasicAuth()
	switch {
	case user != g.cfg.UserName || !equal(password, g.cfg.Password):
		http.Error(w, fmt.Sprintf("no access for %s with password %s", user, password), http.StatusUnauthorized)
	case what == broken || what == busy:
		http.Error(w, fmt.Sprintf("alert queue unavailable: amqp://%s:%s@queue:5672 refused", user, password), http.StatusBadGateway)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// write answers with JSON.
func write(w http.ResponseWriter, status int, r reply) {
	fields := map[string]any{"success": r.code == codeSuccess, "errorCode": r.code, "errorMessage": nil}
	if r.message != "" {
		fields["errorMessage"] = r.message
	}
	maps.Copy(fields, r.fields)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(fields); err != nil {
		return // The client has gone.
	}
}

func message(m projectx.Message) []byte {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // Our own struct: cannot happen.
	}
	return data
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// discardLog keeps the server of the simulation from writing between the
// daemon's own lines.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
