// Package cli is the command line of risklog: its commands, flags, exit codes
// and output.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	style "riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
	"riskmanager.internal/otel/telemetry"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // Something is wrong: with the files, or with what was asked of them.
	exitUsage  = 2 // The command line is wrong.
)

// app is one run of the program.
type app struct {
	in       io.Reader
	out      *bufio.Writer
	err      io.Writer
	terminal bool // Standard output is one.
	now      time.Time

	// Flags of all commands.
	dir, config    string
	since, until   string
	accounts       []string
	rules          []string
	level          string
	loggers        []string
	grep           []string
	json           bool
	color          string
	utc            bool
	noticesPrinted bool
	incomplete     bool // Not all files could be read.
}

// usageError is an error of the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errSilent ends a command with exit code 1 and no message: all is said.
var errSilent = errors.New("")

// Main runs the program and returns its exit code.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{in: stdin, out: bufio.NewWriterSize(stdout, 64<<10), err: stderr, now: time.Now()}
	if f, ok := stdout.(*os.File); ok {
		a.terminal = term.IsTerminal(int(f.Fd()))
	}
	root := a.root() //nolint:contextcheck // Completion takes the context of the command that it completes.
	root.SetArgs(longDashes(root, args))
	root.SetIn(stdin)
	root.SetOut(a.out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if flushErr := a.out.Flush(); err == nil && flushErr != nil {
		err = fmt.Errorf("standard output: %w", flushErr)
	}
	var usage usageError
	switch {
	case err == nil && !a.incomplete:
		return exitOK
	case err == nil || errors.Is(err, errSilent):
		return exitFailed
	case errors.Is(err, context.Canceled):
		return 128 + int(syscall.SIGINT)
	case errors.Is(err, syscall.EPIPE):
		return 128 + int(syscall.SIGPIPE)
	case errors.As(err, &usage) || isCobraUsage(err):
		fmt.Fprintf(stderr, "risklog: %v\nRun 'risklog help' for the commands, 'risklog help COMMAND' for one of them.\n", err)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "risklog: %s\n", message(err))
		return exitFailed
	}
}

// isCobraUsage recognizes cobra's own errors, which have no type.
func isCobraUsage(err error) bool {
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "accepts ", "requires ", "invalid argument", "flag needs", "if any flags in the group", "required flag", "bad flag syntax"} {
		if strings.HasPrefix(err.Error(), start) {
			return true
		}
	}
	return false
}

// message is an error for people: the packages it came through say them nothing.
func message(err error) string {
	var out []string
	for line := range strings.Lines(err.Error()) {
		out = append(out, style.Clean(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "logread: ")))
	}
	return strings.Join(out, "\n")
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "risklog",
		Short: "Read the log files of the risk daemon",
		Long: `Risklog reads the log files of the risk daemon: daemon.log, enforcement.log,
api.log and error.log, their backups and the compressed ones, as one stream in
time order with each record once. It works while the daemon writes and rotates
them. Lines that are torn or foreign are left out, counted, and told on
standard error.

The directory is that of -dir, else the configuration's (RISK_MANAGER_CONFIG,
RISK_MANAGER_LOG_DIR), else ./logs. Long flags may have one dash or two.

Times are local; -utc, or TZ=UTC in the environment, shows and reads them in
UTC. -since and -until take an age (2h, 7d), a time (15:04), a date, or a
timestamp; -until itself is not included. A level selects itself and the graver
ones. A logger selects itself and its children, "api" the same as
risk_manager.api. Flags that select can be given several times: any of the
accounts, rules or loggers, all of the texts of -grep.

Exit codes: 0 done, 1 something is wrong or not found, 2 wrong usage.`,
		Example: `  risklog tail -account ACC123
  risklog show -since 2h -level WARNING
  risklog trace 019a3c7e-5b1f-7c44-9d7e-0b5a1c2d3e4f
  risklog trace -slowest -rule MAX_LOSS -since today
  risklog breaches -since 7d
  risklog errors -json | jq -r '.message'`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Version:           version(),
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.dir, "dir", "", "`directory` of the log files, or one file (default the configuration's, then ./logs)")
	f.StringVar(&a.config, "config", "", "configuration `file` (default $RISK_MANAGER_CONFIG)")
	f.StringVar(&a.since, "since", "", "only records from this `time` on, or not older than this age")
	f.StringVar(&a.until, "until", "", "only records before this `time`")
	f.StringArrayVar(&a.accounts, "account", nil, "only records of this `account`")
	f.StringArrayVar(&a.rules, "rule", nil, "only records of this `rule`")
	f.StringVar(&a.level, "level", "", "only records of this `level` and graver ones")
	f.StringArrayVar(&a.loggers, "logger", nil, "only records of this `logger` and its children")
	f.StringArrayVar(&a.grep, "grep", nil, "only records whose line contains this `text`, in any case of letters")
	f.BoolVar(&a.json, "json", false, "JSON for scripts, one object a line, always in UTC")
	f.StringVar(&a.color, "color", "auto", "colours: auto (on a terminal), always or never; NO_COLOR means never")
	f.BoolVar(&a.utc, "utc", false, "times in UTC")
	for name, values := range map[string][]string{
		"level": {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"},
		"color": {"auto", "always", "never"},
		"logger": {
			"risk_manager.daemon", "risk_manager.enforcement", "risk_manager.api", "risk_manager.error", "risk_manager.telemetry",
		},
		"since": {"15m", "1h", "24h", "7d", "today", "yesterday"},
		"until": {"15m", "1h", "24h", "today", "yesterday"},
	} {
		must(root.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	must(root.RegisterFlagCompletionFunc("account", a.complete(logread.AccountID)))
	must(root.RegisterFlagCompletionFunc("rule", a.complete(logread.RuleID)))
	must(root.MarkPersistentFlagDirname("dir"))
	must(root.MarkPersistentFlagFilename("config", "yaml", "yml"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(a.commands()...)
	return root
}

// must is for errors that only a wrong program has.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// style returns how output looks.
func (a *app) style() (style.Style, error) {
	s := style.Style{UTC: a.utc, Width: a.width()}
	switch a.color {
	case "always":
		s.Color = true
	case "never":
	case "auto", "":
		s.Color = a.terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	default:
		return s, usagef("-color %q: want auto, always or never", a.color)
	}
	return s, nil
}

// width is that of COLUMNS, else that of the terminal; 0 of a pipe or a file,
// where nothing is cut.
func (a *app) width() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 20 {
		return n
	}
	if a.terminal {
		if n, _, err := term.GetSize(1); err == nil && n > 20 {
			return n
		}
	}
	return 0
}

// filter makes the filter that the flags ask for.
func (a *app) filter() (logread.Filter, error) {
	// An empty value, as of a script's unset variable, selects everything.
	given := func(values []string) []string {
		return slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" })
	}
	f := logread.Filter{Accounts: given(a.accounts), Rules: given(a.rules), Loggers: given(a.loggers), Contains: given(a.grep)}
	loc := time.Local
	if a.utc {
		loc = time.UTC
	}
	var err error
	if a.since != "" {
		if f.Since, err = parseWhen(a.since, a.now, loc); err != nil {
			return f, usagef("-since: %w", err)
		}
	}
	if a.until != "" {
		if f.Until, err = parseWhen(a.until, a.now, loc); err != nil {
			return f, usagef("-until: %w", err)
		}
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until) {
		return f, usagef("-since %s is not before -until %s", a.since, a.until)
	}
	if a.level != "" {
		level, err := logread.ParseLevel(a.level)
		if err != nil {
			return f, usagef("-level: %w", err)
		}
		f.MinLevel = level
	}
	return f, nil
}

// reading makes the RunE of a command that reads: run is given the filter that
// the flags ask for, and how output looks.
func (a *app) reading(
	run func(cmd *cobra.Command, args []string, f logread.Filter, s style.Style) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		f, err := a.filter()
		if err != nil {
			return err
		}
		s, err := a.style()
		if err != nil {
			return err
		}
		return run(cmd, args, f, s)
	}
}

// place is where the files are.
type place struct {
	dir   string
	names []string
}

// place finds out where the files are and how they are called. With -dir, a
// configuration that cannot be read is no obstacle.
func (a *app) place() (place, error) {
	p := place{dir: a.dir, names: logread.DefaultNames()}
	cfg, _, err := telemetry.LoadConfig(a.config, nil)
	switch {
	case err != nil && a.config != "":
		return p, err
	case err != nil && a.dir == "":
		return p, fmt.Errorf("%w (give -dir to read the files all the same)", err)
	case err == nil:
		if p.dir == "" {
			p.dir = cfg.LogDir
		}
		for _, s := range []telemetry.Stream{telemetry.Daemon, telemetry.Enforcement, telemetry.API, telemetry.Errors} {
			p.add(cfg.LogFiles.Of(s).Filename)
		}
	}
	if p.dir == "" {
		p.dir = "logs"
	}
	return p, nil
}

func (p *place) add(name string) {
	if name != "" && !slices.Contains(p.names, name) {
		p.names = append(p.names, name)
	}
}

// open opens the files.
func (a *app) open() (*logread.Set, error) {
	p, err := a.place()
	if err != nil {
		return nil, err
	}
	set, err := logread.Open(p.dir, p.names)
	if errors.Is(err, logread.ErrNoFiles) {
		return nil, fmt.Errorf("%w (want %s)", err, strings.Join(p.names, ", "))
	}
	return set, err
}

// read hands the selected records to fn and tells what was left out.
func (a *app) read(ctx context.Context, f logread.Filter, fn func(*logread.Record) error) error {
	set, err := a.open()
	if err != nil {
		return err
	}
	defer set.Close()
	return a.each(ctx, set, f, fn)
}

// each reads the set and tells what was left out.
func (a *app) each(ctx context.Context, set *logread.Set, f logread.Filter, fn func(*logread.Record) error) error {
	counts, err := set.Each(ctx, f, fn)
	a.notice(set, counts)
	return err
}

// notice tells once what of the files was left out. A file that cannot be read
// keeps no command from telling of the others, but from succeeding.
func (a *app) notice(set *logread.Set, c logread.Counts) {
	if a.noticesPrinted {
		return
	}
	a.noticesPrinted = true
	a.incomplete = len(set.Warn) > 0
	for _, err := range set.Warn {
		fmt.Fprintf(a.err, "risklog: left out: %v\n", message(err))
	}
	if s := leftOut(c); s != "" {
		fmt.Fprintf(a.err, "risklog: left out: %s\n", s)
	}
	if c.Records == 0 && c.Foreign > 0 && c.Foreign == c.Lines {
		fmt.Fprintln(a.err, "risklog: not one line is JSON: files written with enable_json: false are for people, risklog cannot read them")
	}
}

func leftOut(c logread.Counts) string {
	var parts []string
	if c.Torn > 0 {
		parts = append(parts, style.Count(c.Torn, "torn line"))
	}
	if c.Foreign > 0 {
		parts = append(parts, style.Count(c.Foreign, "foreign line"))
	}
	if c.Cut > 0 {
		parts = append(parts, "the cut-off end of "+style.Count(c.Cut, "compressed file"))
	}
	return strings.Join(parts, ", ")
}

// complete completes a flag with the values that the files have.
func (a *app) complete(field logread.Field) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		const most = 50
		seen := map[string]bool{}
		var out []string
		set, err := a.open()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer set.Close()
		// An unreadable file only means fewer proposals.
		_, _ = set.Each(cmd.Context(), logread.Filter{Since: a.now.Add(-24 * time.Hour)}, func(r *logread.Record) error {
			if v := r.Text(field); v != "" && !seen[v] && strings.HasPrefix(v, prefix) {
				seen[v] = true
				if out = append(out, style.Clean(v)); len(out) == most {
					return logread.ErrStop
				}
			}
			return nil
		})
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}
