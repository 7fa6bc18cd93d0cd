//go:build !unix

package logfile

import "io/fs"

// openFlags: there is nothing to ask for. Symlinks are found by looking before
// the open, which leaves a gap that only Unix closes.
const openFlags = 0

// lockOffset is where the owner's name starts in the lock file: Windows denies
// reading the byte that is locked, the first.
const lockOffset = 1

// links: an open file cannot be deleted.
func links(fs.FileInfo) uint64 { return 1 }

// noLinks: rotation does without links.
func noLinks(error) bool { return false }

// syncsDirs: a directory cannot be synced.
const syncsDirs = false
