package integration

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The shipped configurations.
const (
	localConfig      = "../collector-config.yaml"
	tailConfig       = "../examples/collector/tail.yaml"
	gatewayConfig    = "../examples/collector/gateway.yaml"
	gatewayTLSConfig = "../examples/collector/gateway-tls.yaml"

	// tailGate is what tail.yaml asks for.
	tailGate = "--feature-gates=stanza.synchronousLogEmitter"
)

// collector is a real collector as a child process.
type collector struct {
	t    *testing.T
	args []string
	env  []string
	log  string // File of its stdout and stderr, over all its lives.
	dir  string // OTELCOL_DIR.

	httpURL string // OTLP/HTTP.
	grpcURL string // OTLP/gRPC.
	health  string

	cmd  *exec.Cmd
	done chan struct{} // Closed when cmd has ended.
}

// newCollector prepares one; start starts it.
func newCollector(t *testing.T, args []string, env ...string) *collector {
	t.Helper()
	dir := t.TempDir()
	c := &collector{t: t, args: args, dir: filepath.Join(dir, "data"), log: filepath.Join(dir, "collector.log")}
	ports := freePorts(t, 4)
	c.grpcURL, c.httpURL = "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1]
	c.health = "http://127.0.0.1:" + ports[2]
	c.env = append([]string{
		childEnv + "=collector",
		"OTELCOL_DIR=" + c.dir, "GATEWAY_DIR=" + c.dir,
		"OTELCOL_GRPC_PORT=" + ports[0], "GATEWAY_GRPC_PORT=" + ports[0],
		"OTELCOL_HTTP_PORT=" + ports[1], "GATEWAY_HTTP_PORT=" + ports[1],
		"OTELCOL_HEALTH_PORT=" + ports[2], "GATEWAY_HEALTH_PORT=" + ports[2],
		"OTELCOL_METRICS_PORT=" + ports[3], "GATEWAY_METRICS_PORT=" + ports[3],
	}, env...)
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			if b, err := os.ReadFile(c.log); err == nil {
				t.Logf("the collector's log:\n%s", tail(b, 8000))
			}
		}
	})
	return c
}

func startCollector(t *testing.T, args []string, env ...string) *collector {
	t.Helper()
	c := newCollector(t, args, env...)
	c.start()
	return c
}

// start starts the collector and waits until it is healthy.
func (c *collector) start() {
	c.t.Helper()
	out, err := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	c.cmd = exec.Command(os.Args[0], c.args...)
	c.cmd.Env = append(cleanEnviron(), c.env...)
	c.cmd.Stdout, c.cmd.Stderr = out, out
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(c.cmd, c.done)
	eventually(c.t, "the collector to be healthy", func() bool {
		select {
		case <-c.done:
			c.t.Fatal("the collector ended")
		default:
		}
		resp, err := http.Get(c.health)
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

func (c *collector) signal(s syscall.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// pause and resume stop the process without telling it.
func (c *collector) pause()  { c.t.Helper(); c.signal(syscall.SIGSTOP) }
func (c *collector) resume() { c.t.Helper(); c.signal(syscall.SIGCONT) }

// kill ends it by SIGKILL.
func (c *collector) kill() {
	if c.cmd == nil || c.cmd.Process == nil {
		return
	}
	_ = c.cmd.Process.Kill()
	<-c.done
	c.cmd = nil
}

// stop ends it as an operator would.
func (c *collector) stop() {
	c.t.Helper()
	c.signal(syscall.SIGTERM)
	select {
	case <-c.done:
		c.cmd = nil
	case <-time.After(patience):
		c.t.Error("the collector does not stop")
		c.kill()
	}
}

// output returns everything the collector wrote: files and log, concatenated.
func (c *collector) output() []byte {
	c.t.Helper()
	var all bytes.Buffer
	for _, dir := range []string{c.dir, filepath.Dir(c.log)} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() {
				continue
			}
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				c.t.Fatal(err)
			}
			all.Write(b)
		}
	}
	return all.Bytes()
}

// cleanEnviron is the environment without settings that a test is about.
func cleanEnviron() []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OTEL") && !strings.HasPrefix(kv, "RISK_") && !strings.HasPrefix(kv, "GATEWAY_") {
			env = append(env, kv)
		}
	}
	return env
}

// lastPort is the port that freePorts looked at last.
var lastPort atomic.Int32

// freePorts returns loopback ports that are free, and stay so while a collector
// is down: below those that systems give to connections.
func freePorts(t *testing.T, n int) []string {
	t.Helper()
	lastPort.CompareAndSwap(0, 12_000+rand.Int32N(10_000))
	var ports []string
	for len(ports) < n {
		port := fmt.Sprint(lastPort.Add(1))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = l.Close()
			ports = append(ports, port)
		} else if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
	return ports
}

// patience is how long anything is waited for: a machine may be slow and busy,
// and the collector runs under the race detector.
const patience = 5 * time.Minute

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain for %s", patience, what)
		}
	}
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
