package faulttest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing" //nolint:depguard // Only tests import this package.
	"time"
)

// Need says plainly that a test was not run where its tool or right is missing.
func Need(t *testing.T, root bool, tools ...string) {
	t.Helper()
	if root && os.Getuid() != 0 {
		t.Skip("NOT RUN: takes root")
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT RUN: takes %s, which is not here", tool)
		}
	}
}

// Eventually waits until ok. The limit is for a machine that is slow and busy.
func Eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	const limit = time.Minute
	for end := time.Now().Add(limit); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// A File is a log file, or a backup of it, as it was found.
type File struct {
	Path string
	Data []byte // Decompressed.

	info fs.FileInfo
}

// Files reads the backups of a log file in the order of their names, then the
// file itself, if it is there. A compressed backup that is not whole is an
// error of the test.
func Files(t *testing.T, live string) (all []File) {
	t.Helper()
	paths, err := filepath.Glob(strings.TrimSuffix(live, ".log") + "-*.log*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	for _, path := range append(paths, live) {
		if slices.Contains(paths, path+".gz") {
			continue // A kill came between the two.
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if slices.ContainsFunc(all, func(f File) bool { return os.SameFile(f.info, info) }) {
			continue // A kill came halfway through a rotation: the live file has its backup's name too.
		}
		data, err := os.ReadFile(path) //nolint:gosec // The test's own.
		if err == nil && strings.HasSuffix(path, ".gz") {
			data, err = gunzip(data)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		all = append(all, File{path, data, info})
	}
	return all
}

func gunzip(data []byte) ([]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		data, err = io.ReadAll(zip)
	}
	if err != nil {
		return nil, fmt.Errorf("partial: %w", err)
	}
	return data, nil
}
