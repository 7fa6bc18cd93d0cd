package integration

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"riskmanager.internal/otel/exporters"
)

// arrive waits until the records of the files are upstream, and checks that no
// others are. The files are read each time: a notice may come at any time.
func arrive(t *testing.T, w *writer, u *upstream) {
	t.Helper()
	var lines []map[string]any
	var want map[string]bool
	eventually(t, "all records upstream", func() bool {
		lines = w.lines()
		want = uids(lines)
		got := u.uids()
		for uid := range want {
			if got[uid] == 0 {
				return false
			}
		}
		return true
	})
	if len(want) != len(lines) {
		t.Errorf("%d lines have %d uids", len(lines), len(want))
	}
	got := u.uids()
	want = uids(w.lines()) // A record is in the files before it is sent.
	for uid := range got {
		if !want[uid] {
			t.Errorf("%q arrived, and is in no file", uid)
		}
	}
}

// complete checks that the file holds n records of the writer, each once.
func complete(t *testing.T, w *writer, n int) {
	t.Helper()
	seen := map[any]int{}
	for _, l := range w.lines() {
		if v, ok := l["n"]; ok && l["logger"] != "risk_manager.rules" {
			seen[v]++
		}
	}
	if len(seen) != n {
		t.Errorf("daemon.log holds %d of %d records", len(seen), n)
	}
}

// hasNotice checks that daemon.log tells what happened.
func hasNotice(t *testing.T, w *writer, want ...string) {
	t.Helper()
	var told strings.Builder
	for _, l := range w.lines() {
		if l["logger"] == "risk_manager.telemetry" {
			told.WriteString(l["message"].(string) + "\n")
		}
	}
	for _, s := range want {
		if !strings.Contains(told.String(), s) {
			t.Errorf("daemon.log has no notice %q:\n%s", s, told.String())
		}
	}
}

// viaQueue starts a collector that hands on to an upstream in this process.
func viaQueue(t *testing.T) (*collector, *upstream) {
	t.Helper()
	u := newUpstream(t)
	c := newCollector(t, []string{"--config", localConfig}, "OTELCOL_UPSTREAM=otlp_http", "OTELCOL_UPSTREAM_ENDPOINT="+u.url)
	return c, u
}

func protocols(t *testing.T, f func(t *testing.T, protocol string, endpoint func(*collector) string)) {
	t.Helper()
	t.Run("http", func(t *testing.T) {
		begin(t)
		f(t, "http/protobuf", func(c *collector) string { return c.httpURL })
	})
	t.Run("grpc", func(t *testing.T) {
		begin(t)
		f(t, "grpc", func(c *collector) string { return c.grpcURL })
	})
}

func TestCollectorAbsentAtStart(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string, endpoint func(*collector) string) {
		c, u := viaQueue(t)
		w := startWriter(t, t.TempDir(), endpoint(c), "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol)
		w.log(2000, 1000)
		if s := w.failed(); s.Delivered != 0 || s.Dropped != 0 || s.Held < 2000 {
			t.Errorf("without a collector: %+v", s)
		}
		c.start()
		w.log(500, 500)
		if s := w.flush().Stats.Logs; s.Dropped != 0 || s.Held != 0 || s.Delivered < 2500 {
			t.Errorf("after it came: %+v", s)
		}
		complete(t, w, 2500)
		hasNotice(t, w, "went away", "is back")
		arrive(t, w, u)
	})
}

func TestCollectorKilledMidStream(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string, endpoint func(*collector) string) {
		c, u := viaQueue(t)
		c.start()
		w := startWriter(t, t.TempDir(), endpoint(c), "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol)
		w.send("log 4000 500")
		for range 2 {
			time.Sleep(2 * time.Second)
			c.kill()
			time.Sleep(time.Second)
			c.start()
		}
		w.logged()
		if s := w.flush().Stats.Logs; s.Dropped != 0 || s.Held != 0 {
			t.Errorf("Stats = %+v", s)
		}
		complete(t, w, 4000)
		arrive(t, w, u)
	})
}

// The upstream is down, the collector holds the records, and is killed.
func TestCollectorKilledWithFullQueue(t *testing.T) {
	begin(t)
	c, u := viaQueue(t)
	u.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	c.start()
	w := startWriter(t, t.TempDir(), c.httpURL)
	w.log(1000, 0)
	w.flush()
	eventually(t, "the collector to try", func() bool { return u.requests() > 0 })
	c.kill()
	if n := len(u.uids()); n != 0 {
		t.Fatalf("%d records are upstream already", n)
	}
	u.set(nil)
	c.start()
	arrive(t, w, u)
}

func TestCollectorPaused(t *testing.T) {
	t.Parallel()
	protocols(t, func(t *testing.T, protocol string, endpoint func(*collector) string) {
		c, u := viaQueue(t)
		c.start()
		w := startWriter(t, t.TempDir(), endpoint(c), "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol)
		w.log(200, 0)
		w.flush()
		c.pause()
		w.send("log 6000 200") // 30 s.
		w.logged()
		if s := w.failed(); s.Held < 5000 || s.Dropped != 0 {
			t.Errorf("while paused: %+v", s)
		}
		c.resume()
		if s := w.flush().Stats.Logs; s.Dropped != 0 || s.Held != 0 {
			t.Errorf("after it: %+v", s)
		}
		complete(t, w, 6200)
		hasNotice(t, w, "went away", "is back")
		arrive(t, w, u)
	})
}

// A collector that asks to come again, and one that is nobody's to trust. The
// real one takes over on the same address.
func TestCollectorRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"429", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }},
		{"503 with Retry-After", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
		}},
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			begin(t)
			u := newUpstream(t)
			u.set(tt.answer)
			w := startWriter(t, t.TempDir(), u.url)
			w.log(1000, 500)
			if s := w.failed(); s.Delivered != 0 || s.Dropped != 0 || s.Held < 1000 {
				t.Errorf("while it refuses: %+v", s)
			}
			u.set(nil)
			if s := w.flush().Stats.Logs; s.Dropped != 0 || s.Held != 0 {
				t.Errorf("after it: %+v", s)
			}
			complete(t, w, 1000)
			hasNotice(t, w, "went away", "is back")
			arrive(t, w, u)
		})
	}
}

func TestCollectorRejects(t *testing.T) {
	t.Parallel()
	other := newUpstream(t)
	tests := []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"401", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }},
		{"307 to another host", func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Location", other.url+req.URL.Path)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			begin(t)
			u := newUpstream(t)
			u.set(tt.answer)
			w := startWriter(t, t.TempDir(), u.url, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20"+canary)
			w.log(500, 0)
			var s exporters.SignalStats
			eventually(t, "all to be rejected", func() bool {
				r := w.do("flush 0s")
				s = r.Stats.Logs
				if strings.Contains(r.Error+s.LastError, canary) {
					t.Errorf("an error tells the header: %q, %q", r.Error, s.LastError)
				}
				return s.Held == 0 && s.Dropped >= 500
			})
			if s.Delivered != 0 {
				t.Errorf("while it rejects: %+v", s)
			}
			lost := s.Dropped
			u.set(nil)
			w.log(500, 0)
			if s := w.flush().Stats.Logs; s.Dropped != lost || s.Delivered < 500 {
				t.Errorf("after it: %+v", s)
			}
			complete(t, w, 1000)
			hasNotice(t, w, "refuses", "is back")
			if n := other.requests(); n != 0 {
				t.Errorf("the redirect's target got %d requests", n)
			}
		})
	}
}

// A daemon that ends while the collector hangs ends in time, and says what was
// not delivered.
func TestCollectorHangsAtShutdown(t *testing.T) {
	begin(t)
	u := newUpstream(t)
	hold := make(chan struct{})
	defer close(hold)
	u.set(func(http.ResponseWriter, *http.Request) { <-hold })
	w := startWriter(t, t.TempDir(), u.url, "OTEL_EXPORTER_OTLP_TIMEOUT=600000")
	w.log(500, 0)
	r := w.do("quit 300ms")
	if r.Max > 8*time.Second || !strings.Contains(r.Error, "not delivered") {
		t.Errorf("Shutdown took %v: %s", r.Max, r.Error)
	}
	complete(t, w, 500)
}
