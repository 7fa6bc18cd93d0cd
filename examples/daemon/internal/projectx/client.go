package projectx

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxBody bounds, in bytes, what is read of one response.
const maxBody = 1 << 20

// Config says how to reach the gateway.
type Config struct {
	BaseURL  string // "https://api.topstepx.com".
	UserName string
	APIKey   string

	// HTTP sends the requests; nil means [http.DefaultClient]. Its Timeout must
	// be 0, or it would end the hubs too: see CallTimeout.
	HTTP *http.Client

	// CallTimeout bounds one REST attempt. Zero means 5 s.
	CallTimeout time.Duration

	// Attempts is how often a REST call is tried; a refused (429) or broken
	// (5xx, connection) one is tried again. Zero means 3.
	Attempts int

	// Before is called before each attempt of a REST call, numbered from 1; the
	// request is made with the context that it returns. Nil leaves it as it is.
	Before func(ctx context.Context, path string, attempt int) context.Context

	// Backoff is the pause before the second attempt, doubled for each further
	// one; MaxWait bounds it, and the Retry-After that the gateway asks for.
	// Zero means 100 ms and 5 s.
	Backoff, MaxWait time.Duration
}

// Client talks to the gateway for one user. It is safe for concurrent use.
type Client struct {
	cfg  Config
	base *url.URL

	mu      sync.Mutex
	token   string    // guarded by mu
	expires time.Time // guarded by mu
}

// New returns a client; it does not connect.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("projectx: base URL: %w", err)
	}
	if base.Host == "" {
		return nil, fmt.Errorf("projectx: base URL %q: want http://host or https://host", cfg.BaseURL)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = http.DefaultClient
	}
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = 5 * time.Second
	}
	if cfg.Attempts <= 0 {
		cfg.Attempts = 3
	}
	if cfg.Backoff <= 0 {
		cfg.Backoff = 100 * time.Millisecond
	}
	if cfg.MaxWait <= 0 {
		cfg.MaxWait = 5 * time.Second
	}
	return &Client{cfg: cfg, base: base}, nil
}

// ErrNotFound is what an [Error] is, by [errors.Is], when the position or order
// of the call does not exist any more.
var ErrNotFound = errors.New("projectx: not found")

// codeNotFound is the errorCode of a position or order that does not exist.
const codeNotFound = 2

// Error is an answer of the gateway that is not a success.
type Error struct {
	Path       string
	Status     int           // HTTP status; 200 for an error in the answer's body.
	Code       int           // The gateway's errorCode.
	Message    string        // The gateway's errorMessage, or the start of the body.
	RetryAfter time.Duration // How long the gateway asks to wait; 0 if it does not.
}

// Error returns what the gateway said, word for word: it may quote secrets.
func (e *Error) Error() string {
	return fmt.Sprintf("projectx: %s: status %d, code %d: %s", e.Path, e.Status, e.Code, e.Message)
}

// Is reports whether e is [ErrNotFound].
func (e *Error) Is(target error) bool { return target == ErrNotFound && e.Code == codeNotFound }

// Temporary reports whether the same call may succeed later.
func (e *Error) Temporary() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError
}

// Login starts a session with the API key.
func (c *Client) Login(ctx context.Context) error {
	in := struct {
		UserName string `json:"userName"`
		APIKey   string `json:"apiKey"`
	}{c.cfg.UserName, c.cfg.APIKey}
	var out struct {
		Token string `json:"token"`
	}
	if err := c.retry(ctx, PathLogin, "", in, &out); err != nil {
		return err
	}
	return c.setToken(out.Token)
}

// Refresh exchanges the session's token for a new one.
func (c *Client) Refresh(ctx context.Context) error {
	var out struct {
		NewToken string `json:"newToken"`
	}
	if err := c.call(ctx, PathValidate, struct{}{}, &out); err != nil {
		return err
	}
	return c.setToken(out.NewToken)
}

// Expires returns when the session's token expires; the zero time before Login.
func (c *Client) Expires() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.expires
}

// Accounts returns the user's active accounts.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	in := struct {
		OnlyActive bool `json:"onlyActiveAccounts"`
	}{true}
	var out struct {
		Accounts []Account `json:"accounts"`
	}
	err := c.call(ctx, PathAccounts, in, &out)
	return out.Accounts, err
}

// Positions returns the account's open positions.
func (c *Client) Positions(ctx context.Context, accountID int64) ([]Position, error) {
	var out struct {
		Positions []Position `json:"positions"`
	}
	err := c.call(ctx, PathPositions, accountRequest{AccountID: accountID}, &out)
	return out.Positions, err
}

// Orders returns the account's open orders.
func (c *Client) Orders(ctx context.Context, accountID int64) ([]Order, error) {
	var out struct {
		Orders []Order `json:"orders"`
	}
	err := c.call(ctx, PathOrders, accountRequest{AccountID: accountID}, &out)
	return out.Orders, err
}

// ClosePosition closes the account's whole position in the contract at the market.
func (c *Client) ClosePosition(ctx context.Context, accountID int64, contractID string) error {
	return c.call(ctx, PathClosePosition, accountRequest{AccountID: accountID, ContractID: contractID}, nil)
}

// CancelOrder cancels an open order.
func (c *Client) CancelOrder(ctx context.Context, accountID, orderID int64) error {
	return c.call(ctx, PathCancelOrder, accountRequest{AccountID: accountID, OrderID: orderID}, nil)
}

// accountRequest is the body of every call about an account.
type accountRequest struct {
	AccountID  int64  `json:"accountId"`
	ContractID string `json:"contractId,omitempty"`
	OrderID    int64  `json:"orderId,omitempty"`
}

// call sends an authorized request. A session that the gateway has ended is
// started again, once.
func (c *Client) call(ctx context.Context, path string, in, out any) error {
	token := c.bearer()
	err := c.retry(ctx, path, token, in, out)
	if !unauthorized(err) {
		return err
	}
	if err := c.renew(ctx, token, err); err != nil {
		return err
	}
	return c.retry(ctx, path, c.bearer(), in, out)
}

// renew starts a new session after the one of the stale token was refused with
// cause, unless another goroutine has done so already.
func (c *Client) renew(ctx context.Context, stale string, cause error) error {
	if c.bearer() != stale {
		return nil
	}
	if err := c.Login(ctx); err != nil {
		return errors.Join(cause, err)
	}
	return nil
}

// unauthorized reports whether the gateway has ended the session.
func unauthorized(err error) bool {
	apiErr, ok := errors.AsType[*Error](err)
	return ok && apiErr.Status == http.StatusUnauthorized
}

// retry sends a request until it succeeds, fails for good, or was tried often enough.
func (c *Client) retry(ctx context.Context, path, token string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("projectx: %s: %w", path, err)
	}
	wait := c.cfg.Backoff
	for attempt := 1; ; attempt++ {
		sendCtx := ctx
		if c.cfg.Before != nil {
			sendCtx = c.cfg.Before(ctx, path, attempt)
		}
		err := c.send(sendCtx, path, token, body, out)
		if err == nil || attempt == c.cfg.Attempts || ctx.Err() != nil {
			return err
		}
		pause := wait
		if apiErr, ok := errors.AsType[*Error](err); ok {
			if !apiErr.Temporary() {
				return err
			}
			pause = max(pause, apiErr.RetryAfter)
		}
		if sleep(ctx, min(pause, c.cfg.MaxWait)) != nil {
			return err
		}
		wait *= 2
	}
}

// send makes one attempt.
func (c *Client) send(ctx context.Context, path, token string, body []byte, out any) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("projectx: %s: %w", path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("projectx: %s: %w", path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("projectx: %s: response: %w", path, err)
	}
	return decode(path, resp, text, out)
}

// decode reads an answer into out, or returns the [Error] that it is.
func decode(path string, resp *http.Response, text []byte, out any) error {
	var status struct {
		Success bool   `json:"success"`
		Code    int    `json:"errorCode"`
		Message string `json:"errorMessage"`
	}
	jsonErr := json.Unmarshal(text, &status)
	if resp.StatusCode != http.StatusOK || jsonErr != nil || !status.Success {
		e := &Error{Path: path, Status: resp.StatusCode, Code: status.Code, Message: status.Message}
		if e.Message == "" {
			e.Message = strings.TrimSpace(string(text[:min(len(text), 500)]))
		}
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			e.RetryAfter = time.Duration(s) * time.Second
		}
		return e
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("projectx: %s: response: %w", path, err)
	}
	return nil
}

func (c *Client) bearer() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}

func (c *Client) setToken(token string) error {
	expires, err := expiry(token)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token, c.expires = token, expires
	return nil
}

// expiry reads the "exp" claim of a JWT. It does not verify the token: that is
// for the gateway, which alone has the key.
func expiry(token string) (time.Time, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, errors.New("projectx: session token is not a JWT")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}, fmt.Errorf("projectx: session token: %w", err)
	}
	var claims struct {
		Expires float64 `json:"exp"` // RFC 7519 allows fractions of a second.
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		return time.Time{}, fmt.Errorf("projectx: session token: %w", err)
	}
	return time.UnixMilli(int64(claims.Expires * 1000)), nil
}

// sleep waits for d or until ctx ends, whose error it then returns.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
