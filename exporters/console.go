package exporters

import (
	"context"
	"io"
	"sync"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

// maxShown is how many bytes of one value the console shows: a line is to be
// read, and the files have it all.
const maxShown = 1 << 10

// Console is a log processor that writes one line a record for people: time,
// level, logger, message, context and attributes, of each value the first KiB.
// Records are masked and terminal escapes in them neutralised.
//
// All methods are safe for concurrent use. Write errors are dropped: nobody
// waits for a console.
type Console struct {
	masker *mask.Masker
	style  record.TextStyle

	mu  sync.Mutex
	out io.Writer // Guarded by mu.
}

var _ sdklog.Processor = (*Console)(nil)

// NewConsole returns a Console that writes to w, with ANSI colours if color is
// set. Records that do not come masked are masked with m; nil means
// [mask.Default].
func NewConsole(w io.Writer, color bool, m *mask.Masker) *Console {
	return &Console{out: w, style: record.TextStyle{Color: color, MaxValue: maxShown}, masker: m}
}

// Enabled returns true.
func (c *Console) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// OnEmit writes one line.
func (c *Console) OnEmit(ctx context.Context, rec *sdklog.Record) error {
	r := inFlight(ctx, rec, c.masker)
	buf := buffers.Get().(*[]byte)
	defer putBuffer(buf)
	*buf = c.style.Append((*buf)[:0], r)

	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.out.Write(*buf)
	return nil
}

// Shutdown does nothing: the writer is the caller's.
func (c *Console) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing: lines are written at once.
func (c *Console) ForceFlush(context.Context) error { return nil }
