package telemetrytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"riskmanager.internal/otel/telemetry"
)

// Record is one line of a log file.
type Record map[string]any

// Get returns what is under a key, or under a path of keys in nested objects;
// nil if there is nothing. Numbers are float64.
func (r Record) Get(path ...string) any {
	var v any = map[string]any(r)
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// Text returns what is under a key if it is a string, else "".
func (r Record) Text(path ...string) string {
	s, _ := r.Get(path...).(string)
	return s
}

// Message returns the record's message.
func (r Record) Message() string { return r.Text("message") }

// Level returns the record's level, such as "INFO".
func (r Record) Level() string { return r.Text("level") }

// Records returns those in the file of a stream, oldest first. The test fails
// for a line that is not a JSON object.
func (tt *Telemetry) Records(s telemetry.Stream) []Record {
	tt.tb.Helper()
	text, err := os.ReadFile(filepath.Join(tt.dir, tt.Config().LogFiles.Of(s).Filename))
	if errors.Is(err, fs.ErrNotExist) { // Switched off.
		return nil
	}
	if err != nil {
		tt.tb.Errorf("telemetrytest: %v", err)
		return nil
	}
	var all []Record
	for line := range bytes.Lines(text) {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			tt.tb.Errorf("telemetrytest: %s: %v in line %q", s, err, line)
			continue
		}
		all = append(all, r)
	}
	return all
}

// Record returns the record of a stream with that message. The test fails at
// once unless there is exactly one.
func (tt *Telemetry) Record(s telemetry.Stream, message string) Record {
	tt.tb.Helper()
	var found []Record
	var messages []string
	for _, r := range tt.Records(s) {
		if r.Message() == message {
			found = append(found, r)
		}
		messages = append(messages, r.Message())
	}
	if len(found) != 1 {
		tt.tb.Fatalf("telemetrytest: %s: got %d records %q among %q, want 1", s, len(found), message, messages)
	}
	return found[0]
}
