package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"riskmanager.internal/otel/mask"
)

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

func base64ID(s string) []byte {
	b, _ := base64.StdEncoding.DecodeString(s) // It is protojson's own.
	return b
}

// HTTPConfig configures an [HTTP] sink.
type HTTPConfig struct {
	Endpoint string // A URL, or host:port; /v1/logs and /v1/traces are appended.
	Headers  map[string]string
	Insecure bool // Allows plain http to a host that is not loopback.
	Timeout  time.Duration
	Patience time.Duration // For how long a batch is tried again. Zero means 30 s.
	Masker   *mask.Masker  // For what the other side says.
}

// HTTP sends batches to a collector by OTLP/HTTP.
type HTTP struct {
	cfg    HTTPConfig
	base   *url.URL
	client *http.Client
}

var _ Sink = (*HTTP)(nil)

var hostPort = regexp.MustCompile(`^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$`)

// IsEndpoint reports whether target is a URL or host:port, not a file.
func IsEndpoint(target string) bool {
	return strings.Contains(target, "://") || hostPort.MatchString(target)
}

// NewHTTP returns a sink. It does not connect yet.
func NewHTTP(cfg HTTPConfig) (*HTTP, error) {
	raw := cfg.Endpoint
	if !strings.Contains(raw, "://") {
		if loopback(strings.Trim(raw[:strings.LastIndexByte(raw, ':')], "[]")) || cfg.Insecure {
			raw = "http://" + raw
		} else {
			raw = "https://" + raw
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("endpoint: not a URL") // Its text may hold a password.
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("endpoint: scheme %q, want http or https: export speaks OTLP/HTTP", u.Scheme)
	case u.Host == "":
		return nil, errors.New("endpoint: no host")
	case u.Scheme == "http" && !cfg.Insecure && !loopback(u.Hostname()):
		return nil, fmt.Errorf("endpoint: plain http to %s, which is not this machine: want https, or -insecure", u.Host)
	}
	headers := map[string]string{}
	maps.Copy(headers, cfg.Headers)
	if u.User != nil {
		password, _ := u.User.Password()
		headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
		u.User = nil
	}
	cfg.Headers = headers
	u.Path = strings.TrimSuffix(u.Path, "/")
	for _, suffix := range []string{"/v1/logs", "/v1/traces"} {
		u.Path = strings.TrimSuffix(u.Path, suffix)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Patience <= 0 {
		cfg.Patience = 30 * time.Second
	}
	return &HTTP{cfg: cfg, base: u, client: &http.Client{
		Timeout: cfg.Timeout,
		// A redirect would carry records and headers to a host nobody chose.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// Endpoint is the endpoint without credentials.
func (h *HTTP) Endpoint() string { return h.base.Scheme + "://" + h.base.Host + h.base.Path }

// Close lets go of the connections.
func (h *HTTP) Close() error {
	h.client.CloseIdleConnections()
	return nil
}

// Logs sends one request, again while that may help.
func (h *HTTP) Logs(ctx context.Context, data *logspb.LogsData) (int64, error) {
	body, err := h.send(ctx, "/v1/logs", &collogpb.ExportLogsServiceRequest{ResourceLogs: data.GetResourceLogs()})
	if err != nil {
		return 0, err
	}
	var resp collogpb.ExportLogsServiceResponse
	_ = proto.Unmarshal(body, &resp) // It took them, whatever else it speaks.
	return max(0, resp.GetPartialSuccess().GetRejectedLogRecords()), nil
}

// Traces sends one request, again while that may help.
func (h *HTTP) Traces(ctx context.Context, data *tracepb.TracesData) (int64, error) {
	body, err := h.send(ctx, "/v1/traces", &coltracepb.ExportTraceServiceRequest{ResourceSpans: data.GetResourceSpans()})
	if err != nil {
		return 0, err
	}
	var resp coltracepb.ExportTraceServiceResponse
	_ = proto.Unmarshal(body, &resp)
	return max(0, resp.GetPartialSuccess().GetRejectedSpans()), nil
}

func (h *HTTP) send(ctx context.Context, path string, m proto.Message) ([]byte, error) {
	raw, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("OTLP: %w", err)
	}
	var body bytes.Buffer
	zw := gzip.NewWriter(&body)
	if _, err := zw.Write(raw); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(h.cfg.Patience)
	pause := 250 * time.Millisecond
	for {
		answer, wait, err := h.attempt(ctx, path, body.Bytes())
		if err == nil {
			return answer, nil
		}
		pause = min(2*pause, 5*time.Second)
		if wait >= 0 {
			wait = max(wait, pause)
		}
		if wait < 0 || time.Now().Add(wait).After(deadline) {
			return nil, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// attempt sends once. A negative wait means that another attempt is in vain.
func (h *HTTP) attempt(ctx context.Context, path string, body []byte) (answer []byte, wait time.Duration, err error) {
	u := *h.base
	u.Path += path
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, -1, errors.New("endpoint: not a URL")
	}
	for k, v := range h.cfg.Headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("User-Agent", "risklog")
	resp, err := h.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, -1, ctx.Err()
		}
		if urlErr, ok := errors.AsType[*url.Error](err); ok { // Its text would begin with the whole URL.
			err = urlErr.Err
		}
		wait := time.Duration(0)
		if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound || strings.Contains(err.Error(), "certificate") {
			wait = -1
		}
		return nil, wait, fmt.Errorf("%s: %s", h.Endpoint(), h.cfg.Masker.String(err.Error()))
	}
	defer resp.Body.Close()
	answer, _ = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 == 2 {
		return answer, 0, nil
	}
	err = fmt.Errorf("%s%s: HTTP %s", h.Endpoint(), path, resp.Status)
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return nil, time.Duration(min(max(seconds, 0), 86400)) * time.Second, err
	default:
		return nil, -1, err
	}
}
