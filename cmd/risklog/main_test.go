package main_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"riskmanager.internal/otel/cmd/risklog/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"risklog": func() {
			//nolint:forbidigo // It is the program's main.
			os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs the command as a process of its own, over files that the
// library wrote ($LOGS) and files of every kind of fault.
func TestScripts(t *testing.T) {
	logs, err := filepath.Abs(fixtureDir)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("LOGS", logs)
			e.Setenv("PREFIX", commonPrefix(t))
			e.Setenv("TZ", "UTC")
			e.Setenv("COLUMNS", "110")
			return nil
		},
		RequireExplicitExec: true,
		UpdateScripts:       *update,
	})
}

// commonPrefix is how several trace IDs of the fixture begin: with its time.
func commonPrefix(t *testing.T) string {
	t.Helper()
	out, _, code := run(t, "trace", "-slowest", "-dir", fixtureDir, "-json")
	_, id, ok := strings.Cut(out, `"trace_id":"`)
	if code != 0 || !ok {
		t.Fatalf("risklog trace -slowest = %d, %s", code, out)
	}
	return id[:6]
}

// run runs risklog within this process.
func run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = cli.Main(t.Context(), args, strings.NewReader(""), &out, &errOut)
	return out.String(), errOut.String(), code
}

// needs finds a program, or skips the test and says so.
func needs(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	return path
}
