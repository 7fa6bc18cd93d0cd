package telemetry

import (
	"io"
	"log/slog"
	"os"
)

// Option configures [Setup]. An option wins over the environment, which wins
// over the YAML file.
type Option interface{ apply(*options) }

type optionFunc func(*options)

func (f optionFunc) apply(o *options) { f(o) }

type options struct {
	path           string // Of the YAML file.
	config         Config // What options set, over everything else.
	withoutGlobals bool
	console        io.Writer
}

func newOptions(opts []Option) options {
	o := options{console: os.Stderr}
	for _, opt := range opts {
		opt.apply(&o)
	}
	return o
}

// WithConfig sets every field of c that is not zero.
func WithConfig(c Config) Option {
	return optionFunc(func(o *options) { o.config = o.config.merge(c) })
}

// WithConfigFile reads the YAML file at path instead of the one that
// RISK_MANAGER_CONFIG names.
func WithConfigFile(path string) Option {
	return optionFunc(func(o *options) { o.path = path })
}

// WithLogDir sets the directory of the log files, log_dir. The default is
// "logs" in the working directory.
func WithLogDir(dir string) Option {
	return optionFunc(func(o *options) { o.config.LogDir = dir })
}

// WithLevel sets the global level, log_level. The default is INFO.
func WithLevel(level slog.Level) Option {
	return optionFunc(func(o *options) { o.config.LogLevel = &level })
}

// WithConsole turns the console on or off, enable_console. It is off by
// default.
func WithConsole(on bool) Option {
	return optionFunc(func(o *options) { o.config.EnableConsole = &on })
}

// WithConsoleWriter has the console write to w instead of standard error.
func WithConsoleWriter(w io.Writer) Option {
	return optionFunc(func(o *options) { o.console = w })
}

// WithService sets the name and version of the service, service.name and
// service.version of its resource.
func WithService(name, version string) Option {
	return optionFunc(func(o *options) { o.config.Service.Name, o.config.Service.Version = name, version })
}

// WithOTLP forwards masked logs, traces and metrics to the collector at
// endpoint, otlp.endpoint: a URL such as http://127.0.0.1:4318.
func WithOTLP(endpoint string) Option {
	return optionFunc(func(o *options) { o.config.OTLP.Endpoint = endpoint })
}

// WithMaskPatterns adds RE2 patterns whose matches are masked,
// security.additional_patterns.
func WithMaskPatterns(patterns ...string) Option {
	return optionFunc(func(o *options) {
		o.config.Security.AdditionalPatterns = append(o.config.Security.AdditionalPatterns, patterns...)
	})
}

// WithMaskKeys adds keys whose values are masked, security.additional_keys.
func WithMaskKeys(keys ...string) Option {
	return optionFunc(func(o *options) {
		o.config.Security.AdditionalKeys = append(o.config.Security.AdditionalKeys, keys...)
	})
}

// WithAllowKeys names keys whose values are not masked for their key,
// security.allow_keys.
func WithAllowKeys(keys ...string) Option {
	return optionFunc(func(o *options) {
		o.config.Security.AllowKeys = append(o.config.Security.AllowKeys, keys...)
	})
}

// WithoutGlobals leaves the process as it is: slog's default, the log package
// and OpenTelemetry's globals. Use the loggers and providers of the
// [Telemetry], or [NewContext]. It is for tests and for embedding.
func WithoutGlobals() Option {
	return optionFunc(func(o *options) { o.withoutGlobals = true })
}
