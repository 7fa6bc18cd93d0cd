package exporters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/log/logtest"

	"riskmanager.internal/otel/exporters"
)

// The four files behind a processor of the SDK, in a pipeline of one's own.
func ExampleFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	ctx := context.Background()
	file, err := exporters.NewFile(ctx, exporters.FileConfig{Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(file)))

	var r log.Record
	r.SetSeverity(log.SeverityError)
	r.SetBody(attribute.StringValue("login failed: password=hunter2"))
	r.AddAttributes(attribute.Int("attempt", 3))
	provider.Logger("risk_manager.api").Emit(ctx, r)
	if err := provider.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}

	for _, name := range []string{"daemon.log", "enforcement.log", "api.log", "error.log"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			fmt.Println(err)
			return
		}
		var line struct {
			Level, Message string
			Attempt        int
		}
		if json.Unmarshal(b, &line) == nil {
			fmt.Println(name, line.Level, line.Message, line.Attempt)
		}
	}
	// Output:
	// daemon.log ERROR login failed: password=***MASKED*** 3
	// api.log ERROR login failed: password=***MASKED*** 3
	// error.log ERROR login failed: password=***MASKED*** 3
}

// newFile returns a File and its directory. The test ends with its Shutdown.
func newFile(t *testing.T, cfg exporters.FileConfig) (*exporters.File, string) {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join(t.TempDir(), "logs")
	}
	f, err := exporters.NewFile(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return f, cfg.Dir
}

// readFile returns the text of a file, which is whole lines of JSON.
func readFile(t *testing.T, dir, name string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range bytes.Lines(b) {
		if !json.Valid(line) || line[len(line)-1] != '\n' {
			t.Fatalf("%s: not a line of JSON: %q", name, line)
		}
		lines = append(lines, string(line))
	}
	return lines
}

func newRecord(body string, severity log.Severity, attrs ...attribute.KeyValue) sdklog.Record {
	return logtest.RecordFactory{
		Timestamp: time.Unix(1761042645, 0), Severity: severity,
		Body: attribute.StringValue(body), Attributes: attrs,
	}.NewRecord()
}

// Whatever part of a record holds a secret, Export writes none of it.
func TestFileExportMasks(t *testing.T) {
	t.Parallel()
	secret := attribute.String("db_password", canary)
	tests := []struct {
		name   string
		record sdklog.Record
	}{
		{"body", newRecord("token="+canary, log.SeverityInfo)},
		{"attribute", newRecord("m", log.SeverityInfo, secret)},
		{"text of an attribute", newRecord("m", log.SeverityInfo, attribute.String("note", `{"password":"`+canary+`"}`))},
		{"map", newRecord("m", log.SeverityInfo, attribute.Map("inner", secret))},
		{"exception", newRecord("m", log.SeverityError, attribute.String("exception.message", "Authorization: Bearer "+canary))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, dir := newFile(t, exporters.FileConfig{})
			if err := f.Export(t.Context(), []sdklog.Record{tt.record}); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(readFile(t, dir, "daemon.log"), "")
			if strings.Contains(got, canary) || !strings.Contains(got, "MASKED") {
				t.Errorf("Export wrote %s", got)
			}
		})
	}
}

// A record is the same in every file that gets it, and can be told from others.
func TestFileExportUID(t *testing.T) {
	t.Parallel()
	f, dir := newFile(t, exporters.FileConfig{})
	// Below DEBUG is in daemon.log too: what is logged there is for the caller to say.
	if err := f.Export(t.Context(), []sdklog.Record{newRecord("a", log.SeverityTrace), newRecord("b", log.SeverityError)}); err != nil {
		t.Fatal(err)
	}
	lines := append(readFile(t, dir, "daemon.log"), readFile(t, dir, "error.log")...)
	if len(lines) != 3 || lines[1] != lines[2] {
		t.Fatalf("got %q", lines)
	}
	uid := regexp.MustCompile(`"uid":"\w{26}"`)
	if a, b := uid.FindString(lines[0]), uid.FindString(lines[1]); a == "" || a == b {
		t.Errorf("got uids %q and %q", a, b)
	}
}

// Records of many callers arrive once each, as whole lines, over rotations.
func TestFileConcurrentSafe(t *testing.T) {
	t.Parallel()
	const callers, each = 8, 50
	f, dir := newFile(t, exporters.FileConfig{MaxSize: 8 << 10, MaxBackups: -1, DisableCompression: true})
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				r := newRecord(fmt.Sprintf("%d/%d", c, i), log.SeverityInfo)
				if err := f.Export(t.Context(), []sdklog.Record{r}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()

	names, err := filepath.Glob(filepath.Join(dir, "daemon*.log"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, name := range names {
		for _, line := range readFile(t, dir, filepath.Base(name)) {
			var r struct{ Message string }
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			got[r.Message]++
		}
	}
	want := map[string]int{}
	for c := range callers {
		for i := range each {
			want[fmt.Sprintf("%d/%d", c, i)] = 1
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("lines by message (-got +want):\n%s", diff)
	}
	if s := f.Stats()["daemon"]; s.Lines != callers*each || s.Rotated == 0 || int(s.Rotated) != len(names)-1 {
		t.Errorf("Stats: %d lines, %d rotations; want %d lines, and as many rotations as backups, %d", s.Lines, s.Rotated, callers*each, len(names)-1)
	}
}

func TestFileShutdown(t *testing.T) {
	t.Parallel()
	f, dir := newFile(t, exporters.FileConfig{})
	if err := f.Export(t.Context(), []sdklog.Record{newRecord("before", log.SeverityInfo)}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
	if err := f.Export(t.Context(), []sdklog.Record{newRecord("after", log.SeverityInfo)}); !errors.Is(err, sdklog.ErrExporterShutdown) {
		t.Errorf("Export after Shutdown: got %v, want ErrExporterShutdown", err)
	}
	if got := readFile(t, dir, "daemon.log"); len(got) != 1 || !strings.Contains(got[0], "before") {
		t.Errorf("daemon.log holds %q", got)
	}
	// The directory is free for the next.
	newFile(t, exporters.FileConfig{Dir: dir})
}

// Every fault of a configuration is told at once, and nothing is made.
func TestNewFileConfig(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	_, err := exporters.NewFile(t.Context(), exporters.FileConfig{
		Dir: dir, MaxSize: -1, Buffer: -1,
		Streams: []exporters.FileStream{{Name: "a", Filename: "same.log"}, {Name: "b", Filename: "same.log"}, {Name: "c", Filename: "../c.log"}},
	})
	if !errors.Is(err, exporters.ErrConfig) {
		t.Fatalf("NewFile: got %v, want ErrConfig", err)
	}
	var missing []string
	for _, want := range []string{"MaxSize: got -1", "Buffer: got -1", `b: got file name "same.log"`, `c: got file name "../c.log"`} {
		if !strings.Contains(err.Error(), want) {
			missing = append(missing, want)
		}
	}
	if len(missing) > 0 {
		t.Errorf("NewFile: %v\nsays nothing of %q", err, missing)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory was made: %v", err)
	}
}

// Of a batch whose context ends, what was not written is told.
func TestFileExportCanceled(t *testing.T) {
	t.Parallel()
	f, dir := newFile(t, exporters.FileConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Export(ctx, []sdklog.Record{newRecord("m", log.SeverityInfo)}); !errors.Is(err, context.Canceled) {
		t.Errorf("Export: got %v, want context.Canceled", err)
	}
	if got := readFile(t, dir, "daemon.log"); len(got) != 0 {
		t.Errorf("daemon.log holds %q", got)
	}
}

// A console's line is for people: masked, on one line, no escapes of others.
func TestConsole(t *testing.T) {
	t.Parallel()
	for _, color := range []bool{false, true} {
		t.Run(fmt.Sprintf("color=%t", color), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(exporters.NewConsole(&out, color, nil)))
			var r log.Record
			r.SetSeverity(log.SeverityWarn)
			r.SetBody(attribute.StringValue("red \x1b[31m and\nnew line, api_key=" + canary))
			r.AddAttributes(attribute.String("symbol", "ES"), attribute.String("long", strings.Repeat("é", 4000)))
			provider.Logger("risk_manager.rules").Emit(t.Context(), r)

			got := out.String()
			wanted := []string{"WARNING", "risk_manager.rules", "and", "symbol=", "ES", "api_key=***MASKED***"}
			if slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(got, w) }) {
				t.Errorf("the console shows %q, want %q in it", got, wanted)
			}
			if len(got) > 2<<10 || !utf8.ValidString(got) {
				t.Errorf("the console shows %d bytes, want a long value cut: %.100q", len(got), got)
			}
			if strings.Contains(got, canary) || strings.Contains(got, "\x1b[31m and") || strings.Count(got, "\n") != 1 {
				t.Errorf("the console shows %q", got)
			}
			if strings.Contains(got, "\x1b[") != color {
				t.Errorf("color=%t: the console shows %q", color, got)
			}
		})
	}
}
