package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/report"
	"riskmanager.internal/otel/internal/logread"
)

func (a *app) reportCommand() *cobra.Command {
	var output, title string
	var limits report.Limits
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write one HTML page about a period",
		Long: `Report writes one HTML page that needs nothing else, not even a network: the
records and errors over time, the breaches with their latencies, the percentiles
of the operations, the errors by cause, the failed and the slowest traces as
waterfalls that open on a click, and the records with a search. It is made for a
screen, a phone, the dark, and paper.`,
		Example: `  risklog report -o day.html -since today
  risklog report -o incident.html -since 10:00 -until 10:30 -account ACC123
  risklog report -o - | ssh www 'cat > day.html'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.filter()
			if err != nil {
				return err
			}
			switch {
			case output == "-" && a.terminal:
				return usagef("report: want -o FILE: a page is not for a terminal")
			case output == "-" && a.json:
				return usagef("report: -json tells of the page on standard output, where the page is to go: want -o FILE")
			case limits.Traces < 1 || limits.Records < 1:
				return usagef("report: -traces and -records: want 1 or more")
			}
			set, err := a.open()
			if err != nil {
				return err
			}
			defer set.Close()
			b, read := breaches(f)
			c := &report.Collector{Limits: limits, Breaches: b}
			counts, err := a.collect(cmd.Context(), set, f, read, c)
			if err != nil {
				return err
			}
			head := report.Head{Title: title, Made: a.now, Selection: a.selection(), LeftOut: leftOut(counts), UTC: a.utc}
			write := func(w io.Writer) error { return c.Write(w, head) }
			if output == "-" {
				return write(a.out)
			}
			if err := writeFile(output, write); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(c.Summary(output))
			}
			fmt.Fprintf(a.err, "risklog: wrote %s\n", output)
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&output, "output", "o", "-", "the `file` to write; - is standard output")
	fl.StringVar(&title, "title", "Risk daemon", "the page's title")
	fl.IntVar(&limits.Traces, "traces", 20, "at most so many failed and slowest traces each")
	fl.IntVar(&limits.Records, "records", 2000, "at most so many records")
	must(cmd.MarkFlagFilename("output", "html"))
	return cmd
}

// collect reads the files twice. Breaches need records that are not selected:
// those of the traces around them.
func (a *app) collect(ctx context.Context, set *logread.Set, f, read logread.Filter, c *report.Collector) (logread.Counts, error) {
	if _, err := set.Each(ctx, read, func(r *logread.Record) error { c.Breaches.Add(r); return nil }); err != nil {
		return logread.Counts{}, err
	}
	counts, err := set.Each(ctx, f, func(r *logread.Record) error { c.First(r); return nil })
	if err != nil {
		return counts, err
	}
	c.Pick()
	_, err = set.Each(ctx, logread.Filter{Since: read.Since, Until: read.Until}, func(r *logread.Record) error { c.Second(r); return nil })
	a.notice(set, counts)
	return counts, err
}

// selection writes the flags that select.
func (a *app) selection() string {
	var parts []string
	add := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				parts = append(parts, "-"+name+" "+v)
			}
		}
	}
	add("since", a.since)
	add("until", a.until)
	add("account", a.accounts...)
	add("rule", a.rules...)
	add("level", a.level)
	add("logger", a.loggers...)
	add("grep", a.grep...)
	return strings.Join(parts, " ")
}

// writeFile writes a file as a whole or not at all, readable for its owner.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".risklog-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	if err := errors.Join(write(w), w.Flush(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
