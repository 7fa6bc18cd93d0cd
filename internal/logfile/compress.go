package logfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
)

// compressPiece is how much is compressed before the keeper looks after the
// rest of its duties: about a millisecond's worth.
const compressPiece = 256 << 10

// errStopped ends a compression when the file is closed. The backup stays as
// it was.
var errStopped = errors.New("logfile: closed while compressing")

// compress makes a .gz of each backup that is none, and calls pause all along.
//
// Lumberjack writes the .gz under its final name, where a kill leaves half of
// it, and removes the source before anything is on the disk, so that a power
// cut may take both. Here no reader sees a partial .gz, and the source stays
// until the .gz and its name are synced. Level 1 of this compressor takes a
// quarter of the standard one's CPU time for about the same size.
func (f *File) compress(pause func() error) error {
	backups, _, err := f.disk.names.list()
	if err != nil {
		return fmt.Errorf("logfile: compress: %w", err)
	}
	for _, b := range backups {
		if b.gz {
			continue
		}
		if err := compressFile(b.path, pause); err != nil {
			return err
		}
		f.mu.Lock()
		f.stats.Compressed++
		f.mu.Unlock()
	}
	return nil
}

// compressFile replaces the file at path by path.gz. Whatever has that name
// already is replaced, not written to: a symlink there is not followed, and a
// .gz beside its source was left by a kill.
func compressFile(path string, pause func() error) (err error) {
	source, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer source.Close()
	before, err := source.Stat()
	if err != nil {
		return fmt.Errorf("logfile: compress: %w", err)
	}
	dir, name := filepath.Split(path)
	name += gzSuffix
	tmp := filepath.Join(dir, "."+name+tmpSuffix)
	_ = os.Remove(tmp)
	out, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL|openFlags, 0o600) //nolint:gosec // The name is ours.
	if err != nil {
		return fmt.Errorf("logfile: compress: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("logfile: compress: %w", errors.Join(err, out.Close(), os.Remove(tmp)))
		}
	}()
	if err := gzipTo(out, source, pause); err != nil {
		return err
	}
	if after, err := source.Stat(); err != nil || after.Size() != before.Size() {
		return fmt.Errorf("%s is still written to", path)
	}
	if err := out.Sync(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	// The time of the last record, not of its compression, as gzip does.
	if err := os.Chtimes(tmp, time.Time{}, before.ModTime()); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, name)); err != nil {
		return err
	}
	if err := syncDir(dir); err != nil {
		return nil // Both stay. The next round makes the .gz anew.
	}
	return os.Remove(path)
}

// gzipTo compresses source into out, in pieces.
func gzipTo(out io.Writer, source io.Reader, pause func() error) error {
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	for {
		if err := pause(); err != nil {
			return err
		}
		_, err := io.CopyN(zip, source, compressPiece)
		if errors.Is(err, io.EOF) {
			return zip.Close()
		}
		if err != nil {
			return err
		}
	}
}

// syncDir makes the names in dir survive a power cut.
func syncDir(dir string) error {
	if !syncsDirs {
		return nil
	}
	d, err := os.Open(dir) //nolint:gosec // The directory is the configured one.
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
