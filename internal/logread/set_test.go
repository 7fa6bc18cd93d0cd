package logread_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/internal/logread"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, path, content string) {
	t.Helper()
	b := []byte(content)
	if strings.HasSuffix(path, ".gz") {
		var buf bytes.Buffer
		zw := gzip.NewWriter(&buf)
		_, err := zw.Write(b)
		if err := errors.Join(err, zw.Close()); err != nil {
			t.Fatal(err)
		}
		b = buf.Bytes()
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// read returns the message of each selected record, and what was met.
func read(t *testing.T, dir string, f logread.Filter) ([]string, logread.Counts) {
	t.Helper()
	set, err := logread.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	var got []string
	counts, err := set.Each(t.Context(), f, func(r *logread.Record) error {
		got = append(got, r.Text(logread.Message))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, counts
}

// rec is a record of our layout.
func rec(at time.Time, level, logger, message, uid, account string) string {
	return fmt.Sprintf(`{"timestamp":%q,"level":%q,"logger":"risk_manager.%s","message":%q,"context":{"account_id":%q},"uid":%q}`+"\n",
		logread.Stamp(at), level, logger, message, account, uid)
}

// TestEachMergesRandomFiles writes random records over random files, in nearly
// the order of their times, and wants every record once, in order.
func TestEachMergesRandomFiles(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			dir := t.TempDir()
			type entry struct {
				at    time.Time
				text  string
				index int
			}
			var all []entry
			var daemon, errs []string
			at := start
			n := 1 + rnd.IntN(8000)
			for i := range n {
				at = at.Add(time.Duration(rnd.IntN(3)) * time.Millisecond)
				level := []string{"DEBUG", "INFO", "WARNING", "ERROR"}[rnd.IntN(4)]
				message := fmt.Sprintf("m%d", i)
				line := rec(at, level, "daemon", message, fmt.Sprintf("u%d", i), "A")
				all = append(all, entry{at, message, i})
				daemon = append(daemon, line)
				if level == "ERROR" {
					errs = append(errs, line)
				}
			}
			// Disorder such as concurrent callers make.
			for i := range len(daemon) / 2 {
				j := min(i*2+rnd.IntN(20), len(daemon)-1)
				daemon[i*2], daemon[j] = daemon[j], daemon[i*2]
			}
			cuts := []int{0, rnd.IntN(n), rnd.IntN(n), n}
			slices.Sort(cuts)
			for i, name := range []string{"daemon-2026-03-01T12-00-01.000.log.gz", "daemon-2026-03-01T12-00-02.000.log", "daemon.log"} {
				write(t, filepath.Join(dir, name), strings.Join(daemon[cuts[i]:cuts[i+1]], ""))
			}
			cut := rnd.IntN(len(errs) + 1)
			write(t, filepath.Join(dir, "error-2026-03-01T12-00-01.500.log.gz"), strings.Join(errs[:cut], ""))
			write(t, filepath.Join(dir, "error.log"), strings.Join(errs[cut:], ""))

			got, counts := read(t, dir, logread.Filter{})
			if counts.Twice != int64(len(errs)) || counts.Torn+counts.Foreign != 0 {
				t.Errorf("Counts = %+v, want %d twice", counts, len(errs))
			}
			if len(got) != len(all) {
				t.Fatalf("got %d records, want %d", len(got), len(all))
			}
			times := map[string]time.Time{}
			for _, e := range all {
				times[e.text] = e.at
			}
			for i := 1; i < len(got); i++ {
				if times[got[i]].Before(times[got[i-1]]) {
					t.Fatalf("record %d (%s) is earlier than the one before it", i, got[i])
				}
			}
			slices.Sort(got)
			if n := len(slices.Compact(got)); n != len(all) {
				t.Errorf("got %d different records, want %d", n, len(all))
			}
		})
	}
}

func TestEachOddLines(t *testing.T) {
	whole := rec(start, "INFO", "daemon", "a", "1", "A")
	next := rec(start.Add(time.Second), "INFO", "daemon", "b", "2", "A")
	tests := []struct {
		name, content string
		want          []string
		counts        logread.Counts
	}{
		{"empty", "", nil, logread.Counts{}},
		{"blank lines", "\n\n" + whole + "  \n", []string{"a"}, logread.Counts{Lines: 4, Records: 1}},
		{"no newline at the end", strings.TrimSpace(whole), []string{"a"}, logread.Counts{Lines: 1, Records: 1}},
		{"torn in the middle", whole[:50] + "\n" + whole, []string{"a"}, logread.Counts{Lines: 2, Records: 1, Torn: 1}},
		{"torn at the end", whole + next[:70], []string{"a"}, logread.Counts{Lines: 2, Records: 1, Torn: 1, Partial: 1}},
		{"glued", whole[:60] + next, []string{"b"}, logread.Counts{Lines: 1, Records: 1, Torn: 1}},
		{"NULs before", "\x00\x00\x00" + whole, []string{"a"}, logread.Counts{Lines: 1, Records: 1, Torn: 1}},
		{"only NULs", whole + "\x00\x00\x00", []string{"a"}, logread.Counts{Lines: 2, Records: 1, Torn: 1}},
		{"text", "panic: oh\n\n\tgoroutine 1\n" + whole, []string{"a"}, logread.Counts{Lines: 4, Records: 1, Foreign: 2}},
		{"other JSON", "3\n[1]\n\"x\"\nnull\n" + whole, []string{"a"}, logread.Counts{Lines: 5, Records: 1, Foreign: 4}},
		{"CRLF", strings.ReplaceAll(whole+next, "\n", "\r\n"), []string{"a", "b"}, logread.Counts{Lines: 2, Records: 2}},
		{"BOM", "\uFEFF" + whole, []string{"a"}, logread.Counts{Lines: 1, Records: 1}},
		{"no time", next + `{"msg":"c"}` + "\n" + whole, []string{"a", "b", "c"}, logread.Counts{Lines: 3, Records: 3}},
		{"too long", whole + strings.Repeat("x", 20<<20) + "\n" + next, []string{"a", "b"}, logread.Counts{Lines: 2, Records: 2, Foreign: 1}},
		{"a long record", rec(start, "INFO", "daemon", "a", "1", strings.Repeat("y", 3<<20)) + next, []string{"a", "b"}, logread.Counts{Lines: 2, Records: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "daemon.log"), tt.content)
			got, counts := read(t, dir, logread.Filter{})
			tt.counts.Files = 1
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.counts, counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEachFilters(t *testing.T) {
	dir := t.TempDir()
	id := `"correlation_id":"a1b2c3d4-e5f6-7890-abcd-ef1234567890"`
	write(t, filepath.Join(dir, "daemon.log"),
		`{"timestamp":"2026-03-01T12:00:00.000000Z","level":"INFO","logger":"risk_manager.api","message":"a","context":{"account_id":"ACC1",`+id+`},"trace_id":"a1b2c3d4e5f67890abcdef1234567890"}
{"timestamp":"2026-03-01T12:00:01.000000Z","level":"WARNING","logger":"risk_manager.api.hub","message":"b ACC1","context":{"account_id":"ACC12"},"account_id":"ACC1"}
{"timestamp":"2026-03-01T12:00:02.000000Z","level":"ERROR+2","logger":"risk_manager.apis","message":"c","context":{"account_id":"\u0041CC1","rule_id":"R/1"}}
{"timestamp": "2026-03-01T12:00:03Z", "level":"CRITICAL", "logger":"other", "message":"d", "context":{"account_id":7,"correlation_id":"order-42"}}
{"time":"2026-03-01T12:00:04Z","msg":"e","account_id":"ACC1"}
`)
	tests := []struct {
		name string
		f    logread.Filter
		want string
	}{
		{"none", logread.Filter{}, "a,b ACC1,c,d,e"},
		{"account, escaped and flat too", logread.Filter{Accounts: []string{"ACC1"}}, "a,c,e"},
		{"two accounts", logread.Filter{Accounts: []string{"ACC12", "7"}}, "b ACC1,d"},
		{"rule", logread.Filter{Rules: []string{"R/1"}}, "c"},
		{"level", logread.Filter{MinLevel: slog.LevelWarn}, "b ACC1,c,d"},
		{"level with an offset", logread.Filter{MinLevel: slog.LevelError + 2}, "c,d"},
		{"logger and its children", logread.Filter{Loggers: []string{"risk_manager.api"}}, "a,b ACC1"},
		{"logger by its last name", logread.Filter{Loggers: []string{"api"}}, "a,b ACC1"},
		{"since", logread.Filter{Since: start.Add(2 * time.Second)}, "c,d,e"},
		{"until", logread.Filter{Until: start.Add(2 * time.Second)}, "a,b ACC1"},
		{"since and until", logread.Filter{Since: start.Add(time.Second), Until: start.Add(3 * time.Second)}, "b ACC1,c"},
		{"trace ID", logread.Filter{Trace: "a1b2c3d4e5f67890abcdef1234567890", Exact: true}, "a"},
		{"correlation ID", logread.Filter{Trace: "A1B2C3D4-E5F6-7890-abcd-ef1234567890", Exact: true}, "a"},
		{"prefix", logread.Filter{Trace: "a1b2c3d4-e"}, "a"},
		{"not a whole ID", logread.Filter{Trace: "a1b2c3d4-e", Exact: true}, ""},
		{"own ID", logread.Filter{Trace: "order-42", Exact: true}, "d"},
		{"prefix of an own ID", logread.Filter{Trace: "order-"}, "d"},
		{"contains", logread.Filter{Contains: []string{"acc12", "HUB"}}, "b ACC1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := read(t, dir, tt.f)
			if s := strings.Join(got, ","); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

// TestEachSkipsFilesByTime shows it by files that could not be read.
func TestEachSkipsFilesByTime(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "daemon-2026-02-01T00-00-00.000.log.gz")
	if err := os.WriteFile(old, []byte("\x1f\x8bno gzip at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	past := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "daemon.log"), rec(start, "INFO", "daemon", "a", "1", "A"))
	set, err := logread.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	count := func(f logread.Filter) (logread.Counts, error) {
		return set.Each(t.Context(), f, func(*logread.Record) error { return nil })
	}
	for range 2 {
		if c, err := count(logread.Filter{}); err != nil || c.Records != 1 || len(set.Warn) != 1 {
			t.Errorf("Each without a filter = %+v, %v and warnings %v, want 1 record and 1 warning", c, err, set.Warn)
		}
	}
	if c, err := count(logread.Filter{Since: start}); err != nil || c.Skipped != 1 || c.Records != 1 {
		t.Errorf("Each since = %+v, %v, want 1 record and 1 file skipped", c, err)
	}
	if c, _ := count(logread.Filter{Until: start.Add(-time.Hour)}); c.Skipped != 1 || c.Records != 0 {
		t.Errorf("Each until = %+v, want the live file skipped", c)
	}
}

func TestEachStops(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	for i := range 20000 {
		b.WriteString(rec(start.Add(time.Duration(i)), "INFO", "daemon", "a", strconv.Itoa(i), "A"))
	}
	write(t, filepath.Join(dir, "daemon.log"), b.String())
	set, err := logread.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	n := 0
	stop := func(*logread.Record) error {
		if n++; n == 3 {
			return logread.ErrStop
		}
		return nil
	}
	if _, err := set.Each(t.Context(), logread.Filter{}, stop); err != nil || n != 3 {
		t.Errorf("Each = %v after %d records, want no error after 3", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := set.Each(ctx, logread.Filter{}, func(*logread.Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Each of a canceled context = %v, want %v", err, context.Canceled)
	}
}

func TestOpenNames(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{
		"daemon.log", "daemon-2026-03-01T12-00-01.000.log.gz", "daemon-2026-03-01T12-00-02.000.log", "daemon.log.1", "daemon.log.2.gz",
		"daemon.log-20260301", "daemon-extra.log", "daemon.log.bak", "other.log", "api.log", "daemonx.log", "api.log.tmp",
	} {
		write(t, filepath.Join(dir, name), rec(start.Add(time.Duration(i)*time.Minute), "INFO", "x", name, name, "A"))
	}
	got, _ := read(t, dir, logread.Filter{})
	want := []string{
		"daemon.log", "daemon-2026-03-01T12-00-01.000.log.gz", "daemon-2026-03-01T12-00-02.000.log", "daemon.log.1", "daemon.log.2.gz",
		"daemon.log-20260301", "api.log",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files read (-want +got):\n%s", diff)
	}
}

func TestOpenBothFormsOfABackup(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "daemon-2026-03-01T12-00-01.000.log"), `{"message":"a"}`+"\n")
	write(t, filepath.Join(dir, "daemon-2026-03-01T12-00-01.000.log.gz"), `{"message":"a"}`+"\n")
	if got, _ := read(t, dir, logread.Filter{}); len(got) != 1 {
		t.Errorf("got %v, want one record", got)
	}
}

func TestOpenCutGzip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "daemon-2026-03-01T12-00-01.000.log.gz")
	var b strings.Builder
	for i := range 3000 {
		b.WriteString(rec(start.Add(time.Duration(i)*time.Microsecond), "INFO", "daemon", strconv.FormatUint(rand.Uint64(), 36), strconv.Itoa(i), "A"))
	}
	write(t, path, b.String())
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	got, counts := read(t, dir, logread.Filter{})
	if len(got) < 500 || len(got) > 2900 || counts.Cut != 1 {
		t.Errorf("got %d records, %+v, want about half of 3000 and one cut file", len(got), counts)
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := logread.Open(filepath.Join(t.TempDir(), "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of a missing directory = %v, want %v", err, os.ErrNotExist)
	}
	if _, err := logread.Open(t.TempDir(), nil); !errors.Is(err, logread.ErrNoFiles) {
		t.Errorf("Open of an empty directory = %v, want %v", err, logread.ErrNoFiles)
	}
}
