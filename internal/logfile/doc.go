// Package logfile keeps one rotating file of lines: whole lines, in order, in
// the kernel when [File.Append] returns, whatever happens to the disk, to the
// file or to the process.
//
// # What holds on Unix
//
//   - A kill at any moment loses no line that Append returned for and leaves no
//     partial .gz. What it tears, or a power cut, is cut or closed off by the
//     next [Open], and counted.
//   - A power cut takes the last second: lines are synced when they are 0.7 s
//     old, those at ERROR and above after 0.1 s. No caller waits for it.
//   - While the disk refuses, lines wait in a bounded buffer, in order. The disk
//     is tried again by the next caller and in the background. What does not
//     fit is counted, and the first line after the recovery tells it.
//   - While a write hangs, its caller waits as long as the kernel does, and no
//     other caller longer than 160 ms.
//   - A file that is renamed, truncated or deleted by others, alone or with its
//     directory, is missed within 50 ms or 1,024 writes while it is written to,
//     and by the next line after a pause. What a deleted file got in between is read back from
//     its open descriptor and written again. Two things get lost all the same:
//     what copytruncate copies too late, as with every writer; and what a kill
//     within those 50 ms leaves in a file without a name.
//   - No symlink is followed, no FIFO waited for, and nothing but a regular file
//     written to or removed. Files have mode 0600.
//   - Backups that are too many go at a rotation, too old ones within a minute,
//     idle or not, and both at Open.
//
// One process at a time may use a directory: see [Lock].
//
// # What does not hold elsewhere
//
// Windows: an open file can be neither renamed nor deleted, so a rotation
// closes and reopens it, by lumberjack, while callers wait. A symlink is looked
// for before a file is opened rather than refused by the open. Directories are
// not synced, so that a power cut may undo a rotation; modes mean little.
//
// macOS: fsync asks the drive for F_FULLFSYNC, as the os package does.
//
// Network file systems: O_APPEND is not atomic between hosts, flock may not
// reach other hosts, and an unlinked file may be gone at once. Keep the log
// directory on a local disk.
//
// # Lumberjack's part
//
// The names of backups are those of gopkg.in/natefinch/lumberjack.v2, so that
// its tools and its users know them. It rotates where a rotation cannot be two
// quick system calls: on Windows, on file systems without hard links, and at
// Open for a file that is full already. Everywhere else a caller would wait six
// times as long for it. Compression and pruning are done here: lumberjack syncs
// nothing, leaves a partial .gz when killed, trusts the clock of the names, and
// acts on rotation only. See rotate, compress and excess in the source.
package logfile
