package cli

import (
	"context"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.showCommand(), a.tailCommand(), a.traceCommand(), a.errorsCommand(), a.breachesCommand(), a.statsCommand(),
		a.reportCommand(), a.exportCommand(), a.doctorCommand(), a.manCommand(),
	}
}

func (a *app) showCommand() *cobra.Command {
	var last, first int
	var stack bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show records of all files in time order",
		Long: `Show writes the records of all files in time order, each once. With -json it
writes them as they are in the files.`,
		Example: `  risklog show -since 2h -account ACC123
  risklog show -level ERROR -stack
  risklog show -rule MAX_LOSS -n 20
  risklog show -since 09:30 -until 10:00 -json | jq 'select(.duration_ms > 100)'`,
		Args: cobra.NoArgs,
		RunE: a.reading(func(cmd *cobra.Command, _ []string, f logread.Filter, s term.Style) error {
			if last < 0 || first < 0 {
				return usagef("-n, -head: want 0 or more")
			}
			if first > 0 {
				return a.first(cmd.Context(), s, f, first, stack)
			}
			if last == 0 {
				last = -1
			}
			return a.past(cmd.Context(), s, f, last, stack)
		}),
	}
	cmd.Flags().IntVarP(&last, "last", "n", 0, "only the last `N` records")
	cmd.Flags().IntVar(&first, "head", 0, "only the first `N` records")
	cmd.Flags().BoolVar(&stack, "stack", false, "with the stacks of errors")
	cmd.MarkFlagsMutuallyExclusive("last", "head")
	return cmd
}

// past writes the last records that there are; a negative number means all.
func (a *app) past(ctx context.Context, s term.Style, f logread.Filter, last int, stack bool) error {
	keep := ring[logread.Record]{limit: last}
	err := a.read(ctx, f, func(r *logread.Record) error {
		if last < 0 {
			return a.record(s, r, stack)
		}
		keep.add(*r)
		return nil
	})
	for r := range keep.all() {
		if err := a.record(s, &r, stack); err != nil {
			return err
		}
	}
	return err
}

// first writes the first records that there are.
func (a *app) first(ctx context.Context, s term.Style, f logread.Filter, limit int, stack bool) error {
	n := 0
	err := a.read(ctx, f, func(r *logread.Record) error {
		if n++; n > limit {
			return logread.ErrStop
		}
		return a.record(s, r, stack)
	})
	return err
}

// record writes one record: as it is, or for people.
func (a *app) record(s term.Style, r *logread.Record, stack bool) error {
	var err error
	if a.json {
		if _, err = a.out.Write(r.Line()); err == nil {
			err = a.out.WriteByte('\n')
		}
	} else {
		_, err = a.out.WriteString(s.Record(r, stack))
	}
	return err
}
