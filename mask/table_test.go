package mask_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"riskmanager.internal/otel/mask"
)

var signs = strings.NewReplacer("⏎", "\n", "⇥", "\t", "␍", "\r", "␛", "\x1b", "␁", "\x01", "␣", "\u00a0", "∅", "\u200b")

// lines returns the lines of a table in testdata that are no comments.
func lines(tb testing.TB, name string) []string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for l := range strings.SplitSeq(string(b), "\n") {
		if l == "" || strings.HasPrefix(l, "# ") {
			continue
		}
		out = append(out, l)
	}
	return out
}

// marked is a line of secrets.txt: the text and what is wanted of it.
func marked(line string) (in, want string) {
	line = signs.Replace(line)
	in = strings.NewReplacer("«", "", "»", "", "⟦", "", "⟧", "", "‹", "", "›", "").Replace(line)
	var b strings.Builder
	for line != "" {
		i := strings.IndexAny(line, "«⟦‹")
		if i < 0 {
			b.WriteString(line)
			break
		}
		b.WriteString(line[:i])
		rest := line[i:]
		open, closing, text := "«", "»", mask.Text
		switch {
		case strings.HasPrefix(rest, "⟦"):
			open, closing, text = "⟦", "⟧", `"`+mask.Text+`"`
		case strings.HasPrefix(rest, "‹"):
			open, closing, text = "‹", "›", "***"
		}
		_, after, ok := strings.Cut(rest[len(open):], closing)
		if !ok {
			text, after = mask.Text, ""
		}
		b.WriteString(text)
		line = after
	}
	return in, b.String()
}

func TestSecrets(t *testing.T) {
	for _, line := range lines(t, "secrets.txt") {
		in, want := marked(line)
		got := mask.Default().String(in)
		if got != want {
			t.Errorf("String of the line\n in   %q\n got  %q\n want %q", in, got, want)
		}
		if again := mask.Default().String(got); again != got {
			t.Errorf("twice:\n once  %q\n twice %q", got, again)
		}
		if json.Valid([]byte(in)) && strings.ContainsAny(in, `{["`) && !json.Valid([]byte(got)) {
			t.Errorf("no JSON any more: %q", got)
		}
	}
}

func TestClean(t *testing.T) {
	for _, line := range lines(t, "clean.txt") {
		in := signs.Replace(line)
		if got := mask.Default().String(in); got != in {
			t.Errorf("damaged\n in  %q\n got %q", in, got)
		}
	}
}
