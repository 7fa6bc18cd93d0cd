package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

func (a *app) errorsCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "errors",
		Short: "Group the errors by their cause",
		Long: `Errors groups records at ERROR and above, and the ends of failed operations, by
their fingerprint: the error's type, the operation, and the message with the
numbers and IDs taken out. -level groups records from another level on.`,
		Example: `  risklog errors -since 24h
  risklog errors -level WARNING -account ACC123
  risklog errors -json | jq -r '"\(.count) \(.message)"'`,
		Args: cobra.NoArgs,
		RunE: a.reading(func(cmd *cobra.Command, _ []string, f logread.Filter, s term.Style) error {
			if limit < 0 {
				return usagef("-n %d: want 0 or more", limit)
			}
			e := &analyze.Errors{MinLevel: f.MinLevel}
			f.MinLevel = nil
			if err := a.read(cmd.Context(), f, func(r *logread.Record) error { e.Add(r); return nil }); err != nil {
				return err
			}
			if e.LeftOut > 0 {
				fmt.Fprintf(a.err, "risklog: left out: %s of more groups than fit into memory\n", term.Count(e.LeftOut, "error"))
			}
			return a.printErrors(s, e.Groups(), limit)
		}),
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 0, "only the `N` most frequent groups")
	return cmd
}

type jsonErrorGroup struct {
	Fingerprint   string   `json:"fingerprint"`
	Type          string   `json:"type"`
	Operation     string   `json:"operation"`
	Message       string   `json:"message"`
	Level         string   `json:"level"`
	Logger        string   `json:"logger"`
	Count         int      `json:"count"`
	First         string   `json:"first"`
	Last          string   `json:"last"`
	Accounts      []string `json:"accounts"`
	Sample        string   `json:"sample"`
	TraceID       string   `json:"trace_id"`
	CorrelationID string   `json:"correlation_id"`
}

func (a *app) printErrors(s term.Style, groups []*analyze.ErrorGroup, limit int) error {
	total, of := 0, len(groups)
	for _, g := range groups {
		total += g.Count
	}
	if limit > 0 && len(groups) > limit {
		groups = groups[:limit]
	}
	if a.json {
		return printEach(a, groups, func(g *analyze.ErrorGroup) any {
			return jsonErrorGroup{
				Fingerprint: g.Fingerprint, Type: g.Type, Operation: g.Operation, Message: g.Message, Level: logread.LevelText(g.Level),
				Logger: g.Logger, Count: g.Count, First: logread.Stamp(g.First), Last: logread.Stamp(g.Last), Accounts: orEmpty(g.Accounts),
				Sample: g.Sample, TraceID: g.TraceID, CorrelationID: g.Correlation,
			}
		})
	}
	if len(groups) == 0 {
		fmt.Fprintln(a.out, "No errors.")
		return nil
	}
	cut := func(text string, beside int) string {
		if text = term.Clean(text); s.Width > 0 {
			text = term.Cut(text, max(s.Width-beside, 40))
		}
		return text
	}
	shown := ""
	if len(groups) < of {
		shown = fmt.Sprintf(", the first %d", len(groups))
	}
	fmt.Fprintf(a.out, "%s in %s%s\n", s.Paint(term.Bold, term.Count(total, "error")), term.Count(of, "group"), shown)
	for _, g := range groups {
		fmt.Fprintf(a.out, "\n%s  %s  %s\n", s.Paint(term.BoldRed, fmt.Sprintf("%6d×", g.Count)), s.Paint(term.Dim, g.Fingerprint),
			s.Paint(term.Bold, cut(g.Message, 24)))
		line := func(label, value string) {
			if value != "" {
				fmt.Fprintf(a.out, "         %s %s\n", s.Paint(term.Dim, term.Pad(label, 10, false)), value)
			}
		}
		line("type", term.Clean(g.Type))
		line("operation", term.Clean(g.Operation))
		line("logger", term.Clean(g.Logger)+" "+s.Paint(term.Level(g.Level), logread.LevelText(g.Level)))
		line("first", s.Time(g.First))
		line("last", s.Time(g.Last))
		line("accounts", term.Clean(strings.Join(g.Accounts, ", ")))
		if g.Sample != g.Message {
			line("sample", cut(g.Sample, 20))
		}
		line("trace", term.Clean(cmp.Or(g.Correlation, g.TraceID)))
	}
	return nil
}
