package docstest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"riskmanager.internal/otel/telemetry"
)

// schema compiles docs/record.schema.json, or the part of it that ref names.
func schema(t *testing.T, ref string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join(root, "docs", "record.schema.json") + ref)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A checker validates lines.
type checker struct {
	record, operation *jsonschema.Schema
}

func newChecker(t *testing.T) checker {
	t.Helper()
	return checker{schema(t, ""), schema(t, "#/$defs/operation")}
}

// line validates one line: as the end of an operation too, if it is one.
func (c checker) line(t *testing.T, where string, line []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		t.Errorf("%s: %v\n%.500s", where, err, line)
		return
	}
	s := c.record
	if m, ok := v.(map[string]any); ok && m["operation"] != nil && m["start_time"] != nil {
		s = c.operation
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v\n%.500s", where, err, line)
	}
}

// files validates every line of the log files in dir and returns their number.
func (c checker) files(t *testing.T, dir string) (lines int) {
	t.Helper()
	for _, s := range telemetry.Streams() {
		path := filepath.Join(dir, s.Filename())
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 2<<20)
		for sc.Scan() {
			lines++
			c.line(t, s.Filename(), sc.Bytes())
			if len(sc.Bytes()) >= 1<<20 {
				t.Errorf("%s: a line of %d bytes, want at most 1 MiB", s.Filename(), len(sc.Bytes())+1)
			}
		}
		if err := errors.Join(sc.Err(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

// TestSchemaExamples validates what the examples write.
func TestSchemaExamples(t *testing.T) {
	if got := newChecker(t).files(t, filepath.Join(written(t), "logs")); got < 50 {
		t.Errorf("the examples wrote %d lines, want 50 at least", got)
	}
}

// TestSchemaDocuments validates the records that documents show.
func TestSchemaDocuments(t *testing.T) {
	c := newChecker(t)
	for _, b := range blocks(t, "json") {
		for l := range strings.Lines(b.text) {
			if strings.Contains(l, `"timestamp"`) {
				c.line(t, b.doc, []byte(l))
			} else if !json.Valid([]byte(b.text)) {
				t.Errorf("%s:%d: no JSON", b.doc, b.line)
				break
			}
		}
	}
}

// TestSchemaExtremes validates records that are as odd as can be.
func TestSchemaExtremes(t *testing.T) {
	dir := t.TempDir()
	tel, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir), telemetry.WithLevel(-100), telemetry.WithoutGlobals())
	if err != nil {
		t.Fatal(err)
	}
	ctx := telemetry.With(telemetry.WithCorrelationID(t.Context(), "\x00 own"), slog.Any("any", []any{nil, 1.5, "x"}))
	log := tel.Logger(telemetry.Errors)
	for level := slog.Level(-20); level < 30; level++ {
		log.Log(ctx, level, "level")
	}
	log.ErrorContext(ctx, "reserved", "timestamp", 1, "level", 2, "context", "x", "error", errors.New("a"), "error", "b",
		"source", true, "trace_id", nil, "span_id", 1, "uid", 2, "truncated", "no", "original_bytes", "many", "attributes", 3)
	log.ErrorContext(ctx, "floats", "a", math.NaN(), "b", math.Inf(-1), "c", uint64(math.MaxUint64), "d", 1e300)
	log.ErrorContext(ctx, strings.Repeat("long ", 1<<20))
	log.Error("")
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	newChecker(t).files(t, dir)
}

// TestSchemaRefuses checks that the schema tells a wrong record from a right one.
func TestSchemaRefuses(t *testing.T) {
	const good = `{"timestamp":"2026-10-21T10:30:45.123456Z","level":"INFO+1","logger":"a","message":"m","context":{},` +
		`"trace_id":"019ab3c4e5f67890abcdef1234567890","span_id":"00f067aa0ba902b7"}`
	for _, tt := range []struct{ name, old, new string }{
		{name: "right"},
		{"milliseconds", ".123456Z", ".123Z"},
		{"local time", "123456Z", "123456+01:00"},
		{"slog's level", "INFO+1", "WARN"},
		{"offset of the next level", "INFO+1", "INFO+4"},
		{"no context", `"context":{},`, ""},
		{"upper case", "abcdef", "ABCDEF"},
		{"no span", "00f067aa0ba902b7", "0000000000000000"},
		{"error as text", `"context":{}`, `"context":{},"error":"x"`},
		{"cut from what", `"context":{}`, `"context":{},"truncated":true`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(good, tt.old, tt.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := schema(t, "").Validate(v) == nil, tt.old == ""; got != want {
				t.Errorf("valid: got %v, want %v", got, want)
			}
		})
	}
}

// example is what the examples wrote, once for all tests.
var example struct {
	once sync.Once
	dir  string
	err  error
}

// written returns a directory with the directory logs, written by
// examples/features and by a short run of examples/daemon, and the command
// risklog.
func written(t *testing.T) string {
	t.Helper()
	example.once.Do(func() {
		example.dir, example.err = os.MkdirTemp("", "docstest") //nolint:usetesting // It outlives the test.
		if example.err != nil {
			return
		}
		run := func(dir, name string, args ...string) {
			cmd := exec.CommandContext(t.Context(), name, args...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil && example.err == nil {
				example.err = errors.Join(err, errors.New(string(out)))
			}
		}
		run(root, "go", "build", "-trimpath", "-o", example.dir, "./examples/features", "./examples/daemon", "./cmd/risklog")
		run(example.dir, "./features")
		run(example.dir, "./daemon", "-for", "4s", "-speed", "4")
	})
	if example.err != nil {
		t.Fatal(example.err)
	}
	return example.dir
}

func TestMain(m *testing.M) {
	m.Run()
	if example.dir != "" {
		os.RemoveAll(example.dir)
	}
}
