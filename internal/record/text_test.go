package record_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/record"
)

func TestTextStyleAppendValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		edit func(r *record.Record)
		want string
	}{
		{"message", func(r *record.Record) { r.Body = slog.StringValue(`say "hi" \ é`) }, `say "hi" \ é`},
		{"forged message", func(r *record.Record) { r.Body = slog.StringValue("a\n2025-01-01 ERROR\x1b[2J\u009b1m\u202e") }, `a\n2025-01-01 ERROR\u001b[2J\u009b1m\u202e`},
		{"word", func(r *record.Record) { r.Add(slog.String("k", "v/1.5:x")) }, ` k=v/1.5:x`},
		{"words", func(r *record.Record) { r.Add(slog.String("k", "a b")) }, ` k="a b"`},
		{"empty", func(r *record.Record) { r.Add(slog.String("k", "")) }, ` k=""`},
		{"equals", func(r *record.Record) { r.Add(slog.String("k", "a=b")) }, ` k="a=b"`},
		{"escape", func(r *record.Record) { r.Add(slog.String("k", "\x1b[31m")) }, ` k="\u001b[31m"`},
		{"key", func(r *record.Record) { r.Add(slog.Int("a b\n", 1)) }, ` "a b\n"=1`},
		{"duration", func(r *record.Record) { r.Add(slog.Duration("k", time.Second)) }, ` k=1s`},
		{"time", func(r *record.Record) { r.Add(slog.Time("k", time.Unix(0, 5).UTC())) }, ` k=1970-01-01T00:00:00.000000005Z`},
		{"bytes", func(r *record.Record) { r.Add(slog.Any("k", []byte("abc"))) }, ` k=YWJj`},
		{"object", func(r *record.Record) { r.Add(slog.Group("k", slog.String("a", "b c"))) }, ` k={"a":"b c"}`},
		{"moved", func(r *record.Record) { r.Add(slog.Int("level", 1)) }, ` attributes.level=1`},
		{"event", func(r *record.Record) { r.EventName = "e" }, ` event_name=e`},
		{
			"stack", func(r *record.Record) { r.SetError(stackError{}) },
			` error="login: password=` + canary + `" error.type=riskmanager.internal/otel/internal/record_test.stackError error.stack="main.login(password=` + canary + `)"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &record.Record{Level: record.LevelCritical, Logger: "l"}
			tt.edit(r)
			want := "CRITICAL l " + tt.want + "\n"
			if got := string(record.TextStyle{}.Append(nil, r)); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestTextStyleAppendColor(t *testing.T) {
	t.Parallel()
	colors := map[string]bool{}
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, record.LevelCritical} {
		r := full()
		r.Level = l
		plain, colored := string(record.TextStyle{}.Append(nil, r)), string(record.TextStyle{Color: true}.Append(nil, r))
		if strings.ContainsRune(plain, '\x1b') {
			t.Errorf("a line without colour has an escape: %q", plain)
		}
		var bare strings.Builder
		for i, part := range strings.Split(colored, "\x1b[") {
			if i > 0 {
				code, rest, _ := strings.Cut(part, "m")
				colors[code] = true
				part = rest
			}
			bare.WriteString(part)
		}
		if bare.String() != plain {
			t.Errorf("got  %q\nwant %q", bare.String(), plain)
		}
	}
	if len(colors) < 8 {
		t.Errorf("%d colours for five levels and three parts: %v", len(colors), colors)
	}
}

func TestTextStyleMaxValue(t *testing.T) {
	t.Parallel()
	r := new(record.Record)
	r.Add(slog.String("a", "éééé"))
	r.Add(slog.Any("list", []int{1, 2, 3}))
	r.Add(slog.Int("n", 12345))
	const want = ` a=éé... list=[1,2,... n=12345`
	if got := string(record.TextStyle{MaxValue: 5}.Append(nil, r)); !strings.HasSuffix(got, want+"\n") {
		t.Errorf("got  %q\nwant ...%q", got, want)
	}
}
