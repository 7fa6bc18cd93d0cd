package docstest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the root of the module.
const root = "../.."

// A block is a fenced block of code in a document.
type block struct {
	doc  string // Relative to root.
	line int    // Of its first line of code.
	lang string
	text string
}

// documents returns the Markdown files of the tree.
func documents(t *testing.T) []string {
	t.Helper()
	var docs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "logs" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			rel, err := filepath.Rel(root, path)
			docs = append(docs, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(docs, "README.md") {
		t.Fatalf("README.md is not among %q", docs)
	}
	return docs
}

// read returns the text of a file, its path relative to root.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// blocks returns the code of all documents in these languages.
func blocks(t *testing.T, langs ...string) []block {
	t.Helper()
	var all []block
	for _, doc := range documents(t) {
		var b *block
		for i, l := range strings.Split(read(t, doc), "\n") {
			trimmed := strings.TrimSpace(l)
			switch {
			case b == nil && strings.HasPrefix(trimmed, "```"):
				b = &block{doc: doc, line: i + 2, lang: strings.TrimPrefix(trimmed, "```")}
			case b != nil && trimmed == "```":
				if slices.Contains(langs, b.lang) {
					all = append(all, *b)
				}
				b = nil
			case b != nil:
				b.text += l + "\n"
			}
		}
		if b != nil {
			t.Errorf("%s:%d: the block is not closed", doc, b.line)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no document has code in %q", langs)
	}
	return all
}

// TestReadmeCodeRuns checks that all Go code of the README is text of
// readme_test.go, whose Example runs it.
func TestReadmeCodeRuns(t *testing.T) {
	tested := unindent(read(t, "internal/docstest/readme_test.go"))
	for _, b := range blocks(t, "go") {
		if b.doc == "README.md" && !strings.Contains(tested, unindent(b.text)) {
			t.Errorf("README.md:%d: no text of readme_test.go:\n%s", b.line, b.text)
		}
	}
}

// unindent returns text without the blanks around its lines.
func unindent(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(l) + "\n")
	}
	return b.String()
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	code    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// TestLinks checks that every link to a file of the tree, or to a heading of
// one, leads somewhere.
func TestLinks(t *testing.T) {
	for _, doc := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, doc), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := doc
			if target != "" {
				path = filepath.Join(filepath.Dir(doc), target)
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: %s: there is no such file", doc, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, path)), anchor) {
				t.Errorf("%s: %s: there is no such heading", doc, m[1])
			}
		}
	}
}

// anchors returns the anchors of a document's headings, as GitHub makes them.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				return r
			}
			return -1
		}, strings.ToLower(m[1]))
		all = append(all, anchor)
	}
	return all
}
