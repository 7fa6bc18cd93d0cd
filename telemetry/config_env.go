package telemetry

import (
	"reflect"
	"strconv"
	"strings"

	"riskmanager.internal/otel/mask"
)

// configVariable names the YAML file where no option does.
const configVariable = "RISK_MANAGER_CONFIG"

// signalOf returns the signal whose section a key is in, and the rest of the
// key; nothing if it is in none.
func signalOf(key string) (name, leaf string) {
	rest, _ := strings.CutPrefix(key, "otlp.")
	name, leaf, ok := strings.Cut(rest, ".")
	if ok && (name == "logs" || name == "traces" || name == "metrics") && rest != key {
		return name, leaf
	}
	return "", ""
}

func isSignal(key string) bool {
	name, _ := signalOf(key)
	return name != ""
}

// variables returns the environment variables of f, the most specific first.
func (f field) variables() []string {
	if env := f.tag.Get("env"); env != "" {
		return strings.Fields(env)
	}
	switch f.key {
	case "log_dir":
		return []string{"RISK_MANAGER_LOG_DIR"}
	case "log_level":
		return []string{"RISK_MANAGER_LOG_LEVEL"}
	case "service.name":
		return []string{"OTEL_SERVICE_NAME"}
	case "service.attributes":
		return []string{"OTEL_RESOURCE_ATTRIBUTES"}
	}
	name, leaf := signalOf(f.key)
	prefix := "OTEL_EXPORTER_OTLP_"
	if name != "" {
		prefix += strings.ToUpper(name) + "_"
	} else if rest, ok := strings.CutPrefix(f.key, "otlp."); ok {
		leaf = rest
	}
	batch := map[string]string{"logs": "OTEL_BLRP_", "traces": "OTEL_BSP_"}[name]
	switch leaf {
	case "endpoint", "protocol", "headers", "insecure", "compression", "certificate", "client_certificate", "client_key":
		return []string{prefix + strings.ToUpper(leaf)}
	case "timeout":
		switch {
		case name == "":
			return []string{prefix + "TIMEOUT"}
		case batch != "":
			return []string{prefix + "TIMEOUT", batch + "EXPORT_TIMEOUT"}
		}
		return []string{prefix + "TIMEOUT", "OTEL_METRIC_EXPORT_TIMEOUT"}
	case "enabled":
		if name != "" {
			return []string{"OTEL_" + strings.ToUpper(name) + "_EXPORTER"}
		}
	case "interval":
		if batch == "" {
			return []string{"OTEL_METRIC_EXPORT_INTERVAL"}
		}
		return []string{batch + "SCHEDULE_DELAY"}
	case "queue_records":
		if batch != "" {
			return []string{batch + "MAX_QUEUE_SIZE"}
		}
	case "batch_records":
		if batch != "" {
			return []string{batch + "MAX_EXPORT_BATCH_SIZE"}
		}
	}
	return nil
}

// readEnvironment returns what the environment sets. It is the only place that
// reads it. An empty variable counts as unset, as the specification of
// OpenTelemetry asks.
func readEnvironment(lookup LookupFunc, from origins, fs *faults) Config {
	var c Config
	for _, f := range fields(&c) {
		for _, name := range f.variables() {
			s := variable(lookup, name)
			if s == "" {
				continue
			}
			at := origin{where: name, variable: true}
			if what := f.read(name, s); what != "" {
				fs.add(at, f.key, "%s", what)
				f.value.SetZero()
			} else {
				from.note(f, at)
			}
			break
		}
	}
	for _, name := range spanLimits() {
		if s := variable(lookup, name); s != "" {
			if _, err := strconv.Atoi(s); err != nil {
				fs.add(origin{where: name, variable: true}, name, "got %s, want a whole number, -1 for no limit", quote(s))
			}
		}
	}
	c.fromResource(from)
	return c
}

// variable returns the value of a variable, "" if it is unset or empty.
func variable(lookup LookupFunc, name string) string {
	if s, ok := lookup(name); ok {
		return strings.TrimSpace(s)
	}
	return ""
}

// spanLimits returns the variables that the SDK reads itself, where a bad value
// would be its default.
func spanLimits() []string {
	return []string{
		"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_EVENT_COUNT_LIMIT",
		"OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
	}
}

// read sets f to what the variable says, or returns what is wrong with it.
func (f field) read(variable, s string) string {
	if strings.HasSuffix(variable, "_EXPORTER") {
		switch strings.ToLower(s) {
		case "otlp":
			f.value.Set(reflect.ValueOf(new(true)))
		case "none":
			f.value.Set(reflect.ValueOf(new(false)))
		default:
			return "got " + quote(s) + ", want otlp or none (records are shown on the console by enable_console)"
		}
		return ""
	}
	if !f.parse(s) || len(f.wrong()) > 0 {
		return "got " + f.foundText(s) + ", want " + f.wantText()
	}
	return ""
}

// foundText is what an error shows of a variable.
func (f field) foundText(s string) string {
	switch f.value.Interface().(type) {
	case Headers, map[string]string:
		return mask.Text
	}
	return f.quote(s)
}

// wantText is what a variable is to hold, where that differs from YAML.
func (f field) wantText() string {
	switch f.value.Interface().(type) {
	case Headers, map[string]string:
		return "key1=value1,key2=value2 with percent-encoded values"
	}
	if f.elem() == durationType {
		return "a whole number of milliseconds, 1 to " + strconv.FormatInt(f.duration("max").Milliseconds(), 10)
	}
	return f.want()
}

// fromResource moves attributes of the resource that have settings of their own
// there.
func (c *Config) fromResource(from origins) {
	for _, m := range []struct {
		attr, key string
		to        *string
	}{
		{"service.name", "service.name", &c.Service.Name},
		{"service.version", "service.version", &c.Service.Version},
		{"deployment.environment.name", "service.environment", &c.Service.Environment},
	} {
		v, ok := c.Service.Attributes[m.attr]
		if !ok {
			continue
		}
		delete(c.Service.Attributes, m.attr)
		if *m.to == "" && v != "" {
			*m.to = v
			from[m.key] = from["service.attributes"]
		}
	}
}
