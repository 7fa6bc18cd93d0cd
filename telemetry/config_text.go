package telemetry

import (
	"log/slog"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

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
		for e := range strings.SplitSeq(s, ",") {
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
	for pair := range strings.SplitSeq(s, ",") {
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
