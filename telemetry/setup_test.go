package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/propagation"

	"riskmanager.internal/otel/mask"
	"riskmanager.internal/otel/telemetry"
)

func TestSetupTwiceOnOneDirectoryFailsNamingTheOwner(t *testing.T) {
	_, dir := start(t)
	begin := time.Now()
	_, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir))
	if err == nil {
		t.Fatal("got no error, want the owner's name")
	}
	if time.Since(begin) > 2*time.Second {
		t.Errorf("took %v: waiting for oneself is in vain", time.Since(begin))
	}
	slog.Info("the first one still works")
	if got := len(read(t, dir, "daemon.log")); got != 1 {
		t.Errorf("got %d records, want 1", got)
	}
}

func TestSetupNestsAndRestores(t *testing.T) {
	_, first := start(t)
	func() {
		tel, second := start(t)
		slog.Info("inner")
		if got := len(read(t, second, "daemon.log")); got != 1 {
			t.Errorf("second: got %d records, want 1", got)
		}
		stop(t, tel)
	}()
	slog.Info("outer")
	if got := read(t, first, "daemon.log"); len(got) != 1 || got[0]["message"] != "outer" {
		t.Errorf("first: got %v, want the outer record", got)
	}
}

func TestSetupAfterShutdown(t *testing.T) {
	log := telemetry.Logger(telemetry.Daemon) // As a package variable would be.
	for range 3 {
		tel, dir := start(t)
		log.Info("again")
		stop(t, tel)
		if got := len(read(t, dir, "daemon.log")); got != 1 {
			t.Errorf("got %d records, want 1", got)
		}
	}
}

func TestSetupFailingHalfWayClosesWhatItOpened(t *testing.T) {
	dir := t.TempDir()
	before, slogBefore := runtime.NumGoroutine(), slog.Default()
	if err := os.Symlink("/dev/null", filepath.Join(dir, "error.log")); err != nil {
		t.Fatal(err)
	}
	_, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir))
	if err == nil || !strings.Contains(err.Error(), "error.log") {
		t.Fatalf("got %v, want an error naming error.log", err)
	}
	if slog.Default() != slogBefore {
		t.Error("slog's default was changed")
	}
	if err := os.Remove(filepath.Join(dir, "error.log")); err != nil {
		t.Fatal(err)
	}
	start(t, telemetry.WithLogDir(dir)) // The directory is free again.
	_ = before
}

func TestSetupErrorNamesTheConfiguration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logging.yaml")
	if err := os.WriteFile(path, []byte("log_dirr: x\nrotation:\n  max_mb: ten\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := telemetry.Setup(t.Context(), telemetry.WithConfigFile(path))
	if !errors.Is(err, telemetry.ErrConfig) {
		t.Fatalf("got %v, want ErrConfig", err)
	}
	for _, want := range []string{path + ":1", "log_dirr", "log_dir", path + ":3", "rotation.max_mb", "ten"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
}

func TestSetupRegistersGlobals(t *testing.T) {
	_, dir := start(t)
	ctx, span := otel.Tracer("lib").Start(telemetry.With(t.Context(), telemetry.AccountID("A")), "op")
	defer span.End()

	var rec log.Record
	rec.SetBody(attribute.StringValue("from the log API, password=hunter2"))
	rec.SetSeverity(log.SeverityWarn)
	rec.AddAttributes(attribute.String("api_key", "hunter2"), attribute.Int("n", 1), attribute.Int("n", 2), attribute.String("account_id", "B"))
	otel.Logger("lib").Emit(ctx, rec)
	rec.SetSeverity(log.SeverityDebug)
	otel.Logger("lib").Emit(ctx, rec)

	records := read(t, dir, "daemon.log")
	if len(records) != 1 {
		t.Fatalf("got %d records, want 1: DEBUG is below the level", len(records))
	}
	got := records[0]
	if got["message"] != "from the log API, password=***MASKED***" || got["api_key"] != "***MASKED***" || got["n"] != 2. ||
		got["level"] != "WARNING" || got["logger"] != "lib" || got["span_id"] != span.SpanContext().SpanID().String() {
		t.Errorf("got %v", got)
	}
	if c := contextOf(got); c["account_id"] != "B" || c["correlation_id"] != telemetry.CorrelationID(ctx) {
		t.Errorf("got context %v", c)
	}
	carrier := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, carrier)
	if !strings.Contains(carrier["traceparent"], span.SpanContext().TraceID().String()) {
		t.Errorf("got carrier %v, want the trace", carrier)
	}
}

func TestErrorHandlerIsMaskedAndRateLimited(t *testing.T) {
	_, dir := start(t)
	for range 100 {
		otel.Handle(errors.New("export: Authorization: Bearer hunter2hunter2"))
	}
	records := read(t, dir, "daemon.log")
	if len(records) != 1 {
		t.Fatalf("got %d records, want 1 a minute", len(records))
	}
	if s := records[0]["detail"]; strings.Contains(s.(string), "hunter2") {
		t.Errorf("got %v, want it masked", s)
	}
}

func TestWithoutGlobals(t *testing.T) {
	before, tracers := slog.Default(), otel.GetTracerProvider()
	tel, dir := start(t, telemetry.WithoutGlobals())
	if slog.Default() != before || otel.GetTracerProvider() != tracers {
		t.Error("the process's globals were changed")
	}
	tel.Logger(telemetry.API).Info("own")
	telemetry.Logger(telemetry.API).InfoContext(telemetry.NewContext(t.Context(), tel), "by context")
	if got := len(read(t, dir, "api.log")); got != 2 {
		t.Errorf("got %d records, want 2", got)
	}
}

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	_, _ = start(t, telemetry.WithConsole(true), telemetry.WithConsoleWriter(&out))
	ctx := telemetry.With(t.Context(), telemetry.AccountID("ACC123"))
	telemetry.Logger(telemetry.API).WarnContext(ctx, "slow \x1b[31m call\nforged", "token", "hunter2", "n", 1)
	got := out.String()
	for _, want := range []string{"WARNING", "risk_manager.api", "slow", "account_id=ACC123", "token=***MASKED***", "n=1"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Count(got, "\n") != 1 || strings.Contains(got, "\x1b") || strings.Contains(got, "hunter2") {
		t.Errorf("got %q, want one plain masked line", got)
	}
}

func TestMaskingOffWarns(t *testing.T) {
	off := false
	_, dir := start(t, telemetry.WithConfig(telemetry.Config{Security: telemetry.SecurityConfig{MaskSensitive: &off}}))
	slog.Info("password=visible")
	records := read(t, dir, "daemon.log")
	if len(records) != 2 || records[0]["level"] != "WARNING" || records[1]["message"] != "password=visible" {
		t.Errorf("got %v, want a warning and the record as it is", records)
	}
}

func TestMaskOptions(t *testing.T) {
	_, dir := start(t, telemetry.WithMaskKeys("badge"), telemetry.WithAllowKeys("session_token"), telemetry.WithMaskPatterns(`EMP-\d{4}`))
	slog.Info("EMP-1234 came", "badge", "hunter2", "session_token", "kept")
	r := last(t, dir, "daemon.log")
	if r["message"] != mask.Text+" came" || r["badge"] != mask.Text || r["session_token"] != "kept" {
		t.Errorf("got %v", r)
	}
}

func TestNoGoroutineAndNoNetworkWithoutOTLP(t *testing.T) {
	before := runtime.NumGoroutine()
	tel, _ := start(t)
	// One a file: the writer's background work.
	if got := runtime.NumGoroutine() - before; got > 5 {
		buf := make([]byte, 1<<16)
		t.Errorf("Setup started %d goroutines\n%s", got, buf[:runtime.Stack(buf, true)])
	}
	stop(t, tel)
}

func TestShutdownIsIdempotent(t *testing.T) {
	tel, dir := start(t)
	slog.Info("one")
	for range 3 {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if got := len(read(t, dir, "daemon.log")); got != 1 {
		t.Errorf("got %d records, want 1", got)
	}
}

func TestStats(t *testing.T) {
	tel, _ := start(t)
	telemetry.Logger(telemetry.API).Error("x", "password", "p")
	s := tel.Stats()
	if s.Accepted != 1 || s.Masked != 1 {
		t.Errorf("got accepted %d and masked %d, want 1 and 1", s.Accepted, s.Masked)
	}
	for name, want := range map[string]int64{"daemon": 1, "api": 1, "error": 1, "enforcement": 0} {
		if got := s.Files[name].Lines; got != want {
			t.Errorf("%s: got %d written, want %d", name, got, want)
		}
	}
}
