package projectx

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Message types of the SignalR hub protocol.
const (
	MessageInvocation = 1
	MessagePing       = 6
	MessageClose      = 7
)

// Message is one message of a hub, as the SignalR hub protocol writes it.
type Message struct {
	Type      int               `json:"type"`
	Target    string            `json:"target,omitempty"`
	Arguments []json.RawMessage `json:"arguments,omitempty"`
	Error     string            `json:"error,omitempty"`
}

// Hub is one connection to an event hub. It is for one goroutine.
type Hub struct {
	path string
	body io.ReadCloser
	scan *bufio.Scanner
}

// Hub connects to the hub at [PathUserHub] or [PathMarketHub]. The connection
// lasts until the hub or ctx ends it, or Close is called.
//
// A hub takes the token in its URL: a browser cannot set a header on a
// WebSocket or an event source. So the URL is a secret, and every error that
// quotes it.
func (c *Client) Hub(ctx context.Context, path string) (*Hub, error) {
	token := c.bearer()
	hub, err := c.dial(ctx, path, token)
	if !unauthorized(err) {
		return hub, err
	}
	if err := c.renew(ctx, token, err); err != nil {
		return nil, err
	}
	return c.dial(ctx, path, c.bearer())
}

func (c *Client) dial(ctx context.Context, path, token string) (*Hub, error) {
	u := c.base.JoinPath(path)
	u.RawQuery = url.Values{"access_token": {token}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("projectx: %s: %w", path, err)
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("projectx: %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
		if err != nil {
			return nil, fmt.Errorf("projectx: %s: response: %w", path, err)
		}
		return nil, decode(path, resp, text, nil)
	}
	scan := bufio.NewScanner(resp.Body)
	scan.Buffer(nil, maxBody)
	return &Hub{path: path, body: resp.Body, scan: scan}, nil
}

// Next returns the next event. It returns [io.EOF] when the gateway has closed
// the connection in good order; after any error the Hub is of no more use.
func (h *Hub) Next() (Event, error) {
	var seq int64
	for h.scan.Scan() {
		line := h.scan.Bytes()
		if id, ok := bytes.CutPrefix(line, []byte("id: ")); ok {
			if n, err := strconv.ParseInt(string(id), 10, 64); err == nil {
				seq = n
			}
			continue
		}
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		if !ok {
			continue
		}
		var msg Message
		if err := json.Unmarshal(data, &msg); err != nil {
			return Event{}, fmt.Errorf("projectx: %s: message: %w", h.path, err)
		}
		switch msg.Type {
		case MessageClose:
			if msg.Error != "" {
				return Event{}, fmt.Errorf("projectx: %s: closed by the gateway: %s", h.path, msg.Error)
			}
			return Event{}, io.EOF
		case MessageInvocation:
			ev, err := msg.event()
			if errors.Is(err, errUnknownTarget) {
				continue // A newer gateway: nothing that we subscribed to.
			}
			if err != nil {
				return Event{}, fmt.Errorf("projectx: %s: %s: %w", h.path, msg.Target, err)
			}
			ev.Seq = seq
			return ev, nil
		}
	}
	if err := h.scan.Err(); err != nil {
		return Event{}, fmt.Errorf("projectx: %s: %w", h.path, err)
	}
	return Event{}, fmt.Errorf("projectx: %s: %w", h.path, io.ErrUnexpectedEOF)
}

// Close ends the connection.
func (h *Hub) Close() error { return h.body.Close() }

var errUnknownTarget = errors.New("unknown target")

// event decodes the arguments of an invocation.
func (m Message) event() (Event, error) {
	if len(m.Arguments) == 0 {
		return Event{}, errors.New("no arguments")
	}
	var ev Event
	var into any
	arg := m.Arguments[0]
	switch m.Target {
	case TargetTrade:
		ev.Trade = new(Trade)
		into = ev.Trade
	case TargetPosition:
		ev.Position = new(Position)
		into = ev.Position
	case TargetOrder:
		ev.Order = new(Order)
		into = ev.Order
	case TargetQuote:
		if len(m.Arguments) != 2 {
			return Event{}, fmt.Errorf("%d arguments, want contract and quote", len(m.Arguments))
		}
		ev.Quote = new(Quote)
		if err := json.Unmarshal(arg, &ev.Quote.ContractID); err != nil {
			return Event{}, err
		}
		into, arg = ev.Quote, m.Arguments[1]
	default:
		return Event{}, errUnknownTarget
	}
	if err := json.Unmarshal(arg, into); err != nil {
		return Event{}, err
	}
	return ev, nil
}
