package exporters

import (
	"context"
	"net"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
)

// Every setting of the OTLP exporters is given to them, defaults included:
// what is not given they read from the environment by themselves, past our
// configuration. Their own retries are off; sender does that.

// client is the connection of one signal. It does nothing until it is used.
type client struct {
	target *target
	http   *http.Client
	conn   *grpc.ClientConn
}

// newClient makes the client for t. With gRPC this starts goroutines, which
// wait until the first attempt.
func newClient(t *target) (*client, error) {
	if t.grpc {
		conn, err := dialGRPC(t)
		return &client{target: t, conn: conn}, err
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       t.tls,
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          2,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	return &client{target: t, http: &http.Client{
		Transport: &answerTransport{base: transport, rawQuery: t.url.RawQuery, idle: transport.CloseIdleConnections},
		// A redirect would carry records and headers to a host nobody chose.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func dialGRPC(t *target) (*grpc.ClientConn, error) {
	creds := insecure.NewCredentials()
	if !t.plaintext {
		creds = credentials.NewTLS(t.tls)
	}
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithUnaryInterceptor(answerInterceptor),
		// The default grows to two minutes without an attempt to connect.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: 500 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second,
			},
			MinConnectTimeout: 10 * time.Second,
		}),
		grpc.WithDisableServiceConfig(), // Nor retries that a DNS record asks for.
		grpc.WithDisableRetry(),
	}
	if t.gzip {
		opts = append(opts, grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	}
	return grpc.NewClient(t.dial, opts...)
}

// close lets go of the connections.
func (c *client) close() error {
	if c.conn != nil {
		return c.conn.Close()
	}
	c.http.CloseIdleConnections()
	return nil
}

func (c *client) logExporter(ctx context.Context) (sdklog.Exporter, error) {
	t := c.target
	if t.grpc {
		return otlploggrpc.New(ctx,
			otlploggrpc.WithGRPCConn(c.conn),
			otlploggrpc.WithHeaders(t.headers),
			otlploggrpc.WithTimeout(t.timeout),
			otlploggrpc.WithRetry(otlploggrpc.RetryConfig{}),
		)
	}
	compression := otlploghttp.NoCompression
	if t.gzip {
		compression = otlploghttp.GzipCompression
	}
	return otlploghttp.New(ctx,
		otlploghttp.WithEndpointURL(t.url.String()),
		otlploghttp.WithHTTPClient(c.http),
		otlploghttp.WithTLSClientConfig(nil),
		otlploghttp.WithHeaders(t.headers),
		otlploghttp.WithCompression(compression),
		otlploghttp.WithTimeout(t.timeout),
		otlploghttp.WithRetry(otlploghttp.RetryConfig{}),
	)
}

func (c *client) spanExporter(ctx context.Context) (sdktrace.SpanExporter, error) {
	t := c.target
	if t.grpc {
		return otlptracegrpc.New(ctx,
			otlptracegrpc.WithGRPCConn(c.conn),
			otlptracegrpc.WithHeaders(t.headers),
			otlptracegrpc.WithTimeout(t.timeout),
			otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}),
		)
	}
	compression := otlptracehttp.NoCompression
	if t.gzip {
		compression = otlptracehttp.GzipCompression
	}
	return otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(t.url.String()),
		otlptracehttp.WithHTTPClient(c.http),
		otlptracehttp.WithTLSClientConfig(nil),
		otlptracehttp.WithHeaders(t.headers),
		otlptracehttp.WithCompression(compression),
		otlptracehttp.WithTimeout(t.timeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}),
	)
}

func (c *client) metricExporter(ctx context.Context) (sdkmetric.Exporter, error) {
	t := c.target
	// Not what OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE says: a
	// failed push of deltas would lose them.
	cumulative := func(sdkmetric.InstrumentKind) metricdata.Temporality { return metricdata.CumulativeTemporality }
	if t.grpc {
		return otlpmetricgrpc.New(ctx,
			otlpmetricgrpc.WithGRPCConn(c.conn),
			otlpmetricgrpc.WithHeaders(t.headers),
			otlpmetricgrpc.WithTimeout(t.timeout),
			otlpmetricgrpc.WithRetry(otlpmetricgrpc.RetryConfig{}),
			otlpmetricgrpc.WithTemporalitySelector(cumulative),
		)
	}
	compression := otlpmetrichttp.NoCompression
	if t.gzip {
		compression = otlpmetrichttp.GzipCompression
	}
	return otlpmetrichttp.New(ctx,
		otlpmetrichttp.WithEndpointURL(t.url.String()),
		otlpmetrichttp.WithHTTPClient(c.http),
		otlpmetrichttp.WithTLSClientConfig(nil),
		otlpmetrichttp.WithHeaders(t.headers),
		otlpmetrichttp.WithCompression(compression),
		otlpmetrichttp.WithTimeout(t.timeout),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{}),
		otlpmetrichttp.WithTemporalitySelector(cumulative),
	)
}
