package instrument

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/internal/value"
	"riskmanager.internal/otel/telemetry"
)

// Admin returns the handler of the daemon's own endpoints, wrapped in
// [Middleware] with opts:
//
//	GET /health    whether records are written: {"status":"ok"}, or 503 and
//	               "degraded" while a disk refuses them, "down" without a Telemetry
//	GET /stats     the counters of the pipeline, [telemetry.Stats]
//	GET /summary   the durations of operations, as in the record of [LogSummary]
//	GET /level     the global level: {"level":"INFO"}
//	PUT /level     changes it, to the body: DEBUG, or {"level":"DEBUG"}
//
// All of them answer in JSON. tel may be nil for the current Telemetry. There is no
// authentication: serve it on a loopback address.
//
//	go http.ListenAndServe("127.0.0.1:9090", instrument.Admin(nil))
func Admin(tel *telemetry.Telemetry, opts ...Option) http.Handler {
	a := admin{tel: tel}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", a.health)
	mux.HandleFunc("GET /stats", a.stats)
	mux.HandleFunc("GET /summary", a.summary)
	mux.HandleFunc("GET /level", a.level)
	mux.HandleFunc("PUT /level", a.setLevel)
	return inTelemetry{tel: tel, next: Middleware(mux, opts...)}
}

// inTelemetry has requests belong to one Telemetry.
type inTelemetry struct {
	tel  *telemetry.Telemetry
	next http.Handler
}

// ServeHTTP implements http.Handler.
func (h inTelemetry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.tel != nil {
		r = r.WithContext(telemetry.NewContext(r.Context(), h.tel))
	}
	h.next.ServeHTTP(w, r)
}

type admin struct{ tel *telemetry.Telemetry }

func (a admin) of(r *http.Request) *telemetry.Telemetry {
	if a.tel != nil {
		return a.tel
	}
	return telemetry.FromContext(r.Context())
}

// health is the answer of GET /health.
type health struct {
	Status    string  `json:"status"`
	UptimeS   float64 `json:"uptime_s"`
	HeldLines int64   `json:"held_lines"` // Waiting for the disk.
	LostLines int64   `json:"lost_lines"` // Since Setup.
}

func (a admin) health(w http.ResponseWriter, r *http.Request) {
	tel := a.of(r)
	if tel == nil {
		answer(w, http.StatusServiceUnavailable, health{Status: "down"})
		return
	}
	h, code := health{Status: "ok", UptimeS: time.Since(stateFor(tel).since).Round(time.Millisecond).Seconds()}, http.StatusOK
	for _, f := range tel.Stats().Files {
		h.HeldLines += f.HeldLines
		h.LostLines += f.Lost.Total()
		if f.Err != nil {
			h.Status, code = "degraded", http.StatusServiceUnavailable
		}
	}
	answer(w, code, h)
}

func (a admin) stats(w http.ResponseWriter, r *http.Request) {
	tel := a.of(r)
	v := tel.Masker().Value(slog.AnyValue(tel.Stats())) // Errors in it become text.
	answer(w, http.StatusOK, plain(v))
}

// plain returns a resolved value as encoding/json wants it.
func plain(v slog.Value) any {
	switch v.Kind() { //nolint:exhaustive // The others are what they are.
	case slog.KindGroup:
		m := make(map[string]any, len(v.Group()))
		for _, a := range v.Group() {
			m[a.Key] = plain(a.Value)
		}
		return m
	case slog.KindAny:
		if list, isList := v.Any().(value.List); isList {
			all := make([]any, len(list))
			for i, e := range list {
				all[i] = plain(e)
			}
			return all
		}
	}
	return v.Any()
}

func (a admin) summary(w http.ResponseWriter, r *http.Request) {
	all := []any{}
	for _, s := range SummaryOf(a.of(r)) {
		all = append(all, plain(s.LogValue()))
	}
	answer(w, http.StatusOK, all)
}

// level is the answer of GET /level, and a body of PUT /level.
type level struct {
	Level string `json:"level"`
}

func (a admin) level(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, level{record.LevelText(a.of(r).Level())})
}

// maxLevelBody bounds what is read of a PUT /level.
const maxLevelBody = 1 << 10

func (a admin) setLevel(w http.ResponseWriter, r *http.Request) {
	l, err := readLevel(r.Body)
	if err != nil {
		answer(w, http.StatusBadRequest, struct {
			Error string `json:"error"`
		}{err.Error()})
		return
	}
	tel := a.of(r)
	before := tel.Level()
	tell := func() {
		loggers[daemonStream].LogAttrs(r.Context(), slog.LevelWarn, "log level changed",
			slog.String("from", record.LevelText(before)), slog.String("to", record.LevelText(l)))
	}
	if l > before {
		tell() // While it is still let through.
		tel.SetLevel(l)
	} else {
		tel.SetLevel(l)
		tell()
	}
	answer(w, http.StatusOK, level{record.LevelText(l)})
}

func readLevel(body io.Reader) (slog.Level, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxLevelBody+1))
	if err != nil {
		return 0, err
	}
	if len(text) > maxLevelBody {
		return 0, errors.New("body too long, want a level")
	}
	name := strings.TrimSpace(string(text))
	if strings.HasPrefix(name, "{") {
		var l level
		if err := json.Unmarshal(text, &l); err != nil {
			return 0, err
		}
		name = l.Level
	}
	return record.ParseLevel(name)
}

func answer(w http.ResponseWriter, code int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "{}", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(append(text, '\n')) // The client is gone: there is nobody to tell.
}
