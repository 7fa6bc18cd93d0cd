package logread_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"riskmanager.internal/otel/internal/logread"
)

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFollow makes the hard cases between two looks, which come every 100 ms.
func TestFollow(t *testing.T) {
	line := func(message, uid string) string {
		return rec(time.Now(), "INFO", "daemon", message, uid, "A")
	}
	wait := func(d time.Duration) { time.Sleep(d) }
	tests := []struct {
		name  string
		last  int
		write func(t *testing.T, daemon, api string) // From when Follow has begun.
		want  string
	}{
		{"the last ones first", 1, func(*testing.T, string, string) {}, "old2"},
		{"all of them", -1, func(*testing.T, string, string) {}, "old1 old2"},
		{"an earlier one comes later in another file", 0, func(t *testing.T, daemon, api string) {
			t.Helper()
			wait(95 * time.Millisecond)
			earlier := line("a", "1")
			wait(time.Millisecond)
			appendTo(t, api, line("b", "2"))
			wait(8 * time.Millisecond) // A look falls between them.
			appendTo(t, daemon, earlier)
		}, "a b"},
		{"each once", 0, func(t *testing.T, daemon, api string) {
			t.Helper()
			both := line("a", "1")
			appendTo(t, api, both)
			wait(150 * time.Millisecond)
			appendTo(t, daemon, both)
		}, "a"},
		{"half a line at a time", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			l := line("a", "1")
			appendTo(t, daemon, l[:30])
			wait(150 * time.Millisecond)
			appendTo(t, daemon, l[30:])
		}, "a"},
		{"rotated, written to before and after", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			appendTo(t, daemon, line("a", "1"))
			rename(t, daemon, "daemon-2026-03-01T12-00-01.000.log")
			wait(150 * time.Millisecond)
			appendTo(t, daemon, line("b", "2"))
		}, "a b"},
		{"rotated twice between two looks", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			appendTo(t, daemon, line("a", "1"))
			rename(t, daemon, "daemon-2026-03-01T12-00-01.000.log")
			appendTo(t, daemon, line("b", "2"))
			rename(t, daemon, "daemon-2026-03-01T12-00-02.000.log")
			appendTo(t, daemon, line("c", "3"))
		}, "a b c"},
		{"rotated twice and compressed", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			rename(t, daemon, "daemon-2026-03-01T12-00-01.000.log")
			appendTo(t, daemon, line("b", "2"))
			compress(t, rename(t, daemon, "daemon-2026-03-01T12-00-02.000.log"))
			appendTo(t, daemon, line("c", "3"))
		}, "b c"},
		{"copied and truncated", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			appendTo(t, daemon, line("a", "1"))
			wait(150 * time.Millisecond)
			if err := os.Truncate(daemon, 0); err != nil {
				t.Fatal(err)
			}
			wait(150 * time.Millisecond)
			appendTo(t, daemon, line("b", "2"))
		}, "a b"},
		{"a new file", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			appendTo(t, filepath.Join(filepath.Dir(daemon), "error.log"), line("a", "1"))
		}, "a"},
		{"removed, and there again", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			if err := os.Remove(daemon); err != nil {
				t.Fatal(err)
			}
			wait(150 * time.Millisecond)
			appendTo(t, daemon, line("a", "1"))
		}, "a"},
		{"torn", 0, func(t *testing.T, daemon, _ string) {
			t.Helper()
			appendTo(t, daemon, `{"timestamp":"2026`+"\n"+line("a", "1"))
		}, "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				daemon, api := filepath.Join(dir, "daemon.log"), filepath.Join(dir, "api.log")
				appendTo(t, daemon, line("old1", "o1")+line("old2", "o2"))
				appendTo(t, api, "")
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error)
				var got []string
				go func() {
					_, err := logread.Follow(ctx, logread.FollowConfig{Dir: dir, Last: tt.last, Poll: 100 * time.Millisecond},
						func(r *logread.Record) error { got = append(got, r.Text(logread.Message)); return nil },
						func() error { return nil })
					done <- err
				}()
				time.Sleep(time.Millisecond)
				tt.write(t, daemon, api)
				time.Sleep(time.Second)
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
				if s := strings.Join(got, " "); s != tt.want {
					t.Errorf("got %q, want %q", s, tt.want)
				}
			})
		})
	}
}

func rename(t *testing.T, live, name string) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(live), name)
	if err := os.Rename(live, path); err != nil {
		t.Fatal(err)
	}
	return path
}
