package faulttest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuaranteesDocument holds docs/guarantees.md to its word: every fault has
// a test, every test that it names exists where it says, and it names every
// test of this package.
func TestGuaranteesDocument(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile("\\[`(Test\\w+)`\\]\\(\\.\\./([\\w/]+)\\)")
	mention := regexp.MustCompile(`\bTest[A-Z]\w*`)
	named := map[string]bool{}
	rows := 0
	for line := range strings.Lines(string(document)) {
		links := link.FindAllStringSubmatch(line, -1)
		for _, l := range links {
			if !contains(t, filepath.Join("../..", l[2]), "func "+l[1]+"(t *testing.T)") {
				t.Errorf("%s is not in %s", l[1], l[2])
			}
			named[l[2]+"."+l[1]] = true
		}
		if n := len(mention.FindAllString(line, -1)); n != len(links) {
			t.Errorf("%d tests named but %d linked in %q", n, len(links), line)
		}
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| Fault ") {
			rows++
			if len(links) == 0 {
				t.Errorf("no test in the row %q", line)
			}
		}
	}
	if rows < 42 {
		t.Errorf("%d rows, want 42 or more", rows)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	own := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range own.FindAllStringSubmatch(string(text), -1) {
			if !named["internal/faulttest."+m[1]] {
				t.Errorf("docs/guarantees.md does not name %s", m[1])
			}
		}
	}
}

// contains reports whether a test file in dir contains text.
func contains(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), text) {
			return true
		}
	}
	return false
}
