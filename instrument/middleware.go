package instrument

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"
)

// Middleware returns next with each request as an operation, for the daemon's
// own endpoints. It is contrib's otelhttp, so server spans and metrics follow
// the HTTP semantic conventions and an incoming W3C trace context is the
// request's; what enters the spans is masked.
//
// Each request writes one record as [Transport] does: operation is the method
// and the pattern of the [http.ServeMux] that matched, if one did, and there is
// url.path in place of url.full. A handler that panics is recorded with its
// stack, and goes on panicking; [http.ErrAbortHandler] is a cancellation.
//
// It takes the options of [Transport]. An operation that the handler starts is
// inside that of the request.
func Middleware(next http.Handler, opts ...Option) http.Handler {
	return &middleware{next: next, config: httpDefaults().with(opts)}
}

type middleware struct {
	next   http.Handler
	config config
	bound  atomic.Pointer[boundHandler]
}

// boundHandler is otelhttp's handler over the providers of one Telemetry.
type boundHandler struct {
	state   *state
	handler http.Handler
}

// ServeHTTP implements http.Handler.
func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := stateOf(r.Context())
	b := m.bound.Load()
	if b == nil || b.state != s {
		b = &boundHandler{state: s, handler: otelhttp.NewHandler(http.HandlerFunc(m.serve), "",
			otelhttp.WithTracerProvider(maskingProvider{state: s}),
			otelhttp.WithMeterProvider(s.tel.MeterProvider()),
			otelhttp.WithPropagators(s.tel.Propagator()),
		)}
		m.bound.Store(b)
	}
	b.handler.ServeHTTP(w, r)
}

// serve runs inside otelhttp's handler: the context has the server span.
func (m *middleware) serve(w http.ResponseWriter, r *http.Request) {
	x := &exchange{request: r, server: true}
	if m.config.http != nil {
		x.config = *m.config.http
	}
	op := adopt(r.Context(), exchangeName(r, ""), m.config)
	op.parent = remoteParent(op.span)
	extra := op.extra()
	extra.detail = x
	if op.span.IsRecording() && len(extra.attrs) > 0 {
		op.span.SetAttributes(op.op.state.attributes(extra.attrs)...)
	}
	if x.sent = newCapture(x.config.body, r.Header.Get("Content-Type")); x.sent != nil && r.Body != nil {
		r.Body = captured{r.Body, x.sent}
	}
	inside := r.WithContext(op.context())
	defer m.leave(op, x, r, inside)
	m.next.ServeHTTP(x.observe(w), inside)
	op.returned = true
}

// leave ends the operation of a request. It is deferred directly.
func (m *middleware) leave(op *Op, x *exchange, r, inside *http.Request) {
	p := recover()
	r.Pattern, r.MultipartForm = inside.Pattern, inside.MultipartForm // Where otelhttp and net/http look for them.
	if x.route = routeOf(inside.Pattern); x.config.template == "" {
		x.config.template = x.route
	}
	if x.config.template != "" {
		named := op.op.state.operations.get(exchangeName(r, x.config.template))
		op.extra().named = named
		op.span.SetName(named.name) // Which otelhttp leaves out in a panic.
	}
	switch {
	case p == http.ErrAbortHandler: //nolint:errorlint // As net/http compares it.
		op.end(errExit)
		panic(p)
	case p != nil:
		op.panic(p, nil) // Goes on, unless it is to be contained.
		if x.status == 0 {
			x.status = http.StatusInternalServerError
		}
		return
	case !op.returned:
		op.end(errExit)
		return
	}
	if x.status == 0 {
		x.status = http.StatusOK
	}
	op.end(x.err())
}

// routeOf returns a pattern of http.ServeMux without the method that it may
// begin with.
func routeOf(pattern string) string {
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		return strings.TrimLeft(pattern[i:], " \t")
	}
	return pattern
}

// remoteParent returns the parent of a server span.
func remoteParent(span trace.Span) trace.SpanID {
	if s, tells := span.(sdkSpan); tells {
		return s.Parent().SpanID()
	}
	return trace.SpanID{}
}

// observe returns w such that the exchange learns of the response. What else w
// implements, it still does.
func (x *exchange) observe(w http.ResponseWriter) http.ResponseWriter {
	header := func(code int) {
		if x.status == 0 && code >= 200 || code == http.StatusSwitchingProtocols {
			x.status, x.header = code, w.Header()
			x.received = newCapture(x.config.body, w.Header().Get("Content-Type"))
		}
	}
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) {
				header(code)
				next(code)
			}
		},
		Write: func(next httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(p []byte) (int, error) {
				header(http.StatusOK)
				n, err := next(p)
				x.size.Add(int64(n))
				x.received.add(p[:n])
				return n, err
			}
		},
		ReadFrom: func(next httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
			return func(src io.Reader) (int64, error) {
				header(http.StatusOK)
				n, err := next(src)
				x.size.Add(n)
				return n, err
			}
		},
	})
}
