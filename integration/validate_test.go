package integration

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestConfigurationsValidate(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  []string
	}{
		{"collector", []string{localConfig}, nil},
		{"collector, otlp_http", []string{localConfig}, []string{"OTELCOL_UPSTREAM=otlp_http"}},
		{"collector, otlp_grpc", []string{localConfig}, []string{"OTELCOL_UPSTREAM=otlp_grpc"}},
		{"tail", []string{tailConfig}, nil},
		{"tail, otlp_http", []string{tailConfig}, []string{"OTELCOL_UPSTREAM=otlp_http"}},
		{"tail, otlp_grpc", []string{tailConfig}, []string{"OTELCOL_UPSTREAM=otlp_grpc"}},
		{"gateway", []string{gatewayConfig}, nil},
		{"gateway, TLS", []string{gatewayConfig, gatewayTLSConfig}, nil},
		{"gateway, Kafka", []string{gatewayConfig}, []string{
			"GATEWAY_LOGS=kafka", "GATEWAY_TRACES=kafka", "GATEWAY_METRICS=kafka",
		}},
		{"gateway, ClickHouse", []string{gatewayConfig}, []string{
			"GATEWAY_LOGS=clickhouse", "GATEWAY_TRACES=clickhouse", "GATEWAY_METRICS=clickhouse",
		}},
		{"gateway, Loki, Tempo and Prometheus", []string{gatewayConfig}, []string{
			"GATEWAY_LOGS=otlp_http/loki", "GATEWAY_TRACES=otlp_grpc/tempo", "GATEWAY_METRICS=otlp_http/prometheus",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := []string{"validate"}
			for _, a := range tt.args {
				args = append(args, "--config", a)
			}
			cmd := exec.Command(os.Args[0], args...)
			cmd.Env = append(append(cleanEnviron(), childEnv+"=collector"), tt.env...)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			for _, word := range []string{"deprecated", "warn"} {
				if strings.Contains(strings.ToLower(string(out)), word) {
					t.Errorf("validate says:\n%s", out)
				}
			}
		})
	}
}

// The manifest of the builder has the components that the configurations use,
// no others, in the versions that these tests run.
func TestManifest(t *testing.T) {
	var manifest map[string]yaml.Node
	b, err := os.ReadFile("../examples/collector/builder.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &manifest); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, kind := range []string{"extensions", "receivers", "processors", "exporters", "providers", "telemetry"} {
		node, ok := manifest[kind]
		if !ok {
			continue
		}
		var modules []struct{ Gomod string }
		if kind == "telemetry" {
			modules = make([]struct{ Gomod string }, 1)
			if err := node.Decode(&modules[0]); err != nil {
				t.Fatal(err)
			}
		} else if err := node.Decode(&modules); err != nil {
			t.Fatal(err)
		}
		for _, m := range modules {
			listed = append(listed, m.Gomod)
			if !strings.Contains(string(mod), "\t"+m.Gomod+"\n") {
				t.Errorf("go.mod does not require %s", m.Gomod)
			}
		}
	}
	src, err := os.ReadFile("components_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(src)) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), `"`)
		path = strings.TrimSuffix(path, `"`)
		isPart := strings.Contains(path, "-contrib/") || strings.Contains(path, "provider/") ||
			strings.HasPrefix(path, "go.opentelemetry.io/collector/exporter/") ||
			strings.HasPrefix(path, "go.opentelemetry.io/collector/processor/") ||
			strings.HasPrefix(path, "go.opentelemetry.io/collector/receiver/")
		if ok && isPart && !slices.ContainsFunc(listed, func(m string) bool { return strings.HasPrefix(m, path+" ") }) {
			t.Errorf("the manifest does not list %s", path)
		}
	}

	used := map[string]bool{}
	for _, path := range []string{localConfig, tailConfig, gatewayConfig} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var cfg map[string]map[string]any
		if err := yaml.Unmarshal(b, &cfg); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"extensions", "receivers", "processors", "exporters"} {
			for id := range cfg[kind] {
				name, _, _ := strings.Cut(id, "/")
				used[kind+" "+name] = true
			}
		}
	}
	f, err := factories()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, c := range f.Extensions { // Under its old name too, if it has one.
		have["extensions "+c.Type().String()] = true
	}
	for _, c := range f.Receivers { // Under its old name too, if it has one.
		have["receivers "+c.Type().String()] = true
	}
	for _, c := range f.Processors { // Under its old name too, if it has one.
		have["processors "+c.Type().String()] = true
	}
	for _, c := range f.Exporters { // Under its old name too, if it has one.
		have["exporters "+c.Type().String()] = true
	}
	for k := range used {
		if !have[k] {
			t.Errorf("%s is used and not built in", k)
		}
	}
	for k := range have {
		if !used[k] {
			t.Errorf("%s is built in and not used", k)
		}
	}
}
