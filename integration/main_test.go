package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// childEnv names what a child process of these tests is.
const childEnv = "RISK_INTEGRATION_CHILD"

// daemonPath is examples/daemon, built; written once, before the tests.
var daemonPath string

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "collector":
		if err := runCollector(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case "writer":
		if err := runWriter(); err != nil {
			fmt.Fprintln(os.Stderr, "writer:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "risk-integration-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Fprintln(os.Stderr, "integration: a real collector is built in; building examples/daemon")
	daemonPath = filepath.Join(dir, "daemon")
	start := time.Now()
	build := exec.Command("go", "build", "-o", daemonPath, "riskmanager.internal/otel/examples/daemon")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "integration: build examples/daemon: %v\n%s", err, out)
		return 1
	}
	fmt.Fprintf(os.Stderr, "integration: built in %v; outages of up to 30 s follow, some minutes in all\n",
		time.Since(start).Round(time.Second))
	return m.Run()
}

// begin lets t run beside others, and says that it does: go test is silent for
// minutes otherwise.
func begin(t *testing.T) {
	t.Helper()
	t.Parallel()
	fmt.Fprintln(os.Stderr, "integration:", t.Name())
}
