package telemetry

import (
	"log/slog"
	"time"

	"riskmanager.internal/otel/exporters"
	"riskmanager.internal/otel/mask"
)

// The methods below say what an effective configuration means to the packages
// that it configures.

func (c Config) maskConfig() mask.Config {
	return mask.Config{
		Keys:       c.Security.AdditionalKeys,
		AllowKeys:  c.Security.AllowKeys,
		Patterns:   c.Security.AdditionalPatterns,
		KeepEmails: !*c.Security.MaskEmails,
		Disabled:   !*c.Security.MaskSensitive,
	}
}

func (c Config) levels() levels {
	return levels{global: *c.LogLevel, byName: c.LogLevels}
}

func (c Config) fileConfig(dir string, m *mask.Masker) exporters.FileConfig {
	cfg := exporters.FileConfig{
		Dir:                dir,
		Streams:            []exporters.FileStream{}, // Not nil: all may be disabled.
		MaxSize:            int64(c.Rotation.MaxMB) << 20,
		MaxBackups:         unlimited(*c.Rotation.BackupCount),
		MaxAge:             time.Duration(unlimited(*c.Rotation.MaxAgeDays)) * 24 * time.Hour,
		DisableCompression: !*c.Rotation.Compress,
		Text:               !*c.EnableJSON,
		Masker:             m,
	}
	for _, s := range exporters.Streams() {
		file := c.LogFiles.Of(Stream(s.Name))
		if *file.Enabled {
			s.Filename, s.Level = file.Filename, *file.Level
			cfg.Streams = append(cfg.Streams, s)
		}
	}
	return cfg
}

// unlimited turns the 0 of the configuration into the negative value of package
// exporters, where 0 is the default.
func unlimited(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// forwards reports whether anything is sent to a collector.
func (c Config) forwards() bool { return *c.OTLP.Enabled && !*c.SDK.Disabled }

func (c Config) forwardConfig(m *mask.Masker, notice func(slog.Level, string, ...slog.Attr)) exporters.ForwardConfig {
	o := c.OTLP
	sig := func(s OTLPSignalConfig) exporters.ForwardSignal {
		return exporters.ForwardSignal{
			Off: !*s.Enabled,
			OTLP: exporters.OTLP{
				Endpoint: s.Endpoint, Protocol: s.Protocol, Insecure: *s.Insecure, Headers: s.Headers, Compression: s.Compression,
				Timeout: s.Timeout, CAFile: s.Certificate, CertFile: s.ClientCertificate, KeyFile: s.ClientKey,
			},
			QueueRecords: s.QueueRecords, QueueBytes: int64(s.QueueMB) << 20, BatchRecords: s.BatchRecords, Interval: s.Interval,
		}
	}
	return exporters.ForwardConfig{
		OTLP: exporters.OTLP{Endpoint: o.Endpoint}, // The rest is in the signals, who inherited it.
		Logs: sig(o.Logs), Traces: sig(o.Traces), Metrics: sig(o.Metrics),
		Masker: m,
		Notice: notice,
	}
}

// sampler returns the name of the sampler and its ratio.
func (c Config) sampler() (name string, ratio float64) { return c.SDK.Sampler, *c.SDK.SamplerRatio }

func (c Config) propagators() []string { return c.SDK.Propagators }

// logrVerbosity returns how much of OpenTelemetry's own diagnostics is told, in
// levels of logr: 1 warnings, 4 information, 8 debug; negative not even errors.
func (c Config) logrVerbosity() int {
	switch c.SDK.LogLevel {
	case "none":
		return -1
	case "warn":
		return 1
	case "info":
		return 4
	case "debug":
		return 8
	}
	return 0
}
