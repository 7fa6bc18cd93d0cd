// Package doctor examines what keeps the logging of a daemon well: its
// configuration, its directory and files, and what is in them.
package doctor

import (
	"context"
	"fmt"
	"time"

	"riskmanager.internal/otel/internal/logread"
	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

// Status is the result of a check.
type Status string

// The results, from good to bad. Only Bad means that something is wrong.
const (
	OK   Status = "ok"
	Note Status = "note"
	Bad  Status = "bad"
)

// Check is one thing that was looked at.
type Check struct {
	Name    string   `json:"name"`
	Status  Status   `json:"status"`
	Message string   `json:"message"`
	Details []string `json:"details"`
}

// Options say what to examine.
type Options struct {
	Config   telemetry.Config
	Settings []telemetry.Setting
	Err      error // Of loading the configuration.
	Dir      string
	Names    []string
	Filter   logread.Filter
	Gap      time.Duration // A silence of this length is told; zero means an hour.
	Offline  bool          // The collector is not called.
	Now      time.Time
	Masker   *mask.Masker
}

// examination is one run.
type examination struct {
	Options
	checks []Check
}

func (x *examination) add(name string, s Status, message string, details ...string) {
	x.checks = append(x.checks, Check{name, s, message, append([]string{}, details...)})
}

func (x *examination) addf(name string, s Status, format string, args ...any) {
	x.add(name, s, fmt.Sprintf(format, args...))
}

// Examine looks at everything and returns what it found, in a fixed order.
func Examine(ctx context.Context, o Options) ([]Check, error) {
	if o.Gap <= 0 {
		o.Gap = time.Hour
	}
	x := &examination{Options: o}
	x.configuration()
	if x.directory() {
		x.lock()
		x.files()
		x.disk()
		if err := x.content(ctx); err != nil {
			return x.checks, err
		}
	}
	x.collector(ctx)
	return x.checks, ctx.Err()
}

func (x *examination) configuration() {
	const name = "configuration"
	switch {
	case x.Err != nil:
		x.add(name, Bad, "cannot be used: the daemon would not start", lines(x.Err)...)
	case x.Config.EnableJSON != nil && !*x.Config.EnableJSON:
		x.add(name, Note, "enable_json is off: the files are for people, risklog reads none of it")
	default:
		set := 0
		for _, s := range x.Settings {
			if s.Source != "default" {
				set++
			}
		}
		x.addf(name, OK, "%d settings, %d of them set", len(x.Settings), set)
	}
	if x.Masker.Disabled() {
		x.add("masking", Bad, "security.mask_sensitive is off: secrets are written as they are")
	}
}

// maxDetails is how many examples a check gives.
const maxDetails = 10

func more(details []string, n int) []string {
	if len(details) >= maxDetails {
		if n == maxDetails {
			details = append(details, "and more")
		}
		return details
	}
	return details
}
