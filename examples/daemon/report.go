package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// breached ends the message of [instrument.Breach].
const breached = " breached"

// fileReport is what a log file holds, read back from it.
type fileReport struct {
	path     string
	records  int
	levels   map[string]int // Records by level.
	breaches int
	last     string // The correlation ID of the last breach.
}

// printReport writes what the log files hold, and what to try with them. It is
// for after the telemetry's shutdown, when everything is written.
func printReport(w io.Writer, cfg telemetry.Config) error {
	dir, err := filepath.Abs(cfg.LogDir)
	if err != nil {
		return err
	}
	var errs []error
	files := make(map[telemetry.Stream]fileReport)
	fmt.Fprintf(w, "\nLogs are in %s\n", dir)
	for _, s := range telemetry.Streams() {
		file := cfg.LogFiles.Of(s)
		if !*file.Enabled {
			continue
		}
		f, err := readFile(filepath.Join(dir, file.Filename))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files[s] = f
		fmt.Fprintf(w, "  %s\n", f)
	}
	if *cfg.EnableJSON {
		printRecipes(w, files)
	}
	return errors.Join(errs...)
}

// String returns one line for people.
func (f fileReport) String() string {
	parts := []string{fmt.Sprintf("%-16s %6d records", filepath.Base(f.path), f.records)}
	for _, level := range []string{"WARNING", "ERROR", "CRITICAL"} {
		if n := f.levels[level]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, level))
		}
	}
	if f.breaches > 0 {
		parts = append(parts, fmt.Sprintf("%d breaches", f.breaches))
	}
	return strings.Join(parts, ", ")
}

// slowest is how many operations the report names.
const slowest = 5

// printSlowest writes which operations took longest.
func printSlowest(w io.Writer, ops []instrument.OperationSummary) {
	if len(ops) == 0 {
		return // performance.include_metrics is off.
	}
	// A connection is long by nature.
	ops = slices.DeleteFunc(ops, func(op instrument.OperationSummary) bool { return strings.HasSuffix(op.Operation, ".connection") })
	slices.SortFunc(ops, func(a, b instrument.OperationSummary) int { return cmp.Compare(b.P95, a.P95) })
	fmt.Fprintf(w, "\n%-36s %6s %6s %9s %9s %9s\n", "Slowest operations", "count", "errors", "p50", "p95", "max")
	for _, op := range ops[:min(slowest, len(ops))] {
		fmt.Fprintf(w, "  %-34s %6d %6d %9s %9s %9s\n", op.Operation, op.Count, op.Errors, short(op.P50), short(op.P95), short(op.Max))
	}
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

// printRecipes writes command lines that show something in the files.
func printRecipes(w io.Writer, files map[telemetry.Stream]fileReport) {
	try := func(s telemetry.Stream, options, filter string) {
		if f, ok := files[s]; ok && f.records > 0 {
			fmt.Fprintf(w, "  jq %s '%s' %s\n", options, filter, quote(f.path))
		}
	}
	fmt.Fprintln(w, "\nTry:")
	try(telemetry.Enforcement, "-c", `select(.message | endswith("`+breached+`")) | [.timestamp, .context.account_id, .context.rule_id, .current, .limit]`)
	try(telemetry.API, "-c", `select(.duration_ms > 200) | {operation, duration_ms, endpoint}`)
	if last := files[telemetry.Enforcement].last; last != "" {
		try(telemetry.Daemon, "-r", `select(.context.correlation_id == "`+last+`") | [.timestamp, .level, .logger, .message] | @tsv`)
	}
}

// readFile counts the records of a file, one a line.
func readFile(path string) (fileReport, error) {
	r := fileReport{path: path, levels: make(map[string]int)}
	f, err := os.Open(path) //nolint:gosec // The log file that the configuration names.
	if err != nil {
		return r, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, err
		}
		r.records++
		var rec struct {
			Level   string `json:"level"`
			Message string `json:"message"`
			Context struct {
				CorrelationID string `json:"correlation_id"`
			} `json:"context"`
		}
		if json.Unmarshal(line, &rec) != nil {
			continue // A plain line, as enable_json: false has them: counted, not read.
		}
		r.levels[rec.Level]++
		if strings.HasSuffix(rec.Message, breached) {
			r.breaches++
			r.last = rec.Context.CorrelationID
		}
	}
}

// quote makes a path one word of a shell's command line.
func quote(path string) string {
	unsafe := func(r rune) bool {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !plain && !strings.ContainsRune("/._-+:@%", r)
	}
	if path != "" && !strings.ContainsFunc(path, unsafe) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
