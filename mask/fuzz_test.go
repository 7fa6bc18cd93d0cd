package mask_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"riskmanager.internal/otel/mask"
)

// canary is a secret that no rule knows by its looks.
const canary = "cAnArY7q"

// forms are texts with a secret at §. Whatever the context, it must go.
var forms = []string{
	`password=§`, `password: §`, `password="§"`, `password='§'`, `"password":"§"`, `"password": "§ x"`,
	`\"password\":\"§\"`, `\\\"password\\\":\\\"§\\\"`, `{"password":"§"}`, `{'password': '§'}`,
	`?token=§&x=1`, `password%3D§%26`, `--password §`, `--api-key=§`, `Authorization: Bearer §`,
	`map[Authorization:[Bearer §]]`, `{User:bob Password:§}`, `api_key => "§"`, `x["secret"] = "§"`,
	`postgres://bob:§@db:5432/app`, `root:§@tcp(localhost:3306)/db`, `X-Api-Key: §`, `export DB_PASSWORD=§`,
	`secrets: ["§"]`, `<password>§</password>`, `apiKey: '§'`, `Cookie: sid=§`, "pass\u2060word=§",
}

// joints are what may stand around a form.
var joints = []string{"", " ", "\n", ", ", "; ", "x=1 ", "text ", "\t", "\r\n", "(", "[", "{", "| "}

func FuzzMask(f *testing.F) {
	for _, name := range []string{"secrets.txt", "clean.txt"} {
		for _, l := range lines(f, name) {
			in, _ := marked(l)
			f.Add(in)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := mask.Default()
		got := m.Scan(s) // It panics where String would not.
		if again := m.String(got); again != got {
			t.Errorf("twice:\n in    %q\n once  %q\n twice %q", s, got, again)
		}
		if strings.ContainsAny(s, `{["`) && json.Valid([]byte(s)) && !json.Valid([]byte(got)) {
			t.Errorf("no JSON any more:\n in  %q\n got %q", s, got)
		}
		dst, dirty := m.Append([]byte("head"), s)
		switch {
		case !dirty && string(dst) != "head":
			t.Errorf("Append of clean text wrote %q", dst)
		case dirty && string(dst) != "head"+got:
			t.Errorf("Append: got %q, String %q", dst, got)
		}
		if dirty != (got != s) {
			t.Errorf("dirty %v: %q to %q", dirty, s, got)
		}
		// As a string of JSON.
		b, err := json.Marshal(map[string]any{"msg": s, "n": 1})
		if err == nil {
			if out := m.String(string(b)); !json.Valid([]byte(out)) {
				t.Errorf("no JSON any more:\n in  %s\n got %s", b, out)
			}
		}
	})
}

// TestCanary plants a secret in every form, in every pair of contexts.
func TestCanary(t *testing.T) {
	m := mask.Default()
	for _, form := range forms {
		for _, before := range joints {
			for _, after := range joints {
				in := before + strings.ReplaceAll(form, "§", canary) + after
				if got := m.String(in); strings.Contains(got, canary) {
					t.Errorf("leak:\n in  %q\n got %q", in, got)
				} else if twice := m.String(got); twice != got {
					t.Errorf("twice:\n in    %q\n once  %q\n twice %q", in, got, twice)
				}
				b, _ := json.Marshal(map[string]any{"msg": in, "n": []any{1, in}})
				got := m.String(string(b))
				if strings.Contains(got, canary) {
					t.Errorf("leak in JSON:\n in  %s\n got %s", b, got)
				}
				if !json.Valid([]byte(got)) {
					t.Errorf("no JSON any more:\n in  %s\n got %s", b, got)
				}
				b, _ = json.Marshal(string(b))
				got = m.String(string(b))
				if strings.Contains(got, canary) {
					t.Errorf("leak in JSON in JSON:\n in  %s\n got %s", b, got)
				}
				if !json.Valid([]byte(got)) {
					t.Errorf("no JSON any more:\n in  %s\n got %s", b, got)
				}
			}
		}
	}
}

// TestRandom does what FuzzMask does for random texts made of the signs that
// matter.
func TestRandom(t *testing.T) {
	parts := []string{
		"password", "token", "api_key", "user", "x", "=", ":", " ", `"`, `\"`, `\\\"`, "'", "`", ",", ";", "{", "}", "[", "]", "(", ")",
		"&", "?", "%", "%3D", "%22", "@", "/", "//", "\n", "\\n", "-", "--", "Bearer ", "abc123", "4111111111111111", "123-45-6789",
		"bob@example.com", "Authorization", "Cookie", mask.Text, "***", "|", "<", ">", "http://", "\\u0026", "\\", "é", "\u200b", "\u00a0", "#", "!", ".",
	}
	m := mask.Default()
	r := rand.New(rand.NewPCG(1, 2))
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	failed := 0
	for range n {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		s := b.String()
		got := m.Scan(s)
		if again := m.String(got); again != got {
			t.Errorf("twice:\n in    %q\n once  %q\n twice %q", s, got, again)
			failed++
		}
		j, _ := json.Marshal(map[string]any{"m": s, "n": []any{s}})
		if out := m.String(string(j)); !json.Valid([]byte(out)) {
			t.Errorf("no JSON any more:\n in  %s\n got %s", j, out)
			failed++
		} else if again := m.String(out); again != out {
			t.Errorf("twice:\n in    %s\n once  %s\n twice %s", j, out, again)
			failed++
		}
		if failed > 15 {
			t.FailNow()
		}
	}
}
