package doctor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logfile"
	"riskmanager.internal/otel/internal/logread"
)

func lines(err error) []string {
	return strings.Split(term.Clean(strings.ReplaceAll(err.Error(), "\n", "\x00")), `\u0000`)
}

// directory reports whether there is one to look into.
func (x *examination) directory() bool {
	const name = "directory"
	info, err := os.Stat(x.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.addf(name, Bad, "%s does not exist", x.Dir)
		return false
	case err != nil:
		x.addf(name, Bad, "%v", err)
		return false
	case !info.IsDir():
		x.addf(name, Bad, "%s is not a directory", x.Dir)
		return false
	}
	if _, err := os.ReadDir(x.Dir); err != nil {
		x.addf(name, Bad, "%v", err)
		return false
	}
	mode := info.Mode().Perm()
	switch {
	case mode&0o022 != 0:
		x.addf(name, Bad, "%s: mode %#o, others may write into it, want 0700", x.Dir, mode)
	case mode&0o055 != 0:
		x.addf(name, Note, "%s: mode %#o, others may list it, want 0700", x.Dir, mode)
	default:
		x.addf(name, OK, "%s, mode %#o", x.Dir, mode)
	}
	return true
}

// lock tells who owns the directory. It tries the lock for a moment, shared,
// which no writer minds: they try again.
func (x *examination) lock() {
	const name = "owner"
	path := filepath.Join(x.Dir, logfile.LockName)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.add(name, OK, "none: no daemon has locked the directory")
		return
	case err != nil:
		x.addf(name, Bad, "%v", err)
		return
	case !info.Mode().IsRegular():
		x.addf(name, Bad, "%s is %s, want a regular file", path, info.Mode().Type())
		return
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if err != nil {
		x.addf(name, Note, "cannot be told: %v", err)
		return
	}
	who := owner(path)
	if free {
		_ = lock.Unlock() // It is let go with the process at the latest.
		if who != "" {
			x.addf(name, Note, "none: the last one (%s) did not shut down", who)
			return
		}
		x.add(name, OK, "none: no daemon is running here")
		return
	}
	if who == "" {
		who = "a process that did not say who it is"
	}
	x.addf(name, OK, "%s", who)
}

// owner reads who signed the lock file, "" if nobody did.
func owner(path string) string {
	f, err := os.Open(path) //nolint:gosec // In the directory that was asked for.
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return ""
	}
	fields := strings.Fields(strings.Trim(string(b), "\x00"))
	if len(fields) < 4 || fields[0] != "pid" || fields[2] != "started" {
		return ""
	}
	return term.Clean(fmt.Sprintf("PID %s, started %s", fields[1], fields[3]))
}

// files looks at the files' modes, sizes, numbers and ages.
func (x *examination) files() {
	files, err := logread.List(x.Dir, x.Names)
	if err != nil {
		x.addf("files", Bad, "%v", err)
		return
	}
	if len(files) == 0 {
		x.addf("files", Bad, "no log files, want %s", strings.Join(x.Names, ", "))
		return
	}
	var size int64
	var modes, kinds, rotation []string
	backups := map[string]int{}
	maxBytes, backupCount, maxAge, compress := x.rotation()
	plain := map[string]bool{}
	for _, f := range files {
		plain[f.Name] = true
	}
	for _, f := range files {
		info, err := os.Lstat(f.Path)
		if err != nil {
			continue // Rotated meanwhile.
		}
		if !info.Mode().IsRegular() {
			kinds = append(kinds, fmt.Sprintf("%s is %s", f.Name, kindOf(info.Mode())))
			continue
		}
		size += info.Size()
		if info.Mode().Perm()&0o077 != 0 {
			modes = append(modes, fmt.Sprintf("%s: mode %#o, want 0600", f.Name, info.Mode().Perm()))
		}
		if !f.Live {
			backups[f.Base]++
		}
		if x.Err != nil {
			continue
		}
		switch age := x.Now.Sub(info.ModTime()); {
		// A file passes its size by a record at most.
		case f.Live && info.Size() > maxBytes+1<<20:
			rotation = append(rotation, fmt.Sprintf("%s has %s, want at most %s", f.Name, term.Bytes(info.Size()), term.Bytes(maxBytes)))
		case !f.Live && maxAge > 0 && !f.Rotated.IsZero() && x.Now.Sub(f.Rotated) > maxAge+time.Hour:
			rotation = append(rotation, fmt.Sprintf("%s is older than %s", f.Name, term.Duration(maxAge)))
		case !f.Live && compress && !f.Gzip && age > time.Hour:
			rotation = append(rotation, f.Name+" is not compressed")
		case f.Gzip && plain[strings.TrimSuffix(f.Name, ".gz")] && age > time.Hour:
			rotation = append(rotation, f.Name+" is there beside what it was made of: a compression was killed")
		}
	}
	for _, base := range x.Names {
		if n := backups[base]; backupCount > 0 && n > backupCount && x.Err == nil {
			rotation = append(rotation, fmt.Sprintf("%s has %d backups, want at most %d", base, n, backupCount))
		}
	}
	if len(kinds) > 0 {
		x.add("files", Bad, "not all are regular files", kinds...)
	} else {
		x.addf("files", OK, "%s, %s", term.Count(len(files), "file"), term.Bytes(size))
	}
	if len(modes) > 0 {
		x.add("permissions", Bad, "others may read or write the log files", modes...)
	} else {
		x.add("permissions", OK, "the log files are for their owner alone")
	}
	if len(rotation) > 0 {
		slices.Sort(rotation)
		x.add("rotation", Bad, "files are not rotated, pruned or compressed as configured", rotation...)
	} else {
		x.add("rotation", OK, "sizes, numbers and ages are as configured")
	}
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "a symlink, which the daemon refuses"
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	default:
		return "no regular file"
	}
}

// rotation is what the configuration says of it.
func (x *examination) rotation() (maxBytes int64, backups int, age time.Duration, compress bool) {
	r := x.Config.Rotation
	maxBytes, backups, age, compress = int64(max(r.MaxMB, 1))<<20, 7, 7*24*time.Hour, true
	if r.BackupCount != nil {
		backups = *r.BackupCount
	}
	if r.MaxAgeDays != nil {
		age = time.Duration(*r.MaxAgeDays) * 24 * time.Hour
	}
	if r.Compress != nil {
		compress = *r.Compress
	}
	return maxBytes, backups, age, compress
}

// compressed is how much smaller compressed records are, taken carefully.
const compressed = 5

// disk holds the free space against what rotation may come to need.
func (x *examination) disk() {
	const name = "disk"
	free, err := freeBytes(x.Dir)
	if err != nil {
		x.addf(name, Note, "free space is unknown: %v", err)
		return
	}
	if x.Err != nil {
		x.addf(name, OK, "%s free", term.Bytes(free))
		return
	}
	files, err := logread.List(x.Dir, x.Names)
	if err != nil {
		x.addf(name, Note, "%v", err)
		return
	}
	var used int64
	for _, f := range files {
		used += f.Info.Size()
	}
	maxBytes, backups, _, compress := x.rotation()
	streams := int64(len(x.Names))
	// The live files, and for each of them one that is being compressed.
	least := streams * 2 * maxBytes
	most := streams * maxBytes * int64(backups+1)
	if compress {
		most = least + streams*maxBytes*int64(backups)/compressed
	}
	switch {
	case free < least-min(used, least) || free < maxBytes:
		x.addf(name, Bad, "%s free, the live files and their rotation need %s", term.Bytes(free), term.Bytes(least))
	case backups > 0 && free < most-used:
		x.addf(name, Note, "%s free, %s in use: all backups may come to need %s", term.Bytes(free), term.Bytes(used), term.Bytes(most))
	case backups > 0:
		x.addf(name, OK, "%s free; the files may come to need about %s, %s now", term.Bytes(free), term.Bytes(max(most, used)), term.Bytes(used))
	default:
		x.addf(name, OK, "%s free, %s in use; backup_count is 0, so only the age limits the number of backups", term.Bytes(free), term.Bytes(used))
	}
}
