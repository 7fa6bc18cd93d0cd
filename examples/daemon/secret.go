package main

import (
	"log/slog"

	"riskmanager.internal/otel/mask"
)

// secret is a credential: however it is printed or logged, it is masked.
type secret string

// Reveal returns the credential, for those that it is meant for.
func (s secret) Reveal() string { return string(s) }

// String implements fmt.Stringer.
func (s secret) String() string { return mask.Text }

// GoString implements fmt.GoStringer.
func (s secret) GoString() string { return mask.Text }

// LogValue implements slog.LogValuer.
func (s secret) LogValue() slog.Value { return slog.StringValue(mask.Text) }

// MarshalText implements encoding.TextMarshaler, for JSON and YAML.
func (s secret) MarshalText() ([]byte, error) { return []byte(mask.Text), nil }
