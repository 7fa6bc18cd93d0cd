package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/gateway"
	"riskmanager.internal/otel/examples/daemon/internal/risk"
	"riskmanager.internal/otel/telemetry"
)

// flags is the command line.
type flags struct {
	duration time.Duration
	dir      string
	config   string
	otlp     string
	speed    float64
	seed     uint64
	admin    string
}

const usage = `Usage: daemon [flags]

A risk manager against a simulated trading gateway: watch it on the console,
then read its four JSON log files. Without flags it runs until Ctrl-C; a SIGHUP
turns DEBUG on, and off again.

Flags:
`

const usageEnv = `
Environment:
  PROJECTX_URL, PROJECTX_USERNAME, PROJECTX_API_KEY, ALERT_URL
        another gateway and alert webhook than the simulated ones
  RISK_MANAGER_*, OTEL_*
        the telemetry's own settings, as for every program that uses it
`

// parseFlags reads the command line. What is wrong with it is written to
// stderr, help to stdout.
func parseFlags(args []string, stdout, stderr io.Writer) (flags, error) {
	var f flags
	fs := flag.NewFlagSet("daemon", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.DurationVar(&f.duration, "for", 0, "stop after this `duration`, such as 30s; 0 runs until Ctrl-C")
	fs.StringVar(&f.dir, "dir", "", "write the log files to this `directory` (default ./logs, or log_dir of the configuration)")
	fs.StringVar(&f.config, "config", "", "read the telemetry's configuration from this YAML `file`")
	fs.StringVar(&f.otlp, "otlp", "", "forward logs, traces and metrics to the collector at this `endpoint`, such as http://127.0.0.1:4318")
	fs.Float64Var(&f.speed, "speed", 1, "let the simulated market run this `factor` faster")
	fs.Uint64Var(&f.seed, "seed", 1, "simulate the market of this `number`")
	fs.StringVar(&f.admin, "admin", "127.0.0.1:0", "serve health, statistics and the log level on this `address`; empty for not at all")

	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(stdout)
		fmt.Fprint(stdout, usage)
		fs.PrintDefaults()
		fmt.Fprint(stdout, usageEnv)
		return f, err
	case err != nil:
	case fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case f.duration < 0:
		err = fmt.Errorf("-for %v: want 0 or more", f.duration)
	case !(f.speed >= 0.01 && f.speed <= 1000):
		err = fmt.Errorf("-speed %v: want 0.01 to 1000", f.speed)
	}
	if err != nil {
		fmt.Fprintf(stderr, "daemon: %v\nRun with -h for help.\n", err)
	}
	return f, err
}

// telemetry returns what the command line says about the telemetry. A flag wins
// over the environment and the file, so only those are passed on that were given.
func (f flags) telemetry() []telemetry.Option {
	opts := []telemetry.Option{
		telemetry.WithService("risk-daemon", version),
		telemetry.WithConsole(true),
	}
	if f.dir != "" {
		opts = append(opts, telemetry.WithLogDir(f.dir))
	}
	if f.config != "" {
		opts = append(opts, telemetry.WithConfigFile(f.config))
	}
	if f.otlp != "" {
		opts = append(opts, telemetry.WithOTLP(f.otlp))
	}
	return opts
}

// settings is what the daemon itself is told. It can be logged as it is: its
// credentials print masked.
type settings struct {
	URL      string           `json:"url"`
	UserName string           `json:"user_name"`
	APIKey   telemetry.Secret `json:"api_key"`
	AlertURL telemetry.Secret `json:"alert_url"` // Has a password in it.

	Admin  string        `json:"admin"`
	Speed  float64       `json:"speed"`
	Day    time.Duration `json:"trading_day"`
	Limits risk.Limits   `json:"limits"`
}

// newSettings takes the environment's gateway, or else the simulated one.
func newSettings(f flags, gw *gateway.Gateway) settings {
	user, key, _ := gw.Credentials()
	s := settings{
		URL:      cmp.Or(os.Getenv("PROJECTX_URL"), gw.URL()),
		UserName: cmp.Or(os.Getenv("PROJECTX_USERNAME"), user),
		APIKey:   telemetry.NewSecret(cmp.Or(os.Getenv("PROJECTX_API_KEY"), key)),
		AlertURL: telemetry.NewSecret(cmp.Or(os.Getenv("ALERT_URL"), gw.AlertURL())),
		Admin:    f.admin,
		Speed:    f.speed,
		Limits: risk.Limits{
			MaxContracts:     8,
			MaxPerInstrument: map[string]int{"MNQ": 5, "MES": 5},
			DailyLoss:        500,
			MaxEntries:       4,
			Blocked:          []string{"CL"},
		},
	}
	// Minutes and hours in earnest; here nobody would wait so long.
	s.Day = s.scaled(20 * time.Second)
	s.Limits.EntryWindow = s.scaled(time.Second)
	s.Limits.EntryCooldown = s.scaled(3 * time.Second)
	s.Limits.StopGrace = s.scaled(1500 * time.Millisecond)
	return s
}

// scaled returns how long d is at the market's speed.
func (s settings) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.Speed)
}
