package logfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The names of backups are lumberjack's: daemon-2006-01-02T15-04-05.000.log,
// with .gz once compressed. Temporary files start with a dot, so that no reader
// of daemon*.log* sees them.
const (
	stampFormat = "2006-01-02T15-04-05.000"
	gzSuffix    = ".gz"
	tmpSuffix   = ".tmp"
	nextSuffix  = ".next"
)

// names makes and reads the names of one file's backups.
type names struct {
	dir, base, prefix, ext string

	// last is the stamp of the newest backup.
	last time.Time
}

func (n *names) init(path string) {
	n.dir, n.base = filepath.Split(path)
	n.ext = filepath.Ext(n.base)
	n.prefix = strings.TrimSuffix(n.base, n.ext) + "-"
}

// after returns the stamp of a backup made now: later than that of every other
// backup, so that names are unique and their order is that of the rotations,
// with two in a millisecond and with a clock that was set back.
func (n *names) after(now time.Time) time.Time {
	stamp := now.UTC().Truncate(time.Millisecond)
	if !stamp.After(n.last) {
		stamp = n.last.Add(time.Millisecond)
	}
	return stamp
}

func (n *names) path(stamp time.Time) string {
	return filepath.Join(n.dir, n.prefix+stamp.Format(stampFormat)+n.ext)
}

// next is the name of a file opened ahead.
func (n *names) next(number int) string {
	return filepath.Join(n.dir, fmt.Sprintf(".%s.%d%s", n.base, number, nextSuffix))
}

// temporary reports whether name is that of a file which a kill left half made.
func (n *names) temporary(name string) bool {
	if strings.HasPrefix(name, "."+n.base+".") && strings.HasSuffix(name, nextSuffix) {
		return true
	}
	name, dotted := strings.CutPrefix(name, ".")
	name, tmp := strings.CutSuffix(name, tmpSuffix)
	_, _, ok := n.parse(name)
	return dotted && tmp && ok
}

// parse returns the stamp in the name of a backup.
func (n *names) parse(name string) (stamp time.Time, gz, ok bool) {
	name, ok = strings.CutPrefix(name, n.prefix)
	if !ok {
		return stamp, false, false
	}
	name, gz = strings.CutSuffix(name, gzSuffix)
	if name, ok = strings.CutSuffix(name, n.ext); !ok {
		return stamp, false, false
	}
	stamp, err := time.Parse(stampFormat, name)
	return stamp, gz, err == nil
}

// backup is one rotated file, compressed or not.
type backup struct {
	path  string
	stamp time.Time
	gz    bool
	info  fs.FileInfo
}

// list returns the backups, and the paths of temporary files. Only regular
// files are ours.
func (n *names) list() (backups []backup, temporary []string, err error) {
	entries, err := os.ReadDir(n.dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		path := filepath.Join(n.dir, e.Name())
		if n.temporary(e.Name()) {
			temporary = append(temporary, path)
			continue
		}
		stamp, gz, ok := n.parse(e.Name())
		if !ok {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			backups = append(backups, backup{path, stamp, gz, info})
		}
	}
	return backups, temporary, nil
}

// made returns when the backup was made, as far as can be told: its name says
// it, unless that is in the future; then the clock was set back since, or the
// name was counted up for being unique, and the file's own time says it. Zero
// where both are in the future.
func (b backup) made(now time.Time) time.Time {
	soon := now.Add(time.Minute)
	switch {
	case b.stamp.Before(soon):
		return b.stamp
	case b.info.ModTime().Before(soon):
		return b.info.ModTime()
	}
	return time.Time{}
}

// excess returns those of backups that are too many or too old. A file and its
// .gz, which a kill may leave side by side, count as one.
//
// Lumberjack goes by the names alone: once the clock was set back it takes the
// backups of the time before for the newest, and removes what was just written.
// Here those whose time cannot be right are the oldest, and never too old.
func excess(backups []backup, now time.Time, keep int, age time.Duration) (gone []backup) {
	backups = slices.Clone(backups)
	slices.SortFunc(backups, func(a, b backup) int {
		if c := b.made(now).Compare(a.made(now)); c != 0 {
			return c
		}
		return b.stamp.Compare(a.stamp)
	})
	kept := make(map[time.Time]bool)
	for _, b := range backups {
		made := b.made(now)
		// By its name, or by when it was last written: what is in it is older.
		limit := now.Add(-age)
		tooOld := age > 0 && !made.IsZero() && (made.Before(limit) || b.info.ModTime().Before(limit))
		if !tooOld && !kept[b.stamp] && (keep < 0 || len(kept) < keep) {
			kept[b.stamp] = true
		}
		if !kept[b.stamp] {
			gone = append(gone, b)
		}
	}
	return gone
}

// heal puts right what a kill left at any step of a rotation or of a
// compression. The caller is the owner.
func (f *File) heal(liveInfo fs.FileInfo) {
	backups, temporary, err := f.disk.names.list()
	if err != nil {
		return // Whatever keeps the directory from being read, the file is open.
	}
	for _, path := range temporary {
		_ = os.Remove(path) // Never the only copy of anything.
	}
	for _, b := range backups {
		if os.SameFile(b.info, liveInfo) {
			// Linked, and not yet replaced: the rotation did not happen.
			_ = os.Remove(b.path)
			continue
		}
		if b.stamp.After(f.disk.names.last) {
			f.disk.names.last = b.stamp
		}
		if b.gz && b.info.Mode().Perm()&^0o600 == 0 {
			continue
		}
		old, err := openRegular(b.path, os.O_RDWR|os.O_APPEND)
		if err != nil {
			continue
		}
		_ = old.Chmod(0o600)
		if !b.gz {
			if _, mended, err := mend(old); err == nil && mended {
				// A power cut may have torn it before it was synced.
				_ = os.Chtimes(b.path, time.Time{}, b.info.ModTime())
				f.stats.Repaired++
			}
		}
		_ = old.Close()
	}
}

// prune removes the backups that are too many or too old.
func (f *File) prune(now time.Time) {
	backups, _, err := f.disk.names.list()
	if err != nil {
		return
	}
	for _, b := range excess(backups, now, f.cfg.MaxBackups, f.cfg.MaxAge) {
		if os.Remove(b.path) == nil {
			f.mu.Lock()
			f.stats.Pruned++
			f.mu.Unlock()
		}
	}
}
