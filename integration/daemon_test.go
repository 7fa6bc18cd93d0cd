package integration

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetricpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// readOTLP reads the lines of a file exporter.
func readOTLP[M proto.Message](t *testing.T, path string, newM func() M) []M {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []M
	for line := range bytes.Lines(b) {
		m := newM()
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(hexIDs(t, line), m); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, m)
	}
	return all
}

// hexIDs makes protojson of OTLP's JSON, which has IDs in hex instead of base64.
func hexIDs(t *testing.T, line []byte) []byte {
	t.Helper()
	var v any
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for k, e := range x {
				if s, ok := e.(string); ok && (k == "traceId" || k == "spanId" || k == "parentSpanId") {
					b, err := hex.DecodeString(s)
					if err != nil {
						t.Fatal(err)
					}
					x[k] = b // Encoded as base64.
					continue
				}
				walk(e)
			}
		case []any:
			for _, e := range x {
				walk(e)
			}
		}
	}
	walk(v)
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// undelivered finds in what the daemon prints how many records of a signal its
// shutdown gave up.
var undelivered = regexp.MustCompile(`otlp (logs|traces): (\d+) records not delivered`)

// What examples/daemon logs arrives, whole and masked. Its shutdown has 2 s: what
// a slow machine does not get done by then it says, and no other is missing.
func TestDaemonArrives(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string, endpoint func(*collector) string) {
		c := startCollector(t, []string{"--config", localConfig})
		dir := t.TempDir()
		var stderr bytes.Buffer
		daemon := exec.Command(daemonPath, "-dir", dir, "-for", "4s", "-speed", "5")
		daemon.Env = append(cleanEnviron(),
			"OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint(c),
			"OTEL_EXPORTER_OTLP_PROTOCOL="+protocol,
			"OTEL_EXPORTER_OTLP_HEADERS=x-api-key="+canary,
			"OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test,db.password="+canary+",note=token%3D"+canary,
			"OTEL_METRIC_EXPORT_INTERVAL=2000",
			"ALERT_URL=http://alerts:"+canary+"@127.0.0.1:9/hook?token="+canary,
			"RISK_MANAGER_LOG_LEVEL=DEBUG",
		)
		daemon.Stdout, daemon.Stderr = &stderr, &stderr
		err := daemon.Run()
		if exit, ok := err.(*exec.ExitError); err != nil && !(ok && exit.ExitCode() == 1) {
			t.Fatalf("daemon: %v\n%s", err, tail(stderr.Bytes(), 4000))
		}
		c.stop()
		lost := map[string]int{}
		for _, m := range undelivered.FindAllStringSubmatch(stderr.String(), -1) {
			lost[m[1]], _ = strconv.Atoi(m[2])
		}

		lines := readLines(t, dir)
		if len(lines) < 20 {
			t.Fatalf("the daemon wrote %d records\n%s", len(lines), tail(stderr.Bytes(), 4000))
		}
		checkLogs(t, filepath.Join(c.dir, "logs.jsonl"), lines, lost["logs"])
		checkSpans(t, filepath.Join(c.dir, "traces.jsonl"), lines, lost["traces"])
		checkMetrics(t, filepath.Join(c.dir, "metrics.jsonl"))
		if i := bytes.Index(c.output(), []byte(canary)); i >= 0 {
			t.Errorf("a secret reached the collector: ...%s...", c.output()[max(0, i-300):i+40])
		}
	})
}

// checkLogs compares what arrived with the lines, field by field. As many as lost
// may be missing.
func checkLogs(t *testing.T, path string, lines []map[string]any, lost int) {
	t.Helper()
	got := map[string]logRecord{}
	var resource []*commonpb.KeyValue
	for _, m := range readOTLP(t, path, func() *collogpb.ExportLogsServiceRequest { return &collogpb.ExportLogsServiceRequest{} }) {
		for _, rl := range m.GetResourceLogs() {
			resource = rl.GetResource().GetAttributes()
			for _, sl := range rl.GetScopeLogs() {
				for _, r := range sl.GetLogRecords() {
					got[uidOf(r)] = logRecord{r, sl.GetScope(), resource}
				}
			}
		}
	}
	if v := otlpMap(resource)["note"]; v == nil || !strings.Contains(v.(string), "MASKED") {
		t.Errorf("resource attribute note = %v, want it masked", v)
	}
	seen, missing := 0, 0
	fault, end := faults(t)
	defer end()
	for i, line := range lines {
		uid, _ := line["uid"].(string)
		r, ok := got[uid]
		if !ok {
			// The forward is closed after the last word has been written to the files.
			if line["logger"] == "risk_manager.telemetry" && i > len(lines)-5 {
				continue
			}
			if missing++; missing > lost {
				fault("did not arrive: %v", line)
			}
			continue
		}
		seen++
		want, have := modelFromLine(t, line), modelOf(r)
		want.Attributes = flatten(want.Attributes)
		if diff := cmp.Diff(want, have, jsonOnly); diff != "" {
			fault("%v (-file +collector):\n%s", want.Body, diff)
		}
		delete(got, uid)
	}
	for uid, r := range got {
		fault("arrived, and is in no file: %s %v", uid, r)
	}
	t.Logf("%d records arrived as they stand in daemon.log; %d given up by the shutdown, %d missing", seen, lost, missing)
}

// checkSpans finds the span of each operation in the files, and its parent. As
// many as lost may be missing.
func checkSpans(t *testing.T, path string, lines []map[string]any, lost int) {
	t.Helper()
	spans := map[string]*tracepb.Span{}
	for _, m := range readOTLP(t, path, func() *coltracepb.ExportTraceServiceRequest { return &coltracepb.ExportTraceServiceRequest{} }) {
		for _, rs := range m.GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				for _, s := range ss.GetSpans() {
					spans[hex.EncodeToString(s.GetSpanId())] = s
				}
			}
		}
	}
	operations, missing := 0, 0
	fault, end := faults(t)
	defer end()
	for _, line := range lines {
		if line["operation"] == nil || line["duration_ms"] == nil || line["status"] == nil {
			continue
		}
		operations++
		id, _ := line["span_id"].(string)
		s, ok := spans[id]
		if !ok {
			if missing++; missing > lost {
				fault("no span for %v", line)
			}
			continue
		}
		if got := hex.EncodeToString(s.GetTraceId()); got != line["trace_id"] {
			fault("%v: trace %s", line, got)
		}
		if parent, ok := line["parent_span_id"].(string); ok && parent != hex.EncodeToString(s.GetParentSpanId()) {
			fault("%v: parent %x", line, s.GetParentSpanId())
		}
	}
	if operations == 0 {
		t.Error("no operation in the files")
	}
	t.Logf("%d operations, %d spans arrived; %d given up by the shutdown, %d missing", operations, len(spans), lost, missing)
}

// faults returns a [testing.T.Errorf] that shows the first few, and what is to be
// called after the last.
func faults(t *testing.T) (fault func(format string, args ...any), end func()) {
	t.Helper()
	n := 0
	return func(format string, args ...any) {
			t.Helper()
			if n++; n <= 5 {
				t.Errorf(format, args...)
			}
		}, func() {
			t.Helper()
			if n > 5 {
				t.Errorf("and %d more like these", n-5)
			}
		}
}

func checkMetrics(t *testing.T, path string) {
	t.Helper()
	names := map[string]bool{}
	for _, m := range readOTLP(t, path, func() *colmetricpb.ExportMetricsServiceRequest { return &colmetricpb.ExportMetricsServiceRequest{} }) {
		for _, rm := range m.GetResourceMetrics() {
			for _, sm := range rm.GetScopeMetrics() {
				for _, metric := range sm.GetMetrics() {
					names[metric.GetName()] = true
				}
			}
		}
	}
	if !names["risk_manager.operation.duration"] {
		t.Errorf("metrics: %v", names)
	}
}
