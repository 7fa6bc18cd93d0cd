//go:build unix

package logfile_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/faulttest"
)

// TestFileKill kills a process at a random moment, 200 times: while it writes,
// rotates, compresses, opens. What Append had returned for is in the files at
// once, no .gz is partial, and the next start leaves no torn line.
func TestFileKill(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		rounds int
		job    job
	}{
		{name: "plain", rounds: 40, job: job{Size: 200}},
		{name: "rotating and compressing", rounds: 120, job: job{Size: 300, MaxBytes: 256 << 10, MaxBackups: -1, Compress: true, Callers: 4}},
		{name: "200 KiB records", rounds: 40, job: job{Size: 200 << 10, MaxBytes: 4 << 20, MaxBackups: -1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const each = 20 // Rounds in a directory, which all have to be read.
			for begun := 0; begun < tt.rounds; begun += each {
				path := filepath.Join(t.TempDir(), "daemon.log")
				var acked []int
				for round := range each {
					j := tt.job
					j.Path, j.First = path, round*1_000_000
					p := start(t, j)
					p.read(1)
					time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
					p.kill()
					acked = append(acked, p.acked...)
					if got := collect(t, path); len(missing(got.numbers, acked)) > 0 {
						got.check(t, acked)
						t.Fatalf("after the kill of round %d", round)
					}
				}
				closeFile(t, open(t, logfileConfig(path)))
				collect(t, path).check(t, acked)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestFileKillMidCompress kills a process as soon as its temporary .gz appears.
// The source is whole then, and the next start removes what is left.
func TestFileKillMidCompress(t *testing.T) {
	t.Parallel()
	caught := 0
	for range 10 {
		dir := t.TempDir()
		path := filepath.Join(dir, "daemon.log")
		// Random, so that it compresses slowly and badly.
		text := make([]byte, 8<<20)
		chacha := rand.NewChaCha8([32]byte{})
		_, _ = chacha.Read(text)
		for i, b := range text {
			text[i] = ' ' + b%64
		}
		text = append(bytes.ReplaceAll(text, []byte{'"'}, []byte{'x'}), '\n')
		backup := filepath.Join(dir, "daemon-"+time.Now().UTC().Format(stampFormat)+".log")
		if err := os.WriteFile(backup, text, 0o600); err != nil {
			t.Fatal(err)
		}
		p := start(t, job{Path: path, Size: 100, Compress: true, Pause: time.Millisecond})
		tmp := filepath.Join(dir, "."+filepath.Base(backup)+".gz.tmp")
		faulttest.Eventually(t, "a compression", func() bool {
			_, err := os.Stat(tmp)
			_, gz := os.Stat(backup + ".gz")
			return err == nil || gz == nil
		})
		p.kill()
		if _, err := os.Stat(backup + ".gz"); err == nil {
			continue // Too late.
		}
		caught++
		if got, err := os.ReadFile(backup); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("source after the kill: %d bytes, %v; want %d", len(got), err, len(text))
		}
		cfg := logfileConfig(path)
		cfg.Compress = true
		f := open(t, cfg)
		faulttest.Eventually(t, "the backup is compressed", func() bool { return f.Stats().Compressed == 1 })
		closeFile(t, f)
		if _, err := os.Stat(tmp); err == nil {
			t.Errorf("%s is still there after the restart", tmp)
		}
		if _, err := os.Stat(backup); err == nil {
			t.Errorf("%s is still there after its compression", backup)
		}
		if got := collect(t, path); !slices.Contains(got.files, filepath.Base(backup)+".gz") {
			t.Errorf("files %v, want the backup's .gz", got.files)
		}
	}
	if caught == 0 {
		t.Error("no kill came in time")
	}
}

// TestFileTerm ends a process by SIGTERM while it logs.
func TestFileTerm(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "daemon.log")
	p := start(t, job{Path: path, Size: 1000, MaxBytes: 1 << 20, MaxBackups: -1, Compress: true, Callers: 4})
	p.read(5000)
	begun := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.wait()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("exit took %v, want less than 10 s", took)
	}
	collect(t, path).check(t, p.acked)
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range hidden {
		if strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".next") {
			t.Errorf("%s left behind", name)
		}
	}
}
