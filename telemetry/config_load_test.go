package telemetry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"riskmanager.internal/otel/telemetry"
)

// yamlFile writes a YAML file and returns its name.
func yamlFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "logging.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// setting returns a setting, with the directory of the file left out.
func setting(settings []telemetry.Setting, key string) telemetry.Setting {
	for _, s := range settings {
		if s.Key == key {
			if i := strings.LastIndexByte(s.Source, filepath.Separator); i >= 0 {
				s.Source = s.Source[i+1:]
			}
			return s
		}
	}
	return telemetry.Setting{}
}

func TestLoadConfigDefaults(t *testing.T) {
	cfg, settings, err := telemetry.LoadConfig("", environment())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.LogDir != "logs" || *cfg.LogLevel != slog.LevelInfo || *cfg.EnableConsole || !*cfg.EnableJSON || *cfg.OTLP.Enabled ||
		cfg.Rotation.MaxMB != 10 || *cfg.Rotation.BackupCount != 7 || *cfg.Rotation.MaxAgeDays != 7 || !*cfg.Rotation.Compress {
		t.Errorf("got %+v", cfg)
	}
	for _, s := range settings {
		if s.Source != "default" {
			t.Errorf("%s: got source %q, want default", s.Key, s.Source)
		}
	}
}

// TestLoadConfigPrecedence has the four sources of a value, each of which wins
// over those before it.
func TestLoadConfigPrecedence(t *testing.T) {
	const file = "log_dir: file\nlog_level: DEBUG\nservice: {name: file}\notlp: {endpoint: 'http://[::1]:1'}\n"
	env := []string{
		"RISK_MANAGER_LOG_DIR=env", "RISK_MANAGER_LOG_LEVEL=warning",
		"OTEL_SERVICE_NAME=env", "OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:2",
	}
	option := telemetry.Config{
		LogDir: "option", LogLevel: new(slog.LevelError), Service: telemetry.ServiceConfig{Name: "option"},
		OTLP: telemetry.OTLPConfig{Endpoint: "http://[::1]:3"},
	}
	keys := []string{"log_dir", "log_level", "service.name", "otlp.endpoint"}
	for _, tt := range []struct {
		name             string
		file, env, code  bool
		values, variable []string
		source           string
	}{
		{name: "default", values: []string{"logs", "INFO", "risk_manager", ""}, source: "default"},
		{name: "file", file: true, values: []string{"file", "DEBUG", "file", "http://[::1]:1"}, source: "logging.yaml:"},
		{name: "environment", env: true, values: []string{"env", "WARNING", "env", "http://[::1]:2"}, source: "env"},
		{name: "option", code: true, values: []string{"option", "ERROR", "option", "http://[::1]:3"}, source: "option"},
		{name: "environment over file", file: true, env: true, values: []string{"env", "WARNING", "env", "http://[::1]:2"}, source: "env"},
		{name: "option over file", file: true, code: true, values: []string{"option", "ERROR", "option", "http://[::1]:3"}, source: "option"},
		{name: "option over environment", env: true, code: true, values: []string{"option", "ERROR", "option", "http://[::1]:3"}, source: "option"},
		{name: "all", file: true, env: true, code: true, values: []string{"option", "ERROR", "option", "http://[::1]:3"}, source: "option"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, lookup, over := "", environment(), telemetry.Config{}
			if tt.file {
				path = yamlFile(t, file)
			}
			if tt.env {
				lookup = environment(env...)
			}
			if tt.code {
				over = option
			}
			_, settings, err := telemetry.LoadConfigOver(path, lookup, over)
			if err != nil {
				t.Fatal(err)
			}
			for i, key := range keys {
				s := setting(settings, key)
				want := tt.source
				switch want {
				case "env":
					want, _, _ = strings.Cut(env[i], "=")
				case "logging.yaml:":
					want += strconv.Itoa(i + 1)
				}
				if s.Value != tt.values[i] || s.Source != want {
					t.Errorf("%s: got %q from %q, want %q from %q", key, s.Value, s.Source, tt.values[i], want)
				}
			}
		})
	}
}

func TestLoadConfigFindsTheFile(t *testing.T) {
	a, b := yamlFile(t, "log_dir: a\n"), yamlFile(t, "log_dir: b\n")
	for _, tt := range []struct{ name, path, variable, want string }{
		{"path", a, "", "a"},
		{"variable", "", b, "b"},
		{"path over variable", a, b, "a"},
		{"neither", "", "", "logs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, _, err := telemetry.LoadConfig(tt.path, environment("RISK_MANAGER_CONFIG="+tt.variable))
			if err != nil || cfg.LogDir != tt.want {
				t.Errorf("got %q, %v, want %q", cfg.LogDir, err, tt.want)
			}
		})
	}
}

// A signal's headers replace the general ones, as OpenTelemetry's specification
// of the exporters has it.
func TestLoadConfigSignalHeaders(t *testing.T) {
	cfg, _, err := telemetry.LoadConfig("", environment(
		"OTEL_EXPORTER_OTLP_ENDPOINT=https://c", "OTEL_EXPORTER_OTLP_HEADERS=x-all=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=x-own=2"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		got, want telemetry.Headers
	}{
		{"logs", cfg.OTLP.Logs.Headers, telemetry.Headers{"x-all": "1"}},
		{"traces", cfg.OTLP.Traces.Headers, telemetry.Headers{"x-own": "2"}},
	} {
		if !maps.Equal(tt.got, tt.want) {
			t.Errorf("%s: got %d headers, %v, want %v", tt.name, len(tt.got), tt.got, tt.want)
		}
	}
}

func TestLoadConfigListsAndMapsAddUp(t *testing.T) {
	file := yamlFile(t, `
security: {additional_keys: [a, b]}
otlp: {headers: {X-One: file, X-Two: file}}
log_levels: {risk_manager.api: DEBUG, lib: ERROR}
`)
	over := telemetry.Config{
		Security:  telemetry.SecurityConfig{AdditionalKeys: []string{"b", "c"}},
		LogLevels: map[string]slog.Level{"lib": slog.LevelInfo},
	}
	cfg, settings, err := telemetry.LoadConfigOver(file, environment("OTEL_EXPORTER_OTLP_HEADERS=x-two=env,x-three=a%20b"), over)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cfg.Security.AdditionalKeys, []string{"a", "b", "c"}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string(cfg.OTLP.Headers), map[string]string{"X-One": "file", "x-two": "env", "x-three": "a b"}); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(cfg.LogLevels, map[string]slog.Level{"risk_manager.api": slog.LevelDebug, "lib": slog.LevelInfo}); diff != "" {
		t.Error(diff)
	}
	for key, want := range map[string]telemetry.Setting{
		"security.additional_keys":    {Value: "a, b, c", Source: "logging.yaml:2, option"},
		"log_levels.lib":              {Value: "INFO", Source: "option"},
		"log_levels.risk_manager.api": {Value: "DEBUG", Source: "logging.yaml:4"},
		"otlp.headers.x-two":          {Value: "***MASKED***", Source: "OTEL_EXPORTER_OTLP_HEADERS"},
		"otlp.headers.X-One":          {Value: "***MASKED***", Source: "logging.yaml:3"},
	} {
		got := setting(settings, key)
		if i := strings.LastIndex(got.Source, "logging.yaml"); i > 0 {
			got.Source = got.Source[i:]
		}
		want.Key = key
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if len(over.LogLevels) != 1 || len(over.Security.AdditionalKeys) != 2 {
		t.Errorf("the caller's configuration was changed: %+v", over)
	}
}

// TestLoadConfigSignals has what a signal takes from the general settings.
func TestLoadConfigSignals(t *testing.T) {
	for _, tt := range []struct {
		name, file     string
		env            []string
		over           telemetry.OTLPConfig
		logs, protocol string // Of logs.
		on, insecure   bool
	}{
		{
			name: "inherits",
			file: "otlp: {endpoint: 'http://c:1', protocol: grpc, insecure: true}",
			on:   true, protocol: "grpc", insecure: true,
		},
		{
			name: "overrides in the same source",
			file: "otlp: {endpoint: 'http://c:1', insecure: true, logs: {endpoint: 'https://l:1', protocol: grpc, insecure: false}}",
			on:   true, logs: "https://l:1", protocol: "grpc",
		},
		{
			name: "its own endpoint is enough",
			env:  []string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=https://l:1"},
			on:   true, logs: "https://l:1", protocol: "http/protobuf",
		},
		{
			name: "a general variable wins over a signal's key",
			file: "otlp: {logs: {endpoint: 'https://l:1', protocol: grpc}}",
			env:  []string{"OTEL_EXPORTER_OTLP_ENDPOINT=https://c:1"},
			on:   true, protocol: "grpc",
		},
		{
			name: "an option wins over a signal's variable",
			env:  []string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=https://l:1"},
			over: telemetry.OTLPConfig{Endpoint: "https://c:1"},
			on:   true, protocol: "http/protobuf",
		},
		{
			name: "a switched off file stays off",
			file: "otlp: {enabled: false}",
			env:  []string{"OTEL_EXPORTER_OTLP_ENDPOINT=https://c:1"},
			on:   false, protocol: "http/protobuf",
		},
		{
			name: "but not against code",
			file: "otlp: {enabled: false}",
			over: telemetry.OTLPConfig{Endpoint: "https://c:1"},
			on:   true, protocol: "http/protobuf",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg, settings, err := telemetry.LoadConfigOver(yamlFile(t, tt.file), environment(tt.env...), telemetry.Config{OTLP: tt.over})
			if err != nil {
				t.Fatal(err)
			}
			o := cfg.OTLP
			if *o.Enabled != tt.on || o.Logs.Endpoint != tt.logs || o.Logs.Protocol != tt.protocol || *o.Logs.Insecure != tt.insecure {
				t.Errorf("got %s", o)
			}
			if s := setting(settings, "otlp.logs.endpoint"); s.Value != tt.logs {
				t.Errorf("got setting %+v, want %q", s, tt.logs)
			}
		})
	}
}

func TestLoadConfigSignalSwitch(t *testing.T) {
	cfg, settings, err := telemetry.LoadConfig(yamlFile(t, "otlp:\n  endpoint: http://localhost:4318\n  logs: true\n  traces: false\n  metrics: {enabled: no}\n"), environment())
	if err != nil {
		t.Fatal(err)
	}
	if !*cfg.OTLP.Logs.Enabled || *cfg.OTLP.Traces.Enabled || *cfg.OTLP.Metrics.Enabled {
		t.Errorf("got %s", cfg.OTLP)
	}
	if s := setting(settings, "otlp.traces.enabled"); s.Source != "logging.yaml:4" {
		t.Errorf("got %+v, want line 4", s)
	}
}

// TestLoadConfigPython loads the whole file of the Python system.
func TestLoadConfigPython(t *testing.T) {
	cfg, settings, err := telemetry.LoadConfig("testdata/config/python.yaml", environment())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Performance.Threshold != 100*time.Millisecond || *cfg.LogFiles.Enforcement.Level != slog.LevelInfo ||
		cfg.LogFiles.API.Description != "TopstepX API calls" || !*cfg.Development.FullTraces || *cfg.EnableConsole {
		t.Errorf("got %+v", cfg)
	}
	if s := setting(settings, "performance.threshold_ms"); s.Value != "100" {
		t.Errorf("got %+v, want 100", s)
	}
}

func TestLoadConfigAccepts(t *testing.T) {
	for _, tt := range []struct{ name, file, key, want string }{
		{"empty", "", "log_dir", "logs"},
		{"comments", "# nothing\n", "log_dir", "logs"},
		{"null document", "---\n", "log_dir", "logs"},
		{"byte order mark", "\ufefflog_dir: x\n", "log_dir", "x"},
		{"UTF-16", "\xff\xfel\x00o\x00g\x00_\x00d\x00i\x00r\x00:\x00 \x00x\x00", "log_dir", "x"},
		{"Windows lines", "log_dir: x\r\nrotation:\r\n  max_mb: 3\r\n", "rotation.max_mb", "3"},
		{"section without keys", "rotation:\n  # max_mb: 3\nlog_dir: x\n", "log_dir", "x"},
		{"list without elements", "security:\n  additional_patterns:\n", "security.additional_patterns", ""},
		{"end of document", "log_dir: x\n...\n", "log_dir", "x"},
		{"level in lower case", "log_level: warn", "log_level", "WARNING"},
		{"level FATAL", "log_level: Fatal", "log_level", "CRITICAL"},
		{"level with offset", "log_level: info+1", "log_level", "INFO+1"},
		{"boolean of YAML 1.1", "enable_console: Yes", "enable_console", "true"},
		{"keep all backups", "rotation: {backup_count: 0, max_age_days: 0}", "rotation.backup_count", "0"},
		{"fraction of a millisecond", "performance: {threshold_ms: 0.25}", "performance.threshold_ms", "0.25"},
		{"no threshold", "performance: {threshold_ms: 0}", "performance.threshold_ms", "0"},
		{"version that looks like a number", "service: {version: 1.10}", "service.version", "1.10"},
		{"no endpoint", "otlp: {endpoint: ''}", "otlp.enabled", "false"},
		{"plain http to loopback", "otlp: {endpoint: 'http://127.0.0.2:4318'}", "otlp.enabled", "true"},
		{"plain http when told", "otlp: {endpoint: 'http://c:4318', insecure: true}", "otlp.endpoint", "http://c:4318"},
		{"host and port", "otlp: {endpoint: 'c:4317', protocol: grpc}", "otlp.endpoint", "c:4317"},
		{"console for development", "development: {console_duplicate: true}", "enable_console", "true"},
		{"console explicitly off", "development: {console_duplicate: true}\nenable_console: false", "enable_console", "false"},
		{"anchor that nothing refers to", "log_dir: &a x", "log_dir", "x"},
		{"files may swap names", "log_files: {daemon: {filename: api.log}, api: {filename: daemon.log}}", "log_files.api.filename", "daemon.log"},
		{"a disabled file takes no name", "log_files: {daemon: {enabled: false}, api: {filename: daemon.log}}", "log_files.api.filename", "daemon.log"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, settings, err := telemetry.LoadConfig(yamlFile(t, tt.file), environment())
			if err != nil {
				t.Fatal(err)
			}
			if got := setting(settings, tt.key).Value; got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.key, got, tt.want)
			}
		})
	}
}

func TestLoadConfigUnreadable(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, []byte(strings.Repeat("# comment\n", 120_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.yaml")
	for _, tt := range []struct{ name, path, variable, want string }{
		{"missing", missing, "", missing + ": no such file or directory, want a readable YAML file"},
		{"missing, by variable", "", missing, "RISK_MANAGER_CONFIG: " + missing + ": no such file or directory, want a readable YAML file"},
		{"directory", dir, "", dir + ": got a directory, want a YAML file"},
		{"device", "/dev/zero", "", "/dev/zero: got a special file, want a YAML file"},
		{"large", large, "", large + ": got 1200000 bytes, want a YAML file of at most 1 MiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := telemetry.LoadConfig(tt.path, environment("RISK_MANAGER_CONFIG="+tt.variable))
			if !errors.Is(err, telemetry.ErrConfig) || err.Error() != "telemetry: "+tt.want {
				t.Errorf("got  %v\nwant telemetry: %s", err, tt.want)
			}
		})
	}
}

// TestLoadConfigReportsAllSources: one error has the faults of the file, of the
// environment and of options.
func TestLoadConfigReportsAllSources(t *testing.T) {
	file := yamlFile(t, "rotation:\n  max_mb: ten\nlog_dir: 5\n")
	_, _, err := telemetry.LoadConfigOver(file, environment("RISK_MANAGER_LOG_LEVEL=LOUD"), telemetry.Config{
		Rotation: telemetry.RotationConfig{BackupCount: new(-1)},
	})
	want := "telemetry: " + file + `:2: rotation.max_mb: got "ten", want a whole number of MiB, 1 to 1048576
telemetry: ` + file + `:3: log_dir: got 5, want a directory such as /var/log/risk-manager (~ is not expanded)
telemetry: RISK_MANAGER_LOG_LEVEL: got "LOUD", want DEBUG, INFO, WARNING, ERROR or CRITICAL, with an offset (INFO+1) or without
telemetry: option: rotation.backup_count: got -1, want a whole number of files, 0 to 1000000`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := (telemetry.Config{}).Validate(); err != nil {
		t.Errorf("zero: got %v, want nil", err)
	}
	cfg := telemetry.Config{
		LogDir:    "a\x00b",
		LogLevels: map[string]slog.Level{"": slog.LevelInfo},
		Rotation:  telemetry.RotationConfig{MaxMB: -1, MaxAgeDays: new(-7)},
		LogFiles:  telemetry.LogFilesConfig{API: telemetry.LogFileConfig{Filename: "error.log"}},
		Performance: telemetry.PerformanceConfig{
			Threshold: -time.Second,
		},
		Security: telemetry.SecurityConfig{AdditionalPatterns: []string{"ok", "("}},
		OTLP: telemetry.OTLPConfig{
			Endpoint: "http://u:hunter2@c:1", Timeout: time.Microsecond, Headers: map[string]string{"A": "hunter2\n"},
		},
		SDK: telemetry.SDKConfig{Sampler: "jaeger_remote", SamplerRatio: new(1.5), Propagators: []string{"b3"}},
	}
	want := `telemetry: log_dir: got "a\x00b", want a directory such as /var/log/risk-manager (~ is not expanded)
telemetry: log_levels.: got "", want a name: text without control characters
telemetry: rotation.max_mb: got -1, want a whole number of MiB, 1 to 1048576
telemetry: rotation.max_age_days: got -7, want a whole number of days, 0 to 36500
telemetry: performance.threshold_ms: got -1000, want a number of milliseconds, 0 to 86400000
telemetry: security.additional_patterns[1]: got "(", which does not compile (missing closing )), want an RE2 regular expression (it has no lookaround and no backreference)
telemetry: otlp.headers.A: the value has a control character, want text on one line
telemetry: otlp.timeout: got 1µs, want a duration with its unit, such as 10s or 500ms, 1ms to 1h
telemetry: OTEL_PROPAGATORS[0]: got "b3", want tracecontext, baggage or none
telemetry: OTEL_TRACES_SAMPLER: got "jaeger_remote", want always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio
telemetry: OTEL_TRACES_SAMPLER_ARG: got 1.5, want a number, 0 to 1
telemetry: log_files.error.filename: got "error.log", which is the file of log_files.api, want a name of its own
telemetry: otlp.endpoint: got "http://***MASKED***@c:1", which is plain http to a host that is not a loopback one, want https, or otlp.insecure: true`
	err := cfg.Validate()
	if !errors.Is(err, telemetry.ErrConfig) {
		t.Fatalf("got %v, want ErrConfig", err)
	}
	if diff := cmp.Diff(strings.Split(err.Error(), "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("error text (-got +want):\n%s", diff)
	}
}

// TestConfigPrintsMasked prints a configuration in every usual way.
func TestConfigPrintsMasked(t *testing.T) {
	cfg, settings, err := telemetry.LoadConfig(yamlFile(t, `
service: {attributes: {api_key: hunter2}}
otlp:
  endpoint: https://user:hunter2@c:4318/?token=hunter2
  headers: {Authorization: Bearer hunter2}
  traces: {endpoint: "https://hunter2@c", headers: {X-Api-Key: hunter2}}
`), environment())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v %+v %#v %s\n", cfg.OTLP, cfg.OTLP, cfg.OTLP, cfg.OTLP)
	fmt.Fprintf(&b, "%v %+v %#v\n", cfg.OTLP.Headers, cfg.OTLP.Traces, cfg.OTLP.Traces)
	fmt.Fprintf(&b, "%v\n", settings)
	asJSON, err := json.Marshal(cfg.OTLP)
	if err != nil {
		t.Error(err)
	}
	b.Write(asJSON)
	asYAML, err := yaml.Marshal(cfg.OTLP)
	if err != nil {
		t.Error(err)
	}
	b.Write(asYAML)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "otlp", cfg.OTLP, "headers", cfg.OTLP.Headers)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "otlp", cfg.OTLP, "headers", cfg.OTLP.Headers)
	cfg.Service = telemetry.ServiceConfig{}
	fmt.Fprintf(&b, "%v %+v %#v\n", cfg, cfg, cfg)
	if strings.Contains(b.String(), "hunter2") {
		t.Errorf("got the secret in\n%s", b.String())
	}
}

func TestParseStream(t *testing.T) {
	for in, want := range map[string]telemetry.Stream{
		"daemon": telemetry.Daemon, "Enforcement": telemetry.Enforcement, "API": telemetry.API,
		"error": telemetry.Errors, "errors": telemetry.Errors, " api\n": telemetry.API, //nolint:gocritic // Blanks around are forgiven.
	} {
		if got, err := telemetry.ParseStream(in); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"x":      `telemetry: stream: got "x", want daemon, enforcement, api or error`,
		"":       `telemetry: stream: got "", want daemon, enforcement, api or error`,
		"deamon": `telemetry: stream: got "deamon", want daemon, enforcement, api or error, did you mean daemon?`,
	} {
		if _, err := telemetry.ParseStream(in); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
}

func TestStreams(t *testing.T) {
	for _, s := range telemetry.Streams() {
		if got := s.LoggerName(); got != "risk_manager."+string(s) {
			t.Errorf("got logger %q", got)
		}
		if s.Description() == "" || s.Filename() != string(s)+".log" {
			t.Errorf("%s: got %q, %q", s, s.Description(), s.Filename())
		}
	}
	if telemetry.Errors.Level() != slog.LevelError || telemetry.Enforcement.Level() != slog.LevelInfo || telemetry.Daemon.Level() != slog.LevelDebug {
		t.Error("got other levels than those of the record format")
	}
}
