package telemetry_test

import (
	"errors"
	"flag"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/telemetry"
)

var updateConfig = flag.Bool("update-config", false, "rewrite testdata/config and docs/configuration.md")

// environment returns a lookup function over name=value pairs.
func environment(pairs ...string) telemetry.LookupFunc {
	return func(name string) (string, bool) {
		for _, p := range pairs {
			if n, v, _ := strings.Cut(p, "="); n == name {
				return v, true
			}
		}
		return "", false
	}
}

// TestConfigFaults has one golden text for each file with faults. The secret of
// the files is hunter2.
func TestConfigFaults(t *testing.T) {
	const dir = "testdata/config/faults"
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".yaml")
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			_, _, err := telemetry.LoadConfig(path.Join(dir, e.Name()), environment())
			if !errors.Is(err, telemetry.ErrConfig) {
				t.Fatalf("got %v, want an error that wraps ErrConfig", err)
			}
			got := err.Error() + "\n"
			if strings.Contains(got, "hunter2") {
				t.Errorf("the error tells the secret:\n%s", got)
			}
			golden := path.Join(dir, name+".txt")
			if *updateConfig {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, string(want)); diff != "" {
				t.Errorf("error text (-got +want):\n%s", diff)
			}
		})
	}
}
