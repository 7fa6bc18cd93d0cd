package telemetry_test

import (
	"fmt"

	"riskmanager.internal/otel/telemetry"
)

// What is not left to its default, and who said so.
func ExampleLoadConfig() {
	environment := map[string]string{
		"RISK_MANAGER_LOG_LEVEL":      "DEBUG",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "https://user:password@collector.example.com",
	}
	_, settings, err := telemetry.LoadConfig("testdata/config/example.yaml", func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range settings {
		if s.Source != "default" {
			fmt.Printf("%s = %s (%s)\n", s.Key, s.Value, s.Source)
		}
	}
	// Output:
	// log_dir = /var/log/risk-manager (testdata/config/example.yaml:1)
	// log_level = DEBUG (RISK_MANAGER_LOG_LEVEL)
	// rotation.max_mb = 50 (testdata/config/example.yaml:4)
	// otlp.enabled = true (OTEL_EXPORTER_OTLP_ENDPOINT)
	// otlp.endpoint = https://***MASKED***@collector.example.com (OTEL_EXPORTER_OTLP_ENDPOINT)
	// otlp.headers.X-Tenant = ***MASKED*** (testdata/config/example.yaml:7)
}

// Every mistake is told at once.
func ExampleConfig_Validate() {
	err := telemetry.Config{
		Rotation: telemetry.RotationConfig{MaxMB: -1, Compress: new(false)},
		OTLP:     telemetry.OTLPConfig{Endpoint: "http://collector.example.com:4318"},
	}.Validate()
	fmt.Println(err)
	// Output:
	// telemetry: rotation.max_mb: got -1, want a whole number of MiB, 1 to 1048576
	// telemetry: otlp.endpoint: got "http://collector.example.com:4318", which is plain http to a host that is not a loopback one, want https, or otlp.insecure: true
}
