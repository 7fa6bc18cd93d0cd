package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

// traceMargin is how long before -since a trace may have begun whose breach is
// after it.
const traceMargin = 15 * time.Minute

func (a *app) breachesCommand() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use:   "breaches",
		Short: "Show the breaches of rules and how fast they were enforced",
		Long: `Breaches shows an account and rule a line: how often the rule was breached, by
how much at worst, what was done, what came of it, and the time from the event
to the end of the enforcement. -list shows each breach.

A breach is a record of the logger risk_manager.enforcement at WARNING or above
with a rule in its context. Records and operations of the same trace, account
and rule go with it:

  event    the beginning of the trace
  action   the attribute action, else the record of event_type enforcement_action
  outcome  the attribute outcome, else the status of the operations; unknown
           where an action was begun and nothing says what came of it, none
           where no action was recorded
  done     the record with the outcome, else the end of the last operation,
           else the record of the action; "done_by" of -json says which
  worst    the attribute breach_amount (or excess, overage and the like), else
           the difference of a current and a limiting value ("worst_by")`,
		Example: `  risklog breaches
  risklog breaches -since 7d -account ACC123
  risklog breaches -list -rule MAX_LOSS
  risklog breaches -json | jq -r 'select(.latency_p99_ms > 500) | .account'`,
		Args: cobra.NoArgs,
		RunE: a.reading(func(cmd *cobra.Command, _ []string, f logread.Filter, s term.Style) error {
			b, read := breaches(f)
			if err := a.read(cmd.Context(), read, func(r *logread.Record) error { b.Add(r); return nil }); err != nil {
				return err
			}
			if b.LeftOut > 0 {
				fmt.Fprintf(a.err, "risklog: left out: %s of more than fit into memory\n", term.Count(b.LeftOut, "breach"))
			}
			if list {
				return a.printBreaches(s, b.All())
			}
			return a.printBreachGroups(s, b.Groups())
		}),
	}
	cmd.Flags().BoolVar(&list, "list", false, "each breach by itself")
	return cmd
}

// breaches returns what finds the selected breaches, and the filter of the
// records that it needs for that.
func breaches(f logread.Filter) (*analyze.Breaches, logread.Filter) {
	b := &analyze.Breaches{Match: func(br *analyze.Breach) bool {
		return (len(f.Accounts) == 0 || slices.Contains(f.Accounts, br.Account)) &&
			(len(f.Rules) == 0 || slices.Contains(f.Rules, br.Rule)) &&
			(f.MinLevel == nil || br.Level >= f.MinLevel.Level()) &&
			!br.At.Before(f.Since) && (f.Until.IsZero() || br.At.Before(f.Until))
	}}
	read := logread.Filter{Contains: f.Contains}
	if !f.Since.IsZero() {
		read.Since = f.Since.Add(-traceMargin)
	}
	if !f.Until.IsZero() {
		read.Until = f.Until.Add(traceMargin)
	}
	return b, read
}

type jsonBreachGroup struct {
	Account     string         `json:"account"`
	Rule        string         `json:"rule"`
	Count       int            `json:"count"`
	First       string         `json:"first"`
	Last        string         `json:"last"`
	Worst       *float64       `json:"worst"`
	WorstBy     string         `json:"worst_by"`
	WorstTrace  string         `json:"worst_trace_id"`
	Actions     map[string]int `json:"actions"`
	Outcomes    map[string]int `json:"outcomes"`
	LatencyN    int            `json:"latency_count"`
	LatencyP50  *float64       `json:"latency_p50_ms"`
	LatencyP99  *float64       `json:"latency_p99_ms"`
	LatencyMax  *float64       `json:"latency_max_ms"`
	SampleTrace string         `json:"trace_id"`
}

func (a *app) printBreachGroups(s term.Style, groups []*analyze.BreachGroup) error {
	if a.json {
		return printEach(a, groups, func(g *analyze.BreachGroup) any {
			j := jsonBreachGroup{
				Account: g.Account, Rule: g.Rule, Count: g.Count, First: logread.Stamp(g.First), Last: logread.Stamp(g.Last),
				Actions: g.Actions, Outcomes: g.Outcomes, LatencyN: g.Latency.Len(), WorstTrace: g.Worst.TraceID, SampleTrace: g.Worst.TraceID,
			}
			if g.Worst.WorstBy != "" {
				j.Worst, j.WorstBy = &g.Worst.Worst, g.Worst.WorstBy
			}
			if g.Latency.Len() > 0 {
				j.LatencyP50, j.LatencyP99, j.LatencyMax = new(g.Latency.Percentile(50)), new(g.Latency.Percentile(99)), new(g.Latency.Max())
			}
			return j
		})
	}
	if len(groups) == 0 {
		fmt.Fprintln(a.out, "No breaches.")
		return nil
	}
	t := term.Table{Titles: []string{"ACCOUNT", "RULE", ">COUNT", ">WORST", "~ACTION", "OUTCOME", ">P50", ">P99", ">MAX", "?LAST"}}
	var by []string
	for _, g := range groups {
		worst := "-"
		if g.Worst.WorstBy != "" {
			worst = term.Float(g.Worst.Worst)
			if !slices.Contains(by, g.Worst.WorstBy) {
				by = append(by, g.Worst.WorstBy)
			}
		}
		p50, p99, top := "-", "-", "-"
		if g.Latency.Len() > 0 {
			p50, p99, top = term.Millis(g.Latency.Percentile(50)), term.Millis(g.Latency.Percentile(99)), term.Millis(g.Latency.Max())
		}
		t.Add(term.Painted(term.Bold, dash(g.Account)), term.Text(dash(g.Rule)), term.Cell{Text: strconv.Itoa(g.Count)}, term.Cell{Text: worst},
			term.Text(dash(analyze.Tally(g.Actions, g.Count))), outcomeCell(g.Outcomes, g.Count), term.Cell{Text: p50}, term.Cell{Text: p99}, term.Cell{Text: top},
			term.Cell{Text: s.Time(g.Last), Colour: term.Dim})
	}
	if _, err := a.out.WriteString(t.Render(s)); err != nil {
		return err
	}
	if len(by) > 0 {
		fmt.Fprintf(a.out, "\n%s\n", s.Paint(term.Dim, "worst by "+term.Clean(strings.Join(by, ", "))+"; times from the event to the end of its enforcement"))
	}
	return nil
}

func dash(s string) string { return cmp.Or(s, "-") }

func outcomeCell(m map[string]int, total int) term.Cell {
	c := term.Text(analyze.Tally(m, total))
	c.Colour = term.Green
	for k := range m {
		switch {
		case analyze.Bad(k):
			c.Colour = term.Red
		case !analyze.Good(k) && c.Colour != term.Red:
			c.Colour = term.Yellow
		}
	}
	return c
}

type jsonBreach struct {
	Account   string   `json:"account"`
	Rule      string   `json:"rule"`
	Time      string   `json:"time"`
	Level     string   `json:"level"`
	Message   string   `json:"message"`
	Event     string   `json:"event"`
	Done      string   `json:"done"`
	DoneBy    string   `json:"done_by"`
	LatencyMS *float64 `json:"latency_ms"`
	Action    string   `json:"action"`
	Outcome   string   `json:"outcome"`
	Worst     *float64 `json:"worst"`
	WorstBy   string   `json:"worst_by"`
	TraceID   string   `json:"trace_id"`
	Corr      string   `json:"correlation_id"`
}

func (a *app) printBreaches(s term.Style, all []*analyze.Breach) error {
	if a.json {
		return printEach(a, all, func(b *analyze.Breach) any {
			j := jsonBreach{
				Account: b.Account, Rule: b.Rule, Time: logread.Stamp(b.At), Level: logread.LevelText(b.Level), Message: b.Message,
				Event: logread.Stamp(b.Event), Action: b.Action, Outcome: b.Outcome, TraceID: b.TraceID, Corr: b.Correlation,
			}
			if ms, ok := b.LatencyMS(); ok {
				j.Done, j.DoneBy, j.LatencyMS = logread.Stamp(b.Done), b.DoneBy, &ms
			}
			if b.WorstBy != "" {
				j.Worst, j.WorstBy = &b.Worst, b.WorstBy
			}
			return j
		})
	}
	if len(all) == 0 {
		fmt.Fprintln(a.out, "No breaches.")
		return nil
	}
	t := term.Table{Titles: []string{"TIME", "ACCOUNT", "RULE", ">BY", "~ACTION", "OUTCOME", ">TOOK", "TRACE"}}
	for _, b := range all {
		worst, took := "-", "-"
		if b.WorstBy != "" {
			worst = term.Float(b.Worst)
		}
		if ms, ok := b.LatencyMS(); ok {
			took = term.Millis(ms)
		}
		t.Add(term.Cell{Text: s.Time(b.At), Colour: term.Dim}, term.Painted(term.Bold, dash(b.Account)), term.Text(dash(b.Rule)),
			term.Cell{Text: worst}, term.Text(dash(b.Action)), outcomeCell(map[string]int{b.Outcome: 1}, 1), term.Cell{Text: took},
			term.Text(cmp.Or(b.Correlation, b.TraceID)))
	}
	_, err := a.out.WriteString(t.Render(s))
	return err
}
