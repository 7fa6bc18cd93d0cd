package instrument_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"riskmanager.internal/otel/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary is a secret that masking finds by its key and by its form.
const canary = "sk_live_9f8e7d6c5b4a39281706f5e4"

// bench is a Telemetry of a test's own, with what it wrote.
type bench struct {
	*testing.T
	tel   *telemetry.Telemetry
	dir   string
	ctx   context.Context //nolint:containedctx // Of the test.
	spans *tracetest.InMemoryExporter
}

func setup(t *testing.T, opts ...telemetry.Option) *bench {
	t.Helper()
	b := &bench{T: t, dir: filepath.Join(t.TempDir(), "logs"), spans: tracetest.NewInMemoryExporter()}
	opts = append([]telemetry.Option{telemetry.WithLogDir(b.dir), telemetry.WithoutGlobals()}, opts...)
	tel, err := telemetry.Setup(t.Context(), opts...)
	if err != nil {
		t.Fatalf("Setup: %v", err)
	}
	b.tel = tel
	b.ctx = telemetry.NewContext(t.Context(), tel)
	if tp, ok := tel.TracerProvider().(*sdktrace.TracerProvider); ok {
		tp.RegisterSpanProcessor(sdktrace.NewSimpleSpanProcessor(b.spans))
	}
	t.Cleanup(b.stop)
	return b
}

func (b *bench) stop() {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := b.tel.Shutdown(ctx); err != nil {
		b.Errorf("Shutdown: %v", err)
	}
}

type record = map[string]any

// records returns those of a file, each of which must be valid JSON.
func (b *bench) records(file string) []record {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, file))
	if err != nil {
		b.Fatal(err)
	}
	var all []record
	for line := range bytes.Lines(text) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			b.Fatalf("%s: %v in line\n%s", file, err, line)
		}
		all = append(all, r)
	}
	return all
}

// one returns the only record of daemon.log with that message.
func (b *bench) one(message string) record {
	b.Helper()
	var found []record
	var others []string
	for _, r := range b.records("daemon.log") {
		if r["message"] == message {
			found = append(found, r)
		}
		others = append(others, fmt.Sprint(r["message"]))
	}
	if len(found) != 1 {
		b.Fatalf("got %d records %q among %q, want 1", len(found), message, others)
	}
	return found[0]
}

// messages returns those of daemon.log, with their levels.
func (b *bench) messages() []string {
	b.Helper()
	got := []string{}
	for _, r := range b.records("daemon.log") {
		got = append(got, fmt.Sprint(r["level"], " ", r["message"]))
	}
	return got
}

// noSecret fails if any of the canaries is in a file or in a span.
func (b *bench) noSecret(canaries ...string) {
	b.Helper()
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		b.Fatal(err)
	}
	texts := map[string]string{"spans": dump(b.spans.GetSpans())}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(b.dir, e.Name()))
		if err != nil {
			b.Fatal(err)
		}
		texts[e.Name()] = string(text)
	}
	for name, text := range texts {
		for _, c := range canaries {
			if i := strings.Index(text, c); i >= 0 {
				b.Errorf("%s holds the secret: ...%s", name, text[max(0, i-200):min(len(text), i+len(c)+50)])
			}
		}
	}
}

func dump(spans tracetest.SpanStubs) string {
	var b strings.Builder
	for _, s := range spans {
		fmt.Fprintf(&b, "%s %v %+v %+v %+v %v\n", s.Name, s.Attributes, s.Events, s.Links, s.Status, s.Resource)
		for _, a := range s.Attributes {
			fmt.Fprintf(&b, "%s=%s\n", a.Key, a.Value.Emit())
		}
		for _, e := range s.Events {
			for _, a := range e.Attributes {
				fmt.Fprintf(&b, "%s=%s\n", a.Key, a.Value.Emit())
			}
		}
	}
	return b.String()
}

// span returns the only ended span of that name.
func (b *bench) span(name string) tracetest.SpanStub {
	b.Helper()
	var found []tracetest.SpanStub
	for _, s := range b.spans.GetSpans() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		b.Fatalf("got %d spans %q, want 1:\n%s", len(found), name, dump(b.spans.GetSpans()))
	}
	return found[0]
}

func attr(s tracetest.SpanStub, key string) string {
	for _, a := range s.Attributes {
		if string(a.Key) == key {
			return a.Value.Emit()
		}
	}
	return ""
}

func errorOf(r record) record {
	e, _ := r["error"].(record)
	return e
}

func debugLevel() telemetry.Option { return telemetry.WithLevel(slog.LevelDebug) }
