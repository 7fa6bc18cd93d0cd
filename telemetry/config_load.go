package telemetry

import (
	"os"
	"strconv"
	"strings"

	"riskmanager.internal/otel/mask"
)

// LookupFunc returns the value of an environment variable, as [os.LookupEnv]
// does.
type LookupFunc = func(name string) (string, bool)

// Setting is one setting in effect, for people.
type Setting struct {
	// Key is its path in the YAML file, such as rotation.max_mb, or the
	// variable of a setting that only the environment has.
	Key string

	// Value is its value with secrets masked, empty for none.
	Value string

	// Source is where the value comes from: default, a file and line
	// (logging.yaml:7), the name of an environment variable, or option.
	Source string
}

// LoadConfig returns the configuration as [Setup] with these sources would use
// it, every default filled in, and where each setting comes from. path is the
// YAML file; empty means the one that RISK_MANAGER_CONFIG names, if any. A nil
// lookup is [os.LookupEnv].
//
// All faults are reported at once, in an error that wraps [ErrConfig].
func LoadConfig(path string, lookup LookupFunc) (Config, []Setting, error) {
	return loadConfig(path, lookup, Config{})
}

// load reads the configuration that the options ask for.
func (o options) load() (Config, error) {
	cfg, _, err := loadConfig(o.path, nil, o.config)
	return cfg, err
}

// origin is where a value comes from.
type origin struct {
	where    string // The file, the variable, "option". Empty for a default.
	line     int    // In the file; 0 where there is none.
	variable bool   // where is one.
	also     string // The sources that a list has other elements from.
}

// String returns the origin as [Setting.Source] has it.
func (o origin) String() string {
	switch {
	case o.where == "":
		return "default"
	case o.line > 0:
		return o.also + o.where + ":" + strconv.Itoa(o.line)
	}
	return o.also + o.where
}

// origins are those of the settings, by key; of maps also by entry and of lists
// by element.
type origins map[string]origin

func loadConfig(path string, lookup LookupFunc, opts Config) (Config, []Setting, error) {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	var fs faults
	from := origins{}
	file := readFile(path, lookup, from, &fs)
	env := readEnvironment(lookup, from, &fs)
	option := origin{where: "option"}
	opts.check(option, &fs)
	if opts.OTLP.Endpoint != "" && opts.OTLP.Enabled == nil {
		opts.OTLP.Enabled = new(true) // Code that names a collector wants it.
	}
	for _, f := range fields(&opts) {
		if fs.about(f.key) {
			f.value.SetZero()
		}
		from.note(f, option)
	}
	cfg := opts.over(env.over(file))
	from.derive(&cfg)
	cfg = cfg.withDefaults()
	cfg.cross(from, &fs)
	if err := fs.err(); err != nil {
		return Config{}, nil, err
	}
	return cfg, cfg.settings(from), nil
}

// derive completes the origins, given the settings that are set: it forgets
// values that gave way to those of a higher source, and follows defaults that
// depend on another setting to that one.
func (from origins) derive(c *Config) {
	endpoint := ""
	for _, f := range fields(c) {
		switch {
		case f.value.IsZero():
			delete(from, f.key)
		case strings.HasSuffix(f.key, ".endpoint") && endpoint == "":
			endpoint = f.key
		}
	}
	follow := func(key, other string) {
		at, ok := from[other]
		if _, set := from[key]; ok && !set {
			from[key] = at
		}
	}
	follow("enable_console", "development.console_duplicate")
	follow("otlp.enabled", endpoint)
}

// note records where the settings come from that are set.
func (from origins) note(f field, at origin) {
	if f.value.IsZero() {
		return
	}
	if before, ok := from[f.key]; ok && f.addsUp() {
		at.also = before.String() + ", "
	}
	from[f.key] = at
	for _, e := range f.entries() {
		from[f.key+"."+e[0]] = at
	}
}

// settings lists the settings in effect, without what a signal merely inherits.
func (c Config) settings(from origins) []Setting {
	var out []Setting
	defaults := defaultConfig()
	d := fields(&defaults)
	for i, f := range fields(&c) {
		if entries := f.entries(); entries != nil {
			for _, e := range entries {
				key := f.key + "." + e[0]
				if at, ok := from[key]; ok {
					out = append(out, Setting{Key: mask.Default().String(key), Value: e[1], Source: at.String()})
				}
			}
			continue
		}
		at, set := from[f.key]
		if !set && d[i].value.IsZero() && isSignal(f.key) {
			continue
		}
		out = append(out, Setting{Key: f.key, Value: f.text(), Source: at.String()})
	}
	return out
}
