package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/telemetry"
)

func TestHandlerConformsToSlog(t *testing.T) {
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		t.Helper()
		if strings.HasSuffix(t.Name(), "/zero-time") {
			t.Skip("a log record of OpenTelemetry always has a time: the observed one, when the call gave none")
		}
		tel, dir := start(t, telemetry.WithoutGlobals(), telemetry.WithLevel(slog.LevelDebug))
		t.Setenv("SLOGTEST_DIR", dir)
		return tel.Logger(telemetry.Daemon).Handler()
	}, func(t *testing.T) map[string]any {
		t.Helper()
		r := last(t, os.Getenv("SLOGTEST_DIR"), "daemon.log")
		r[slog.TimeKey], r[slog.MessageKey] = r["timestamp"], r["message"]
		return r
	})
}

type side string

type quantity int

type color int

func (color) String() string { return "red" }

func TestHandlerKeepsTypes(t *testing.T) {
	_, dir := start(t)
	u, _ := url.Parse("https://user:hunter2@api.topstepx.com/x?token=abc&symbol=ES")
	var nilErr *os.PathError
	slog.Info("types",
		"string", "ES", "int", 42, "uint", uint64(1<<63), "float", 45.23, "bool", true,
		"duration", 1500*time.Millisecond, "time", time.Date(2025, 10, 21, 10, 30, 45, 0, time.UTC),
		"side", side("BUY"), "quantity", quantity(5), "color", color(1), "url", u, "bytes", []byte{1, 2},
		"list", []int{1, 2}, "map", map[string]any{"a": 1, "password": "hunter2"}, "nil", nil, "nil_error", nilErr,
		slog.Group("group", "a", 1, "b", slog.GroupValue(slog.Int("c", 2))),
		"struct", struct {
			Name string `json:"name"`
			Pin  string
		}{"n", "1234"},
		"cause", errors.New("boom"), "timestamp", "mine", "truncated", 1,
	)
	got := last(t, dir, "daemon.log")
	want := record{
		"string": "ES", "int": 42., "uint": float64(1 << 63), "float": 45.23, "bool": true,
		"duration": "1.5s", "time": "2025-10-21T10:30:45Z", "side": "BUY", "quantity": 5., "color": "red", "bytes": "AQI=",
		"list": []any{1., 2.}, "map": record{"a": 1., "password": "***MASKED***"}, "nil": nil, "nil_error": nil,
		"group": record{"a": 1., "b": record{"c": 2.}}, "struct": record{"name": "n", "Pin": "***MASKED***"},
		"cause":      record{"type": "*errors.errorString", "message": "boom"},
		"attributes": record{"timestamp": "mine", "truncated": 1.},
	}
	for k, w := range want {
		if d := cmp.Diff(w, got[k]); d != "" {
			t.Errorf("%s (-want +got):\n%s", k, d)
		}
	}
	if s, _ := got["url"].(string); strings.Contains(s, "hunter2") || strings.Contains(s, "abc") || !strings.Contains(s, "symbol=ES") {
		t.Errorf("url: got %q, want its secrets masked and the rest kept", s)
	}
}

func TestHandlerErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []any
		want record
	}{
		{name: "err", args: []any{"err", fmt.Errorf("close: %w", io.EOF)}, want: record{"type": "*errors.errorString", "message": "close: EOF"}},
		{name: "error", args: []any{"error", io.EOF}, want: record{"type": "*errors.errorString", "message": "EOF"}},
		{name: "string", args: []any{"error", "went wrong"}, want: record{"message": "went wrong"}},
		{name: "joined", args: []any{"err", errors.Join(io.EOF, io.ErrNoProgress)}, want: record{"type": "*errors.joinError", "message": "EOF\nmultiple Read calls return no data or error"}},
		{name: "masked", args: []any{"err", errors.New("login: password=hunter2")}, want: record{"type": "*errors.errorString", "message": "login: password=***MASKED***"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, dir := start(t)
			telemetry.Logger(telemetry.API).Error("failed", tt.args...)
			for _, file := range []string{"daemon.log", "api.log", "error.log"} {
				if d := cmp.Diff(any(tt.want), last(t, dir, file)["error"]); d != "" {
					t.Errorf("%s (-want +got):\n%s", file, d)
				}
			}
		})
	}
}

func TestHandlerDuplicateKeysLastWins(t *testing.T) {
	_, dir := start(t)
	slog.With("k", 1, "g", 0).WithGroup("g").With("k", 2).Info("dup", "k", 3)
	line, err := os.ReadFile(filepath.Join(dir, "daemon.log"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(line), `"k":1,"g":{"k":3}`) || strings.Count(string(line), `"g":`) != 1 {
		t.Errorf("got %s", line)
	}
}

func TestLevels(t *testing.T) {
	_, dir := start(t, telemetry.WithLevel(slog.LevelDebug-4))
	for level, want := range map[slog.Level]string{
		slog.LevelDebug - 4: "DEBUG-4", slog.LevelDebug: "DEBUG", slog.LevelInfo: "INFO", slog.LevelWarn: "WARNING", slog.LevelError: "ERROR",
		telemetry.LevelCritical: "CRITICAL", slog.LevelInfo + 1: "INFO+1", slog.LevelError + 2: "ERROR+2", slog.LevelDebug + 3: "DEBUG+3",
	} {
		slog.Log(t.Context(), level, "m")
		if got := last(t, dir, "daemon.log"); got["level"] != want {
			t.Errorf("%d: got %v, want %s", level, got["level"], want)
		}
	}
}

func TestSetLevel(t *testing.T) {
	tel, dir := start(t)
	slog.Debug("hidden")
	if slog.Default().Enabled(t.Context(), slog.LevelDebug) {
		t.Error("DEBUG is enabled at INFO")
	}
	tel.SetLevel(slog.LevelDebug)
	slog.Debug("shown")
	tel.SetLevel(slog.LevelError)
	slog.Warn("hidden")
	if got := read(t, dir, "daemon.log"); len(got) != 1 || got[0]["message"] != "shown" {
		t.Errorf("got %v, want the one shown", got)
	}
}

func TestStreamRouting(t *testing.T) {
	_, dir := start(t, telemetry.WithLevel(slog.LevelDebug))
	for _, s := range []telemetry.Stream{telemetry.Daemon, telemetry.Enforcement, telemetry.API, telemetry.Errors} {
		for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelError} {
			telemetry.Logger(s).Log(t.Context(), level, s.LoggerName())
		}
	}
	telemetry.Named("risk_manager.api.orders").Info("child")
	telemetry.Named("risk_manager.apiary").Info("no child")
	for file, want := range map[string]int{"daemon.log": 14, "enforcement.log": 2, "api.log": 4, "error.log": 4} {
		if got := len(read(t, dir, file)); got != want {
			t.Errorf("%s: got %d records, want %d", file, got, want)
		}
	}
}

func TestFilesExistFromTheStart(t *testing.T) {
	_, dir := start(t)
	for _, file := range []string{"daemon.log", "enforcement.log", "api.log", "error.log"} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
		} else if info.Mode() != 0o600 {
			t.Errorf("%s: got mode %v, want 0600", file, info.Mode())
		}
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("directory: got mode %v, want 0700", info.Mode())
	}
}

func TestBind(t *testing.T) {
	_, dir := start(t)
	ctx := telemetry.With(t.Context(), telemetry.AccountID("bound"))
	log := telemetry.Bind(ctx, telemetry.Logger(telemetry.Daemon)).With("k", 1)
	log.Info("plain")
	log.InfoContext(telemetry.With(t.Context(), telemetry.AccountID("own")), "own")
	for message, want := range map[string]string{"plain": "bound", "own": "own"} {
		if got := contextOf(only(read(t, dir, "daemon.log"), message)[0])["account_id"]; got != want {
			t.Errorf("%s: got account %v, want %s", message, got, want)
		}
	}
}

func TestStandardLogLandsInDaemonLog(t *testing.T) {
	before, flags := log.Writer(), log.Flags()
	t.Run("while set up", func(t *testing.T) {
		_, dir := start(t)
		log.Print("from the log package, api_key=hunter2")
		got := last(t, dir, "daemon.log")
		if got["message"] != "from the log package, api_key=***MASKED***" {
			t.Errorf("got %v", got["message"])
		}
		if src, _ := got["source"].(record); !strings.HasSuffix(fmt.Sprint(src["file"]), "handler_test.go") {
			t.Errorf("got source %v, want this file", src)
		}
	})
	if log.Writer() != before || log.Flags() != flags {
		t.Error("Shutdown did not give the log package's writer and flags back")
	}
}

func TestSourceIsTheCallSite(t *testing.T) {
	_, dir := start(t)
	slog.Info("here")
	src, _ := last(t, dir, "daemon.log")["source"].(record)
	if !strings.HasSuffix(fmt.Sprint(src["function"]), "TestSourceIsTheCallSite") || src["line"] == 0. {
		t.Errorf("got source %v", src)
	}
}

func TestLoggersOutsideOfASetupWriteMaskedLinesToStderr(t *testing.T) {
	stderr := os.Stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = w
	defer func() { os.Stderr = stderr }()
	log := telemetry.Logger(telemetry.API)
	log.Info("before", "password", "hunter2")
	tel, _ := start(t, telemetry.WithoutGlobals())
	own := tel.Logger(telemetry.API)
	stop(t, tel)
	own.Info("after, token=hunter2")
	w.Close()
	out, _ := io.ReadAll(r)
	for _, want := range []string{"before", "after", "risk_manager.api", "***MASKED***"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("stderr lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "hunter2") {
		t.Errorf("stderr has the secret:\n%s", out)
	}
}

func TestNilTelemetryIsSafe(t *testing.T) {
	var tel *telemetry.Telemetry
	tel.SetLevel(slog.LevelDebug)
	_ = tel.Stats()
	_ = tel.Config()
	tel.OnShutdown(func(context.Context) {})
	if err := errors.Join(tel.Flush(t.Context()), tel.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
	_, span := tel.TracerProvider().Tracer("x").Start(t.Context(), "y")
	span.End()
}
