//go:build unix

package logfile

import (
	"errors"
	"io/fs"
	"syscall"
)

// openFlags keep every open from following a symlink, from waiting at a FIFO
// and from leaking its descriptor into children.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK | syscall.O_CLOEXEC

// lockOffset is where the owner's name starts in the lock file.
const lockOffset = 0

// links returns how many names the file has. None means that it was deleted.
func links(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink) //nolint:unconvert // It is 16 or 32 bits elsewhere.
	}
	return 1
}

// noLinks reports whether err says that the file system has no hard links.
func noLinks(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EOPNOTSUPP) ||
		errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EMLINK)
}

// syncsDirs: a directory can be opened and synced.
const syncsDirs = true
