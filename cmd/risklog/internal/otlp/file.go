package otlp

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Lines writes OTLP/JSON, one request a line, as the collector's file exporter
// does and its otlpjsonfile receiver reads.
type Lines struct {
	w    *bufio.Writer
	file *os.File // Nil if somebody else closes it.
}

var _ Sink = (*Lines)(nil)

// NewLines writes to w.
func NewLines(w io.Writer) *Lines { return &Lines{w: bufio.NewWriter(w)} }

// Create writes to a file, which it makes with mode 0600 or empties.
func Create(path string) (*Lines, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // The file that was asked for.
	if err != nil {
		return nil, err
	}
	return &Lines{w: bufio.NewWriter(f), file: f}, nil
}

// Logs writes one line.
func (l *Lines) Logs(_ context.Context, data *logspb.LogsData) (int64, error) {
	return 0, l.write(data)
}

// Traces writes one line.
func (l *Lines) Traces(_ context.Context, data *tracepb.TracesData) (int64, error) {
	return 0, l.write(data)
}

// Close writes out what is buffered, and closes the file.
func (l *Lines) Close() error {
	err := l.w.Flush()
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	return err
}

// write writes OTLP/JSON, which is Protobuf's JSON but for two things: IDs are
// in hex, and enumerations are numbers
// (opentelemetry-proto/docs/specification.md, "JSON Protobuf Encoding").
func (l *Lines) write(m proto.Message) error {
	b, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(m)
	if err != nil {
		return fmt.Errorf("OTLP/JSON: %w", err)
	}
	dec := json.NewDecoder(newReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("OTLP/JSON: %w", err)
	}
	hexIDs(v, 0)
	enc := json.NewEncoder(l.w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// idDepth is how deep the records and spans lie: resourceLogs, its element,
// scopeLogs, its element, logRecords, its element. Below that the keys are the
// callers'.
const idDepth = 6

func hexIDs(v any, depth int) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			hexIDs(e, depth+1)
		}
	case map[string]any:
		for k, e := range v {
			if depth == idDepth {
				if s, ok := e.(string); ok && (k == "traceId" || k == "spanId" || k == "parentSpanId") {
					v[k] = hex.EncodeToString(base64ID(s))
				}
				continue
			}
			hexIDs(e, depth+1)
		}
	}
}
