package telemetry

import (
	"log/slog"
	"maps"
	"slices"
	"strings"

	"riskmanager.internal/otel/mask"
)

// Headers are HTTP headers, or gRPC metadata, by name. However they are
// printed, logged or marshaled, their values are masked.
type Headers map[string]string

// with returns the headers of h and more, which win. Case does not matter.
func (h Headers) with(more Headers) Headers {
	if len(more) == 0 {
		return h
	}
	out := make(Headers, len(h)+len(more))
	for name, v := range h {
		if _, found := more.find(name); !found {
			out[name] = v
		}
	}
	maps.Copy(out, more)
	return out
}

// find returns the name that h has for a header.
func (h Headers) find(name string) (string, bool) {
	for n := range h {
		if strings.EqualFold(n, name) {
			return n, true
		}
	}
	return "", false
}

func (h Headers) masked() map[string]string {
	m := make(map[string]string, len(h))
	for name := range h {
		m[mask.Default().String(name)] = mask.Text
	}
	return m
}

// String returns the names, each with a masked value.
func (h Headers) String() string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(h.masked())) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name + "=" + mask.Text)
	}
	return b.String()
}

// GoString is like [Headers.String].
func (h Headers) GoString() string { return "telemetry.Headers{" + h.String() + "}" }

// LogValue implements slog.LogValuer.
func (h Headers) LogValue() slog.Value { return slog.AnyValue(h.masked()) }

// MarshalYAML implements yaml.Marshaler.
func (h Headers) MarshalYAML() (any, error) { return h.masked(), nil }
