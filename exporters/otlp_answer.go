package exporters

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetricpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// verdict is what becomes of a batch after an attempt.
type verdict uint8

const (
	// verdictRetry: the collector is away, or asks to come again.
	verdictRetry verdict = iota
	verdictDelivered
	// verdictRejected: the collector will never take it.
	verdictRejected
	// verdictBroken: an error that may be about the collector or about this
	// batch (HTTP 500, gRPC Internal, an exporter that did not even send).
	verdictBroken
	// verdictTimeout: no answer in time. The collector is away, or so slow that
	// a smaller batch is all that it can do by then.
	verdictTimeout
	verdictTooLarge
	verdictPanic
)

// answer is the outcome of one attempt. The OTLP exporters tell it in error
// texts only, so our HTTP transport and our gRPC interceptor write it into the
// answer that travels with the attempt's context.
type answer struct {
	verdict  verdict
	panicked bool
	sent     bool          // A request left for the collector.
	answered bool          // And the collector answered.
	wait     time.Duration // What it asked for (Retry-After, RetryInfo); 0 means nothing.
	rejected int64         // Records of a partial success that it did not take.
	message  string        // The partial success's message, masked.
	text     string        // What happened, masked; empty after a success.
}

type answerKey struct{}

func answerFrom(ctx context.Context) *answer {
	a, _ := ctx.Value(answerKey{}).(*answer)
	return a
}

// attempt calls export and judges what came of it.
func attempt(ctx context.Context, errs *redactor, export func(context.Context) error) answer {
	a := &answer{}
	err := guard(func() error { return export(context.WithValue(ctx, answerKey{}, a)) })
	switch {
	case isPanic(err):
		a.verdict, a.panicked, a.text = verdictPanic, true, err.Error()
	case a.answered:
		// Judged where it arrived.
	case err == nil:
		a.verdict = verdictDelivered // An exporter other than ours.
	default:
		if urlErr, ok := errors.AsType[*url.Error](err); ok { // Its text would begin with the whole URL.
			err = urlErr.Err
		}
		a.text = err.Error()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			a.verdict = verdictTimeout
		case !a.sent && ctx.Err() == nil:
			a.verdict = verdictBroken
		}
	}
	a.text, a.message = errs.clean(a.text), errs.clean(a.message)
	return *a
}

// maxAnswer is how much of an answer's body is read: enough for any partial
// success and any error text worth reading.
const maxAnswer = 64 << 10

// answerTransport notes the answers of the OTLP/HTTP collector.
type answerTransport struct {
	base     http.RoundTripper
	rawQuery string // Of the endpoint; the exporters drop it.
	idle     func() // Closes the idle connections.
}

// RoundTrip implements [http.RoundTripper].
func (t *answerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	a := answerFrom(req.Context())
	if a == nil {
		a = &answer{}
	}
	a.sent = true
	if t.rawQuery != "" {
		req = req.Clone(req.Context())
		req.URL.RawQuery = t.rawQuery
	}
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	// The status decides even when the body never comes.
	a.answered = true
	a.judgeHTTP(resp)
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close()
	a.readHTTP(resp, body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] reach the
// transport underneath.
func (t *answerTransport) CloseIdleConnections() { t.idle() }

func (a *answer) judgeHTTP(resp *http.Response) {
	code := resp.StatusCode
	a.text = "HTTP " + strconv.Itoa(code)
	if text := http.StatusText(code); text != "" {
		a.text += " " + text
	}
	switch {
	case code >= 200 && code <= 299:
		a.verdict, a.text = verdictDelivered, ""
	case code == http.StatusTooManyRequests, code == http.StatusBadGateway, code == http.StatusServiceUnavailable:
		a.verdict, a.wait = verdictRetry, retryAfter(resp.Header.Get("Retry-After"))
	case code == http.StatusRequestTimeout, code == http.StatusGatewayTimeout:
		a.verdict, a.wait = verdictTimeout, retryAfter(resp.Header.Get("Retry-After"))
	case code >= 500:
		a.verdict, a.wait = verdictBroken, retryAfter(resp.Header.Get("Retry-After"))
	case code == http.StatusRequestEntityTooLarge:
		a.verdict = verdictTooLarge
	default: // A redirect is refused here as well: its target is not our collector.
		a.verdict = verdictRejected
	}
}

func (a *answer) readHTTP(resp *http.Response, body []byte) {
	if len(body) == 0 {
		return
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	protobuf := kind == "application/x-protobuf"
	if a.verdict == verdictDelivered {
		if protobuf {
			a.readPartial(body)
		}
		return
	}
	text := string(body)
	if protobuf {
		var st spb.Status
		if proto.Unmarshal(body, &st) != nil {
			return
		}
		text = st.GetMessage()
	}
	if text = strings.TrimSpace(text); text != "" {
		a.text += ": " + text
	}
}

// readPartial reads a partial success. The three response messages have the
// same shape on the wire: one of them reads all.
func (a *answer) readPartial(body []byte) {
	var resp collogpb.ExportLogsServiceResponse
	if proto.Unmarshal(body, &resp) == nil {
		a.partial(resp.GetPartialSuccess().GetRejectedLogRecords(), resp.GetPartialSuccess().GetErrorMessage())
	}
}

func (a *answer) partial(rejected int64, message string) {
	a.rejected, a.message = max(rejected, 0), message
	if a.rejected > 0 && message == "" {
		a.message = "no reason given"
	}
}

// retryAfter reads a Retry-After header: seconds or a date.
func retryAfter(v string) time.Duration {
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseUint(v, 10, 64); err == nil {
		return time.Duration(min(n, uint64(24*60*60))) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// answerInterceptor notes the answers of the OTLP/gRPC collector.
func answerInterceptor(
	ctx context.Context, method string, req, reply any,
	cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	err := invoke(ctx, method, req, reply, cc, opts...)
	if a := answerFrom(ctx); a != nil {
		a.sent, a.answered = true, true
		a.judgeGRPC(status.Convert(err))
		if err == nil {
			a.readReply(reply)
		}
	}
	return err
}

func (a *answer) readReply(reply any) {
	switch r := reply.(type) {
	case *collogpb.ExportLogsServiceResponse:
		a.partial(r.GetPartialSuccess().GetRejectedLogRecords(), r.GetPartialSuccess().GetErrorMessage())
	case *coltracepb.ExportTraceServiceResponse:
		a.partial(r.GetPartialSuccess().GetRejectedSpans(), r.GetPartialSuccess().GetErrorMessage())
	case *colmetricpb.ExportMetricsServiceResponse:
		a.partial(r.GetPartialSuccess().GetRejectedDataPoints(), r.GetPartialSuccess().GetErrorMessage())
	}
}

func (a *answer) judgeGRPC(st *status.Status) {
	if st.Code() == codes.OK {
		a.verdict = verdictDelivered
		return
	}
	a.text = fmt.Sprintf("gRPC %s: %s", st.Code(), st.Message())
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok {
			a.wait = max(info.GetRetryDelay().AsDuration(), 0)
		}
	}
	switch st.Code() {
	case codes.ResourceExhausted:
		// grpc-go answers with this code to a message over its limit as well.
		if a.verdict = verdictRetry; a.wait == 0 && strings.Contains(st.Message(), "larger than max") {
			a.verdict = verdictTooLarge
		}
	case codes.Canceled, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
		a.verdict = verdictRetry
	case codes.DeadlineExceeded:
		a.verdict = verdictTimeout
	case codes.Internal, codes.Unknown:
		a.verdict = verdictBroken
	default:
		a.verdict = verdictRejected
	}
}
