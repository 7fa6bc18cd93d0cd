package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"

	"riskmanager.internal/otel/cmd/risklog/internal/otlp"
	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

func (a *app) exportCommand() *cobra.Command {
	var target string
	var headers, signals []string
	var insecure bool
	var timeout, patience time.Duration
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Export records and their spans as OTLP, to a file or a collector",
		Long: `Export writes the selected records as OTLP logs, and the operations that their
end records describe as OTLP spans, with the IDs and times that they had: to
backfill a collector after an outage, or to open in any viewer.

The target of -otlp is a file (OTLP/JSON, a request a line, as the collector's
otlpjsonfile receiver reads it; - is standard output), or an endpoint: a URL or
host:port that speaks OTLP/HTTP. A collector that is away is tried again for
-patience a batch. log.record.uid tells records that arrive twice. Everything is
masked by the rules of the configuration.

The configuration's OTLP headers go along if the endpoint is on the same host as
the configured one.`,
		Example: `  risklog export --otlp http://localhost:4318 -since 10:00 -until 11:30
  risklog export --otlp day.jsonl -since today
  risklog export --otlp - -account ACC123 | jq '.resourceSpans[]?'
  risklog export --otlp https://otlp.example.com -header 'Authorization=Bearer …'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := a.filter()
			if err != nil {
				return err
			}
			for _, s := range signals {
				if s != "logs" && s != "traces" {
					return usagef("-signals %q: want logs, traces or both", s)
				}
			}
			if target == "" {
				return usagef("export: want --otlp FILE or --otlp ENDPOINT")
			}
			cfg, cfgErr := a.configuration()
			if cfgErr != nil {
				return cfgErr
			}
			masker, err := maskerOf(cfg)
			if err != nil {
				return err
			}
			e := &otlp.Exporter{
				Converter: otlp.Converter{Masker: masker}, Resource: resourceOf(cfg, masker),
				WithoutLogs: !slices.Contains(signals, "logs"), WithoutTraces: !slices.Contains(signals, "traces"),
			}
			switch {
			case target == "-":
				e.Sink = otlp.NewLines(a.out)
			case otlp.IsEndpoint(target):
				own, err := parseHeaders(headers)
				if err != nil {
					return err
				}
				h, err := otlp.NewHTTP(otlp.HTTPConfig{
					Endpoint: target, Headers: headersFor(target, cfg, own), Masker: masker,
					Insecure: insecure || cfg.OTLP.Insecure != nil && *cfg.OTLP.Insecure, Timeout: timeout, Patience: patience,
				})
				if err != nil {
					return usagef("--otlp: %w", err)
				}
				e.Sink = h
			default:
				lines, err := otlp.Create(target)
				if err != nil {
					return err
				}
				e.Sink = lines
			}
			return a.export(cmd.Context(), e, f, target)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&target, "otlp", "", "`target`: a file, -, or an OTLP/HTTP endpoint")
	fl.StringArrayVar(&headers, "header", nil, "`key=value` that goes with each request")
	fl.StringSliceVar(&signals, "signals", []string{"logs", "traces"}, "what to export: logs, traces")
	fl.BoolVar(&insecure, "insecure", false, "allow plain http to another machine")
	fl.DurationVar(&timeout, "timeout", 10*time.Second, "of one attempt")
	fl.DurationVar(&patience, "patience", 30*time.Second, "for how long a batch is tried again")
	must(cmd.RegisterFlagCompletionFunc("signals", cobra.FixedCompletions([]string{"logs", "traces"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func (a *app) export(ctx context.Context, e *otlp.Exporter, f logread.Filter, target string) error {
	err := a.read(ctx, f, func(r *logread.Record) error { return e.Add(ctx, r) })
	if err == nil {
		err = e.Flush(ctx)
	}
	err = errors.Join(err, e.Sink.Close())
	s := e.Sums
	rejected := s.RejectedRecords + s.RejectedSpans
	if a.json && target != "-" {
		err = errors.Join(err, a.printJSON(struct {
			Records         int64 `json:"records"`
			Spans           int64 `json:"spans"`
			RejectedRecords int64 `json:"rejected_records"`
			RejectedSpans   int64 `json:"rejected_spans"`
		}{s.Records, s.Spans, s.RejectedRecords, s.RejectedSpans}))
	} else {
		fmt.Fprintf(a.err, "risklog: exported %s, %s\n", term.Count(s.Records, "record"), term.Count(s.Spans, "span"))
	}
	if rejected > 0 {
		fmt.Fprintf(a.err, "risklog: the collector did not take %s, %s\n", term.Count(s.RejectedRecords, "record"), term.Count(s.RejectedSpans, "span"))
		err = errors.Join(err, errSilent)
	}
	return err
}

func parseHeaders(pairs []string) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range pairs {
		k, v, ok := strings.Cut(p, "=")
		if k = strings.TrimSpace(k); !ok || k == "" {
			return nil, usagef("-header: want key=value") // Its text may be a secret.
		}
		out[k] = strings.TrimSpace(v)
	}
	return out, nil
}

// headersFor adds the configured headers for the host they are meant for.
func headersFor(target string, cfg telemetry.Config, own map[string]string) map[string]string {
	if host := hostOf(cfg.OTLP.Endpoint); host == "" || host != hostOf(target) {
		return own
	}
	out := map[string]string{}
	maps.Copy(out, cfg.OTLP.Headers)
	maps.Copy(out, own)
	return out
}

// hostOf is the host of a URL or of host:port.
func hostOf(endpoint string) string {
	_, rest, found := strings.Cut(endpoint, "://")
	if !found {
		rest = endpoint
	}
	rest, _, _ = strings.Cut(rest, "/")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		rest = rest[:i]
	}
	return strings.ToLower(rest)
}

// configuration is the one in effect; its defaults if -dir makes do without.
func (a *app) configuration() (telemetry.Config, error) {
	cfg, _, err := telemetry.LoadConfig(a.config, nil)
	if err != nil {
		return cfg, fmt.Errorf("configuration: %w", err)
	}
	return cfg, nil
}

// maskerOf is the masker of a configuration.
func maskerOf(cfg telemetry.Config) (*mask.Masker, error) {
	c := mask.Config{Keys: cfg.Security.AdditionalKeys, AllowKeys: cfg.Security.AllowKeys, Patterns: cfg.Security.AdditionalPatterns}
	if cfg.Security.MaskEmails != nil {
		c.KeepEmails = !*cfg.Security.MaskEmails
	}
	if cfg.Security.MaskSensitive != nil {
		c.Disabled = !*cfg.Security.MaskSensitive
	}
	return mask.New(c)
}

// resourceOf names the daemon whose records they are. What else its resource
// had, the files do not say.
func resourceOf(cfg telemetry.Config, m *mask.Masker) *resourcepb.Resource {
	r := &resourcepb.Resource{}
	for _, kv := range [][2]string{
		{"service.name", cfg.Service.Name}, {"service.version", cfg.Service.Version}, {"deployment.environment.name", cfg.Service.Environment},
	} {
		if kv[1] != "" {
			r.Attributes = append(r.Attributes, &commonpb.KeyValue{Key: kv[0], Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: m.String(kv[1])}}})
		}
	}
	return r
}
