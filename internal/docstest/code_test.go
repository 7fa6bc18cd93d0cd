package docstest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"riskmanager.internal/otel/telemetry"
)

// packages are those that code in documents may use, by name.
var packages = map[string]string{
	"attribute":     "go.opentelemetry.io/otel/attribute",
	"context":       "context",
	"errors":        "errors",
	"exporters":     "riskmanager.internal/otel/exporters",
	"fmt":           "fmt",
	"http":          "net/http",
	"instrument":    "riskmanager.internal/otel/instrument",
	"log":           "log",
	"mask":          "riskmanager.internal/otel/mask",
	"os":            "os",
	"sdklog":        "go.opentelemetry.io/otel/sdk/log",
	"slog":          "log/slog",
	"telemetry":     "riskmanager.internal/otel/telemetry",
	"telemetrytest": "riskmanager.internal/otel/telemetry/telemetrytest",
	"testing":       "testing",
	"time":          "time",
	"trace":         "go.opentelemetry.io/otel/trace",
}

// TestGoCode type-checks all Go code in documents.
func TestGoCode(t *testing.T) {
	imports := exportData(t)
	for _, b := range blocks(t, "go") {
		if b.doc == "README.md" {
			continue // See TestReadmeCodeRuns.
		}
		given, err := os.ReadFile(filepath.Join("testdata", "given", filepath.Base(b.doc)+".txt"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		// Statements, or declarations, or a whole file.
		errs := typeCheck(imports, string(given), "func _() {\n"+b.text+"\n}")
		if len(errs) > 0 && typeCheck(imports, string(given), b.text) != nil && typeCheck(imports, "", b.text) != nil {
			t.Errorf("%s:%d: %v\n%s", b.doc, b.line, errors.Join(errs...), b.text)
		}
	}
}

// TestGoCodeCanFail checks that TestGoCode sees a call that does not exist.
func TestGoCodeCanFail(t *testing.T) {
	if errs := typeCheck(exportData(t), "", "func _() { telemetry.NoSuchThing() }"); len(errs) == 0 {
		t.Error("telemetry.NoSuchThing was taken")
	}
}

// typeCheck returns the errors of a program made of code and what is given,
// but for variables and imports that are not used.
func typeCheck(imports types.ImporterFrom, given, code string) (errs []error) {
	all := given + "\n" + code
	if !strings.HasPrefix(code, "package ") {
		head := "package p\n"
		for name, path := range packages {
			if regexp.MustCompile(`\b` + name + `\.`).MatchString(all) {
				head += fmt.Sprintf("import %s %q\n", name, path) //nolint:perfsprint // A few lines.
			}
		}
		all = head + all
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "code.go", all, parser.SkipObjectResolution)
	if err != nil {
		return []error{err}
	}
	config := types.Config{Importer: imports, Error: func(err error) {
		var te types.Error
		if !errors.As(err, &te) || !te.Soft {
			errs = append(errs, err)
		}
	}}
	_, _ = config.Check("p", fset, []*ast.File{file}, nil) // Its error is the first of errs.
	return errs
}

// exportData returns an importer of what the go command has compiled.
func exportData(t *testing.T) types.ImporterFrom {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}"}
	for _, path := range packages {
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for l := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(l), "=")
		files[path] = file
	}
	imports, ok := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("%s: there is no such package", path)
		}
		return os.Open(files[path])
	}).(types.ImporterFrom)
	if !ok {
		t.Fatal("the importer is none")
	}
	return imports
}

// TestYAMLCode loads the configurations in documents; those of a collector are
// for its own tests and only parsed.
func TestYAMLCode(t *testing.T) {
	for _, b := range blocks(t, "yaml") {
		var keys map[string]any
		if err := yaml.Unmarshal([]byte(b.text), &keys); err != nil {
			t.Errorf("%s:%d: %v", b.doc, b.line, err)
			continue
		}
		if keys["receivers"] != nil || keys["service"] != nil && keys["exporters"] != nil || strings.HasPrefix(b.doc, "examples/") && keys["otlp"] == nil {
			continue
		}
		path := filepath.Join(t.TempDir(), "logging.yaml")
		if err := os.WriteFile(path, []byte(b.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := telemetry.LoadConfig(path, func(string) (string, bool) { return "", false }); err != nil && !strings.Contains(err.Error(), "ca.pem") {
			t.Errorf("%s:%d: %v", b.doc, b.line, err)
		}
	}
}

// TestReadmeSettings checks the defaults, variables and options of the README's
// table.
func TestReadmeSettings(t *testing.T) {
	_, settings, err := telemetry.LoadConfig("", func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	for _, s := range settings {
		defaults[s.Key] = s.Value
	}
	full := read(t, "docs/configuration.md")
	rows := regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\| (.*?) \\| (.*?) \\| (.*?) \\|$").FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(rows) < 10 {
		t.Fatalf("the README has %d settings, want 10 at least", len(rows))
	}
	for _, row := range rows {
		key, shown := row[1], strings.Trim(strings.Split(row[2], " (")[0], "`")
		got, known := defaults[key]
		if !known {
			t.Errorf("%s: there is no such setting", key)
			continue
		}
		if want := got; shown != want && (want != "" || !strings.HasPrefix(shown, "none")) {
			t.Errorf("%s: the README says %q, it is %q", key, shown, want)
		}
		for _, name := range regexp.MustCompile("[A-Z]+_[A-Z_]+").FindAllString(row[3], -1) {
			if !regexp.MustCompile("(?m)^\\| `" + key + "` .*" + name).MatchString(full) {
				t.Errorf("%s: docs/configuration.md does not have %s", key, name)
			}
		}
	}
}

// TestShellCode runs what documents have people type: jq and risklog over what
// the examples wrote, grep and find likewise; of go and make it checks that
// packages and targets are there. Everything is parsed.
func TestShellCode(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, b := range blocks(t, "sh") {
		where := fmt.Sprintf("%s:%d", b.doc, b.line)
		parse := exec.CommandContext(t.Context(), "bash", "-n")
		parse.Stdin = strings.NewReader(b.text)
		if out, err := parse.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", where, err, out)
			continue
		}
		for _, m := range regexp.MustCompile(`(?m)^\s*make (\w+)`).FindAllStringSubmatch(b.text, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).MatchString(makefile) {
				t.Errorf("%s: make %s: there is no such target", where, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^\s*go (?:run|test|install) .*?(\./[\w/]+)`).FindAllStringSubmatch(b.text, -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s: %s: there is no such package", where, m[1])
			}
		}
		// docs/reading.md has a test of its own; a collector has not run here.
		if b.doc == "docs/reading.md" || strings.HasPrefix(b.doc, "examples/collector/") || !slices.ContainsFunc(strings.Split(b.text, "\n"), isRunnable) {
			continue
		}
		runShell(t, where, b.text)
	}
}

// isRunnable reports whether a line is a command that TestShellCode runs.
func isRunnable(l string) bool {
	return regexp.MustCompile(`^\s*(jq|ID=|grep|find|risklog|go run \./cmd/risklog) ?`).MatchString(l)
}

// runShell runs a block in a directory with the logs of the examples. Those of
// its lines that are no command of isRunnable's are left out.
func runShell(t *testing.T, where, text string) {
	t.Helper()
	for _, tool := range []string{"jq", "zgrep"} {
		if _, err := exec.LookPath(tool); err != nil && strings.Contains(text, tool) {
			t.Logf("%s: NOT RUN: %s is not installed", where, tool)
			return
		}
	}
	dir := written(t)
	if err := os.WriteFile(filepath.Join(dir, "leaked.txt"), []byte("never logged\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	script.WriteString("set -o pipefail\n")
	for l := range strings.Lines(text) {
		if isRunnable(l) {
			l = strings.Replace(strings.TrimSpace(l), "go run ./cmd/risklog", "./risklog", 1)
			// 1 says that grep or risklog found nothing, which is no fault of the line.
			script.WriteString(l + "\ncode=$?; [ $code -le 1 ] || exit $code\n")
		}
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script.String())
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", where, err, stderr.Bytes(), script.String())
	}
}

// TestUnit checks the systemd unit, with systemd's own tool where there is one.
func TestUnit(t *testing.T) {
	for _, b := range blocks(t, "ini") {
		for l := range strings.Lines(b.text) {
			if !regexp.MustCompile(`^(\[[A-Z]\w+\]|[A-Z]\w+=\S.*|)\n$`).MatchString(l) {
				t.Errorf("%s:%d: %q is neither a section nor a setting", b.doc, b.line, l)
			}
		}
		tool, err := exec.LookPath("systemd-analyze")
		if err != nil {
			t.Log("NOT RUN: systemd-analyze is not installed")
			continue
		}
		path := filepath.Join(t.TempDir(), "risk-manager.service")
		if err := os.WriteFile(path, []byte(strings.Replace(b.text, "/usr/local/bin/risk-manager", "/bin/true", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		// Its exit code is about the machine too; what it says of the file is not.
		out, _ := exec.CommandContext(t.Context(), tool, "verify", "--man=no", path).CombinedOutput()
		if s := string(out); strings.Contains(s, "Unknown") || strings.Contains(s, "Invalid") || strings.Contains(s, "Failed to parse") {
			t.Errorf("%s:%d: systemd-analyze: %s", b.doc, b.line, s)
		}
	}
}
