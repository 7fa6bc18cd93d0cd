package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
)

func (a *app) tailCommand() *cobra.Command {
	var last int
	var stack, follow bool
	cmd := &cobra.Command{
		Use:   "tail",
		Short: "Follow the records of all files",
		Long: `Tail writes the last records of all files, then each new one as it comes, in
time order, each once, over rotations, until it is interrupted. A directory
that has no files yet is waited for. -since shows all records from that time on
first.`,
		Example: `  risklog tail
  risklog tail -n 100 -level WARNING
  risklog tail -logger enforcement -account ACC123
  risklog tail -json | jq -r 'select(.status == "error") | .operation'`,
		Args: cobra.NoArgs,
		RunE: a.reading(func(cmd *cobra.Command, _ []string, f logread.Filter, s term.Style) error {
			if last < 0 {
				return usagef("-n %d: want 0 or more", last)
			}
			if a.since != "" && !cmd.Flags().Changed("last") {
				last = -1
			}
			p, err := a.place()
			if err != nil {
				return err
			}
			if !follow {
				return a.past(cmd.Context(), s, f, last, stack)
			}
			told := false
			counts, err := logread.Follow(cmd.Context(), logread.FollowConfig{Dir: p.dir, Names: p.names, Filter: f, Last: last},
				func(r *logread.Record) error { return a.record(s, r, stack) },
				func() error {
					if !told {
						told = true
						a.followNotice(p)
					}
					return a.out.Flush()
				})
			if text := leftOut(counts); text != "" {
				fmt.Fprintf(a.err, "risklog: left out: %s\n", text)
			}
			if errors.Is(err, context.Canceled) {
				return nil // That is how it ends.
			}
			return err
		}),
	}
	cmd.Flags().IntVarP(&last, "last", "n", 10, "begin with the last `N` records")
	cmd.Flags().BoolVar(&stack, "stack", false, "with the stacks of errors")
	cmd.Flags().BoolVarP(&follow, "follow", "f", true, "wait for new records")
	return cmd
}

// followNotice says what cannot be followed: some of the files, or all because
// there are none yet.
func (a *app) followNotice(p place) {
	set, err := logread.Open(p.dir, p.names)
	if errors.Is(err, logread.ErrNoFiles) {
		fmt.Fprintf(a.err, "risklog: %s: no log files yet, waiting\n", p.dir)
	}
	if err == nil {
		a.notice(set, logread.Counts{})
		set.Close()
	}
}
