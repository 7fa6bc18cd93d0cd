package telemetry

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"riskmanager.internal/otel/internal/record"
)

// Folding (fold_repeats): of records that say the same, the first few in a
// while are written, and the rest become one summary with their count.
const (
	foldAfter  = 3                // Written before folding begins.
	foldWindow = 10 * time.Second // After which the summary is due.
	foldKinds  = 1024             // Different records watched at once; others pass.
)

// folder folds repeated records. ERROR and enforcement records pass untouched.
type folder struct {
	write func(*record.Record) // Writes a summary.

	mu   sync.Mutex
	runs map[string]*run // Guarded by mu, as is what they hold.
}

// run is what is known of one repeated record.
type run struct {
	seen     int
	from, to time.Time
	folded   int
	summary  *record.Record
	timer    *time.Timer
}

func newFolder(write func(*record.Record)) *folder {
	return &folder{write: write, runs: make(map[string]*run)}
}

// folds reports whether r, which is masked, is to be left to a summary.
func (f *folder) folds(r *record.Record) bool {
	if r.Level >= slog.LevelError || within(r.Logger, Enforcement.LoggerName()) {
		return false
	}
	key := identity(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	n, ok := f.runs[key]
	if !ok {
		if len(f.runs) >= foldKinds {
			return false
		}
		n = &run{}
		n.timer = time.AfterFunc(foldWindow, func() { f.end(key) })
		f.runs[key] = n
	}
	n.seen++
	if n.seen <= foldAfter {
		return false
	}
	if n.folded == 0 {
		n.from, n.summary = r.Time, summaryOf(r)
	}
	n.folded++
	n.to = r.Time
	return true
}

// end writes the summary of a run that is over, if anything was folded.
func (f *folder) end(key string) {
	f.mu.Lock()
	n := f.runs[key]
	delete(f.runs, key)
	f.mu.Unlock()
	if n != nil && n.folded > 0 {
		n.summary.Time = n.to
		n.summary.MintUID(n.to)
		n.summary.Add(slog.Int("repeated", n.folded))
		n.summary.Add(slog.Time("repeated_from", n.from))
		f.write(n.summary)
	}
}

// close writes every summary that is still due.
func (f *folder) close() {
	f.mu.Lock()
	var keys []string
	for key, n := range f.runs {
		n.timer.Stop()
		keys = append(keys, key)
	}
	f.mu.Unlock()
	slices.Sort(keys)
	for _, key := range keys {
		f.end(key)
	}
}

// identity is what two records that say the same have in common: all but the
// time and the IDs.
func identity(r *record.Record) string {
	parts := []string{
		r.Logger, record.LevelText(r.Level), record.Text(r.Body),
		record.Text(slog.GroupValue(r.Attrs...)), record.Text(slog.GroupValue(r.Moved...)), record.Text(slog.GroupValue(r.Context...)),
	}
	if r.Error != nil {
		parts = append(parts, r.Error.Type, r.Error.Message)
	}
	return strings.Join(parts, "\x00")
}

// summaryOf copies what a summary of r says. The IDs are left out: the records
// folded belong to several traces.
func summaryOf(r *record.Record) *record.Record {
	s := &record.Record{
		Level: r.Level, Logger: r.Logger, Body: r.Body, Source: r.Source, Masked: true,
		Context: slices.Clone(r.Context), Attrs: slices.Clone(r.Attrs), Moved: slices.Clone(r.Moved),
	}
	if r.Error != nil {
		e := *r.Error
		s.Error = &e
	}
	return s
}

// within reports whether logger is parent or one of its children.
func within(logger, parent string) bool {
	rest, ok := strings.CutPrefix(logger, parent)
	return ok && (rest == "" || rest[0] == '.')
}
