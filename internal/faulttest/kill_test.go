//go:build unix

package faulttest_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"riskmanager.internal/otel/telemetry"
)

// TestKill kills a daemon at a random moment, many times: while it logs to the
// four files, rotates, compresses, starts. What a log call had returned for is
// in the files at once, no .gz is partial, and the next start leaves no torn
// line.
func TestKill(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		share int // Of the rounds, in percent.
		job   job
	}{
		{name: "rotating and compressing", share: 70, job: job{Size: 4000, MaxMB: 1, Compress: true, Callers: 6}},
		{name: "200 KiB records", share: 30, job: job{Size: 200 << 10, MaxMB: 16, Callers: 8}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const each = 10 // Rounds in a directory, which all have to be read.
			records, torn := 0, 0
			for left := max(*rounds*tt.share/100, 1); left > 0; left -= each {
				dir := filepath.Join(t.TempDir(), "logs")
				var acked []int
				for round := range min(left, each) {
					j := tt.job
					j.Dir, j.First = dir, round*1_000_000
					p := start(t, j, launch{})
					p.read(1)
					time.Sleep(time.Duration(rand.IntN(40_000)) * time.Microsecond)
					p.kill()
					acked = append(acked, p.numbers()...)
					// Looked at before anything repairs what the kill has left.
					got := collect(t, dir)
					for s, l := range got {
						if len(l.torn) > 1 {
							t.Errorf("%s: %d torn lines after the kill, want none but its own", s.Filename(), len(l.torn))
						}
						torn += len(l.torn)
						l.torn = nil
					}
					got.check(t, acked)
					if t.Failed() {
						t.Fatalf("after the kill of round %d", round)
					}
				}
				shutdown(t, setup(t, dir, rotation(1, 0, true)))
				collect(t, dir).check(t, acked)
				noLeftovers(t, dir)
				records += len(acked)
			}
			t.Logf("%d records acknowledged, none lost; %d lines torn by a kill, all repaired", records, torn)
		})
	}
}

// noLeftovers reports hidden files that are not the lock.
func noLeftovers(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".lock") {
			t.Errorf("%s left behind", name)
		}
	}
}

// TestTerm ends a daemon by SIGTERM while it logs, rotates and compresses.
func TestTerm(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	p := start(t, job{Dir: dir, Size: 4000, MaxMB: 1, Compress: true, Callers: 4}, launch{})
	p.read(1500)
	begun := time.Now()
	p.signal(syscall.SIGTERM)
	p.wait()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("exit took %v, want less than 10 s", took)
	}
	if len(p.acks) < 1500 {
		t.Fatalf("%d acks, want 1500 or more", len(p.acks))
	}
	got := collect(t, dir)
	got.check(t, p.numbers())
	noLeftovers(t, dir)
	if files := got[telemetry.Daemon].files; len(files) < 3 {
		t.Errorf("files %v, want rotated ones", files)
	}
	if p.stderr.Len() > 0 {
		t.Errorf("stderr: %q", p.stderr.String())
	}
}

// TestTornTail starts with what a power cut may leave at the end of each file.
func TestTornTail(t *testing.T) {
	t.Parallel()
	for name, tail := range map[string]string{
		"half a record": `{"timestamp":"2025-10-21T10:30:45.123456Z","level":"INFO","logger":"risk_man`,
		"NULs":          strings.Repeat("\x00", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tel := setup(t, dir)
			want := fill(t, tel, 0, 20, 0)
			shutdown(t, tel)
			for _, s := range telemetry.Streams() {
				f, err := os.OpenFile(filepath.Join(dir, s.Filename()), os.O_APPEND|os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				_, err = f.WriteString(tail)
				if err := errors.Join(err, f.Close()); err != nil {
					t.Fatal(err)
				}
			}
			tel = setup(t, dir)
			want = append(want, fill(t, tel, 20, 40, 0)...)
			for name, s := range tel.Stats().Files {
				if s.Repaired != 1 {
					t.Errorf("Stats().Files[%q].Repaired = %d, want 1", name, s.Repaired)
				}
			}
			shutdown(t, tel)
			collect(t, dir).check(t, want)
		})
	}
}
