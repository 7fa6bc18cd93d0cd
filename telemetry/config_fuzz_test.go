package telemetry_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"riskmanager.internal/otel/telemetry"
)

// FuzzConfig reads arbitrary files: each gives a valid configuration or an
// error that wraps ErrConfig, and neither the error nor the settings tell what
// stands where secrets do.
func FuzzConfig(f *testing.F) {
	for _, pattern := range []string{"testdata/config/*.yaml", "testdata/config/faults/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: got %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for variant := range uint8(12) {
				f.Add(string(b), "Authorization", "https://u:SECRET@host", variant)
			}
		}
	}
	f.Add("otlp:\n  headers: [SECRET]\n", "a b", "SECRET@x", uint8(0))
	f.Fuzz(func(t *testing.T, text, header, endpoint string, variant uint8) {
		const canary = "CANARY5eCreT"
		dir := t.TempDir()
		load := func(text string, env ...string) string {
			file := filepath.Join(dir, "f.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, settings, err := telemetry.LoadConfig(file, environment(env...))
			var b strings.Builder
			if err != nil {
				if !errors.Is(err, telemetry.ErrConfig) {
					t.Errorf("got %v, want an error that wraps ErrConfig", err)
				}
				for line := range strings.Lines(err.Error()) {
					if !strings.HasPrefix(line, "telemetry: ") {
						t.Errorf("got line %q, want it to begin with telemetry:", line)
					}
				}
				b.WriteString(err.Error())
			} else if err := cfg.Validate(); err != nil {
				t.Errorf("got a configuration that is not valid: %v", err)
			}
			for _, s := range settings {
				b.WriteString(s.Key + s.Value + s.Source + "\n")
			}
			b.WriteString(cfg.OTLP.String())
			return b.String()
		}
		load(text)
		if strings.Contains(text+header+endpoint, canary) {
			return
		}

		// The secret where it belongs, after whatever the file has.
		header = strings.Map(func(r rune) rune {
			if r < ' ' || r == '"' || r == '\\' || r == 0x7f {
				return '_'
			}
			return r
		}, strings.ToValidUTF8(header, "_"))
		secrets := []string{
			"otlp:\n  headers:\n    \"" + header + "\": " + canary + "\n",
			"otlp:\n  headers:\n    \"" + header + "\": [" + canary + "]\n",
			"otlp:\n  headers: " + canary + "\n",
			"otlp:\n  headers:\n  - " + canary + "\n",
			"otlp:\n  endpoint: http://u:" + canary + "@" + header + "\n",
			"otlp:\n  endpoint: " + canary + "@c\n",
			"otlp:\n  traces:\n    endpoint: https://c:x/?k=" + canary + "\n",
			"service:\n  password: " + canary + "\n",
			"log_dir:\n  api_key: " + canary + "\n",
			"log_level: password=" + canary + "\n",
			"service:\n  attributes:\n    api_key: [" + canary + "]\n",
			"service:\n  attributes:\n    api_key: \"" + canary + "\\u0001\"\n",
		}
		secret := secrets[int(variant)%len(secrets)]
		for _, whole := range []string{text + "\n" + secret, secret + text} {
			if got := load(whole); strings.Contains(got, canary) {
				t.Errorf("the secret of\n%s\nis in\n%s", whole, got)
			}
		}
		if got := load(text, "OTEL_EXPORTER_OTLP_HEADERS="+header+canary, "OTEL_EXPORTER_OTLP_ENDPOINT=http://u:"+canary+"@"+endpoint); strings.Contains(got, canary) {
			t.Errorf("the secret of the environment is in\n%s", got)
		}
	})
}
