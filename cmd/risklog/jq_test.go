package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestShowAgreesWithJQ asks risklog and jq for the same records of random
// files, with values of every kind in the places that the filters look at.
func TestShowAgreesWithJQ(t *testing.T) {
	jq := needs(t, "jq")
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	queries := []struct {
		name string
		args []string
		jq   string
	}{
		{"account", []string{"-account", "ACC1"}, `select(.context.account_id == "ACC1")`},
		{"account with a quote", []string{"-account", `A"\é`}, `select(.context.account_id == "A\"\\é")`},
		{"accounts", []string{"-account", "ACC1", "-account", "ACC12"}, `select(.context.account_id == "ACC1" or .context.account_id == "ACC12")`},
		{"rule", []string{"-rule", "MAX/LOSS"}, `select(.context.rule_id == "MAX/LOSS")`},
		{"level", []string{"-level", "WARNING"}, `select(.level | IN("WARNING", "ERROR", "CRITICAL", "WARNING+2"))`},
		{"logger", []string{"-logger", "risk_manager.api"}, `select(.logger == "risk_manager.api" or (.logger | startswith("risk_manager.api.")))`},
		{"time", []string{"-since", "2026-03-01T12:00:00.1Z", "-until", "2026-03-01T12:00:00.3Z"}, `select(.timestamp >= "2026-03-01T12:00:00.100000Z" and .timestamp < "2026-03-01T12:00:00.300000Z")`},
		{
			"all of them",
			[]string{"-account", "ACC1", "-level", "INFO", "-logger", "risk_manager.api", "-until", "2026-03-01T12:00:00.3Z"},
			`select(.context.account_id == "ACC1" and .level != "DEBUG" and (.logger == "risk_manager.api" or (.logger | startswith("risk_manager.api."))) and .timestamp < "2026-03-01T12:00:00.300000Z")`,
		},
	}
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		dir := t.TempDir()
		pick := func(values ...string) string { return values[rnd.IntN(len(values))] }
		var daemon, errs strings.Builder
		for i := range 1500 {
			at = at.Add(time.Duration(rnd.IntN(500)) * time.Microsecond)
			level := pick("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "WARNING+2")
			line := fmt.Sprintf(`{"timestamp":%q,"level":%q,"logger":%q,"message":%s,"context":{"account_id":%s,"rule_id":%s},"account_id":%s,"n":[1,{"account_id":"ACC1"}],"uid":"u%d"}`+"\n",
				at.Format("2006-01-02T15:04:05.000000Z"), level, pick("risk_manager.api", "risk_manager.api.hub", "risk_manager.apis", "x"),
				pick(`"ACC1"`, `"say \"ACC1\""`, `""`, `3`), pick(`"ACC1"`, `"ACC12"`, `"A\"\\é"`, `"A\"\\\u00e9"`, `"\u0041CC1"`, `null`, `""`),
				pick(`"MAX/LOSS"`, `"MAX\/LOSS"`, `"MAX"`, `null`), pick(`"ACC1"`, `1`, `null`), i)
			daemon.WriteString(line)
			if level == "ERROR" || level == "CRITICAL" {
				errs.WriteString(line)
			}
		}
		at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		for name, b := range map[string]*strings.Builder{"daemon.log": &daemon, "error.log": &errs} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range queries {
			t.Run(fmt.Sprintf("%s/%d", q.name, seed), func(t *testing.T) {
				got, stderr, code := run(t, append([]string{"show", "-json", "-dir", dir}, q.args...)...)
				if code != 0 || stderr != "" {
					t.Fatalf("risklog show = %d, %s", code, stderr)
				}
				want, err := exec.CommandContext(t.Context(), jq, "-c", q.jq+" | .uid", filepath.Join(dir, "daemon.log")).Output()
				if err != nil {
					t.Fatal(err)
				}
				// Ties in time are in the order of the file for both.
				if diff := cmp.Diff(strings.Fields(strings.ReplaceAll(string(want), `"`, "")), uids(t, got)); diff != "" {
					t.Errorf("uids (-jq +risklog):\n%s", diff)
				}
			})
		}
	}
}

func uids(t *testing.T, lines string) []string {
	t.Helper()
	out := []string{}
	dec := json.NewDecoder(strings.NewReader(lines))
	for dec.More() {
		var r struct{ UID string }
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r.UID)
	}
	return out
}

// TestStatsAgreeWithJQ holds the percentiles against jq's sort.
func TestStatsAgreeWithJQ(t *testing.T) {
	jq := needs(t, "jq")
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(7, 7))
	var b bytes.Buffer
	for i := range 997 {
		fmt.Fprintf(&b, `{"timestamp":"2026-03-01T12:00:%02d.%06dZ","level":"INFO","logger":"x","message":"m","context":{},"operation":"op%d","duration_ms":%g,"status":%q,"uid":"u%d"}`+"\n",
			i/20, i, rnd.IntN(3), float64(rnd.IntN(100000))/1000, []string{"ok", "ok", "error"}[rnd.IntN(3)], i)
	}
	path := filepath.Join(dir, "daemon.log")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, _, code := run(t, "stats", "-json", "-dir", dir)
	if code != 0 {
		t.Fatalf("risklog stats = %d", code)
	}
	summary := exec.CommandContext(t.Context(), jq, "-c", "{operation, count, errors, p50_ms, p95_ms, p99_ms, max_ms}")
	summary.Stdin = strings.NewReader(got)
	mine, err := summary.Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := exec.CommandContext(t.Context(), jq, "-c", "-s", `group_by(.operation)[] | (map(.duration_ms) | sort) as $d | def p(n): $d[((n / 100 * ($d | length)) | ceil) - 1];
		{operation: .[0].operation, count: length, errors: (map(select(.status == "error")) | length), p50_ms: p(50), p95_ms: p(95), p99_ms: p(99), max_ms: $d[-1]}`, path).Output()
	if err != nil {
		t.Fatal(err)
	}
	want, lines := strings.Split(string(theirs), "\n"), strings.Split(string(mine), "\n")
	slices.Sort(want)
	slices.Sort(lines)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("operations (-jq +risklog):\n%s", diff)
	}
}
