package cli

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a directory",
		Long: `Man writes a manual page for risklog and one for each of its commands into the
directory, which it makes if need be.`,
		Example: `  risklog man /usr/local/share/man/man1`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // Manual pages are for all.
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // The same pages every time.
			if err := doc.GenManTree(root, &doc.GenManHeader{Title: "RISKLOG", Section: "1", Source: "risklog", Manual: "Risk Manager", Date: &date}, args[0]); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			return nil
		},
	}
}
