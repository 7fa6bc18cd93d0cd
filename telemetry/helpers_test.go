package telemetry_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"riskmanager.internal/otel/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start sets up a Telemetry in a directory of its own, as the process's
// current one unless opts say otherwise, and shuts it down with the test.
func start(t *testing.T, opts ...telemetry.Option) (*telemetry.Telemetry, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "logs")
	tel, err := telemetry.Setup(t.Context(), append([]telemetry.Option{telemetry.WithLogDir(dir)}, opts...)...)
	if err != nil {
		t.Fatalf("Setup: %v", err)
	}
	t.Cleanup(func() { stop(t, tel) })
	return tel, dir
}

func stop(t *testing.T, tel *telemetry.Telemetry) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

type record = map[string]any

// read returns the records of one file, each of which must be valid JSON.
func read(t *testing.T, dir, file string) []record {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	var records []record
	sc := bufio.NewScanner(bytes.NewReader(b))
	sc.Buffer(nil, 2<<20)
	for sc.Scan() {
		var r record
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v in line\n%s", file, err, sc.Bytes())
		}
		records = append(records, r)
	}
	return records
}

// last returns the record written last to a file.
func last(t *testing.T, dir, file string) record {
	t.Helper()
	records := read(t, dir, file)
	if len(records) == 0 {
		t.Fatalf("%s: got no record, want one", file)
	}
	return records[len(records)-1]
}

func contextOf(r record) record {
	c, _ := r["context"].(record)
	return c
}

// only returns the records with that message.
func only(records []record, message string) []record {
	var out []record
	for _, r := range records {
		if r["message"] == message {
			out = append(out, r)
		}
	}
	return out
}
