package instrument

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"strings"
	"sync"
)

// capture copies the first bytes of a body as they pass. Its methods are safe
// for concurrent use and on nil, which captures nothing.
type capture struct {
	mu    sync.Mutex
	limit int
	kept  []byte // Guarded by mu.
	cut   bool   // Guarded by mu; there was more.
}

// newCapture returns the capture of a body of that content type, nil for one
// that is not to be captured.
func newCapture(limit int, contentType string) *capture {
	if limit <= 0 || !isJSON(contentType) {
		return nil
	}
	return &capture{limit: limit}
}

func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || strings.HasSuffix(t, "+json"))
}

func (c *capture) add(p []byte) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(p), c.limit-len(c.kept))
	c.kept = append(c.kept, p[:n]...)
	c.cut = c.cut || n < len(p)
}

// restart forgets what was captured: the body is sent again.
func (c *capture) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept, c.cut = nil, false
}

// appendTo appends the body: as an object if it is whole and valid, else as
// text. Cut text ends at the last comma or bracket, since a masker could not
// recognise the beginning of a secret.
func (c *capture) appendTo(attrs []slog.Attr, key string) []slog.Attr {
	if c == nil {
		return attrs
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(c.kept) == 0:
		return attrs
	case !c.cut && json.Valid(c.kept):
		return append(attrs, slog.Any(key, json.RawMessage(bytes.Clone(c.kept))))
	}
	end := bytes.LastIndexAny(c.kept, ",{}[]")
	return append(attrs, slog.String(key, string(c.kept[:end+1])), slog.Bool(key+".truncated", true))
}

// captured is a request's body whose bytes are copied as they are read.
type captured struct {
	io.ReadCloser
	into *capture
}

// Read implements io.Reader.
func (b captured) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.into.add(p[:n])
	return n, err
}
