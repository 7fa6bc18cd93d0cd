package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"riskmanager.internal/otel/cmd/risklog/internal/doctor"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

func (a *app) doctorCommand() *cobra.Command {
	var offline bool
	var gap time.Duration
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the configuration, the directory, the files and what is in them",
		Long: `Doctor shows the configuration as it takes effect, secrets masked, with where
each value comes from, and examines:

  configuration  it can be used; masking is on
  directory      it is there, and its owner's alone
  owner          which process has locked it
  files          they are regular files of mode 0600, rotated, pruned and
                 compressed as configured
  disk           free space against what rotation may need
  lines          torn and foreign ones
  gaps           silences, and serial numbers missing in the uids
  lost           records that the library says it could not write or forward
  secrets        what the current rules would mask in what is written already;
                 their places, never the values
  collector      whether it answers an empty request

It exits with 1 when something is wrong. A note is no fault.`,
		Example: `  risklog doctor
  risklog doctor -dir /var/log/risk-manager -since 24h
  risklog doctor -json | jq -r '.checks[] | select(.status == "bad") | .message'`,
		Args: cobra.NoArgs,
		RunE: a.reading(func(cmd *cobra.Command, _ []string, f logread.Filter, s term.Style) error {
			o := doctor.Options{Filter: f, Gap: gap, Offline: offline, Now: a.now, Masker: mask.Default(), Dir: a.dir, Names: logread.DefaultNames()}
			o.Config, o.Settings, o.Err = telemetry.LoadConfig(a.config, nil)
			if o.Err == nil {
				if m, err := maskerOf(o.Config); err != nil {
					o.Err = err
				} else {
					o.Masker = m
				}
				if o.Dir == "" {
					o.Dir = o.Config.LogDir
				}
				o.Names = enabledNames(o.Config)
			}
			if o.Dir == "" {
				o.Dir = "logs"
			}
			checks, err := doctor.Examine(cmd.Context(), o)
			if err != nil {
				return err
			}
			return a.printChecks(s, checks, o.Settings)
		}),
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "do not call the collector")
	cmd.Flags().DurationVar(&gap, "gap", time.Hour, "tell of silences of this length")
	return cmd
}

// enabledNames are the names of the files that the daemon writes.
func enabledNames(cfg telemetry.Config) []string {
	var names []string
	for _, s := range telemetry.Streams() {
		if f := cfg.LogFiles.Of(s); f.Enabled == nil || *f.Enabled {
			names = append(names, f.Filename)
		}
	}
	return names
}

type jsonSetting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

func (a *app) printChecks(s term.Style, checks []doctor.Check, settings []telemetry.Setting) error {
	bad := 0
	for _, c := range checks {
		if c.Status == doctor.Bad {
			bad++
		}
	}
	var failed error
	if bad > 0 {
		failed = errSilent
	}
	if a.json {
		list := []jsonSetting{}
		for _, v := range settings {
			list = append(list, jsonSetting(v))
		}
		if err := a.printJSON(struct {
			OK       bool           `json:"ok"`
			Checks   []doctor.Check `json:"checks"`
			Settings []jsonSetting  `json:"settings"`
		}{bad == 0, checks, list}); err != nil {
			return err
		}
		return failed
	}
	for _, c := range checks {
		colour := map[doctor.Status]term.Colour{doctor.OK: term.Green, doctor.Note: term.Yellow, doctor.Bad: term.BoldRed}[c.Status]
		fmt.Fprintf(a.out, "%s  %s %s\n", s.Paint(colour, term.Pad(string(c.Status), 4, false)), s.Paint(term.Bold, term.Pad(c.Name, 14, false)), term.Clean(c.Message))
		for _, d := range c.Details {
			fmt.Fprintf(a.out, "      %s %s\n", strings.Repeat(" ", 14), term.Clean(d))
		}
	}
	if len(settings) > 0 {
		t := term.Table{Titles: []string{"SETTING", "~VALUE", "SOURCE"}}
		for _, v := range settings {
			source := term.Text(v.Source)
			if v.Source == "default" {
				source.Colour = term.Dim
			}
			t.Add(term.Text(v.Key), term.Text(v.Value), source)
		}
		fmt.Fprintf(a.out, "\n%s", t.Render(s))
	}
	if bad == 0 {
		fmt.Fprintf(a.out, "\n%s\n", s.Paint(term.Green, "Nothing is wrong."))
	} else {
		fmt.Fprintf(a.out, "\n%s\n", s.Paint(term.BoldRed, term.Count(bad, "thing")+" wrong."))
	}
	return failed
}
