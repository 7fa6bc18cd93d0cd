package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/gateway"
)

// childEnv has the test binary run as the daemon.
const childEnv = "RISK_DAEMON_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

var logFiles = []string{"daemon.log", "enforcement.log", "api.log", "error.log"}

// child is the daemon in a process of its own.
type child struct {
	cmd            *exec.Cmd
	dir            string
	stdout, stderr buffer
	done           chan error
}

// start starts the daemon with a log directory of its own, in an environment
// that says nothing about telemetry.
func start(t *testing.T, env []string, args ...string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{dir: filepath.Join(t.TempDir(), "logs"), done: make(chan error, 1)}
	c.cmd = exec.CommandContext(t.Context(), exe, append([]string{"-dir", c.dir}, args...)...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "OTEL_") && !strings.HasPrefix(v, "RISK_") && !strings.HasPrefix(v, "PROJECTX_") {
			c.cmd.Env = append(c.cmd.Env, v)
		}
	}
	c.cmd.Env = append(c.cmd.Env, childEnv+"=1")
	c.cmd.Env = append(c.cmd.Env, env...)
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.done <- c.cmd.Wait() }()
	return c
}

func (c *child) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		t.Error(err)
	}
}

// wait waits for the daemon's end, not longer than d, and fails unless it exits with 0.
func (c *child) wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case err := <-c.done:
		if err != nil {
			t.Fatalf("daemon: %v\n%s", err, c.console())
		}
	case <-time.After(d):
		c.signal(t, os.Kill)
		t.Fatalf("daemon has not ended within %v\n%s", d, c.console())
	}
}

func (c *child) console() string { return c.stdout.String() + c.stderr.String() }

func (c *child) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// records returns the records of a file; every line has to be one.
func (c *child) records(t *testing.T, name string) []rec {
	t.Helper()
	text := c.read(t, name)
	if text != "" && !strings.HasSuffix(text, "\n") {
		t.Errorf("%s ends in half a line", name)
	}
	var out []rec
	for line := range strings.Lines(text) {
		var r rec
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("%s: %v in line %s", name, err, line)
			continue
		}
		out = append(out, r)
	}
	return out
}

// rec is a record of a log file.
type rec struct {
	Time    time.Time `json:"timestamp"`
	Level   string    `json:"level"`
	Logger  string    `json:"logger"`
	Message string    `json:"message"`
	Context struct {
		Correlation string `json:"correlation_id"`
		Account     string `json:"account_id"`
		Rule        string `json:"rule_id"`
		Event       string `json:"event_type"`
	} `json:"context"`
	Error struct {
		Type, Message, Stack string
	} `json:"error"`
	Trace     string   `json:"trace_id"`
	Span      string   `json:"span_id"`
	Parent    string   `json:"parent_span_id"`
	Operation string   `json:"operation"`
	Status    any      `json:"status"`
	Duration  *float64 `json:"duration_ms"`
	Action    string   `json:"action"`
	Outcome   string   `json:"outcome"`
	Current   *float64 `json:"current"`
	Limit     *float64 `json:"limit"`
	UID       string   `json:"uid"`
}

// buffer is a bytes.Buffer that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// eventually waits until ok holds.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// The gateway runs here, so that every secret it has given out is known.
func TestDaemonKeepsSecrets(t *testing.T) {
	t.Parallel()
	gw, err := gateway.Start(t.Context(), gateway.Config{
		Seed: 7, Speed: 2, UserName: "jdoe",
		APIKey:   "kQ8vLm2Zx5Tn0Rb7Yc4Wd1Jf6Hg3Ps9A+uEoIiNqMz0=",
		Password: "Tr0ub4dor&3/canary",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer gw.Close()
	user, key, password := gw.Credentials()
	collector := newCollector(t)
	c := start(t, []string{
		"PROJECTX_URL=" + gw.URL(), "PROJECTX_USERNAME=" + user, "PROJECTX_API_KEY=" + key, "ALERT_URL=" + gw.AlertURL(),
		"RISK_MANAGER_LOG_LEVEL=DEBUG",
	}, "-for", "5s", "-speed", "2", "-otlp", collector.server.URL)
	c.wait(t, 15*time.Second)

	checkEnd(t, c)

	canaries := []string{
		key, password, url.QueryEscape(key), url.PathEscape(password), url.UserPassword(user, password).String(),
		strings.Trim(string(must(json.Marshal(password))), `"`),
		base64.StdEncoding.EncodeToString([]byte(user + ":" + password)),
	}
	tokens := gw.Issued()
	if len(tokens) < 2 {
		t.Errorf("the gateway has issued %d tokens, want several", len(tokens))
	}
	for _, token := range tokens {
		parts := strings.Split(token, ".")
		canaries = append(canaries, token, parts[1], parts[2])
	}
	texts := map[string]string{"the console": c.console()}
	for _, path := range []string{"/v1/logs", "/v1/traces", "/v1/metrics"} {
		texts["what was sent to "+path] = collector.got(path)
	}
	for _, name := range logFiles {
		texts[name] = c.read(t, name)
	}
	for name, text := range texts {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s is empty", name)
		}
		for _, canary := range canaries {
			if i := strings.Index(text, canary); i >= 0 {
				t.Errorf("%s has the secret %q:\n...%s...", name, canary, text[max(0, i-200):min(len(text), i+len(canary)+100)])
			}
		}
	}
	// The secrets were really there to be masked.
	for _, want := range []string{
		"access_token=" + maskText,          // The hubs' URL.
		`"apiKey":"` + maskText + `"`,       // The login's body.
		"Authorization: Bearer " + maskText, // A gateway's error that quotes the request.
		"session of token " + maskText,      // A bare token in another.
		":" + maskText + "@127.0.0.1:",      // The alert webhook's URL, in a panic.
		":" + maskText + "@queue:5672",      // A URL in another server's error.
	} {
		if !strings.Contains(texts["daemon.log"], want) {
			t.Errorf("daemon.log has no %s", want)
		}
	}
}

// collector takes what is forwarded to it.
type collector struct {
	server *httptest.Server
	mu     sync.Mutex
	bodies map[string]string // By path.
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{bodies: make(map[string]string)}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			zr, err := gzip.NewReader(body)
			if err != nil {
				t.Error(err)
				return
			}
			body = zr
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies[r.URL.Path] += string(text)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(c.server.Close)
	return c
}

func (c *collector) got(path string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bodies[path]
}

// A gateway that refuses the API key quotes it in its error, which ends the daemon.
func TestDaemonWrongKey(t *testing.T) {
	t.Parallel()
	const key = "n0tTheKey+5Tn0Rb7Yc4Wd1Jf6Hg3Ps9AuEoIiNqMz0="
	c := start(t, []string{"PROJECTX_API_KEY=" + key}, "-speed", "4")
	select {
	case err := <-c.done:
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
			t.Errorf("daemon ended with %v, want exit code 1", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("daemon has not ended")
	}
	if got := c.stderr.String(); !strings.Contains(got, "daemon: projectx: /api/Auth/loginKey: status 200, code 3: invalid credentials") {
		t.Errorf("stderr does not say why:\n%s", got)
	}
	if !strings.Contains(c.read(t, "error.log"), `"message":"Daemon failed"`) {
		t.Error("error.log does not say why")
	}
	for name, text := range map[string]string{"the console": c.console(), "daemon.log": c.read(t, "daemon.log")} {
		if strings.Contains(text, key) {
			t.Errorf("%s has the key", name)
		}
	}
}

func TestConfigFile(t *testing.T) {
	t.Parallel()
	config, err := filepath.Abs("daemon.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, nil, "-config", config, "-for", "3s", "-speed", "4", "-seed", "2")
	c.wait(t, 10*time.Second)
	if !strings.Contains(c.read(t, "api.log"), `"level":"DEBUG"`) {
		t.Error("api.log has no DEBUG records: log_levels of the file is not followed")
	}
	if strings.Contains(c.read(t, "daemon.log"), "Account status") {
		t.Error("daemon.log has INFO records of risk_manager.state: log_levels of the file is not followed")
	}
}

// A collector that is away costs neither records nor the good exit.
func TestCollectorAway(t *testing.T) {
	t.Parallel()
	c := start(t, nil, "-otlp", "http://127.0.0.1:1", "-speed", "4")
	eventually(t, 10*time.Second, "an enforcement", func() bool {
		text, err := os.ReadFile(filepath.Join(c.dir, "enforcement.log"))
		return err == nil && bytes.Contains(text, []byte(outcomeDone))
	})
	c.signal(t, syscall.SIGTERM)
	c.wait(t, 5*time.Second)
	if !strings.Contains(c.stderr.String(), "not delivered") {
		t.Errorf("nothing says that records were not delivered:\n%s", c.stderr.String()[max(0, len(c.stderr.String())-2000):])
	}
	if !strings.Contains(c.read(t, "daemon.log"), "Daemon stopped") {
		t.Error("daemon.log has no end")
	}
}

const maskText = "***MASKED***"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// With nothing but its defaults the daemon fills every file within 5 s; SIGTERM
// ends it in order.
func TestDaemon(t *testing.T) {
	t.Parallel()
	c := start(t, nil)
	eventually(t, 5*time.Second, "records in every file", func() bool {
		for _, name := range logFiles {
			if info, err := os.Stat(filepath.Join(c.dir, name)); err != nil || info.Size() == 0 {
				return false
			}
		}
		return true
	})
	t.Run("admin", func(t *testing.T) { checkAdmin(t, c) })
	eventually(t, 10*time.Second, "an account locked out and all its positions closed", func() bool {
		return strings.Contains(c.read(t, "enforcement.log"), `"outcome":"done"`) &&
			strings.Contains(c.read(t, "enforcement.log"), `"flatten_and_lock_out"`) &&
			strings.Contains(c.read(t, "daemon.log"), "user_hub reconnected")
	})
	c.signal(t, syscall.SIGTERM)
	c.wait(t, 5*time.Second)

	t.Run("records", func(t *testing.T) { checkRecords(t, c) })
	t.Run("enforcement", func(t *testing.T) { checkEnforcement(t, c) })
	t.Run("trace", func(t *testing.T) { checkTrace(t, c) })
	t.Run("panic", func(t *testing.T) { checkPanic(t, c) })
	t.Run("report", func(t *testing.T) { checkReport(t, c) })
	t.Run("tokens", func(t *testing.T) {
		for _, name := range logFiles {
			if i := strings.Index(c.read(t, name), "eyJ"); i >= 0 {
				t.Errorf("%s has a JWT", name)
			}
		}
		if strings.Contains(c.console(), "eyJ") {
			t.Error("the console has a JWT")
		}
	})
}

// checkAdmin asks the endpoints whose address the daemon has logged.
func checkAdmin(t *testing.T, c *child) {
	t.Helper()
	m := regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/health`).FindStringSubmatch(c.read(t, "daemon.log"))
	if m == nil {
		t.Fatal("daemon.log does not say where the admin endpoints are")
	}
	ask := func(method, path, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+m[1]+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s %s: %s, %v, %s", method, path, resp.Status, err, text)
		}
		return string(text)
	}
	for _, tt := range []struct{ method, path, body, want string }{
		{"GET", "/health", "", `"ok"`},
		{"GET", "/stats", "", "enforcement"},
		{"GET", "/summary", "", "loginKey"},
		{"PUT", "/level", "WARNING", "WARNING"},
		{"GET", "/level", "", "WARNING"},
		{"PUT", "/level", "INFO", "INFO"},
	} {
		if got := ask(tt.method, tt.path, tt.body); !strings.Contains(got, tt.want) {
			t.Errorf("%s %s = %s, want %s in it", tt.method, tt.path, got, tt.want)
		}
	}
}

func checkRecords(t *testing.T, c *child) {
	t.Helper()
	all := c.records(t, "daemon.log")
	uids := make(map[string]bool)
	for _, r := range all {
		if r.Time.IsZero() || r.Level == "" || r.Logger == "" || r.Message == "" || r.UID == "" {
			t.Errorf("record without one of its fixed fields: %+v", r)
		}
		if uids[r.UID] {
			t.Errorf("uid %s twice", r.UID)
		}
		uids[r.UID] = true
		if r.Operation != "" && (r.Span == "" || r.Span == r.Parent) {
			t.Errorf("operation without a span of its own: %+v", r)
		}
	}
	if !slices.ContainsFunc(all, func(r rec) bool { return r.Message == "Daemon stopped" }) {
		t.Error("daemon.log has no end: the last records are lost")
	}
	for _, name := range logFiles[1:] {
		for _, r := range c.records(t, name) {
			if !uids[r.UID] {
				t.Errorf("%s has a record that daemon.log has not: %+v", name, r)
			}
			if name == "error.log" && r.Level != "ERROR" && r.Level != "CRITICAL" {
				t.Errorf("error.log has a record at %s: %+v", r.Level, r)
			}
		}
	}
	checkEnd(t, c)
}

// checkEnd makes sure that a stop is no failure.
func checkEnd(t *testing.T, c *child) {
	t.Helper()
	for _, r := range c.records(t, "error.log") {
		for _, end := range []string{"context canceled", "signal received", errTimeIsUp.Error()} {
			if strings.Contains(r.Error.Message, end) {
				t.Errorf("error.log has the daemon's own end: %+v", r)
			}
		}
	}
}

func checkEnforcement(t *testing.T, c *child) {
	t.Helper()
	rules, done := make(map[string]bool), false
	for _, r := range c.records(t, "enforcement.log") {
		if r.Operation != "" {
			continue
		}
		if r.Context.Account == "" || r.Context.Rule == "" || r.Context.Event == "" || r.Context.Correlation == "" {
			t.Errorf("enforcement without its context: %+v", r)
		}
		if r.Action == "" || r.Outcome == "" || r.Current == nil || r.Limit == nil {
			t.Errorf("enforcement without action, outcome or values: %+v", r)
		}
		rules[r.Context.Rule] = true
		done = done || r.Outcome == outcomeDone
	}
	for _, want := range []string{"MAX_CONTRACTS_PER_INSTRUMENT", "SYMBOL_BLOCK", "DAILY_REALIZED_LOSS", "TRADE_FREQUENCY", "NO_STOP_LOSS_GRACE", "MAX_CONTRACTS"} {
		if !rules[want] {
			t.Errorf("no breach of %s", want)
		}
	}
	if !done {
		t.Error("no rule was enforced")
	}
}

// checkTrace follows an event through the pipeline by its trace alone.
func checkTrace(t *testing.T, c *child) {
	t.Helper()
	all := c.records(t, "daemon.log")
	i := slices.IndexFunc(all, func(r rec) bool { return r.Message == "Rule enforced" && r.Context.Rule == "DAILY_REALIZED_LOSS" })
	if i < 0 {
		t.Fatal("no enforcement of DAILY_REALIZED_LOSS")
	}
	trace := all[i].Trace
	if id := strings.ReplaceAll(all[i].Context.Correlation, "-", ""); id != trace {
		t.Errorf("correlation ID %s is not trace ID %s", id, trace)
	}
	var steps []string
	ops := make(map[string]rec) // By span.
	for _, r := range all {
		if r.Trace != trace {
			continue
		}
		if r.Operation != "" {
			ops[r.Span] = r
			steps = append(steps, r.Operation)
		} else {
			steps = append(steps, r.Message)
		}
		if r.Context.Account != "PRAC-V2-12345-67890" {
			t.Errorf("record of another account in the trace: %+v", r)
		}
	}
	for _, want := range []string{
		"Trade received", "update_state", "DAILY_REALIZED_LOSS breached", "evaluate_rules", "user_hub.trade", // event, state, rules
		"flatten_and_lock_out", "cancel_order", "close_contract", "Rule enforced", // enforcement and its calls
	} {
		if !slices.Contains(steps, want) {
			t.Errorf("the trace has no %q, only %q", want, steps)
		}
	}
	// The files alone give the tree: every operation's parent is there.
	for _, r := range ops {
		if _, ok := ops[r.Parent]; r.Parent != "" && !ok {
			t.Errorf("%s has the parent %s, which is not in the files", r.Operation, r.Parent)
		}
		if r.Parent == "" && r.Operation != "user_hub.trade" {
			t.Errorf("%s has no parent", r.Operation)
		}
	}
	httpCall := func(r rec) bool { return r.Trace == trace && r.Logger == "risk_manager.api" && r.Parent != "" }
	if !slices.ContainsFunc(c.records(t, "api.log"), httpCall) {
		t.Error("api.log has no call of the trace")
	}
}

func checkPanic(t *testing.T, c *child) {
	t.Helper()
	for _, r := range c.records(t, "error.log") {
		if strings.Contains(r.Error.Message, "no symbol") && strings.Contains(r.Error.Stack, "alertText") {
			if r.Level != "ERROR" || r.Context.Rule != "TRADE_FREQUENCY" || r.Trace == "" {
				t.Errorf("panic without its level or context: %+v", r)
			}
			return
		}
	}
	t.Error("error.log has no panic with its stack")
}

// checkReport runs what the daemon suggests at its end.
func checkReport(t *testing.T, c *child) {
	t.Helper()
	out := c.stdout.String()
	if !strings.Contains(out, "Logs are in "+c.dir) {
		t.Errorf("report does not say where the logs are:\n%s", out)
	}
	for _, name := range logFiles {
		m := regexp.MustCompile(`(?m)^ +` + regexp.QuoteMeta(name) + ` +(\d+) records`).FindStringSubmatch(out)
		if want := len(c.records(t, name)); m == nil || m[1] != strconv.Itoa(want) {
			t.Errorf("report has %q for %s, want %d records", m, name, want)
		}
	}
	breaches := 0
	for _, r := range c.records(t, "enforcement.log") {
		if strings.HasSuffix(r.Message, breached) {
			breaches++
		}
	}
	if want := strconv.Itoa(breaches) + " breaches"; !strings.Contains(out, want) {
		t.Errorf("report does not have %q:\n%s", want, out)
	}

	lines := regexp.MustCompile(`(?m)^ +(jq .*)$`).FindAllStringSubmatch(out, -1)
	if len(lines) != 3 {
		t.Fatalf("report suggests %d jq lines, want 3:\n%s", len(lines), out)
	}
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed: its lines are not run")
	}
	for _, line := range lines {
		got, err := exec.CommandContext(t.Context(), "sh", "-c", line[1]).CombinedOutput()
		if err != nil || len(got) == 0 {
			t.Errorf("%s: %v, output %q", line[1], err, got)
		}
	}
}

func TestSIGHUP(t *testing.T) {
	t.Parallel()
	c := start(t, nil, "-speed", "4")
	debug := func() int { return strings.Count(c.read(t, "daemon.log"), `"message":"Order received"`) }
	eventually(t, 10*time.Second, "a trade", func() bool {
		text, err := os.ReadFile(filepath.Join(c.dir, "daemon.log"))
		return err == nil && bytes.Contains(text, []byte("Trade received"))
	})
	if n := debug(); n != 0 {
		t.Errorf("%d DEBUG records before SIGHUP, want 0", n)
	}
	c.signal(t, syscall.SIGHUP)
	eventually(t, 5*time.Second, "DEBUG records", func() bool { return debug() > 0 })
	c.signal(t, syscall.SIGHUP)
	changed := func() int { return strings.Count(c.read(t, "daemon.log"), "Log level changed") }
	eventually(t, 5*time.Second, "the second change of the level", func() bool { return changed() == 2 })
	c.signal(t, os.Interrupt)              // As Ctrl-C sends it.
	_ = c.cmd.Process.Signal(os.Interrupt) // Again, as timeout(1) does: to the process and to its group.
	c.wait(t, 5*time.Second)
	if !strings.Contains(c.console(), "Logs are in") {
		t.Errorf("no report at the end:\n%s", c.console())
	}
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("log_level: LOUD\nrotation:\n  max_mbs: 10\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		args           []string
		code           int
		stdout, stderr []string
	}{
		{name: "help", args: []string{"-h"}, stdout: []string{"Usage:", "-for", "-dir", "-config", "-otlp", "-speed"}},
		{name: "long help", args: []string{"--help"}, stdout: []string{"Usage:"}},
		{name: "unknown flag", args: []string{"-nope"}, code: 2, stderr: []string{"-nope", "-h"}},
		{name: "bad duration", args: []string{"-for", "soon"}, code: 2, stderr: []string{"soon", "-for"}},
		{name: "negative duration", args: []string{"-for", "-1s"}, code: 2, stderr: []string{"-for -1s: want 0 or more"}},
		{name: "bad speed", args: []string{"-speed", "0"}, code: 2, stderr: []string{"-speed 0: want 0.01 to 1000"}},
		{name: "NaN", args: []string{"-speed", "NaN"}, code: 2, stderr: []string{"-speed NaN"}},
		{name: "argument", args: []string{"start"}, code: 2, stderr: []string{`unexpected argument "start"`}},
		{name: "no such config", args: []string{"-config", filepath.Join(dir, "none.yaml")}, code: 1, stderr: []string{"none.yaml"}},
		{name: "bad config", args: []string{"-config", bad, "-dir", dir}, code: 1, stderr: []string{"bad.yaml", "LOUD", "max_mbs", "max_mb"}},
		{name: "bad endpoint", args: []string{"-otlp", "http://collector.example:4318", "-dir", dir}, code: 1, stderr: []string{"insecure"}},
		{name: "bad directory", args: []string{"-dir", filepath.Join(bad, "logs")}, code: 1, stderr: []string{"bad.yaml"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tt.args, &stdout, &stderr); got != tt.code {
				t.Errorf("exit code %d, want %d", got, tt.code)
			}
			for _, want := range tt.stdout {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("stdout has no %q:\n%s", want, &stdout)
				}
			}
			for _, want := range tt.stderr {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("stderr has no %q:\n%s", want, &stderr)
				}
			}
			if tt.code == 0 && stderr.Len() > 0 || tt.code != 0 && stdout.Len() > 0 {
				t.Errorf("text on the wrong stream:\nstdout %s\nstderr %s", &stdout, &stderr)
			}
		})
	}
}
