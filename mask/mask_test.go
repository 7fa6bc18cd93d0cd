package mask_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/mask"
)

func TestKey(t *testing.T) {
	want := true
	for _, key := range lines(t, "keys.txt") {
		if key == "---" {
			want = false
			continue
		}
		if key == `""` {
			key = ""
		}
		if got := mask.Default().Key(key); got != want {
			t.Errorf("Key(%q) = %v, want %v", key, got, want)
		}
		if want {
			if got := mask.Default().String(key + "=v1"); strings.Contains(got, "v1") {
				t.Errorf("as text: %q", got)
			}
		} else if in := key + "=v1"; mask.Default().String(in) != in {
			t.Errorf("as text: %q", mask.Default().String(in))
		}
	}
}

func TestKeyCacheIsBounded(t *testing.T) {
	m, err := mask.New(mask.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100_000 {
		key := "k" + strings.Repeat("x", i%50) + string(rune('a'+i%26))
		if m.Key(key) {
			t.Fatalf("Key(%q)", key)
		}
		if !m.Key(key + "_token") {
			t.Fatalf("not Key(%q)", key+"_token")
		}
	}
}

// TestMaskerConcurrentSafe is for the race detector.
func TestMaskerConcurrentSafe(t *testing.T) {
	m, err := mask.New(mask.Config{Patterns: []string{`ACC-\d+`}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				key := fmt.Sprintf("k%d_token", (i*g)%300)
				if !m.Key(key) || m.Key(key+"_count") {
					t.Errorf("Key(%q)", key)
				}
				if got := m.String("ACC-1 " + key + "=x"); got != "***MASKED*** "+key+"=***MASKED***" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	wg.Wait()
}

func TestConfig(t *testing.T) {
	m, err := mask.New(mask.Config{
		Keys:      []string{"Internal-Code", "k"},
		AllowKeys: []string{"session_id", "pageToken"},
		Patterns:  []string{`ACC-\d{6}`, `badge (?P<secret>\w+)`, `\b[A-Z]{3}\d{3}\b`},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, in, want string }{
		{"extra key", "internalCode=5 internal_code: 6", "internalCode=***MASKED*** internal_code: ***MASKED***"},
		{"extra key, suffix", "my.internal-code=5", "my.internal-code=***MASKED***"},
		{"extra short key", "k=5 kk=5", "k=***MASKED*** kk=5"},
		{"allowed key", "session_id=5 x.session_id=6 user_session_id=7", "session_id=5 x.session_id=6 user_session_id=***MASKED***"},
		{"allowed key, other secret", "session_id=bob@example.com", "session_id=***@example.com"},
		{"allowed camel", "page_token=5 token=6", "page_token=5 token=***MASKED***"},
		{"pattern", "see ACC-123456 there", "see ***MASKED*** there"},
		{"pattern with a group", "badge hunter2 there", "badge ***MASKED*** there"},
		{"pattern without a literal", "ABC123", "***MASKED***"},
		{"pattern beside a rule", "ACC-123456 password=x", "***MASKED*** password=***MASKED***"},
		{"no match", "ACC-12345", "ACC-12345"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := m.String(c.in)
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Error(diff)
			}
			if again := m.String(got); again != got {
				t.Errorf("twice: %q", again)
			}
		})
	}
}

func TestConfigErrors(t *testing.T) {
	_, err := mask.New(mask.Config{Patterns: []string{"ok", "a(b", "c", `x\y[`}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"pattern 2", "pattern 4", `a(b`, "mask: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "pattern 1") {
		t.Errorf("error %q blames a good pattern", err)
	}
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != 2 {
		t.Errorf("want two errors, got %v", err)
	}
}

func TestConfigSwitches(t *testing.T) {
	const in = "bob@example.com password=x"
	m, err := mask.New(mask.Config{KeepEmails: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.String(in), "bob@example.com password=***MASKED***"; got != want {
		t.Errorf("KeepEmails: got %q, want %q", got, want)
	}
	m, err = mask.New(mask.Config{Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.String(in); got != in {
		t.Errorf("Disabled: got %q", got)
	}
	a := slog.String("password", "x")
	if got := m.Attr(a); !got.Equal(a) {
		t.Errorf("Disabled: got %v", got)
	}
	if m.Key("password") || !m.Disabled() || mask.Default().Disabled() {
		t.Error("Disabled: Key or Disabled")
	}
}

func TestZeroMasker(t *testing.T) {
	var none *mask.Masker
	for _, m := range []*mask.Masker{none, new(mask.Masker), mask.Default()} {
		if got, want := m.String("password=x"), "password=***MASKED***"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if !m.Key("token") || !m.Int(4111111111111111) || m.Int(4111111111111112) {
			t.Error("Key or Int")
		}
		if got := m.Attr(slog.Int("pin", 1234)); got.Value.String() != mask.Text {
			t.Errorf("got %v", got)
		}
	}
}

func TestAllocs(t *testing.T) {
	m := mask.Default()
	attrs := []slog.Attr{slog.String("symbol", "ESZ5"), slog.Int("n", 1), slog.Float64("px", 1.5), slog.Group("g", slog.Int("a", 1))}
	buf := make([]byte, 0, 4096)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"clean String", func() { m.String(cleanLine) }},
		{"clean JSON", func() { m.String(jsonLine) }},
		{"clean Append", func() { m.Append(nil, proseLine) }},
		{"dirty Append", func() { m.Append(buf, dirtyLine) }},
		{"Key", func() { m.Key("account_id"); m.Key("password") }},
		{"clean Attrs", func() { m.Attrs(attrs) }},
		{"Int", func() { m.Int(4111111111111111) }},
	} {
		if got := testing.AllocsPerRun(100, c.f); got != 0 {
			t.Errorf("%s: %v allocations, want 0", c.name, got)
		}
	}
}

// TestLong masks secrets of 10 kB in text of 100 kB.
func TestLong(t *testing.T) {
	secret := strings.Repeat("s3cr3t+x", 1280)
	m := mask.Default()
	for _, form := range forms {
		in := strings.Repeat("text ", 10_000) + strings.ReplaceAll(form, "§", secret) + strings.Repeat(" text", 10_000)
		got := m.String(in)
		if strings.Contains(got, "s3cr3t") {
			t.Errorf("leak in %q", form)
		}
		if !strings.HasPrefix(got, "text text ") {
			t.Errorf("damage before %q", form)
		}
		if !strings.HasSuffix(got, " text text") && !strings.Contains(form, "Cookie") {
			t.Errorf("damage after %q: %q", form, got[len(got)-40:])
		}
	}
}
