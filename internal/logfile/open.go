package logfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrRefused is wrapped by the errors of [Open] and [Lock] for a symlink, FIFO,
// device or directory in the place of a file.
var ErrRefused = errors.New("refused")

// openRegular opens the regular file at path and nothing else: no symlink is
// followed, no FIFO waited for. One that it creates has mode 0600.
func openRegular(path string, flag int) (*os.File, error) {
	// Looked at before it is opened, since to open a device may do something;
	// and again after, since it may have changed in between.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, refused(path, info.Mode())
	}
	f, err := os.OpenFile(path, flag|openFlags, 0o600) //nolint:gosec // The caller's to choose.
	if errors.Is(err, syscall.ELOOP) {                 // A symlink put there since.
		return nil, refused(path, os.ModeSymlink)
	}
	if err != nil {
		return nil, fmt.Errorf("logfile: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = refused(path, info.Mode())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
