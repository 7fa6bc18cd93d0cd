package record_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

const canary = "hunter2hunter2"

type stackError struct{}

func (stackError) Error() string { return "login: password=" + canary }
func (stackError) Stack() string { return "main.login(password=" + canary + ")" }

func TestMask(t *testing.T) {
	t.Parallel()
	secret := "password=" + canary
	group := slog.GroupValue(slog.String("note", secret), slog.String("password", canary), slog.Any("list", []string{secret}))
	r := full()
	r.Error = nil
	r.Body = slog.StringValue("with " + secret)
	r.CorrelationID = secret
	r.AddContext(slog.String("note", secret))
	r.AddContext(slog.String("token", canary))
	r.Add(slog.String("note", secret))
	r.Add(slog.Attr{Key: "group", Value: group})
	r.Add(slog.String("api_key", canary))
	r.Add(slog.String("level", secret))
	r.Add(slog.Any("error", stackError{}))
	r.Mask(nil)
	line := record.AppendJSON(nil, r)
	got := parse(t, line)
	if strings.Contains(string(line), canary) {
		t.Errorf("the secret is in %s", line)
	}
	if n := strings.Count(string(line), mask.Text); n != 12 {
		t.Errorf("%d masks, want 12, in %s", n, line)
	}
	if diff := cmp.Diff(map[string]any{"account_id": "ACC123", "event_type": "trade", "note": "password=" + mask.Text, "token": mask.Text, "correlation_id": "password=" + mask.Text}, got["context"]); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
	if group.Group()[0].Value.String() != secret {
		t.Error("the caller's group changed")
	}
	if !r.Masked || !r.Dirty {
		t.Errorf("Masked %v, Dirty %v", r.Masked, r.Dirty)
	}
	r.Mask(nil)
	if again := record.AppendJSON(nil, r); string(again) != string(line) {
		t.Errorf("masked again it is %s", again)
	}
}

func TestMaskForeign(t *testing.T) {
	t.Parallel()
	r := new(record.Record)
	r.Body = slog.StringValue("m")
	r.Add(slog.String("note", "password="+canary))
	r.Add(slog.Any("err", errors.New("password="+canary)))
	sdk := newSDK()
	r.ToSDK(&sdk)
	sdk.SetEventName("password=" + canary)
	back := record.FromSDK(&sdk)
	back.Logger = "password=" + canary
	back.UID = "password=" + canary
	back.Mask(nil)
	if line := string(record.AppendJSON(nil, back)); strings.Contains(line, canary) {
		t.Errorf("the secret is in %s", line)
	}
}

func TestMaskKeysStayUnique(t *testing.T) {
	t.Parallel()
	addresses := []slog.Attr{slog.Int("joe@example.com", 1), slog.Int("ann@example.com", 2), slog.Int("x", 3)}
	r := new(record.Record)
	for _, a := range addresses {
		r.Add(a)
		r.AddContext(a)
	}
	r.Add(slog.Attr{Key: "group", Value: slog.GroupValue(addresses...)})
	r.Add(slog.Any("list", []any{[]slog.Attr{{Key: "g", Value: slog.GroupValue(addresses...)}}}))
	r.Body = slog.GroupValue(addresses...)
	r.Mask(nil)
	line := record.AppendJSON(nil, r)
	parse(t, line)
	if strings.Contains(string(line), "joe@") || strings.Count(string(line), `"***@example.com":2`) != 5 {
		t.Errorf("got %s", line)
	}
}

// TestMaskBounded masks far more text than a line can hold.
func TestMaskBounded(t *testing.T) {
	t.Parallel()
	r := new(record.Record)
	for i := range 128 {
		r.Add(slog.String(strings.Repeat("k", i+1), strings.Repeat("say password="+canary+" ", 1<<20/32)))
	}
	r.Mask(nil)
	line := record.AppendJSON(nil, r)
	got := parse(t, line)
	if strings.Contains(string(line), "hunter") {
		t.Error("the secret, or half of it, is in the line")
	}
	if len(line) < record.MaxLine*9/10 || got["truncated"] != true {
		t.Errorf("%d bytes, truncated %v", len(line), got["truncated"])
	}
}
