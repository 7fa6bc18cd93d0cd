package docstest

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRename runs the README's command in a copy of the tree: it builds
// without a network, and nothing of the old path is left.
func TestRename(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: -short, and it compiles every package anew")
	}
	const module = "git.example.com/trading/otel"
	dir := t.TempDir()
	copyTree(t, dir)
	old, _, _ := strings.Cut(strings.TrimPrefix(read(t, "go.mod"), "module "), "\n")

	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "tools", "rename.sh"), module)
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.IndexByte(b, 0) >= 0 {
			return err // A program that somebody built, or the like.
		}
		if bytes.Contains(b, []byte(old+"/")) || bytes.Contains(b, []byte(old+`"`)) {
			t.Errorf("%s: %s is left", path, old)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	for _, args := range [][]string{{}, {"not a path"}, {"two/paths", "at/once"}} {
		cmd = exec.CommandContext(t.Context(), filepath.Join(dir, "tools", "rename.sh"), args...)
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%q was taken:\n%s", args, out)
		}
	}
}

// copyTree copies what is not left behind by running to dir.
func copyTree(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "logs"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), b, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}
