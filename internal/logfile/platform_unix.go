//go:build unix

package logfile

import (
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
		return uint64(st.Nlink)
	}
	return 1
}
