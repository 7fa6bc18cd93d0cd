package doctor

import (
	"context"
	"net"
	"net/url"
	"strings"
	"time"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"

	"riskmanager.internal/otel/cmd/risklog/internal/otlp"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
)

const callTimeout = 3 * time.Second

// collector sends it an empty request, which is valid and costs nothing; with
// gRPC it only connects.
func (x *examination) collector(ctx context.Context) {
	const name = "collector"
	o := x.Config.OTLP
	endpoint := o.Endpoint
	if endpoint == "" {
		endpoint = o.Logs.Endpoint
	}
	switch {
	case x.Err != nil:
		return
	case endpoint == "" || o.Enabled != nil && !*o.Enabled:
		x.add(name, OK, "none configured: nothing is forwarded")
		return
	case x.Offline:
		x.addf(name, Note, "%s: not called", show(endpoint))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	begun := time.Now()
	err := x.call(ctx, endpoint)
	if err != nil {
		cause := strings.TrimPrefix(err.Error(), show(endpoint)+": ")
		x.addf(name, Bad, "%s: not reachable: %s", show(endpoint), term.Clean(x.Masker.String(cause)))
		return
	}
	x.addf(name, OK, "%s: answers within %s", show(endpoint), term.Duration(time.Since(begun).Round(time.Millisecond)))
}

func (x *examination) call(ctx context.Context, endpoint string) error {
	o := x.Config.OTLP
	if o.Protocol == "grpc" {
		address := endpoint
		if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
			address = u.Host
		}
		if _, _, err := net.SplitHostPort(address); err != nil {
			address = net.JoinHostPort(address, "4317")
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	h, err := otlp.NewHTTP(otlp.HTTPConfig{
		Endpoint: endpoint, Headers: o.Headers, Insecure: o.Insecure != nil && *o.Insecure, Timeout: callTimeout, Patience: time.Nanosecond, Masker: x.Masker,
	})
	if err != nil {
		return err
	}
	defer h.Close()
	_, err = h.Logs(ctx, &logspb.LogsData{})
	return err
}

// show is an endpoint without its credentials.
func show(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return term.Clean(u.Scheme + "://" + u.Host + u.Path)
	}
	if i := strings.LastIndexByte(endpoint, '@'); i >= 0 {
		endpoint = endpoint[i+1:]
	}
	return term.Clean(endpoint)
}
