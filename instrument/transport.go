package instrument

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Transport returns base, by default [http.DefaultTransport], with each request
// as an operation. It is contrib's otelhttp, so client spans and metrics follow
// the HTTP semantic conventions and W3C trace context and baggage travel; what
// enters the spans is masked. It never holds, closes or changes a body.
//
// Each request writes one record to api.log, when the response's body has been
// read to its end or closed, or at once for one that switches protocols or
// streams events: operation ("POST /api/Order/search": method and [Template]),
// http.request.method, url.full with its secrets masked, url.template,
// http.response.status_code, duration_ms, body sizes, attempt ([Attempt]), and
// retry_after_s where the server asks for it. It is at DEBUG when all is well,
// at WARNING when slow (see [Threshold]) or refused with a 4xx, at ERROR for a
// 5xx and when no response came; at INFO when the caller canceled.
//
// It takes [On], [Threshold], [Attrs], [AtLevel], [Template], [CaptureHeaders]
// and [CaptureBodies]; [WithRequest] gives options for one call. The Telemetry
// is that of the request's context.
func Transport(base http.RoundTripper, opts ...Option) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{base: base, config: httpDefaults().with(opts)}
}

type transport struct {
	base   http.RoundTripper
	config config
	bound  atomic.Pointer[boundTransport]
}

// boundTransport is otelhttp's transport over the providers of one Telemetry.
type boundTransport struct {
	state *state
	next  http.RoundTripper
}

var _ http.RoundTripper = (*transport)(nil)

// CloseIdleConnections has [http.Client.CloseIdleConnections] reach base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *transport) bind(s *state) http.RoundTripper {
	if b := t.bound.Load(); b != nil && b.state == s {
		return b.next
	}
	b := &boundTransport{state: s, next: otelhttp.NewTransport(inner{t.base},
		otelhttp.WithTracerProvider(maskingProvider{state: s}),
		otelhttp.WithMeterProvider(s.tel.MeterProvider()),
		otelhttp.WithPropagators(s.tel.Propagator()),
		otelhttp.WithSpanNameFormatter(spanName),
	)}
	t.bound.Store(b)
	return b.next
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	c := t.config
	if opts, ok := ctx.Value(requestKey{}).([]Option); ok {
		c = c.with(opts)
	}
	x := &exchange{request: r}
	if c.http != nil {
		x.config = *c.http
	}
	op := adopt(ctx, exchangeName(r, x.config.template), c)
	op.extra().detail = x
	inside := r.WithContext(op.context())
	if inside.Header == nil { // Which otelhttp would panic of.
		inside.Header = http.Header{}
	}
	res, err := t.bind(op.op.state).RoundTrip(inside)
	if err != nil {
		op.end(err)
		return res, err
	}
	x.status, x.header = res.StatusCode, res.Header
	x.received = newCapture(x.config.body, res.Header.Get("Content-Type"))
	if x.noBody || res.StatusCode == http.StatusSwitchingProtocols ||
		strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		op.end(x.err())
		return res, nil
	}
	res.Body = withEnd(res.Body, op, x)
	return res, nil
}

// spanName names the client span as the operation is named.
func spanName(_ string, r *http.Request) string {
	if op := fromContext(r.Context()); op != nil {
		return op.op.raw
	}
	return r.Method
}

// inner is between otelhttp and the base: it sees the client span.
type inner struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (i inner) RoundTrip(r *http.Request) (*http.Response, error) {
	op := fromContext(r.Context())
	m := op.more.Load()
	x := m.detail.(*exchange)
	op.span = trace.SpanFromContext(r.Context())
	defer op.failOnPanic()
	if x.config.template != "" {
		op.span.SetAttributes(attribute.String(keyTemplate, op.op.state.masker.String(x.config.template)))
	}
	if x.config.attempt > 1 {
		op.span.SetAttributes(attribute.Int(keyResends, x.config.attempt-1))
	}
	if len(m.attrs) > 0 && op.span.IsRecording() {
		op.span.SetAttributes(op.op.state.attributes(m.attrs)...)
	}
	if x.sent = newCapture(x.config.body, r.Header.Get("Content-Type")); x.sent != nil && r.Body != nil && r.Body != http.NoBody {
		captureRequest(r, x.sent)
	}
	res, err := i.base.RoundTrip(r)
	x.noBody = err == nil && res != nil && (res.Body == nil || res.Body == http.NoBody)
	return res, err
}

// captureRequest copies the body of r, which is otelhttp's copy of the caller's
// request, as the base reads it, also when it reads it again.
func captureRequest(r *http.Request, into *capture) {
	r.Body = captured{r.Body, into}
	if again := r.GetBody; again != nil {
		r.GetBody = func() (io.ReadCloser, error) {
			b, err := again()
			if err != nil || b == nil || b == http.NoBody {
				return b, err
			}
			into.restart()
			return captured{b, into}, nil
		}
	}
}

// withEnd returns body such that its end is that of op. A body that can be
// written to still can.
func withEnd(body io.ReadCloser, op *Op, x *exchange) io.ReadCloser {
	b := &responseBody{ReadCloser: body, op: op, exchange: x}
	if w, ok := body.(io.Writer); ok {
		return struct {
			*responseBody
			io.Writer
		}{b, w}
	}
	return b
}

// responseBody counts a response's body and ends the operation with it.
type responseBody struct {
	io.ReadCloser
	op       *Op
	exchange *exchange
}

// Read implements io.Reader.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.exchange.size.Add(int64(n))
	b.exchange.received.add(p[:n])
	if err != nil {
		b.end(err)
	}
	return n, err
}

// Close implements io.Closer.
func (b *responseBody) Close() error {
	err := b.ReadCloser.Close()
	b.end(nil)
	return err
}

// end ends the operation, once.
func (b *responseBody) end(err error) {
	if err == nil || err == io.EOF { //nolint:errorlint // Readers return it bare.
		err = b.exchange.err()
	}
	b.op.end(err)
}

// adopt begins an operation whose span is another's: op.span is set once it is
// there.
func adopt(ctx context.Context, name string, c config) *Op {
	o := newOp(ctx, name, c)
	o.inner, o.span, o.adopted = ctx, trace.SpanFromContext(ctx), true
	o.parent = o.span.SpanContext().SpanID()
	o.start = time.Since(clock)
	return o
}
