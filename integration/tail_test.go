package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// startTail starts a collector that tails dir and hands on to u.
func startTail(t *testing.T, dir string, u *upstream) *collector {
	t.Helper()
	return startCollector(t, []string{"--config", tailConfig, tailGate},
		"RISK_MANAGER_LOG_DIR="+dir, "OTELCOL_UPSTREAM=otlp_http", "OTELCOL_UPSTREAM_ENDPOINT="+u.url)
}

// The records that the tailing collector makes of the file are those that the
// daemon sends by OTLP, field by field.
func TestTailEqualsOTLP(t *testing.T) {
	begin(t)
	direct, tailed := newUpstream(t), newUpstream(t)
	w := startWriter(t, t.TempDir(), direct.url)
	startTail(t, w.dir, tailed)
	w.do("variety")
	w.log(300, 0)
	w.flush()
	arrive(t, w, direct)
	arrive(t, w, tailed)

	want, got := direct.records(), tailed.records()
	if len(want) < 320 {
		t.Errorf("only %d records", len(want))
	}
	for uid, r := range want {
		w, g := modelOf(r), modelOf(got[uid])
		if diff := cmp.Diff(w, g, jsonOnly); diff != "" {
			t.Errorf("%v (-OTLP +tailed):\n%s", w.Body, diff)
		}
	}
	for _, r := range got {
		if g := otlpMap(r.resource)["service.name"]; g != "risk_manager" {
			t.Errorf("service.name %v", g)
			break
		}
	}
	if bytes.Contains(rawLogs(tailed), []byte(canary)) || bytes.Contains(rawLogs(direct), []byte(canary)) {
		t.Error("a secret left the process")
	}
}

func rawLogs(u *upstream) []byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all bytes.Buffer
	for _, r := range u.logs {
		all.WriteString(r.String())
	}
	return all.Bytes()
}

// Both sides are killed again and again, and the file is rotated and compressed
// while nobody reads: every line arrives.
func TestTailLosesNothing(t *testing.T) {
	begin(t)
	u := newUpstream(t)
	dir := t.TempDir()
	config := filepath.Join(t.TempDir(), "telemetry.yaml")
	if err := os.WriteFile(config, []byte("rotation: {max_mb: 1, backup_count: 100}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := "RISK_MANAGER_CONFIG=" + config
	c := startTail(t, dir, u)
	var w *writer
	for range 4 {
		w = startWriter(t, dir, "", env)
		w.log(1500, 0) // About 700 kB.
		w.send("log 2000 1000")
		time.Sleep(300 * time.Millisecond)
		c.kill()
		time.Sleep(300 * time.Millisecond)
		c.start()
		time.Sleep(200 * time.Millisecond)
		w.kill() // In the middle of its records.
	}
	c.kill()
	w = startWriter(t, dir, "", env)
	w.log(6000, 0) // Rotates several times behind the collector's back.
	eventually(t, "a compressed backup", func() bool {
		gz, err := filepath.Glob(filepath.Join(dir, "daemon-*.log.gz"))
		return err == nil && len(gz) > 0
	})
	if r := w.do("quit 10s"); r.Error != "" {
		t.Log(r.Error) // It may have been compressing still: that goes on at the next start.
	}
	c.start()

	lines := uids(readLines(t, dir))
	if len(lines) < 12_000 {
		t.Errorf("only %d lines", len(lines))
	}
	eventually(t, "all lines upstream", func() bool {
		got := u.uids()
		for uid := range lines {
			if got[uid] == 0 {
				return false
			}
		}
		return true
	})
	var twice int
	for uid, n := range u.uids() {
		if !lines[uid] {
			t.Errorf("%q arrived, and is in no file", uid)
		}
		if n > 1 {
			twice++
		}
	}
	t.Logf("%d lines, all arrived, %d of them more than once", len(lines), twice)
}
