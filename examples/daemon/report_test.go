package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"riskmanager.internal/otel/telemetry"
)

// reportConfig returns the settings of files in dir.
func reportConfig(dir string) telemetry.Config {
	on := true
	cfg := telemetry.Config{LogDir: dir, EnableJSON: &on}
	for _, f := range []*telemetry.LogFileConfig{&cfg.LogFiles.Daemon, &cfg.LogFiles.Enforcement, &cfg.LogFiles.API, &cfg.LogFiles.Error} {
		f.Enabled = &on
	}
	cfg.LogFiles.Daemon.Filename = "daemon.log"
	cfg.LogFiles.Enforcement.Filename = "breaches.log"
	cfg.LogFiles.API.Filename = "api.log"
	cfg.LogFiles.Error.Filename = "error.log"
	return cfg
}

func write(t *testing.T, dir, name string, lines ...string) {
	t.Helper()
	text := strings.Join(append(lines, ""), "\n")
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's here")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	const breach = `{"timestamp":"t","level":"WARNING","message":"MAX_CONTRACTS breached","context":{"correlation_id":"c-1","account_id":"A"},"current":6}`
	write(t, dir, "daemon.log", `{"level":"INFO","message":"x"}`, breach, `{"level":"ERROR","message":"y","context":{"correlation_id":"c-1"}}`)
	write(t, dir, "breaches.log", breach)
	write(t, dir, "api.log", `{"level":"INFO","duration_ms":300.5,"operation":"close_position"}`)
	write(t, dir, "error.log")

	var out bytes.Buffer
	if err := printReport(&out, reportConfig(dir)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Logs are in " + dir + "\n",
		"  daemon.log            3 records, 1 WARNING, 1 ERROR, 1 breaches\n",
		"  breaches.log          1 records, 1 WARNING, 1 breaches\n",
		"  api.log               1 records\n",
		"  error.log             0 records\n",
		`"c-1"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("report has no %q:\n%s", want, &out)
		}
	}
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed: the report's lines are not run")
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "  jq ") {
			continue
		}
		got, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
		if err != nil || len(got) == 0 {
			t.Errorf("%s: %v, output %q", line, err, got)
		}
	}
}

func TestReportMissingFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "daemon.log", `{"level":"INFO"}`)
	cfg, off := reportConfig(dir), false
	cfg.LogFiles.Enforcement.Enabled, cfg.LogFiles.API.Enabled = &off, &off
	var out bytes.Buffer
	err := printReport(&out, cfg)
	if err == nil || strings.Contains(err.Error(), "breaches.log") || !strings.Contains(err.Error(), "error.log") {
		t.Errorf("error = %v, want only that error.log is missing", err)
	}
	if !strings.Contains(out.String(), "daemon.log            1 records") {
		t.Errorf("report without the file that is there:\n%s", &out)
	}
}
