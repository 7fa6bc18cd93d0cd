package telemetry_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"riskmanager.internal/otel/telemetry"
)

const secretText = "correct-horse-battery-staple"

type login struct {
	User   string           `json:"user" yaml:"user"`
	Pin    telemetry.Secret `json:"pin" yaml:"pin"`
	Ptr    *telemetry.Secret
	hidden telemetry.Secret
}

func TestSecretIsMaskedHoweverPrinted(t *testing.T) {
	s := telemetry.NewSecret(secretText)
	l := login{User: "u", Pin: s, Ptr: &s, hidden: s}
	marshal := func(b []byte, err error) string {
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	var logged, gobbed bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "s", s, "l", l)
	if err := gob.NewEncoder(&gobbed).Encode(s); err != nil {
		t.Error(err)
	}
	_, dir := start(t)
	telemetry.Logger(telemetry.Daemon).InfoContext(t.Context(), "x", "value", s, "login", l, "all", []telemetry.Secret{s})
	for name, got := range map[string]string{
		"%v":     fmt.Sprintf("%v", s),
		"%+v":    fmt.Sprintf("%+v", l),
		"%#v":    fmt.Sprintf("%#v", l),
		"%s":     fmt.Sprintf("%s", s),
		"%q":     fmt.Sprintf("%q", s),
		"%x":     fmt.Sprintf("%x %X", s, s),
		"%d":     fmt.Sprintf("%d", s),
		"error":  fmt.Errorf("login as %v", s).Error(),
		"JSON":   marshal(json.Marshal(l)),
		"YAML":   marshal(yaml.Marshal(l)),
		"XML":    marshal(xml.Marshal(l)),
		"key":    marshal(json.Marshal(map[telemetry.Secret]int{s: 1})),
		"slog":   logged.String(),
		"gob":    gobbed.String(),
		"record": fmt.Sprint(last(t, dir, "daemon.log")),
	} {
		if strings.Contains(got, secretText) || strings.Contains(got, "horse") {
			t.Errorf("%s shows the secret: %s", name, got)
		}
		if name != "%d" && !strings.Contains(got, "***MASKED***") {
			t.Errorf("%s: got %s, want it masked", name, got)
		}
	}
	if got := s.Reveal(); got != secretText {
		t.Errorf("Reveal: got %q", got)
	}
}

func TestSecretReads(t *testing.T) {
	for name, read := range map[string]func(*login) error{
		"JSON": func(l *login) error { return json.Unmarshal([]byte(`{"pin":"1234"}`), l) },
		"YAML": func(l *login) error { return yaml.Unmarshal([]byte("pin: \"1234\""), l) },
		"flag": func(l *login) error {
			fs := flag.NewFlagSet("", flag.ContinueOnError)
			fs.Var(&l.Pin, "pin", "")
			return fs.Parse([]string{"-pin", "1234"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var l login
			if err := read(&l); err != nil {
				t.Fatal(err)
			}
			if got := l.Pin.Reveal(); got != "1234" {
				t.Errorf("got %q, want 1234", got)
			}
		})
	}
}

func TestSecretEmpty(t *testing.T) {
	var s telemetry.Secret
	if !s.IsZero() || s.String() != "" || s.Reveal() != "" || !s.Equal(telemetry.NewSecret("")) {
		t.Errorf("got %q, zero %v", s, s.IsZero())
	}
	if a := telemetry.NewSecret("a"); a.Equal(s) || !a.Equal(telemetry.NewSecret("a")) {
		t.Error("Equal does not compare what is held")
	}
	got, err := yaml.Marshal(struct {
		S telemetry.Secret `yaml:"s,omitempty"`
	}{})
	if err != nil || string(got) != "{}\n" {
		t.Errorf("got %q, %v, want the field left out", got, err)
	}
}

func ExampleSecret() {
	config := struct {
		User   string
		APIKey telemetry.Secret
	}{"trader", telemetry.NewSecret("tsx-live-4711")}
	fmt.Printf("%+v\n", config)
	text, _ := json.Marshal(config)
	fmt.Println(string(text))
	// Output:
	// {User:trader APIKey:***MASKED***}
	// {"User":"trader","APIKey":"***MASKED***"}
}
