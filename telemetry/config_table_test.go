package telemetry

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const docs = "../docs/configuration.md"

// update reports whether the golden files are to be rewritten; the flag is with
// the external tests.
func update() bool { return flag.Lookup("update-config").Value.String() == "true" }

// TestConfigTags: a misspelt tag would accept anything.
func TestConfigTags(t *testing.T) {
	var c Config
	seen := map[string]bool{}
	for _, f := range fields(&c) {
		if f.key == "" || seen[f.key] {
			t.Errorf("%q: no key, or one that another field has", f.key)
		}
		seen[f.key] = true
		switch f.elem().Kind() {
		case reflect.String:
			if _, ok := f.rule(); ok == nil {
				t.Errorf(`%s: is:%q is no rule`, f.key, f.tag.Get("is"))
			}
		case reflect.Int:
			for _, tag := range []string{"min", "max"} {
				if _, err := strconv.Atoi(f.tag.Get(tag)); f.elem() != levelType && err != nil {
					t.Errorf("%s: %s: %v", f.key, tag, err)
				}
			}
		case reflect.Float64:
			for _, tag := range []string{"min", "max"} {
				if _, err := strconv.ParseFloat(f.tag.Get(tag), 64); err != nil {
					t.Errorf("%s: %s: %v", f.key, tag, err)
				}
			}
		case reflect.Int64:
			for _, tag := range []string{"min", "max"} {
				if _, err := time.ParseDuration(f.tag.Get(tag)); f.elem() == durationType && err != nil {
					t.Errorf("%s: %s: %v", f.key, tag, err)
				}
			}
		default:
		}
	}
	if len(seen) < 80 {
		t.Errorf("got %d settings, want all", len(seen))
	}
}

// TestConfigDefaults: every default is accepted, and nothing in effect is a nil
// pointer.
func TestConfigDefaults(t *testing.T) {
	c := Config{}.withDefaults()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	for _, f := range fields(&c) {
		if f.value.Kind() == reflect.Pointer && f.value.IsNil() {
			t.Errorf("%s: got nil, want a default", f.key)
		}
	}
	if diff := cmp.Diff(c.withDefaults(), c); diff != "" {
		t.Errorf("defaults of what has them (-got +want):\n%s", diff)
	}
}

// sample returns a value of f other than its default, as YAML and a variable
// have it, and as it is shown.
func sample(f field) (yaml, env, shown string) {
	switch f.tag.Get("is") {
	case "protocol":
		return "grpc", "GRPC", "grpc"
	case "compression":
		return "gzip", "gzip", "gzip"
	case "endpoint":
		return "https://u:p@c:1/x", "https://u:p@c:1/x", "https://***MASKED***@c:1/x"
	case "diagnostics":
		return "", "Debug", "debug"
	case "propagator":
		return "", "baggage", "baggage"
	case "sampler":
		return "", "traceidratio", "traceidratio"
	}
	switch f.value.Interface().(type) {
	case []string:
		return "[one, two]", "", "one, two"
	case Headers, map[string]string:
		return "{x-one: v}", "x-one=v", ""
	}
	yaml = "sample"
	switch f.elem() {
	case levelType:
		return "CRITICAL", "critical", "CRITICAL"
	case durationType:
		if yaml, env, shown = "7s", "7000", "7s"; f.tag.Get("unit") == "ms" {
			yaml, shown = "7000", "7000"
		}
		return yaml, env, shown
	}
	switch f.elem().Kind() {
	case reflect.Bool:
		yaml = "true"
		d := defaultConfig()
		for _, def := range fields(&d) {
			if def.key == f.key && !def.value.IsZero() && def.value.Elem().Bool() {
				yaml = "false"
			}
		}
	case reflect.Int:
		yaml = "13"
	case reflect.Float64:
		yaml = "0.25"
	default:
	}
	return yaml, yaml, yaml
}

// checkSetting has key, and nothing but what follows from it, come from source.
func checkSetting(t *testing.T, settings []Setting, key, shown, source string) {
	t.Helper()
	found := false
	for _, s := range settings {
		if base := filepath.Base(s.Source); s.Key == key || strings.HasPrefix(s.Key, key+".") {
			found = true
			if want := shown; s.Key != key {
				if want = "v"; strings.Contains(key, "headers") {
					want = "***MASKED***"
				} else if strings.Contains(key, "levels") {
					want = "CRITICAL"
				}
				if s.Value != want {
					t.Errorf("%s: got %q, want %q", s.Key, s.Value, want)
				}
			} else if s.Value != want {
				t.Errorf("%s: got %q, want %q", s.Key, s.Value, want)
			}
			if base != source {
				t.Errorf("%s: got source %q, want %q", s.Key, base, source)
			}
		} else if s.Source != "default" && s.Key != "otlp.enabled" && s.Key != "enable_console" && !strings.HasPrefix(s.Key, "otlp.endpoint") {
			t.Errorf("%s: got source %q, want default", s.Key, s.Source)
		}
	}
	if !found {
		t.Errorf("%s: is not among the settings", key)
	}
}

// TestConfigEveryKey sets every key of the YAML file by itself.
func TestConfigEveryKey(t *testing.T) {
	var c Config
	for _, f := range fields(&c) {
		if !f.inYAML() {
			continue
		}
		t.Run(f.key, func(t *testing.T) {
			text, _, shown := sample(f)
			if f.key == "log_levels" {
				text = "{x.y: CRITICAL}"
			}
			if f.key == "otlp.enabled" {
				text, shown = "true\n  endpoint: https://c", "true"
			}
			var b strings.Builder
			names := strings.Split(f.key, ".")
			for i, name := range names {
				fmt.Fprintf(&b, "%s%s:", strings.Repeat("  ", i), name)
				if i < len(names)-1 {
					b.WriteByte('\n')
				}
			}
			file := filepath.Join(t.TempDir(), "f.yaml")
			if err := os.WriteFile(file, []byte(b.String()+" "+text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, settings, err := LoadConfig(file, func(string) (string, bool) { return "", false })
			if err != nil {
				t.Fatalf("%v in\n%s %s", err, b.String(), text)
			}
			checkSetting(t, settings, f.key, shown, "f.yaml:"+strconv.Itoa(len(names)))
		})
	}
}

// TestConfigEveryVariable sets every variable by itself.
func TestConfigEveryVariable(t *testing.T) {
	var c Config
	for _, f := range fields(&c) {
		for _, name := range f.variables() {
			t.Run(name, func(t *testing.T) {
				_, text, shown := sample(f)
				if strings.HasSuffix(name, "_EXPORTER") {
					text, shown = "none", "false"
				}
				_, settings, err := LoadConfig("", func(n string) (string, bool) {
					if n == name {
						return " " + text + " ", true
					}
					return "", true // Empty is unset.
				})
				if err != nil {
					t.Fatal(err)
				}
				checkSetting(t, settings, f.key, shown, name)
			})
		}
	}
}

// TestConfigVariableFaults has one golden file: what each variable says to a
// value that hardly any accepts.
func TestConfigVariableFaults(t *testing.T) {
	var names []string
	var c Config
	for _, f := range fields(&c) {
		for _, name := range f.variables() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var b strings.Builder
	for _, name := range append(names, spanLimits()...) {
		_, _, err := LoadConfig("", func(n string) (string, bool) { return "hunter2@\x01 password=hunter2", n == name })
		if err == nil {
			t.Errorf("%s accepts anything", name)
			continue
		}
		fmt.Fprintf(&b, "%v\n", err)
	}
	const golden = "testdata/config/variables.txt"
	got := b.String()
	if update() {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(got, "\n"), strings.Split(string(want), "\n")); diff != "" {
		t.Errorf("error texts (-got +want):\n%s", diff)
	}
}

// TestConfigOptions: every option that the table names exists.
func TestConfigOptions(t *testing.T) {
	source, err := os.ReadFile("options.go")
	if err != nil {
		t.Fatal(err)
	}
	var c Config
	for _, f := range fields(&c) {
		if o := f.tag.Get("option"); o != "" && !strings.Contains(string(source), "func "+o+"(") {
			t.Errorf("%s: there is no option %s", f.key, o)
		}
	}
}

// TestConfigDocs compares the table of docs/configuration.md with the struct,
// and loads the YAML that it shows.
func TestConfigDocs(t *testing.T) {
	b, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	begin := strings.Index(text, "-update-config -->\n") + len("-update-config -->\n")
	end := strings.Index(text, "<!-- End of the generated table")
	if begin < 20 || end < begin {
		t.Fatal("the markers of the table are gone")
	}
	want := table()
	if update() {
		text = text[:begin] + want + text[end:]
		if err := os.WriteFile(docs, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(strings.Split(text[begin:end], "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("the table (-docs +struct); go test -update-config rewrites it:\n%s", diff)
	}

	for i, block := range strings.Split(text, "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		var fs faults
		from := origins{}
		c := parseYAML(docs, []byte(block), from, &fs)
		if err := fs.err(); err != nil {
			t.Errorf("YAML block %d: %v", i+1, err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("YAML block %d: %v", i+1, err)
		}
		if i > 0 {
			continue
		}
		// The first has every key at its default.
		if diff := cmp.Diff(c.withDefaults(), Config{}.withDefaults()); diff != "" {
			t.Errorf("the documented defaults (-docs +real):\n%s", diff)
		}
		for _, f := range fields(&c) {
			name := f.key[strings.LastIndexByte(f.key, '.')+1:]
			if f.inYAML() && !strings.HasPrefix(f.key, "otlp.") && !strings.Contains(block, name+":") {
				t.Errorf("%s is not in the documented file", f.key)
			}
		}
	}
}

// table renders the table of all settings.
func table() string {
	type row struct {
		key                           string
		variables, defaults, suffixes []string
		option, want                  string
	}
	var rows []*row
	byKey := map[string]*row{}
	c := Config{}.withDefaults()
	d := defaultConfig()
	plain := fields(&d)
	for i, f := range fields(&c) {
		key, member := f.key, ""
		if sig, leaf := signalOf(f.key); sig != "" {
			key, member = "otlp.<signal>."+leaf, sig
			f.value = plain[i].value // Not what it inherits.
		} else if rest, ok := strings.CutPrefix(f.key, "log_files."); ok {
			stream, leaf, _ := strings.Cut(rest, ".")
			key, member = "log_files.<stream>."+leaf, stream
		}
		r := byKey[key]
		if r == nil {
			want := f.want()
			switch f.value.Interface().(type) {
			case []string:
				want = "a list, each element " + want
			case Headers, map[string]string:
				want = "text by name"
			default:
				if f.key == "log_levels" {
					want = "levels by name of a logger"
				}
			}
			r = &row{key: key, option: f.tag.Get("option"), want: want}
			byKey[key] = r
			rows = append(rows, r)
		}
		for _, v := range f.variables() {
			if member != "" {
				v = strings.Replace(v, "_"+strings.ToUpper(member)+"_", "_<SIGNAL>_", 1)
			}
			if !slices.Contains(r.variables, v) {
				r.variables = append(r.variables, v)
			}
		}
		def := ""
		if !f.value.IsZero() {
			def = f.text()
		}
		if f.key == "performance.threshold_ms" {
			def = "0"
		}
		if f.key == "otlp.enabled" {
			def = "true with an endpoint"
		}
		r.defaults = append(r.defaults, def)
		r.suffixes = append(r.suffixes, member)
	}
	var b strings.Builder
	b.WriteString("| key | default | accepts | variable | option |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		def := r.defaults[0]
		if all := slices.Compact(slices.Clone(r.defaults)); len(all) > 1 {
			each := make([]string, len(r.defaults))
			for i, v := range r.defaults {
				each[i] = r.suffixes[i] + ": " + v
			}
			def = strings.Join(each, "; ")
		}
		if def == "" {
			def = "none"
			if strings.HasPrefix(r.key, "otlp.<signal>.") && r.key != "otlp.<signal>.endpoint" {
				def = "the general one"
			}
		}
		option := r.option
		if option != "" {
			option = "`" + option + "`"
		}
		variables := strings.Join(r.variables, ", ")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.key, def, r.want, strings.ReplaceAll(variables, "<SIGNAL>", "&lt;SIGNAL&gt;"), option)
	}
	return b.String()
}
