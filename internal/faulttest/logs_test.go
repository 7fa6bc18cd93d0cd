//go:build unix

package faulttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/faulttest"
	"riskmanager.internal/otel/telemetry"
)

// line is what the tests look at in a line of the files.
type line struct {
	Timestamp string
	Level     string
	Logger    string
	Message   string
	N         *int

	Truncated bool

	LostRecords int64            `json:"lost_records"`
	LostByLevel map[string]int64 `json:"lost_by_level"`
	LostFrom    time.Time        `json:"lost_from"`
	LostTo      time.Time        `json:"lost_to"`

	raw []byte
}

// fileLog is one file of the four with its backups, oldest first.
type fileLog struct {
	lines []line
	torn  []string
	files []string
}

// logs are the four, by their stream.
type logs map[telemetry.Stream]*fileLog

// collect reads a log directory.
func collect(t *testing.T, dir string) logs {
	t.Helper()
	all := logs{}
	for _, s := range telemetry.Streams() {
		l := &fileLog{}
		all[s] = l
		for _, f := range faulttest.Files(t, filepath.Join(dir, s.Filename())) {
			l.files = append(l.files, f.Path)
			l.add(f.Data)
		}
	}
	return all
}

func (l *fileLog) add(data []byte) {
	for raw := range bytes.Lines(data) {
		var r line
		if err := json.Unmarshal(raw, &r); err != nil || !bytes.HasSuffix(raw, []byte{'\n'}) || r.Timestamp == "" {
			l.torn = append(l.torn, strconv.Quote(string(raw[:min(len(raw), 80)])))
			continue
		}
		r.raw = raw
		l.lines = append(l.lines, r)
	}
}

// numbers returns the numbers of the records in l.
func (l *fileLog) numbers() (out []int) {
	for _, r := range l.lines {
		if r.N != nil {
			out = append(out, *r.N)
		}
	}
	return out
}

// losses returns the lines that tell of lost records.
func (l *fileLog) losses() (out []line) {
	for _, r := range l.lines {
		if r.LostRecords > 0 {
			out = append(out, r)
		}
	}
	return out
}

// without returns the elements of list that are not in gone.
func without(list, gone []int) (out []int) {
	have := make(map[int]bool, len(gone))
	for _, n := range gone {
		have[n] = true
	}
	for _, n := range list {
		if !have[n] {
			out = append(out, n)
		}
	}
	return out
}

// check reports what of the numbers is missing from a file that it belongs to,
// what is there twice, and lines that are no records.
func (a logs) check(t *testing.T, want []int) {
	t.Helper()
	for s, l := range a {
		belong := want
		if s != telemetry.Daemon {
			belong = slices.DeleteFunc(slices.Clone(want), func(n int) bool {
				stream, _ := streamOf(n)
				return stream != s
			})
		}
		got := l.numbers()
		if gone := without(belong, got); len(gone) > 0 {
			t.Errorf("%s: lost %d of %d records, the first %d", s.Filename(), len(gone), len(belong), gone[0])
		}
		slices.Sort(got)
		if once := slices.Compact(slices.Clone(got)); len(once) < len(got) {
			t.Errorf("%s: %d records twice", s.Filename(), len(got)-len(once))
		}
		a.whole(t, s)
	}
}

// whole reports lines that are no records.
func (a logs) whole(t *testing.T, s telemetry.Stream) {
	t.Helper()
	if l := a[s]; len(l.torn) > 0 {
		t.Errorf("%s: %d lines torn or glued, the first %s", s.Filename(), len(l.torn), l.torn[0])
	}
}

// setup sets telemetry up in this process, beside that of other tests.
func setup(t *testing.T, dir string, opts ...telemetry.Option) *telemetry.Telemetry {
	t.Helper()
	opts = append([]telemetry.Option{telemetry.WithLogDir(dir), telemetry.WithoutGlobals()}, opts...)
	tel, err := telemetry.Setup(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = tel.Shutdown(ctx)
	})
	return tel
}

// shutdown shuts down and expects it to go well.
func shutdown(t *testing.T, tel *telemetry.Telemetry) {
	t.Helper()
	if err := tel.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

// fill logs the numbers of [first, last).
func fill(t *testing.T, tel *telemetry.Telemetry, first, last, size int) (numbers []int) {
	t.Helper()
	for n := first; n < last; n++ {
		numbered(t.Context(), tel.Logger, n, size)
		numbers = append(numbers, n)
	}
	return numbers
}

func rotation(mb, backups int, compress bool) telemetry.Option {
	return telemetry.WithConfig(telemetry.Config{
		Rotation: telemetry.RotationConfig{MaxMB: mb, BackupCount: new(backups), Compress: new(compress)},
	})
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
