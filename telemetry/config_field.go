package telemetry

import (
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// field is one setting of a Config: a field that is no section.
type field struct {
	key   string        // rotation.max_mb; for what YAML does not hold, its variable.
	value reflect.Value // Settable.
	tag   reflect.StructTag
}

// The types of settings.
var (
	levelType    = reflect.TypeFor[slog.Level]()
	durationType = reflect.TypeFor[time.Duration]()
	signalType   = reflect.TypeFor[OTLPSignalConfig]()
)

// fields returns every setting of c in the order of the struct.
func fields(c *Config) []field {
	return appendFields(nil, "", reflect.ValueOf(c).Elem())
}

func appendFields(dst []field, path string, section reflect.Value) []field {
	for i := range section.NumField() {
		f, v := section.Type().Field(i), section.Field(i)
		key := join(path, f.Tag.Get("yaml"))
		if env := f.Tag.Get("env"); env != "" {
			key, _, _ = strings.Cut(env, " ")
		}
		if v.Kind() == reflect.Struct {
			dst = appendFields(dst, key, v)
		} else {
			dst = append(dst, field{key: key, value: v, tag: f.Tag})
		}
	}
	return dst
}

// join appends a name to the path of its section.
func join(path, name string) string {
	switch {
	case name == "-" || name == "":
		return path
	case path == "":
		return name
	}
	return path + "." + name
}

// inYAML reports whether the setting has a key in the YAML file.
func (f field) inYAML() bool { return f.tag.Get("yaml") != "" }

// elem returns the type of the setting's value, or of its elements.
func (f field) elem() reflect.Type {
	t := f.value.Type()
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return t.Elem()
	default:
		return t
	}
}

// merge returns c with every setting that over has. Lists of security add up,
// and maps do by key.
func (c Config) merge(over Config) Config {
	to := fields(&c)
	for i, from := range fields(&over) {
		to[i].set(from.value)
	}
	return c
}

// set gives f a value of its own type. It never changes what f's value refers
// to, which others may hold.
func (f field) set(v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch value := v.Interface().(type) {
	case []string:
		if f.addsUp() {
			value = union(f.value.Interface().([]string), value) //nolint:forcetypeassert // As v.
		}
		f.value.Set(reflect.ValueOf(slices.Clone(value)))
	case Headers:
		f.value.Set(reflect.ValueOf(f.value.Interface().(Headers).with(value))) //nolint:forcetypeassert // As v.
	case map[string]string:
		addTo(f.value, value)
	case map[string]slog.Level:
		addTo(f.value, value)
	default:
		f.value.Set(v)
	}
}

// addsUp reports whether the setting is a list to which each source adds.
func (f field) addsUp() bool {
	return f.value.Kind() == reflect.Slice && f.tag.Get("is") != "propagator"
}

func addTo[V any](dst reflect.Value, more map[string]V) {
	m, _ := reflect.TypeAssert[map[string]V](dst)
	if m = maps.Clone(m); m == nil {
		m = make(map[string]V, len(more))
	}
	maps.Copy(m, more)
	dst.Set(reflect.ValueOf(m))
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
