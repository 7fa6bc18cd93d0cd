package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

// minPrefix is how much of an ID is needed.
const minPrefix = 6

func (a *app) traceCommand() *cobra.Command {
	var last, slowest, failed, stack bool
	cmd := &cobra.Command{
		Use:   "trace [ID]",
		Short: "Draw one trace: its operations as a waterfall, its records in place",
		Long: `Trace draws the operations of one trace as bars on a common scale of time, with
the records of each in their places. ID is a correlation ID, a trace ID, or the
beginning of one, at least 6 characters of it.

-last picks the trace that ended last, -slowest the one with the longest
operation, -failed the last one with an error; the flags that select, such as
-since and -account, say among which: without -account or -rule the slowest is
often a hub's connection. With an ID, -level hides records below it.

The lighter part of a bar is beyond the operation's threshold; a thin line after
it is a threshold that was kept. A span without a record is one that only others
refer to: it was faster than its threshold, its process was killed, or it is
another process's.`,
		Example: `  risklog trace 019a3c7e-5b1f-7c44-9d7e-0b5a1c2d3e4f
  risklog trace 019a3c7e5b
  risklog trace order-4711
  risklog trace -failed -account ACC123
  risklog trace -slowest -rule MAX_LOSS
  risklog trace -slowest -since 1h -json | jq '.spans[].operation'`,
		Args: func(_ *cobra.Command, args []string) error {
			picks := 0
			for _, on := range []bool{last, slowest, failed} {
				if on {
					picks++
				}
			}
			switch {
			case len(args) > 1:
				return usagef("trace: got %d IDs, want one", len(args))
			case len(args)+picks == 0:
				return usagef("trace: want an ID, -last, -slowest or -failed")
			case len(args)+picks > 1:
				return usagef("trace: want only one of an ID, -last, -slowest and -failed")
			}
			return nil
		},
		ValidArgsFunction: a.completeTrace,
		RunE: a.reading(func(cmd *cobra.Command, args []string, f logread.Filter, s term.Style) error {
			set, err := a.open()
			if err != nil {
				return err
			}
			defer set.Close()
			var t *analyze.Trace
			w := &waterfall{Style: s, stack: stack, minLevel: logread.LevelUnknown}
			if len(args) == 1 {
				if f.MinLevel != nil {
					w.minLevel = f.MinLevel.Level()
				}
				t, err = a.traceByID(cmd.Context(), set, logread.Filter{Since: f.Since, Until: f.Until}, args[0])
			} else {
				t, err = a.pickTrace(cmd.Context(), set, f, slowest, failed)
			}
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(traceJSON(t))
			}
			w.trace = t
			_, err = a.out.WriteString(w.draw())
			return err
		}),
	}
	fl := cmd.Flags()
	fl.BoolVar(&last, "last", false, "the trace that ended last")
	fl.BoolVar(&slowest, "slowest", false, "the trace with the longest operation")
	fl.BoolVar(&failed, "failed", false, "the last trace with an error")
	fl.BoolVar(&stack, "stack", false, "with the stacks of errors")
	return cmd
}

// traceByID reads the trace that the ID, or the beginning of one, names.
func (a *app) traceByID(ctx context.Context, set *logread.Set, f logread.Filter, id string) (*analyze.Trace, error) {
	f.Trace = id
	found := map[string]*analyze.Builder{}
	const most = 20
	err := a.each(ctx, set, f, func(r *logread.Record) error {
		key := matchedID(r, id)
		b := found[key]
		if b == nil {
			if len(found) > most {
				return nil
			}
			b = &analyze.Builder{}
			if len(found) > 0 && len(id) < minPrefix {
				b.Limit = 1
			}
			found[key] = b
		}
		b.Add(r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for key, b := range found {
		if key == id || key == strings.ToLower(strings.ReplaceAll(id, "-", "")) {
			return a.withOuter(ctx, set, key, b)
		}
	}
	switch {
	case len(id) < minPrefix:
		return nil, usagef("trace %q: no such ID; the beginning of one needs at least %d characters", term.Clean(id), minPrefix)
	case len(found) == 0:
		return nil, fmt.Errorf("trace %q: no record has it%s", term.Clean(id), window(f))
	case len(found) == 1:
		for key, b := range found {
			return a.withOuter(ctx, set, key, b)
		}
	}
	return nil, ambiguous(id, found, most)
}

// withOuter builds the trace. A correlation ID of a caller's own may have been
// set inside of an operation: the operations around it have another one, and
// are added.
func (a *app) withOuter(ctx context.Context, set *logread.Set, id string, b *analyze.Builder) (*analyze.Trace, error) {
	t := b.Build()
	if t.MissingSpans == 0 || slices.Contains(t.TraceIDs, id) {
		return t, nil
	}
	ends := map[string]logread.Record{}
	for _, trace := range t.TraceIDs {
		err := a.each(ctx, set, logread.Filter{Trace: trace, Exact: true}, func(r *logread.Record) error {
			if r.IsEnd() {
				ends[r.Text(logread.SpanID)] = *r
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for added := true; added; {
		added = false
		t.Walk(func(s *analyze.Span, _ int) {
			if r, ok := ends[s.ID]; ok && s.Missing() {
				delete(ends, s.ID)
				b.Add(&r)
				added = true
			}
		})
		t = b.Build()
	}
	return t, nil
}

// matchedID returns the ID of the record that begins with id.
func matchedID(r *logread.Record, id string) string {
	trace, correlation := r.TraceID(), r.Text(logread.CorrelationID)
	bare := strings.ToLower(strings.ReplaceAll(id, "-", ""))
	if strings.HasPrefix(trace, bare) {
		return trace
	}
	if hex := strings.ToLower(strings.ReplaceAll(correlation, "-", "")); len(hex) == 32 && strings.HasPrefix(hex, bare) {
		return hex
	}
	return correlation
}

func window(f logread.Filter) string {
	if f.Since.IsZero() && f.Until.IsZero() {
		return ""
	}
	return " in that time"
}

func ambiguous(id string, found map[string]*analyze.Builder, most int) error {
	var lines []string
	for key, b := range found {
		t := b.Build()
		name := "no operation"
		if len(t.Roots) > 0 && !t.Roots[0].Missing() {
			name = t.Roots[0].Name
		}
		lines = append(lines, fmt.Sprintf("  %s  %s  %s", t.Start.UTC().Format(time.RFC3339), term.Clean(key), term.Clean(name)))
	}
	slices.Sort(lines)
	more := ""
	if len(found) > most {
		more = " or more"
	}
	return ambiguousError(fmt.Sprintf("trace %q: %d%s IDs begin with it:\n%s", term.Clean(id), len(found), more, strings.Join(lines, "\n")))
}

// ambiguousError is printed as it is, in several lines.
type ambiguousError string

func (e ambiguousError) Error() string { return string(e) }

// pickTrace reads the trace that the flags pick.
func (a *app) pickTrace(ctx context.Context, set *logread.Set, f logread.Filter, slowest, failed bool) (*analyze.Trace, error) {
	var id, what string
	best := -1.0
	var end time.Time
	root := false
	err := a.each(ctx, set, f, func(r *logread.Record) error {
		trace := r.TraceID()
		if trace == "" {
			return nil
		}
		switch {
		case slowest:
			if ms, ok := r.Number(logread.DurationMS); ok && r.IsEnd() && ms > best {
				best, id = ms, trace
			}
		case failed:
			if r.Level() >= 8 || r.Is(logread.Status, "error") && r.IsEnd() {
				id = trace
			}
		default:
			// The end of a root operation; before there is one, anything.
			isRoot := r.IsEnd() && !r.Has(logread.ParentSpanID)
			if isRoot && (!root || !r.Time().Before(end)) || !root {
				id, end, root = trace, r.Time(), root || isRoot
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	switch {
	case slowest:
		what = "operation"
	case failed:
		what = "trace with an error"
	default:
		what = "trace"
	}
	if id == "" {
		return nil, fmt.Errorf("trace: there is no %s%s", what, window(f))
	}
	b := &analyze.Builder{}
	err = a.each(ctx, set, logread.Filter{Trace: id, Exact: true}, func(r *logread.Record) error {
		b.Add(r)
		return nil
	})
	return b.Build(), err
}

// completeTrace proposes the last traces.
func (a *app) completeTrace(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	set, err := a.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer set.Close()
	last := ring[string]{limit: 30}
	_, _ = set.Each(cmd.Context(), logread.Filter{Trace: prefix, Since: a.now.Add(-24 * time.Hour)}, func(r *logread.Record) error {
		if r.IsEnd() && !r.Has(logread.ParentSpanID) {
			last.add(r.Text(logread.CorrelationID) + "\t" + term.Clean(r.Text(logread.Operation)))
		}
		return nil
	})
	return slices.Collect(last.all()), cobra.ShellCompDirectiveNoFileComp
}

// printJSON writes v as one line.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printEach writes a line of JSON for each of all.
func printEach[T any](a *app, all []T, line func(T) any) error {
	for _, v := range all {
		if err := a.printJSON(line(v)); err != nil {
			return err
		}
	}
	return nil
}

type jsonTrace struct {
	TraceID        string            `json:"trace_id"`
	TraceIDs       []string          `json:"trace_ids"`
	CorrelationIDs []string          `json:"correlation_ids"`
	Accounts       []string          `json:"accounts"`
	Start          string            `json:"start"`
	End            string            `json:"end"`
	DurationMS     float64           `json:"duration_ms"`
	SpanCount      int               `json:"span_count"`
	MissingSpans   int               `json:"missing_spans"`
	RecordCount    int               `json:"record_count"`
	Errors         int               `json:"errors"`
	LeftOut        int               `json:"left_out"`
	Spans          []jsonSpan        `json:"spans"`
	Records        []json.RawMessage `json:"records"`
}

type jsonSpan struct {
	SpanID      string   `json:"span_id"`
	ParentID    string   `json:"parent_span_id"`
	Depth       int      `json:"depth"`
	Operation   string   `json:"operation"`
	Missing     bool     `json:"missing"`
	Start       string   `json:"start"`
	OffsetMS    float64  `json:"offset_ms"`
	DurationMS  *float64 `json:"duration_ms"`
	ThresholdMS *float64 `json:"threshold_ms"`
	Slow        bool     `json:"slow"`
	Status      string   `json:"status"`
	Error       string   `json:"error"`
	ErrorType   string   `json:"error_type"`
	Records     int      `json:"records"`
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func traceJSON(t *analyze.Trace) jsonTrace {
	out := jsonTrace{
		TraceIDs: orEmpty(t.TraceIDs), CorrelationIDs: orEmpty(t.CorrelationIDs), Accounts: orEmpty(t.Accounts),
		Start: logread.Stamp(t.Start), End: logread.Stamp(t.End), DurationMS: millis(t.Duration()),
		SpanCount: t.Spans, MissingSpans: t.MissingSpans, RecordCount: t.Records, Errors: t.Errors, LeftOut: t.LeftOut,
		Spans: []jsonSpan{}, Records: []json.RawMessage{},
	}
	if len(t.TraceIDs) > 0 {
		out.TraceID = t.TraceIDs[0]
	}
	var records []*logread.Record
	records = append(records, t.Loose...)
	t.Walk(func(s *analyze.Span, depth int) {
		j := jsonSpan{
			SpanID: s.ID, ParentID: s.ParentID, Depth: depth, Operation: s.Name, Missing: s.Missing(), Status: s.Status,
			Start: logread.Stamp(s.Start), OffsetMS: millis(s.Start.Sub(t.Start)), Slow: s.Slow(), Records: len(s.Records),
		}
		if !s.Missing() {
			ms, _ := s.EndRecord.Number(logread.DurationMS)
			j.DurationMS = &ms
			j.ErrorType, j.Error, _ = s.EndRecord.ErrorParts()
			records = append(records, s.EndRecord)
		}
		if s.Threshold > 0 {
			ms, _ := s.EndRecord.Number(logread.ThresholdMS)
			j.ThresholdMS = &ms
		}
		out.Spans = append(out.Spans, j)
		records = append(records, s.Records...)
	})
	slices.SortStableFunc(records, func(x, y *logread.Record) int { return x.Time().Compare(y.Time()) })
	for _, r := range records {
		out.Records = append(out.Records, json.RawMessage(r.Line()))
	}
	return out
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
