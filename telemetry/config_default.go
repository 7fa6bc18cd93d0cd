package telemetry

import (
	"log/slog"
	"reflect"
	"time"
)

// defaultConfig returns the default of every setting that has one, whatever the
// others are.
func defaultConfig() Config {
	file := func(s Stream) LogFileConfig {
		return LogFileConfig{Enabled: new(true), Filename: s.Filename(), Level: new(s.Level()), Description: s.Description()}
	}
	return Config{
		LogDir:        "logs",
		LogLevel:      new(slog.LevelInfo),
		EnableConsole: new(false),
		EnableJSON:    new(true),
		FoldRepeats:   new(false),
		Rotation:      RotationConfig{MaxMB: 10, BackupCount: new(7), MaxAgeDays: new(7), Compress: new(true)},
		LogFiles:      LogFilesConfig{Daemon: file(Daemon), Enforcement: file(Enforcement), API: file(API), Error: file(Errors)},
		Performance:   PerformanceConfig{Enabled: new(true), IncludeMetrics: new(true)},
		Context:       ContextConfig{CorrelationIDs: new(true), AutoGenerate: new(true)},
		Security:      SecurityConfig{MaskSensitive: new(true), MaskEmails: new(true)},
		Development:   DevelopmentConfig{ColoredConsole: new(true), FullTraces: new(false), ConsoleDuplicate: new(false)},
		Service:       ServiceConfig{Name: "risk_manager"},
		OTLP: OTLPConfig{
			Enabled: new(false), Protocol: "http/protobuf", Insecure: new(false), Compression: "none", Timeout: 10 * time.Second,
			Logs:    OTLPSignalConfig{Enabled: new(true), QueueRecords: 100_000, QueueMB: 64, BatchRecords: 512, Interval: time.Second},
			Traces:  OTLPSignalConfig{Enabled: new(true), QueueRecords: 100_000, QueueMB: 64, BatchRecords: 512, Interval: time.Second},
			Metrics: OTLPSignalConfig{Enabled: new(true), QueueRecords: 100_000, QueueMB: 64, BatchRecords: 512, Interval: time.Minute},
		},
		SDK: SDKConfig{
			Disabled: new(false), LogLevel: "error", Propagators: []string{"tracecontext", "baggage"},
			Sampler: "parentbased_always_on", SamplerRatio: new(1.0), LogAttributeCount: new(-1), LogAttributeLength: new(-1),
		},
	}
}

// withDefaults returns c as it takes effect: no setting that has a default is
// zero, no pointer nil.
func (c Config) withDefaults() Config {
	d := defaultConfig()
	if c.Development.ConsoleDuplicate != nil {
		d.EnableConsole = new(*c.Development.ConsoleDuplicate)
	}
	o := &c.OTLP
	if o.Endpoint != "" || o.Logs.Endpoint != "" || o.Traces.Endpoint != "" || o.Metrics.Endpoint != "" {
		d.OTLP.Enabled = new(true)
	}
	c = d.merge(c)
	for _, s := range c.OTLP.signals() {
		s.config.inherit(c.OTLP)
		s.config.BatchRecords = min(s.config.BatchRecords, s.config.QueueRecords)
	}
	return c
}

// signal is one of the three signals, by its name in the configuration.
type signal struct {
	name   string
	config *OTLPSignalConfig
}

func (c *OTLPConfig) signals() []signal {
	return []signal{{"logs", &c.Logs}, {"traces", &c.Traces}, {"metrics", &c.Metrics}}
}

// inherit sets what the signal leaves to the general configuration, except the
// endpoint, which means something else there.
func (c *OTLPSignalConfig) inherit(general OTLPConfig) {
	own, all := reflect.ValueOf(c).Elem(), reflect.ValueOf(general)
	for _, name := range shared(own.Type()) {
		if f := own.FieldByName(name); name != "Endpoint" && f.IsZero() {
			f.Set(all.FieldByName(name))
		}
	}
}

// shared returns the names of the fields that a signal has in common with the
// general configuration, except Enabled, which is a switch of its own.
func shared(sig reflect.Type) []string {
	var names []string
	general := reflect.TypeFor[OTLPConfig]()
	for i := range sig.NumField() {
		name := sig.Field(i).Name
		if _, ok := general.FieldByName(name); ok && name != "Enabled" {
			names = append(names, name)
		}
	}
	return names
}

// over returns lower with the settings of a higher source. A general value of
// the higher source wins over that of a signal in the lower.
func (c Config) over(lower Config) Config {
	general := reflect.ValueOf(c.OTLP)
	for _, s := range lower.OTLP.signals() {
		sig := reflect.ValueOf(s.config).Elem()
		for _, name := range shared(sig.Type()) {
			if !general.FieldByName(name).IsZero() {
				sig.FieldByName(name).SetZero()
			}
		}
	}
	return lower.merge(c)
}
