package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadingCommands runs the commands of docs/reading.md over the library's
// own files. Each has to succeed and to say something.
func TestReadingCommands(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "reading.md"))
	if err != nil {
		t.Fatal(err)
	}
	work, bin := t.TempDir(), t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for from, to := range map[string]string{fixtureDir: "logs", filepath.Join(root, "docs"): "docs"} {
		if err := os.CopyFS(filepath.Join(work, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, block := range strings.Split(string(text), "```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			program, _, _ := strings.Cut(line, " ")
			if line == "" || line[0] == '#' || program == "go" {
				continue
			}
			n++
			t.Run(line, func(t *testing.T) {
				if program != "risklog" {
					needs(t, program)
				}
				if strings.Contains(line, "jq ") {
					needs(t, "jq")
				}
				cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -o pipefail; "+line)
				cmd.Dir = work
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+work, "TERM=dumb", "RISK_MANAGER_LOG_DIR=", "RISK_MANAGER_CONFIG=")
				out, err := cmd.CombinedOutput()
				if err != nil || len(out) == 0 {
					t.Errorf("%v, %d bytes of output\n%s", err, len(out), out)
				}
			})
		}
	}
	if n < 20 {
		t.Errorf("found %d commands, want more than 20", n)
	}
}

// TestDocsFields holds the fields of -json against their table, in their order.
func TestDocsFields(t *testing.T) {
	text, err := os.ReadFile("../../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"trace -failed", "errors", "breaches", "breaches -list", "stats", "stats -slow", "report", "export", "doctor"} {
		args := append(strings.Fields(command), "-json", "-dir", fixtureDir)
		switch command {
		case "report":
			args = append(args, "-o", filepath.Join(t.TempDir(), "day.html"))
		case "export":
			args = append(args, "--otlp", filepath.Join(t.TempDir(), "day.jsonl"))
		}
		out, _, _ := run(t, args...)
		first, _, _ := strings.Cut(out, "\n")
		row := "| `" + strings.TrimSuffix(command, " -failed") + "` |"
		_, rest, found := strings.Cut(string(text), row)
		if !found {
			t.Errorf("docs/reading.md has no row %s", row)
		}
		rest, _, _ = strings.Cut(rest, "\n")
		dec := json.NewDecoder(strings.NewReader(first))
		if _, err := dec.Token(); err != nil {
			t.Fatalf("risklog %s: %v", command, err)
		}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				t.Fatal(err)
			}
			if _, rest, found = strings.Cut(rest, fmt.Sprintf("`%s`", key)); !found {
				t.Errorf("docs/reading.md does not tell of the field %s of %s -json in its place", key, command)
			}
			var value json.RawMessage
			if err := dec.Decode(&value); err != nil {
				t.Fatal(err)
			}
		}
	}
}
