package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// longDashes writes -dir as --dir, so that long flags can be given with one
// dash as well. What follows "--" stays as it is, and so does what no command
// has as a long flag.
func longDashes(root *cobra.Command, args []string) []string {
	long := map[string]bool{"help": true, "version": true}
	var all func(*cobra.Command)
	all = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { long[f.Name] = true })
		c.PersistentFlags().VisitAll(func(f *pflag.Flag) { long[f.Name] = true })
		for _, sub := range c.Commands() {
			all(sub)
		}
	}
	all(root)
	takes := valueFlags(root, args)

	out := make([]string, 0, len(args))
	value := false
	for i, a := range args {
		if a == "--" && !value {
			return append(out, args[i:]...)
		}
		name, _, _ := strings.Cut(a, "=")
		if !value && len(name) > 2 && name[0] == '-' && name[1] != '-' && long[name[1:]] {
			a = "-" + a
		}
		value = !value && takes[a]
		out = append(out, a)
	}
	return out
}

// valueFlags are the flags that take the argument after them, those of the
// command that is meant.
func valueFlags(root *cobra.Command, args []string) map[string]bool {
	takes := map[string]bool{}
	add := func(f *pflag.Flag) {
		if f.NoOptDefVal == "" {
			takes["--"+f.Name] = true
			if f.Shorthand != "" {
				takes["-"+f.Shorthand] = true
			}
		}
	}
	root.PersistentFlags().VisitAll(add)
	for _, a := range args {
		for _, c := range root.Commands() {
			if c.Name() == a {
				c.Flags().VisitAll(add)
				return takes
			}
		}
	}
	return takes
}
