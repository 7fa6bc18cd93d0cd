package telemetry

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"riskmanager.internal/otel/mask"
)

// Secret holds a credential whose every printing is masked: fmt with any verb,
// JSON, YAML, XML, flags and slog show ***MASKED***, and nothing if it is
// empty. So a configuration that holds one can be logged as it is:
//
//	type Login struct {
//		User   string           `yaml:"user"`
//		APIKey telemetry.Secret `yaml:"api_key"`
//	}
//
// It reads from JSON, YAML, environment libraries and flags as a string does.
// [Secret.Reveal] gives the credential. The zero value is empty.
type Secret struct {
	// A pointer, so that fmt, which reads unexported fields without asking
	// their methods, prints an address.
	value *string
}

// NewSecret returns a Secret that holds s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{value: &s}
}

// Reveal returns the credential itself.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no credential. With it, omitempty in YAML and
// omitzero in JSON leave the field out.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal reports whether both hold the same credential. How long it takes does
// not tell where they differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns the mask text, or "" for an empty Secret.
func (s Secret) String() string {
	if s.value == nil {
		return ""
	}
	return mask.Text
}

// GoString is like [Secret.String].
func (s Secret) GoString() string { return s.String() }

// Format implements fmt.Formatter: every verb prints what [Secret.String]
// returns.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalYAML implements yaml.Marshaler.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// MarshalBinary implements encoding.BinaryMarshaler, for gob.
func (s Secret) MarshalBinary() ([]byte, error) { return s.MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler, which JSON and YAML use.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

// Set implements flag.Value.
func (s *Secret) Set(text string) error { return s.UnmarshalText([]byte(text)) }
