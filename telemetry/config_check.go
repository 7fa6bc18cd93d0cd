package telemetry

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
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
		return "an RE2 regular expression (it has no lookaround and no backreference)", func(s string) bool { return patternFault(s) == "" }
	}
	return "", nil
}

// patternFault says why a pattern is none.
func patternFault(s string) string {
	_, err := regexp.Compile(s)
	var bad *syntax.Error
	switch {
	case s == "":
		return "matches nothing but the empty text"
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
