package cli

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

// sparkColumns is the length of a sparkline.
const sparkColumns = 24

func (a *app) statsCommand() *cobra.Command {
	var slow bool
	var limit int
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Show how long the operations take",
		Long: `Stats shows an operation a line: calls, errors, calls beyond their threshold,
the percentiles of their durations (an observed value each, exact up to 131,072
calls, within 1 % beyond), and the longest call over time. The operations with
the most time spent in them come first.

-slow lists the slowest calls with their traces instead.`,
		Example: `  risklog stats -since 1h
  risklog stats -slow -n 5
  risklog stats -logger api -json | jq -r 'select(.p99_ms > 200) | .operation'`,
		Args: cobra.NoArgs,
		RunE: a.reading(func(cmd *cobra.Command, _ []string, f logread.Filter, s term.Style) error {
			if limit < 0 {
				return usagef("-n %d: want 0 or more", limit)
			}
			st := &analyze.Stats{}
			if slow {
				st.Slowest = limit
				if limit == 0 {
					st.Slowest = 20
				}
			}
			if err := a.read(cmd.Context(), f, func(r *logread.Record) error { st.Add(r); return nil }); err != nil {
				return err
			}
			if slow {
				return a.printCalls(s, st.SlowestCalls())
			}
			return a.printOperations(s, st.Operations(), limit)
		}),
	}
	cmd.Flags().BoolVar(&slow, "slow", false, "the slowest calls, with their traces")
	cmd.Flags().IntVarP(&limit, "limit", "n", 0, "only the first `N` lines (default all; of the slowest calls 20)")
	return cmd
}

type jsonOperation struct {
	Operation string    `json:"operation"`
	Count     int       `json:"count"`
	Errors    int       `json:"errors"`
	Canceled  int       `json:"canceled"`
	Slow      int       `json:"slow"`
	P50       float64   `json:"p50_ms"`
	P95       float64   `json:"p95_ms"`
	P99       float64   `json:"p99_ms"`
	Max       float64   `json:"max_ms"`
	Sum       float64   `json:"sum_ms"`
	Over      []jsonBin `json:"over_time"`
}

type jsonBin struct {
	Start  string  `json:"start"`
	Count  int     `json:"count"`
	Errors int     `json:"errors"`
	Max    float64 `json:"max_ms"`
}

func (a *app) printOperations(s term.Style, ops []*analyze.Operation, limit int) error {
	if limit > 0 && len(ops) > limit {
		ops = ops[:limit]
	}
	if a.json {
		return printEach(a, ops, func(op *analyze.Operation) any {
			j := jsonOperation{
				Operation: op.Name, Count: op.Millis.Len(), Errors: op.Errors, Canceled: op.Canceled, Slow: op.Slow,
				P50: op.Millis.Percentile(50), P95: op.Millis.Percentile(95), P99: op.Millis.Percentile(99), Max: op.Millis.Max(), Sum: op.Millis.Sum(),
				Over: []jsonBin{},
			}
			bins, start, width := op.Series.Bins(sparkColumns)
			for i, b := range bins {
				j.Over = append(j.Over, jsonBin{logread.Stamp(start.Add(time.Duration(i) * width)), b.Count, b.Errors, b.Max})
			}
			return j
		})
	}
	if len(ops) == 0 {
		fmt.Fprintln(a.out, "No operations.")
		return nil
	}
	t := term.Table{Titles: []string{"~OPERATION", ">COUNT", ">ERRORS", ">SLOW", ">P50", ">P95", ">P99", ">MAX", "?LONGEST OVER TIME"}}
	for _, op := range ops {
		bins, _, _ := op.Series.Bins(sparkColumns)
		values := make([]float64, len(bins))
		for i, b := range bins {
			values[i] = b.Max
		}
		errs, slow := term.Cell{Text: strconv.Itoa(op.Errors)}, term.Cell{Text: strconv.Itoa(op.Slow)}
		if op.Errors > 0 {
			errs.Colour = term.Red
		}
		if op.Slow > 0 {
			slow.Colour = term.Yellow
		}
		ms := func(v float64) term.Cell { return term.Cell{Text: term.Millis(v)} }
		t.Add(term.Painted(term.Bold, op.Name), term.Cell{Text: strconv.Itoa(op.Millis.Len())}, errs, slow,
			ms(op.Millis.Percentile(50)), ms(op.Millis.Percentile(95)), ms(op.Millis.Percentile(99)), ms(op.Millis.Max()),
			term.Cell{Text: term.Spark(values), Colour: term.Cyan})
	}
	_, err := a.out.WriteString(t.Render(s))
	return err
}

type jsonCall struct {
	Operation     string   `json:"operation"`
	Start         string   `json:"start"`
	DurationMS    float64  `json:"duration_ms"`
	ThresholdMS   *float64 `json:"threshold_ms"`
	Status        string   `json:"status"`
	Account       string   `json:"account"`
	TraceID       string   `json:"trace_id"`
	CorrelationID string   `json:"correlation_id"`
	SpanID        string   `json:"span_id"`
}

func (a *app) printCalls(s term.Style, calls []analyze.Call) error {
	if a.json {
		return printEach(a, calls, func(c analyze.Call) any {
			j := jsonCall{
				Operation: c.Operation, Start: logread.Stamp(c.Start), DurationMS: c.DurationMS, Status: c.Status, Account: c.Account,
				TraceID: c.TraceID, CorrelationID: c.Correlation, SpanID: c.SpanID,
			}
			if c.ThresholdMS > 0 {
				j.ThresholdMS = &c.ThresholdMS
			}
			return j
		})
	}
	if len(calls) == 0 {
		fmt.Fprintln(a.out, "No operations.")
		return nil
	}
	t := term.Table{Titles: []string{"START", ">DURATION", ">LIMIT", "STATUS", "~OPERATION", "ACCOUNT", "TRACE"}}
	for _, c := range calls {
		limit := ""
		duration := term.Cell{Text: term.Millis(c.DurationMS)}
		if c.ThresholdMS > 0 {
			limit = term.Millis(c.ThresholdMS)
			if c.DurationMS > c.ThresholdMS {
				duration.Colour = term.Yellow
			}
		}
		status := term.Text(c.Status)
		if c.Status == "error" {
			status.Colour = term.Red
		}
		t.Add(term.Cell{Text: s.Time(c.Start), Colour: term.Dim}, duration, term.Cell{Text: limit}, status, term.Painted(term.Bold, c.Operation),
			term.Text(c.Account), term.Text(cmp.Or(c.Correlation, c.TraceID)))
	}
	_, err := a.out.WriteString(t.Render(s))
	return err
}
