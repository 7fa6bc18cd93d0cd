package instrument

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

// Keys of the attributes of HTTP exchanges: those of the semantic conventions
// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/) where they
// have one.
const (
	keyMethod         = "http.request.method"
	keyMethodOriginal = "http.request.method_original"
	keyURL            = "url.full"
	keyPath           = "url.path"
	keyTemplate       = "url.template"
	keyRoute          = "http.route"
	keyStatusCode     = "http.response.status_code"
	keyRequestSize    = "http.request.body.size"
	keyResponseSize   = "http.response.body.size"
	keyRequestBody    = "http.request.body"
	keyResponseBody   = "http.response.body"
	keyRequestHeader  = "http.request.header."
	keyResponseHeader = "http.response.header."
	keyResends        = "http.request.resend_count"
	keyAttempt        = "attempt"
	keyRetryAfter     = "retry_after_s"
)

// httpConfig is what the options for HTTP set. It is copied, not changed.
type httpConfig struct {
	template string
	attempt  int
	headers  []string
	body     int // Bytes to capture; zero means none.
}

// forHTTP returns an option that sets something for HTTP.
func forHTTP(set func(*httpConfig)) Option {
	return func(c config) config {
		var h httpConfig
		if c.http != nil {
			h = *c.http
		}
		set(&h)
		c.http = &h
		return c
	}
}

// Template names the kind of URL that a request is for, such as
// "/api/Order/{id}": url.template, and part of the operation's name. Without
// one the name is the method alone, so that names stay few. Give it by
// [WithRequest] for a call, or to [Transport] whose calls are all of one kind.
func Template(t string) Option {
	return forHTTP(func(h *httpConfig) { h.template = t })
}

// Attempt numbers the attempts of a request that is sent again, from 1 on. Give
// it by [WithRequest].
func Attempt(n int) Option {
	return forHTTP(func(h *httpConfig) { h.attempt = n })
}

// CaptureHeaders puts headers of these names, of request and response, into the
// record. Those that hold secrets are masked whole.
func CaptureHeaders(names ...string) Option {
	return forHTTP(func(h *httpConfig) { h.headers = append(slices.Clip(h.headers), names...) })
}

// CaptureBodies puts JSON bodies, of request and response, into the record,
// masked, and cut if they are longer than limit bytes. They are copied as they
// pass: none is held back or read further than its reader reads it. Other
// bodies are not captured. Capturing is off by default.
func CaptureBodies(limit int) Option {
	return forHTTP(func(h *httpConfig) { h.body = limit })
}

type requestKey struct{}

// WithRequest returns a copy of ctx with options for the HTTP requests that are
// made with it through a [Transport]; they win over the transport's own:
//
//	ctx = instrument.WithRequest(ctx, instrument.Template("/api/Order/{id}"), instrument.Attempt(n))
func WithRequest(ctx context.Context, opts ...Option) context.Context {
	ctx = orBackground(ctx)
	if outer, ok := ctx.Value(requestKey{}).([]Option); ok {
		opts = append(slices.Clip(outer), opts...)
	}
	return context.WithValue(ctx, requestKey{}, opts)
}

// httpDefaults is the configuration of an HTTP exchange before options.
func httpDefaults() config { return config{stream: telemetry.API, level: slog.LevelDebug} }

// methods are those that the semantic conventions know by name.
var methods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodHead, http.MethodOptions, http.MethodConnect, http.MethodTrace, "QUERY",
}

// methodOf returns the method of a request, and what it is as one of a few.
func methodOf(r *http.Request) (original, known string) {
	original = cmp.Or(r.Method, http.MethodGet)
	if slices.Contains(methods, original) {
		return original, original
	}
	return original, otherName
}

// exchangeName returns the name of an operation: the method and the template. A
// client of ours cannot fill the names with methods that it makes up.
func exchangeName(r *http.Request, template string) string {
	_, name := methodOf(r)
	if name == otherName {
		name = "HTTP" // As the conventions have it.
	}
	if template != "" {
		name += " " + template
	}
	return name
}

// exchange is what the end record of an HTTP operation tells beyond the
// operation: one request and its response.
type exchange struct {
	request  *http.Request
	config   httpConfig
	server   bool
	route    string
	noBody   bool // The response has none.
	status   int
	header   http.Header // The response's.
	sent     *capture    // The request's body; nil without one.
	received *capture    // The response's.
	size     atomic.Int64
}

// httpStatus is an HTTP status that is a failure.
type httpStatus int //nolint:errname // It is a status first.

// Error returns the status as in a status line, such as "429 Too Many Requests".
func (e httpStatus) Error() string {
	return strings.TrimSpace(strconv.Itoa(int(e)) + " " + http.StatusText(int(e)))
}

// ErrorType returns the status code: error.type of the semantic conventions.
func (e httpStatus) ErrorType() string { return strconv.Itoa(int(e)) }

// err returns the failure that the response is, if it is one.
func (x *exchange) err() error {
	if x.status >= 400 {
		return httpStatus(x.status)
	}
	return nil
}

// verdict says at which level an exchange is recorded, and in which word.
func (x *exchange) verdict(o *Op) (slog.Level, string) {
	code, isStatus := errors.AsType[httpStatus](o.err())
	switch {
	case o.status == canceled:
		return slog.LevelInfo, "canceled"
	case o.status == failed && isStatus && code == http.StatusTooManyRequests:
		return slog.LevelWarn, "refused"
	case o.status == failed && isStatus && code < 500:
		return slog.LevelWarn, "rejected"
	case o.status == failed:
		return slog.LevelError, "failed"
	}
	if o.slow() {
		return slog.LevelWarn, "slow"
	}
	return slog.Level(o.level), "completed"
}

// attrs returns the attributes of the record.
func (x *exchange) attrs(s *state) []slog.Attr {
	r := x.request
	original, method := methodOf(r)
	attrs := []slog.Attr{slog.String(keyMethod, method)}
	if method != original {
		attrs = append(attrs, slog.String(keyMethodOriginal, original))
	}
	if x.server {
		attrs = append(attrs, slog.String(keyPath, r.URL.Path))
		if x.route != "" {
			attrs = append(attrs, slog.String(keyRoute, x.route))
		}
	} else {
		attrs = append(attrs, slog.String(keyURL, urlText(r.URL)))
	}
	if x.config.template != "" {
		attrs = append(attrs, slog.String(keyTemplate, x.config.template))
	}
	if x.status > 0 {
		attrs = append(attrs, slog.Int(keyStatusCode, x.status))
	}
	if n := x.requestSize(); n >= 0 {
		attrs = append(attrs, slog.Int64(keyRequestSize, n))
	}
	if x.status > 0 {
		attrs = append(attrs, slog.Int64(keyResponseSize, x.size.Load()))
	}
	if x.config.attempt > 0 {
		attrs = append(attrs, slog.Int(keyAttempt, x.config.attempt))
	}
	if d, ok := retryAfter(x.header, time.Now()); ok {
		attrs = append(attrs, slog.Float64(keyRetryAfter, d.Seconds()))
	}
	attrs = x.appendHeaders(attrs, s, keyRequestHeader, r.Header)
	attrs = x.appendHeaders(attrs, s, keyResponseHeader, x.header)
	attrs = x.sent.appendTo(attrs, keyRequestBody)
	return x.received.appendTo(attrs, keyResponseBody)
}

// requestSize returns the size of the request's body, -1 if it is not known: in
// a client's request that is said by 0 as well.
func (x *exchange) requestSize() int64 {
	switch r := x.request; {
	case r.Body == nil || r.Body == http.NoBody:
		return 0
	case !x.server && r.ContentLength == 0:
		return -1
	default:
		return r.ContentLength
	}
}

func (x *exchange) appendHeaders(attrs []slog.Attr, s *state, prefix string, h http.Header) []slog.Attr {
	for _, name := range x.config.headers {
		values := h.Values(name)
		if len(values) == 0 {
			continue
		}
		if s.masker.Key(name) {
			attrs = append(attrs, slog.String(prefix+strings.ToLower(name), mask.Text))
			continue
		}
		attrs = append(attrs, slog.Any(prefix+strings.ToLower(name), append([]string(nil), values...)))
	}
	return attrs
}

// urlText returns a URL without its userinfo. The query is masked with the
// record.
func urlText(u *url.URL) string {
	if u == nil {
		return ""
	}
	if u.User == nil {
		return u.String()
	}
	c := *u
	c.User = nil
	return c.String()
}

// retryAfter reads the header Retry-After: seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if s, err := strconv.ParseInt(v, 10, 32); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now).Round(time.Second), 0), true
	}
	return 0, false
}
