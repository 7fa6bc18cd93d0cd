package telemetry

import (
	"encoding/json"
	"fmt"
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

// MarshalJSON implements json.Marshaler.
func (h Headers) MarshalJSON() ([]byte, error) { return json.Marshal(h.masked()) }

// The types without the methods below, to print what is masked.
type (
	plainOTLP   OTLPConfig
	plainSignal OTLPSignalConfig
)

func (c OTLPConfig) masked() plainOTLP {
	c.Endpoint = showEndpoint(c.Endpoint)
	return plainOTLP(c)
}

// String returns the configuration with its credentials masked, as every other
// way of printing it does.
func (c OTLPConfig) String() string { return fmt.Sprintf("%+v", c.masked()) }

// GoString is like [OTLPConfig.String].
func (c OTLPConfig) GoString() string { return fmt.Sprintf("%#v", c.masked()) }

// LogValue implements slog.LogValuer.
func (c OTLPConfig) LogValue() slog.Value { return slog.AnyValue(c.masked()) }

// MarshalYAML implements yaml.Marshaler.
func (c OTLPConfig) MarshalYAML() (any, error) { return c.masked(), nil }

// MarshalJSON implements json.Marshaler.
func (c OTLPConfig) MarshalJSON() ([]byte, error) { return json.Marshal(c.masked()) }

func (c OTLPSignalConfig) masked() plainSignal {
	c.Endpoint = showEndpoint(c.Endpoint)
	return plainSignal(c)
}

// String returns the configuration with its credentials masked, as every other
// way of printing it does.
func (c OTLPSignalConfig) String() string { return fmt.Sprintf("%+v", c.masked()) }

// GoString is like [OTLPSignalConfig.String].
func (c OTLPSignalConfig) GoString() string { return fmt.Sprintf("%#v", c.masked()) }

// LogValue implements slog.LogValuer.
func (c OTLPSignalConfig) LogValue() slog.Value { return slog.AnyValue(c.masked()) }

// MarshalYAML implements yaml.Marshaler.
func (c OTLPSignalConfig) MarshalYAML() (any, error) { return c.masked(), nil }

// MarshalJSON implements json.Marshaler.
func (c OTLPSignalConfig) MarshalJSON() ([]byte, error) { return json.Marshal(c.masked()) }
