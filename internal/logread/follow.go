package logread

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// FollowConfig says what [Follow] follows.
type FollowConfig struct {
	Dir    string
	Names  []string // Empty means [DefaultNames].
	Filter Filter

	// Last is how many of the records that are there already come first. A
	// negative number means all of them, of the backups too.
	Last int

	// Poll is the time between two looks at the files. Zero means 150 ms.
	Poll time.Duration
}

// settle is how long a record of one file waits for earlier ones of others.
const settle = 20 * time.Millisecond

// Follow calls fn for the records that are added to the files, in time order,
// over rotations, until ctx is done or fn returns an error, which it returns.
// fn may keep the records. flush is called when fn has been called for all
// that is there for now. A directory without files is waited for to have some.
//
// A record may be handed out late by the time between two looks and some
// milliseconds; one that gets to its file later than that comes out of order.
func Follow(ctx context.Context, cfg FollowConfig, fn func(*Record) error, flush func() error) (Counts, error) {
	if cfg.Poll <= 0 {
		cfg.Poll = 150 * time.Millisecond
	}
	f := &follower{
		cfg: cfg, filter: cfg.Filter.compile(), fn: fn, seen: newSeen(),
		live: map[string]*followed{}, known: map[string]bool{},
	}
	defer f.close()
	if err := f.past(ctx); err != nil {
		return f.counts, err
	}
	if err := flush(); err != nil {
		return f.counts, err
	}
	ticker := time.NewTicker(cfg.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			// What was written before it is shown.
			return f.counts, errors.Join(f.look(true), flush())
		case <-ticker.C:
		}
		if err := errors.Join(f.look(false), flush()); err != nil {
			return f.counts, err
		}
	}
}

type follower struct {
	cfg    FollowConfig
	filter *filter
	fn     func(*Record) error
	seen   *seen
	counts Counts

	live  map[string]*followed // By the name of the live file.
	known map[string]bool      // Backups that are read or need not be, by name without .gz.
	held  []heldRecord
	round int
}

type heldRecord struct {
	Record
	round int // In which it was read.
}

// followed is a live file. It is read on after its rotation until it has ended.
type followed struct {
	file   *File
	offset int64
	rest   []byte // The beginning of a line.
	before int64
}

func (f *follower) close() {
	for _, l := range f.live {
		l.file.close()
	}
}

// past hands out what is there already, and notes where it ends.
func (f *follower) past(ctx context.Context) error {
	set, err := Open(f.cfg.Dir, f.cfg.Names)
	if errors.Is(err, ErrNoFiles) {
		return nil
	}
	if err != nil {
		return err
	}
	defer set.Close()
	for _, file := range set.Files {
		if !file.Live {
			f.known[stem(file.Name)] = true
		}
	}
	for _, file := range set.Files {
		if file.Live {
			l := &followed{file: &File{Path: file.Path, Name: file.Name, Base: file.Base, Live: true, rank: file.rank}, before: noTime}
			if err := l.file.open(); err != nil || !os.SameFile(l.file.Info, file.Info) {
				// Rotated since: what follows is read as that of a new file.
				l.file.close()
				continue
			}
			l.offset = file.lastLine()
			f.live[file.Base] = l
		}
	}
	var last []Record
	take := func(r *Record) error {
		f.seen.twice(r.Raw(UID))
		if f.cfg.Last < 0 {
			return f.fn(r)
		}
		if last = append(last, *r); len(last) >= 2*f.cfg.Last+64 {
			last = slices.Clone(last[len(last)-f.cfg.Last:])
		}
		return nil
	}
	if f.cfg.Last >= 0 {
		set.recent()
	}
	counts, err := set.Each(ctx, f.cfg.Filter, take)
	f.counts = counts
	if err != nil && ctx.Err() == nil {
		return err
	}
	for i := max(0, len(last)-max(0, f.cfg.Last)); i < len(last); i++ {
		if err := f.fn(&last[i]); err != nil {
			return err
		}
	}
	return nil
}

// recent leaves out all but the live files and the last backup of each.
func (s *Set) recent() {
	newest := map[string]*File{}
	for _, f := range s.Files {
		if o := newest[f.Base]; !f.Live && (o == nil || f.first > o.first) {
			newest[f.Base] = f
		}
	}
	s.Files = slices.DeleteFunc(s.Files, func(f *File) bool {
		if f.Live || newest[f.Base] == f {
			return false
		}
		f.close()
		return true
	})
}

// lastLine returns where the last line begins that has no end yet.
func (f *File) lastLine() int64 {
	size := f.Info.Size()
	buf := make([]byte, 64<<10)
	for end := size; end > 0; {
		from := max(0, end-int64(len(buf)))
		n, err := f.f.ReadAt(buf[:end-from], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return size
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			return from + int64(i) + 1
		}
		end = from
	}
	return 0
}

// stem is a backup's name, whether it is compressed or not.
func stem(name string) string { return strings.TrimSuffix(name, ".gz") }

// look reads what was added since the last look, and hands out what is ripe,
// or, at the end, everything.
func (f *follower) look(all bool) error {
	f.round++
	begun := time.Now()
	// What was renamed between the listing and its opening is there under
	// another name, and older than what the next file begins with.
	for range 20 {
		files, err := List(f.cfg.Dir, f.cfg.Names)
		if errors.Is(err, fs.ErrNotExist) {
			break // It may come back.
		}
		if err != nil {
			return err
		}
		found := f.rotated(files)
		for _, file := range files {
			if file.Live && !f.follow(file) {
				found = false
			}
		}
		if found {
			break
		}
	}
	return f.handOut(begun.Add(-settle).UnixNano(), all)
}

// rotated reads to their ends the files that are not live any more, and the
// backups of which nothing was read. It returns false if one of them was gone.
func (f *follower) rotated(files []*File) bool {
	all := true
	gone := map[string]*followed{}
	for base, l := range f.live {
		i := slices.IndexFunc(files, func(file *File) bool { return file.Live && file.Base == base })
		if i < 0 || !os.SameFile(files[i].Info, l.file.Info) {
			f.drain(l)
			if i >= 0 {
				gone[base] = l
			}
		}
	}
	backups := slices.DeleteFunc(slices.Clone(files), func(file *File) bool { return file.Live || f.known[stem(file.Name)] })
	slices.SortFunc(backups, func(a, b *File) int { return cmp.Compare(a.Name, b.Name) }) // Plain before .gz.
	for _, file := range backups {
		if f.known[stem(file.Name)] {
			continue
		}
		ours := slices.ContainsFunc(liveOf(f.live), func(l *followed) bool { return os.SameFile(l.file.Info, file.Info) })
		if !ours && !f.whole(file) {
			all = false
			continue
		}
		f.known[stem(file.Name)] = true
	}
	for base, l := range gone {
		f.drain(l)
		if len(l.rest) > 0 {
			f.lines(l.file, append(l.rest, '\n'), &l.before)
		}
		l.file.close()
		delete(f.live, base)
	}
	return all
}

func liveOf(m map[string]*followed) []*followed {
	out := make([]*followed, 0, len(m))
	for _, l := range m {
		out = append(out, l)
	}
	return out
}

// whole reads a backup that was live between two looks. It returns false if
// there is none under that name any more.
func (f *follower) whole(file *File) bool {
	if err := file.open(); err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	defer file.close()
	r, err := file.reader()
	if err != nil {
		return true
	}
	b, _ := io.ReadAll(io.LimitReader(r, 1<<30)) // What can be read of it.
	before := int64(noTime)
	f.lines(file, append(b, '\n'), &before)
	return true
}

// follow reads on in a live file, which may be a new one. It returns false if
// there is another one under that name now.
func (f *follower) follow(file *File) bool {
	l := f.live[file.Base]
	if l == nil {
		listed := file.Info
		if err := file.open(); err != nil {
			return !errors.Is(err, fs.ErrNotExist)
		}
		if !os.SameFile(listed, file.Info) {
			file.close()
			return false
		}
		l = &followed{file: file, before: noTime}
		f.live[file.Base] = l
	}
	f.drain(l)
	return true
}

// drain reads a file on to its end.
func (f *follower) drain(l *followed) {
	info, err := l.file.f.Stat()
	if err == nil && info.Size() < l.offset { // Truncated: logrotate's copytruncate.
		l.offset, l.rest = 0, nil
	}
	buf := make([]byte, chunkSize)
	for {
		n, err := l.file.f.ReadAt(buf, l.offset)
		l.offset += int64(n)
		if end := bytes.LastIndexByte(buf[:n], '\n') + 1; end > 0 {
			f.lines(l.file, append(l.rest, buf[:end]...), &l.before)
			l.rest = bytes.Clone(buf[end:n])
		} else if l.rest = append(l.rest, buf[:n]...); len(l.rest) > maxLine {
			f.counts.Foreign++
			l.rest = nil
		}
		if err != nil || n == 0 {
			return
		}
	}
}

// lines takes whole lines.
func (f *follower) lines(file *File, b []byte, before *int64) {
	s := newSource(file, f.filter)
	s.before = *before
	for line := range bytes.Lines(b) {
		s.line(bytes.TrimSuffix(line, []byte("\n")), false)
	}
	*before = s.before
	f.counts.add(s.counts)
	for _, r := range slices.Concat(s.batch, s.window[s.skip:]) {
		f.held = append(f.held, heldRecord{r, f.round})
	}
}

// handOut hands out the records up to a time, and those that were held before.
func (f *follower) handOut(ripe int64, all bool) error {
	slices.SortStableFunc(f.held, func(a, b heldRecord) int {
		return cmp.Or(cmp.Compare(a.nanos, b.nanos), cmp.Compare(a.rank, b.rank))
	})
	last := -1
	for i := range f.held {
		if all || f.held[i].nanos <= ripe || f.held[i].round < f.round {
			last = i
		}
	}
	for i := range last + 1 {
		r := &f.held[i].Record
		if f.seen.twice(r.Raw(UID)) {
			f.counts.Twice++
			continue
		}
		f.counts.Records++
		if err := f.fn(r); err != nil {
			return fmt.Errorf("logread: %w", err)
		}
	}
	f.held = slices.Delete(f.held, 0, last+1)
	return nil
}
