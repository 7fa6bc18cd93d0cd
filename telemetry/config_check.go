package telemetry

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

// Validate reports every setting that is out of its range, and every two that
// contradict each other, as one joined error that wraps [ErrConfig].
func (c Config) Validate() error {
	var fs faults
	c.check(origin{}, &fs)
	c.withDefaults().cross(nil, &fs)
	return fs.err()
}

// check reports every set value that its setting does not accept.
func (c Config) check(at origin, fs *faults) {
	for _, f := range fields(&c) {
		if f.value.IsZero() {
			continue
		}
		for _, w := range f.wrong() {
			fs.add(at, f.key+w.part, "%s", w.what)
		}
	}
}

// wrong is what is wrong with the value of a setting, or with a part of it: the
// entry of a map (".x") or the element of a list ("[0]").
type wrong struct{ part, what string }

// wrong returns all that is wrong with the value of f.
func (f field) wrong() []wrong {
	var all []wrong
	note := func(part, what string) {
		if what != "" {
			all = append(all, wrong{part, what})
		}
	}
	switch v := f.value.Interface().(type) {
	case string:
		note("", f.wrongText(v))
	case []string:
		for i, s := range v {
			note(fmt.Sprintf("[%d]", i), f.wrongText(s))
		}
	case Headers:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			note("."+name, f.wrongEntry(name, v[name]))
		}
	case map[string]string:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			note("."+name, f.wrongEntry(name, v[name]))
		}
	case map[string]slog.Level:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			note("."+name, f.wrongText(name))
		}
	case time.Duration:
		if v < f.duration("min") || v > f.duration("max") {
			note("", "got "+f.text()+", want "+f.want())
		}
	case int:
		note("", f.wrongNumber(float64(v)))
	case *int:
		note("", f.wrongNumber(float64(*v)))
	case *float64:
		note("", f.wrongNumber(*v))
	}
	return all
}

func (f field) wrongNumber(n float64) string {
	least, _ := strconv.ParseFloat(f.tag.Get("min"), 64)
	most, _ := strconv.ParseFloat(f.tag.Get("max"), 64)
	if n >= least && n <= most {
		return ""
	}
	return fmt.Sprintf("got %s, want %s", strconv.FormatFloat(n, 'f', -1, 64), f.want())
}

func (f field) wrongText(s string) string {
	_, ok := f.rule()
	if ok == nil || ok(s) || s == "" && optional(f) {
		return ""
	}
	why := ""
	if f.tag.Get("is") == "pattern" {
		why = ", which " + patternFault(s)
	}
	return "got " + f.quote(s) + why + ", want " + f.want()
}

func (f field) wrongEntry(name, value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == unicode.ReplacementChar }) {
		return "the value has a control character, want text on one line"
	}
	return f.wrongText(name)
}

// quote returns s as an error shows it.
func (f field) quote(s string) string {
	switch f.tag.Get("is") {
	case "endpoint":
		s = showEndpoint(s)
	case "header":
		s = mask.Default().String(s)
	}
	return quote(s)
}

// showEndpoint returns an endpoint without its credentials, even where it is no
// URL: everything up to the last @ and the query may hold some.
func showEndpoint(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	} else {
		scheme += "://"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = mask.Text + rest[i:]
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i+1] + mask.Text
	}
	return mask.Default().String(scheme + rest)
}

func (f field) duration(tag string) time.Duration {
	d, _ := time.ParseDuration(f.tag.Get(tag)) // A test reads every tag.
	return d
}

// want says in words what f accepts.
func (f field) want() string {
	if text, _ := f.rule(); text != "" {
		return text
	}
	switch t := f.elem(); {
	case t == levelType:
		return "DEBUG, INFO, WARNING, ERROR or CRITICAL, with an offset (INFO+1) or without"
	case t == durationType && f.tag.Get("unit") == "ms":
		return "a number of milliseconds, 0 to " + strconv.FormatInt(f.duration("max").Milliseconds(), 10)
	case t == durationType:
		return "a duration with its unit, such as 10s or 500ms, " + short(f.duration("min")) + " to " + short(f.duration("max"))
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		s := "a whole number"
		if unit := f.tag.Get("unit"); unit != "" {
			s += " of " + unit
		}
		return s + ", " + f.tag.Get("min") + " to " + f.tag.Get("max")
	case t.Kind() == reflect.Float64:
		return "a number, " + f.tag.Get("min") + " to " + f.tag.Get("max")
	}
	return "text"
}

// short writes a duration without the zero units that Go appends.
func short(d time.Duration) string {
	s := d.String()
	s = strings.TrimSuffix(s, "m0s") + map[bool]string{true: "m"}[strings.HasSuffix(s, "m0s")]
	return strings.TrimSuffix(s, "h0m") + map[bool]string{true: "h"}[strings.HasSuffix(s, "h0m")]
}

// rule returns what a text is to be, and whether one is.
func (f field) rule() (want string, ok func(string) bool) {
	switch f.tag.Get("is") {
	case "dir":
		return "a directory such as /var/log/risk-manager (~ is not expanded)", func(s string) bool {
			return printable(s) && strings.TrimSpace(s) != "" && s != "~" && !strings.HasPrefix(s, "~/")
		}
	case "path":
		return "the name of a file (~ is not expanded)", func(s string) bool { return printable(s) && !strings.HasPrefix(s, "~/") }
	case "filename":
		return "a plain file name such as daemon.log, without a directory", func(s string) bool {
			return s != "" && s[0] != '.' && len(s) <= 200 && printable(s) && !strings.ContainsAny(s, `/\`) && s == filepath.Base(s) &&
				strings.TrimSpace(s) == s
		}
	case "endpoint":
		return "a URL such as http://127.0.0.1:4318, or host:port", validEndpoint
	case "protocol":
		return "http/protobuf or grpc (http/json is not supported)", oneOf("http/protobuf", "grpc")
	case "compression":
		return "gzip or none", oneOf("gzip", "none")
	case "diagnostics":
		return "none, error, warn, info or debug", oneOf("none", "error", "warn", "info", "debug")
	case "propagator":
		return "tracecontext, baggage or none", oneOf("tracecontext", "baggage", "none")
	case "sampler":
		samplers := []string{"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}
		return strings.Join(samplers[:5], ", ") + " or " + samplers[5], oneOf(samplers...)
	case "header":
		return "a header name", validHeader
	case "name":
		return "a name: text without control characters", func(s string) bool { return strings.TrimSpace(s) != "" && printable(s) }
	case "text":
		return "text on one line", printable
	case "pattern":
		return "an RE2 regular expression", func(s string) bool { return patternFault(s) == "" }
	}
	return "", nil
}

// patternFault says why a pattern is none.
func patternFault(s string) string {
	re, err := regexp.Compile(s)
	var bad *syntax.Error
	switch {
	case s == "" || err == nil && re.MatchString(""):
		return "matches the empty text, and so everything"
	case errors.As(err, &bad):
		return "does not compile (" + string(bad.Code) + ")"
	case err != nil:
		return "does not compile"
	}
	return ""
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar })
}

func oneOf(accepted ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(accepted, s) }
}

func validHeader(s string) bool {
	const others = "!#$%&'*+-.^_`|~"
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x80 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(others, r)
	})
}

func validEndpoint(s string) bool {
	if strings.HasPrefix(s, "unix:") {
		return printable(s) && len(s) > len("unix:")
	}
	u, err := parseEndpoint(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.TrimSpace(s) != s {
		return false
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		return err == nil && n > 0 && n <= 65535
	}
	return strings.Contains(s, "://") // A bare host may be a forgotten scheme.
}

// parseEndpoint parses a URL or host:port, whose scheme it leaves to others:
// here it is https.
func parseEndpoint(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	return url.Parse(s)
}

// plaintext reports whether an endpoint sends in plain to a host that may be
// another machine.
func plaintext(endpoint string) bool {
	u, err := parseEndpoint(endpoint)
	if err != nil || u.Scheme != "http" {
		return false
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		return !addr.Unmap().IsLoopback()
	}
	return !strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), "localhost")
}

// cross reports settings of an effective configuration that contradict each
// other. Those that are at fault by themselves it leaves out.
func (c Config) cross(from origins, fs *faults) {
	report := func(key, format string, args ...any) {
		if !fs.about(key) {
			fs.add(from[key], key, format, args...)
		}
	}
	taken := map[string]Stream{}
	for _, s := range Streams() {
		file := c.LogFiles.Of(s)
		if !*file.Enabled {
			continue
		}
		name := strings.ToLower(file.Filename) // Some file systems do not tell case apart.
		if other, found := taken[name]; found {
			// Blame the one that was set; the other may be a default.
			key, rival := "log_files."+string(s)+".filename", other
			if _, set := from[key]; !set {
				if k := "log_files." + string(other) + ".filename"; from[k].where != "" {
					key, rival = k, s
				}
			}
			report(key, "got %s, which is the file of log_files.%s, want a name of its own", quote(file.Filename), rival)
			continue
		}
		taken[name] = s
	}
	if *c.OTLP.Enabled {
		c.OTLP.cross(report, fs)
	}
}

func (c OTLPConfig) cross(report func(key, format string, args ...any), fs *faults) {
	endpoints := 0
	check := func(path, endpoint string, insecure *bool) {
		endpoints++
		if plaintext(endpoint) && !*insecure && !fs.about(path+"insecure") {
			report(path+"endpoint", "got %s, which is plain http to a host that is not a loopback one, want https, or %sinsecure: true",
				quote(showEndpoint(endpoint)), path)
		}
	}
	pair := func(path, certificate, key string) {
		switch {
		case certificate != "" && key == "":
			report(path+"client_certificate", "got a certificate without its key, want %sclient_key as well", path)
		case certificate == "" && key != "":
			report(path+"client_key", "got a key without its certificate, want %sclient_certificate as well", path)
		}
	}
	if c.Endpoint != "" {
		check("otlp.", c.Endpoint, c.Insecure)
	}
	pair("otlp.", c.ClientCertificate, c.ClientKey)
	for _, s := range c.signals() {
		path := "otlp." + s.name + "."
		if s.config.Endpoint != "" && *s.config.Enabled {
			check(path, s.config.Endpoint, s.config.Insecure)
		}
		if s.config.ClientCertificate != c.ClientCertificate || s.config.ClientKey != c.ClientKey {
			pair(path, s.config.ClientCertificate, s.config.ClientKey)
		}
		if fs.about(path + "endpoint") {
			endpoints++
		}
	}
	if endpoints == 0 && !fs.about("otlp.endpoint") {
		report("otlp.enabled", "got true without an endpoint, want otlp.endpoint as well")
	}
}

// parse sets f to what a text of the environment says and reports whether it
// can be read; whether it is in range is for wrong.
func (f field) parse(s string) bool {
	set := func(v any) bool {
		f.value.Set(reflect.ValueOf(v))
		return true
	}
	switch f.value.Interface().(type) {
	case string:
		switch f.tag.Get("is") {
		case "protocol", "compression", "diagnostics", "sampler":
			s = strings.ToLower(s)
		}
		return set(s)
	case []string:
		var list []string
		for _, e := range strings.Split(s, ",") {
			if e = strings.TrimSpace(e); e != "" {
				list = append(list, e)
			}
		}
		return list != nil && set(list)
	case *bool:
		switch strings.ToLower(s) {
		case "true":
			return set(new(true))
		case "false":
			return set(new(false))
		}
	case *slog.Level:
		level, err := record.ParseLevel(s)
		return err == nil && set(&level)
	case time.Duration: // The specification's variables are in milliseconds.
		ms, err := strconv.ParseInt(s, 10, 64)
		return err == nil && ms > 0 && ms < int64(365*24*time.Hour/time.Millisecond) && set(time.Duration(ms)*time.Millisecond)
	case int:
		n, err := strconv.Atoi(s)
		return err == nil && n != 0 && set(n)
	case *int:
		n, err := strconv.Atoi(s)
		return err == nil && set(&n)
	case *float64:
		n, err := strconv.ParseFloat(s, 64)
		return err == nil && set(&n)
	case Headers:
		m, ok := parsePairs(s)
		return ok && set(Headers(m))
	case map[string]string:
		m, ok := parsePairs(s)
		return ok && set(m)
	}
	return false
}

// parsePairs reads key1=value1,key2=value2 with percent-encoded values.
func parsePairs(s string) (map[string]string, bool) {
	m := map[string]string{}
	for _, pair := range strings.Split(s, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		k, v, found := strings.Cut(pair, "=")
		k = strings.TrimSpace(k)
		v, err := url.PathUnescape(strings.TrimSpace(v))
		if !found || err != nil || k == "" {
			return nil, false
		}
		m[k] = v
	}
	return m, true
}

// text returns the value of f for people, masked, or "" for none.
func (f field) text() string {
	show := mask.Default().String
	switch v := f.value.Interface().(type) {
	case string:
		if f.tag.Get("is") == "endpoint" {
			return showEndpoint(v)
		}
		return show(v)
	case []string:
		out := make([]string, len(v))
		for i, s := range v {
			out[i] = show(s)
		}
		return strings.Join(out, ", ")
	case *bool:
		return strconv.FormatBool(*v)
	case *slog.Level:
		return record.LevelText(*v)
	case time.Duration:
		if f.tag.Get("unit") == "ms" {
			return strconv.FormatFloat(float64(v)/float64(time.Millisecond), 'f', -1, 64)
		}
		return short(v)
	case int:
		return strconv.Itoa(v)
	case *int:
		return strconv.Itoa(*v)
	case *float64:
		return strconv.FormatFloat(*v, 'f', -1, 64)
	case Headers:
		return v.String()
	}
	return ""
}

// entries yields the parts of a map as their keys and texts.
func (f field) entries() [][2]string {
	var out [][2]string
	switch v := f.value.Interface().(type) {
	case Headers:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, [2]string{k, mask.Text})
		}
	case map[string]string:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			text := mask.Default().String(v[k])
			if mask.Default().Key(k) {
				text = mask.Text
			}
			out = append(out, [2]string{k, text})
		}
	case map[string]slog.Level:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, [2]string{k, record.LevelText(v[k])})
		}
	}
	return out
}
