package logread

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"
)

// ErrNoFiles is wrapped by the error of [Open] when the directory holds none of
// the files.
var ErrNoFiles = errors.New("no log files")

// File is one of the files: a live one or a backup.
type File struct {
	Path    string
	Name    string // Inside of the directory.
	Base    string // The live file's name: daemon.log for all its backups.
	Live    bool
	Gzip    bool
	Rotated time.Time // From a backup's name; zero if it says none.
	Info    fs.FileInfo

	f     *os.File
	rank  int
	first int64 // Time of the first record; noTime if unknown.
	last  int64 // No record is later, as far as can be told cheaply.
}

// DefaultNames are the names of the four live files.
func DefaultNames() []string {
	return []string{"daemon.log", "enforcement.log", "api.log", "error.log"}
}

const backupLayout = "2006-01-02T15-04-05.000"

// parseName reports whether name is that of the live file base or of one of
// its backups: lumberjack's (daemon-2006-01-02T15-04-05.000.log), logrotate's
// (daemon.log.1, daemon.log-20060102), each with .gz or without.
func parseName(name, base string) (f File, ok bool) {
	if name == base {
		return File{Name: name, Base: base, Live: true}, true
	}
	f = File{Name: name, Base: base}
	plain := strings.TrimSuffix(name, ".gz")
	f.Gzip = plain != name
	ext := filepath.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	if rest, ok := strings.CutPrefix(plain, stem+"-"); ok {
		if rest, ok := strings.CutSuffix(rest, ext); ok && startsWithDigit(rest) {
			if t, err := time.Parse(backupLayout, rest[:min(len(rest), len(backupLayout))]); err == nil {
				f.Rotated = t
			}
			return f, true
		}
	}
	rest, ok := strings.CutPrefix(plain, base)
	if ok && len(rest) > 1 && (rest[0] == '.' || rest[0] == '-') && startsWithDigit(rest[1:]) {
		return f, true
	}
	return File{}, false
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// List returns the files of the directory, by name, without opening them.
// Empty names mean [DefaultNames]. A path of a file, instead of a directory,
// is that file alone.
func List(dir string, names []string) ([]*File, error) {
	if len(names) == 0 {
		names = DefaultNames()
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().IsRegular() {
		name := filepath.Base(dir)
		return []*File{{Path: dir, Name: name, Base: name, Live: !strings.HasSuffix(name, ".gz"), Gzip: strings.HasSuffix(name, ".gz"), Info: info}}, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("logread: %w", err)
	}
	var files []*File
	for _, e := range entries {
		for rank, base := range names {
			f, ok := parseName(e.Name(), base)
			if !ok {
				continue
			}
			if f.Info, err = os.Stat(filepath.Join(dir, e.Name())); err != nil {
				continue // Renamed or pruned since.
			}
			f.Path = filepath.Join(dir, e.Name())
			f.rank = rank
			files = append(files, &f)
			break
		}
	}
	return files, nil
}

// open opens the file for reading and refuses what is none: a FIFO would hang.
func (f *File) open() error {
	file, err := os.OpenFile(f.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: %s, want a regular file", f.Path, kind(info.Mode()))
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.f, f.Info = file, info
	return nil
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	default:
		return "no regular file"
	}
}

// close closes the file; its records stay valid.
func (f *File) close() {
	if f.f != nil {
		_ = f.f.Close() // It was only read.
	}
}

// Set is the files of a directory, opened: what is renamed, compressed or
// removed from then on is read all the same.
type Set struct {
	Dir   string
	Files []*File // By time of the first record.
	Warn  []error // Files that cannot be read, or not to their ends; Each adds to it.
}

// Open opens the files of a directory as [List] finds them. Files that cannot
// be opened are left out and told in Warn.
func Open(dir string, names []string) (*Set, error) {
	s := &Set{Dir: dir}
	failed := map[string]error{}
	// A file that is rotated between the listing and its opening shows under
	// another name in the next listing.
	for range 100 {
		files, err := List(dir, names)
		if err != nil {
			s.Close()
			return nil, err
		}
		clear(failed)
		fresh := false
		for _, f := range files {
			if s.has(f) {
				continue
			}
			switch err := f.open(); {
			case errors.Is(err, fs.ErrNotExist):
				fresh = true
			case err != nil:
				failed[f.Name] = err
			case s.has(f): // It became another one meanwhile.
				f.close()
			default:
				s.Files = append(s.Files, f)
				fresh = true
			}
		}
		if !fresh {
			break
		}
	}
	for _, err := range failed {
		s.Warn = append(s.Warn, err)
	}
	slices.SortFunc(s.Warn, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if len(s.Files) == 0 {
		if len(s.Warn) > 0 {
			return nil, fmt.Errorf("logread: %w", errors.Join(s.Warn...))
		}
		return nil, fmt.Errorf("logread: %s: %w", dir, ErrNoFiles)
	}
	s.dropCompressed()
	for _, f := range s.Files {
		// The end is where it is now, not when the file was opened: what was
		// written there since may be older than what later files have.
		if info, err := f.f.Stat(); err == nil {
			f.Info = info
		}
		f.peek()
	}
	slices.SortStableFunc(s.Files, func(a, b *File) int { return cmp.Compare(a.first, b.first) })
	return s, nil
}

func (s *Set) has(f *File) bool {
	return slices.ContainsFunc(s.Files, func(o *File) bool { return os.SameFile(o.Info, f.Info) })
}

// dropCompressed leaves out the .gz of a backup that is there as a plain file
// too: its compression is under way, or was killed.
func (s *Set) dropCompressed() {
	plain := map[string]bool{}
	for _, f := range s.Files {
		if !f.Gzip {
			plain[f.Name] = true
		}
	}
	s.Files = slices.DeleteFunc(s.Files, func(f *File) bool {
		if f.Gzip && plain[strings.TrimSuffix(f.Name, ".gz")] {
			f.close()
			return true
		}
		return false
	})
}

// Close closes the files.
func (s *Set) Close() {
	for _, f := range s.Files {
		f.close()
	}
}

// peek finds the file's range of time by its first and last lines.
func (f *File) peek() {
	f.first, f.last = noTime, f.lastTime()
	head := make([]byte, 16<<10)
	var n int
	if f.compressed() {
		zr, err := gzip.NewReader(io.NewSectionReader(f.f, 0, 1<<62))
		if err != nil {
			return
		}
		n, _ = io.ReadFull(zr, head)
	} else {
		n, _ = f.f.ReadAt(head, 0)
	}
	for line := range bytes.Lines(head[:n]) {
		if r, ok := Parse(line); ok && r.nanos != noTime {
			f.first = r.nanos
			break
		}
	}
}

// lastTime returns a time that no record of the file is later than.
func (f *File) lastTime() int64 {
	if f.Live {
		return 1<<63 - 1 // It grows.
	}
	// A file is not written to after its rotation, and a record is not written
	// before its time. Both clocks must agree before a file is left out.
	last := f.Info.ModTime().UnixNano()
	if !f.Rotated.IsZero() {
		last = max(last, f.Rotated.UnixNano())
	}
	return last
}

// compressed reports whether the content is gzip's, whatever the name says.
func (f *File) compressed() bool {
	var magic [2]byte
	n, _ := f.f.ReadAt(magic[:], 0)
	return n == 2 && magic == [2]byte{0x1f, 0x8b}
}

// reader reads the file's content from its beginning to where it ended when it
// was opened: a busy live file has no end.
func (f *File) reader() (io.Reader, error) {
	section := io.NewSectionReader(f.f, 0, f.Info.Size())
	if !f.compressed() {
		return section, nil
	}
	return gzip.NewReader(bufio.NewReaderSize(section, 128<<10))
}

// rest returns the last line of the file, given what of it the reader has
// found: of a live file it may have been half written at that time.
func (f *File) rest(line []byte) []byte {
	if !f.Live || line[len(line)-1] == '}' {
		return line
	}
	time.Sleep(5 * time.Millisecond)
	more := make([]byte, 2<<20)
	n, _ := f.f.ReadAt(more, f.Info.Size())
	if end := bytes.IndexByte(more[:n], '\n'); end >= 0 {
		return slices.Concat(line, more[:end])
	}
	return line
}
