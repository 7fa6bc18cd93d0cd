package telemetry

import (
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"

	"riskmanager.internal/otel/internal/value"
)

// errorEvery is how often at most an error of OpenTelemetry is told.
const errorEvery = time.Minute

// errorHandler receives what OpenTelemetry has no caller to return to. It never
// calls slog or log, which lead back here: it counts, and writes one masked
// line a minute to the files.
type errorHandler struct {
	tel     *Telemetry
	verbose int // Of logr: 1 warnings, 4 information, 8 debug; negative is silence.

	busy       atomic.Bool // Against re-entry; an error meanwhile is counted.
	count      atomic.Int64
	suppressed atomic.Int64
	last       atomic.Int64 // Unix nanoseconds of the line written last.
}

// Handle implements otel.ErrorHandler.
func (h *errorHandler) Handle(err error) {
	if err == nil {
		return
	}
	h.count.Add(1)
	h.tell("OpenTelemetry error", value.ErrorText(err))
}

func (h *errorHandler) tell(msg, detail string) {
	if !h.busy.CompareAndSwap(false, true) {
		h.suppressed.Add(1)
		return
	}
	defer h.busy.Store(false)
	now := time.Now()
	if last := h.last.Load(); last != 0 && now.Sub(time.Unix(0, last)) < errorEvery {
		h.suppressed.Add(1)
		return
	}
	h.last.Store(now.UnixNano())
	r := newNotice(slog.LevelWarn, msg, slog.String("detail", detail))
	if n := h.suppressed.Swap(0); n > 0 {
		r.Add(slog.Int64("suppressed", n))
	}
	if !h.tel.writeFiles(r) {
		_ = fallback(h.tel.background, os.Stderr, r)
	}
}

// logr returns the logger for OpenTelemetry's own diagnostics, which
// OTEL_LOG_LEVEL selects. The SDK's default prints to stderr, unmasked.
func (h *errorHandler) logr() logr.Logger {
	if h.verbose < 0 {
		return logr.Discard()
	}
	return funcr.New(func(prefix, args string) {
		if prefix != "" {
			args = prefix + ": " + args
		}
		h.tell("OpenTelemetry diagnostic", args)
	}, funcr.Options{Verbosity: h.verbose})
}
