package telemetry

import (
	"log/slog"
	"time"

	"riskmanager.internal/otel/exporters"
)

// ErrConfig is wrapped by the errors of [Setup], [LoadConfig] and
// [Config.Validate] that a change of the configuration mends. It is
// [exporters.ErrConfig].
var ErrConfig = exporters.ErrConfig

// Config is the configuration. Each zero field means its default: write only
// what differs. Switches and other values whose zero means something are
// pointers, nil for the default:
//
//	telemetry.Config{
//		LogLevel: new(slog.LevelDebug),
//		Rotation: telemetry.RotationConfig{MaxMB: 50, Compress: new(false)},
//	}
//
// The yaml tags are the keys of the YAML file, whose fields and units are the
// same. [Telemetry.Config] and [LoadConfig] return it with every default filled
// in and no pointer nil.
type Config struct {
	// LogDir is the directory of the log files. It is made with mode 0700
	// where it is missing. The default is logs, in the working directory.
	LogDir string `yaml:"log_dir" is:"dir" option:"WithLogDir"`

	// LogLevel is the global level: records below it go nowhere, whatever the
	// levels of the files. The default is INFO.
	LogLevel *slog.Level `yaml:"log_level" option:"WithLevel"`

	// LogLevels are levels of loggers, and of their children, that override
	// LogLevel: {"risk_manager.api": slog.LevelDebug}.
	LogLevels map[string]slog.Level `yaml:"log_levels" is:"name"`

	// EnableConsole writes every record for people to standard error as well.
	// The default is Development.ConsoleDuplicate.
	EnableConsole *bool `yaml:"enable_console" option:"WithConsole"`

	// EnableJSON has the files hold JSON; if not, they hold the line that the
	// console shows. The default is true.
	EnableJSON *bool `yaml:"enable_json"`

	// FoldRepeats writes the first of a run of identical records and then one
	// summary with their count; never of ERROR or enforcement records. The
	// default is false.
	FoldRepeats *bool `yaml:"fold_repeats"`

	Rotation    RotationConfig    `yaml:"rotation"`
	LogFiles    LogFilesConfig    `yaml:"log_files"`
	Performance PerformanceConfig `yaml:"performance"`
	Context     ContextConfig     `yaml:"context"`
	Security    SecurityConfig    `yaml:"security"`
	Development DevelopmentConfig `yaml:"development"`
	Service     ServiceConfig     `yaml:"service"`
	OTLP        OTLPConfig        `yaml:"otlp"`

	// SDK is what the standard variables of OpenTelemetry set and the YAML
	// file does not.
	SDK SDKConfig `yaml:"-"`
}

// RotationConfig says when a log file is rotated and how long the rotated ones
// are kept.
type RotationConfig struct {
	// MaxMB is the size, in MiB, that a file does not pass. The default is 10.
	MaxMB int `yaml:"max_mb" min:"1" max:"1048576" unit:"MiB"`

	// BackupCount is how many rotated files are kept, of each file. 0 keeps
	// any number that MaxAgeDays allows. The default is 7.
	BackupCount *int `yaml:"backup_count" min:"0" max:"1000000" unit:"files"`

	// MaxAgeDays is for how many days a rotated file is kept. 0 keeps it for
	// as long as BackupCount allows. The default is 7.
	MaxAgeDays *int `yaml:"max_age_days" min:"0" max:"36500" unit:"days"`

	// Compress compresses rotated files with gzip. The default is true.
	Compress *bool `yaml:"compress"`
}

// LogFilesConfig are the files of the four streams.
type LogFilesConfig struct {
	Daemon      LogFileConfig `yaml:"daemon"`
	Enforcement LogFileConfig `yaml:"enforcement"`
	API         LogFileConfig `yaml:"api"`
	Error       LogFileConfig `yaml:"error"`
}

// Of returns the file of a stream, the zero LogFileConfig for one that is none
// of the four.
func (c LogFilesConfig) Of(s Stream) LogFileConfig {
	if p := c.of(s); p != nil {
		return *p
	}
	return LogFileConfig{}
}

func (c *LogFilesConfig) of(s Stream) *LogFileConfig {
	switch s {
	case Daemon:
		return &c.Daemon
	case Enforcement:
		return &c.Enforcement
	case API:
		return &c.API
	case Errors:
		return &c.Error
	}
	return nil
}

// LogFileConfig is the file of one stream.
type LogFileConfig struct {
	// Enabled is whether there is a file at all. The default is true.
	Enabled *bool `yaml:"enabled"`

	// Filename is the name of the file inside LogDir. The default is
	// [Stream.Filename].
	Filename string `yaml:"filename" is:"filename"`

	// Level is the lowest level that the file gets, of what LogLevel lets
	// through: at DEBUG, all of that. The default is [Stream.Level].
	Level *slog.Level `yaml:"level"`

	// Description says what the file is for. It is for people only. The
	// default is [Stream.Description].
	Description string `yaml:"description" is:"text"`
}

// PerformanceConfig is about the timing of operations by package instrument.
type PerformanceConfig struct {
	// Enabled writes the records of operations. Their spans are made either
	// way. The default is true.
	Enabled *bool `yaml:"enabled"`

	// Threshold is the duration beyond which an operation without one of its
	// own is logged, at WARNING. The default, 0, is none: the end of every
	// such operation is logged, at INFO. In YAML it is in milliseconds.
	Threshold time.Duration `yaml:"threshold_ms" unit:"ms" min:"0s" max:"24h"`

	// IncludeMetrics records the durations of operations in a histogram too.
	// The default is true.
	IncludeMetrics *bool `yaml:"include_metrics"`
}

// ContextConfig is about the context of records.
type ContextConfig struct {
	// CorrelationIDs puts correlation IDs into records. The default is true.
	CorrelationIDs *bool `yaml:"correlation_ids"`

	// AutoGenerate makes a correlation ID where none was given. The default is
	// true.
	AutoGenerate *bool `yaml:"auto_generate"`
}

// SecurityConfig is about masking.
type SecurityConfig struct {
	// MaskSensitive masks secrets. Switched off, secrets are written as they
	// are, and a warning says so. The default is true.
	MaskSensitive *bool `yaml:"mask_sensitive"`

	// AdditionalPatterns are RE2 patterns whose matches are masked. Those of
	// the file and of options add up, as do the two lists below.
	AdditionalPatterns []string `yaml:"additional_patterns" is:"pattern" option:"WithMaskPatterns"`

	// AdditionalKeys are keys whose values are masked whole.
	AdditionalKeys []string `yaml:"additional_keys" is:"name" option:"WithMaskKeys"`

	// AllowKeys are keys whose values are not masked on account of the key.
	AllowKeys []string `yaml:"allow_keys" is:"name" option:"WithAllowKeys"`

	// MaskEmails masks e-mail addresses. The default is true.
	MaskEmails *bool `yaml:"mask_emails"`
}

// DevelopmentConfig are conveniences for the time of development.
type DevelopmentConfig struct {
	// ColoredConsole colours the console where it is a terminal and NO_COLOR
	// is not set. The default is true.
	ColoredConsole *bool `yaml:"colored_console"`

	// FullTraces gives a record with an error that carries no stack the stack
	// of the log call. The default is false.
	FullTraces *bool `yaml:"full_traces"`

	// ConsoleDuplicate shows on the console what goes to the files. It counts
	// where EnableConsole is not set. The default is false.
	ConsoleDuplicate *bool `yaml:"console_duplicate"`
}

// ServiceConfig names the daemon, in the resource of all that it forwards.
type ServiceConfig struct {
	// Name is service.name. The default is risk_manager.
	Name string `yaml:"name" is:"name" option:"WithService"`

	// Version is service.version. The default is none.
	Version string `yaml:"version" is:"text" option:"WithService"`

	// Environment is deployment.environment.name. The default is none.
	Environment string `yaml:"environment" is:"text"`

	// Attributes are other attributes of the resource. Those of the file, the
	// environment and options add up.
	Attributes map[string]string `yaml:"attributes" is:"name"`
}

// OTLPConfig says where masked records, spans and metrics are forwarded to.
// Without an endpoint there is no network.
type OTLPConfig struct {
	// Enabled is whether anything is forwarded. The default is true if there
	// is an endpoint, here or at a signal.
	Enabled *bool `yaml:"enabled"`

	// Endpoint is the URL of a collector, such as http://127.0.0.1:4318, or
	// host:port; /v1/logs and so on is appended for http/protobuf. The
	// default is none.
	Endpoint string `yaml:"endpoint" is:"endpoint" option:"WithOTLP"`

	// Protocol is http/protobuf, the default, or grpc.
	Protocol string `yaml:"protocol" is:"protocol"`

	// Insecure allows plain http to a host that is not a loopback one. The
	// default is false.
	Insecure *bool `yaml:"insecure"`

	// Headers go with every request. Their values are masked wherever the
	// configuration is shown. Those of the file, the environment and options
	// add up.
	Headers Headers `yaml:"headers" is:"header"`

	// Compression is gzip or none, the default.
	Compression string `yaml:"compression" is:"compression"`

	// Timeout is that of one attempt; attempts are repeated. The default is
	// 10 s. In YAML it is a duration such as 10s; in the variable, milliseconds.
	Timeout time.Duration `yaml:"timeout" min:"1ms" max:"1h"`

	// Certificate is the file with the certificates to trust instead of the
	// system's, in PEM.
	Certificate string `yaml:"certificate" is:"path"`

	// ClientCertificate and ClientKey are the files with the certificate and
	// the key to present, in PEM.
	ClientCertificate string `yaml:"client_certificate" is:"path"`
	ClientKey         string `yaml:"client_key" is:"path"`

	// Logs, Traces and Metrics are the signals. In YAML each is true, false
	// or a section.
	Logs    OTLPSignalConfig `yaml:"logs"`
	Traces  OTLPSignalConfig `yaml:"traces"`
	Metrics OTLPSignalConfig `yaml:"metrics"`
}

// OTLPSignalConfig is what one signal does otherwise than [OTLPConfig]. A zero
// field, unless it says otherwise, means the value there. A general value given
// by a higher source (the environment over the YAML file, options over both)
// wins over one of a signal given by a lower source.
type OTLPSignalConfig struct {
	// Enabled is whether the signal is forwarded. The default is true.
	Enabled *bool `yaml:"enabled"`

	// Endpoint is used as it is, without a path appended.
	Endpoint string `yaml:"endpoint" is:"endpoint"`

	Protocol          string        `yaml:"protocol" is:"protocol"`
	Insecure          *bool         `yaml:"insecure"`
	Headers           Headers       `yaml:"headers" is:"header"` // Instead of the general ones.
	Compression       string        `yaml:"compression" is:"compression"`
	Timeout           time.Duration `yaml:"timeout" min:"1ms" max:"1h"`
	Certificate       string        `yaml:"certificate" is:"path"`
	ClientCertificate string        `yaml:"client_certificate" is:"path"`
	ClientKey         string        `yaml:"client_key" is:"path"`

	// QueueRecords and QueueMB bound what is held for the collector, in
	// records (spans, for traces) and in MiB. The defaults are 100,000 and 64.
	// Metrics have no queue.
	QueueRecords int `yaml:"queue_records" min:"1" max:"100000000" unit:"records"`
	QueueMB      int `yaml:"queue_mb" min:"1" max:"1048576" unit:"MiB"`

	// BatchRecords is the most that one request holds. The default is 512.
	BatchRecords int `yaml:"batch_records" min:"1" max:"1000000" unit:"records"`

	// Interval is how long a record waits for its batch to fill, 1 s by
	// default; for metrics the time between two requests, 60 s by default.
	Interval time.Duration `yaml:"interval" min:"1ms" max:"24h"`
}

// SDKConfig is what only the standard variables of OpenTelemetry and options
// set.
type SDKConfig struct {
	// Disabled turns off spans and forwarding, never the files:
	// OTEL_SDK_DISABLED. The default is false.
	Disabled *bool `env:"OTEL_SDK_DISABLED"`

	// LogLevel is the level of OpenTelemetry's own diagnostics, which go to
	// daemon.log: none, error (the default), warn, info or debug.
	LogLevel string `env:"OTEL_LOG_LEVEL" is:"diagnostics"`

	// Propagators are tracecontext and baggage, by default both, or none.
	Propagators []string `env:"OTEL_PROPAGATORS" is:"propagator"`

	// Sampler is a sampler of the specification, parentbased_always_on by
	// default.
	Sampler string `env:"OTEL_TRACES_SAMPLER" is:"sampler"`

	// SamplerRatio is the share of the traces that traceidratio samples, 0 to
	// 1. The default is 1.
	SamplerRatio *float64 `env:"OTEL_TRACES_SAMPLER_ARG" min:"0" max:"1"`

	// LogAttributeCount and LogAttributeLength limit the attributes of a
	// forwarded record and the bytes of each of their texts. -1, the default,
	// is no limit. Fields that the telemetry adds do not count.
	LogAttributeCount  *int `env:"OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT OTEL_ATTRIBUTE_COUNT_LIMIT" min:"-1" max:"1000000" unit:"attributes"`
	LogAttributeLength *int `env:"OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT" min:"-1" max:"100000000" unit:"bytes"`
}
