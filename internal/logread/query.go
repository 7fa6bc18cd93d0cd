package logread

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"slices"
	"time"
)

// ErrStop ends the reading without an error, returned by the function given to
// [Set.Each].
var ErrStop = errors.New("stop")

// Counts is what a reading met.
type Counts struct {
	Files   int   // Files read.
	Skipped int   // Files left out for their range of time.
	Lines   int64 // Lines looked at.
	Records int64 // Records handed out.
	Twice   int64 // Records left out because they had been handed out from another file.
	Torn    int64 // Lines that begin as a record and are none.
	Partial int64 // Those of them that are the last of a live file, perhaps being written.
	Foreign int64 // Lines that are no JSON object, or are longer than 16 MiB.
	Cut     int64 // Compressed files that end too early.
}

func (c *Counts) add(o Counts) {
	c.Lines += o.Lines
	c.Torn += o.Torn
	c.Partial += o.Partial
	c.Foreign += o.Foreign
	c.Cut += o.Cut
}

// slack is by how much the first record of a file may be later than others of
// the file, and a record later than the rotation of its file.
const slack = 10 * time.Second

// Each calls fn for each selected record, in time order, each uid once. Records
// of the same time come in the order of the files' names and lines. fn must
// not keep the pointer, but may keep the Record.
//
// The error is fn's or the context's. A file that cannot be read to its end is
// told in Warn. The counts are of what was read. With a filter
// they do not tell of every torn line: one that begins and ends as a record and
// lacks what the filter asks for is not looked at.
func (s *Set) Each(ctx context.Context, f Filter, fn func(*Record) error) (Counts, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := merge{fn: fn, seen: newSeen()}
	flt := f.compile()
	for _, file := range s.Files {
		if flt.skips(file) {
			m.counts.Skipped++
			continue
		}
		m.waiting = append(m.waiting, newSource(file, flt))
	}
	m.counts.Files = len(m.waiting)
	err := m.run(ctx)
	cancel()
	for _, src := range m.started {
		for range src.out { // Until its goroutine is done.
		}
		m.counts.add(src.counts)
		if src.err != nil && !errors.Is(src.err, errStopped) {
			s.warn(fmt.Errorf("%s: %w", src.file.Path, src.err))
		}
	}
	if errors.Is(err, ErrStop) {
		err = nil
	}
	return m.counts, err
}

// warn notes what is wrong with a file, once.
func (s *Set) warn(err error) {
	if !slices.ContainsFunc(s.Warn, func(o error) bool { return o.Error() == err.Error() }) {
		s.Warn = append(s.Warn, err)
	}
}

// begin is a time that no record of the file is earlier than, as far as one can tell.
func (f *File) begin() int64 {
	if f.first == noTime {
		return noTime
	}
	return f.first - int64(slack)
}

// skips reports whether the file has no record in the range of time.
func (c *filter) skips(f *File) bool {
	if !c.Since.IsZero() && f.last != 1<<63-1 && f.last < c.since-int64(slack) {
		return true
	}
	return !c.Until.IsZero() && f.first != noTime && f.first >= c.until+int64(slack)
}

// merge is a k-way merge. Files are read by a goroutine each, from when the
// merge comes near their first record, a few of them in advance.
type merge struct {
	waiting []*source // By time of the first record.
	started []*source
	ahead   int // How many of started are not active yet; they come last.
	active  []*source

	fn     func(*Record) error
	seen   *seen
	counts Counts
}

func (m *merge) run(ctx context.Context) error {
	for {
		m.start(ctx)
		low, second := m.lowest()
		if low == nil {
			if m.ahead == 0 && len(m.waiting) == 0 {
				return nil
			}
			if err := m.activate(ctx); err != nil {
				return err
			}
			continue
		}
		if next := m.next(); next != nil && next.file.begin() <= low.head[0].nanos {
			if err := m.activate(ctx); err != nil {
				return err
			}
			continue
		}
		if err := m.drain(ctx, low, second); err != nil {
			return err
		}
	}
}

// start keeps as many sources reading in advance as there are processors.
func (m *merge) start(ctx context.Context) {
	for len(m.waiting) > 0 && m.ahead < runtime.GOMAXPROCS(0) {
		src := m.waiting[0]
		m.waiting = m.waiting[1:]
		m.started = append(m.started, src)
		m.ahead++
		go src.run(ctx)
	}
}

// next is the source that becomes active next.
func (m *merge) next() *source {
	if m.ahead == 0 {
		return nil
	}
	return m.started[len(m.started)-m.ahead]
}

// activate waits for the first record of the next source.
func (m *merge) activate(ctx context.Context) error {
	src := m.next()
	m.ahead--
	if ok, err := src.fill(ctx); !ok || err != nil {
		return err
	}
	m.active = append(m.active, src)
	return nil
}

// fill waits for records and returns false at the end of the file.
func (s *source) fill(ctx context.Context) (bool, error) {
	select {
	case batch, ok := <-s.out:
		s.head = batch
		return ok, ctx.Err()
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// lowest returns the source with the earliest record, and the earliest of the
// other ones.
func (m *merge) lowest() (low, second *source) {
	for _, src := range m.active {
		switch {
		case low == nil || src.precedes(low):
			low, second = src, low
		case second == nil || src.precedes(second):
			second = src
		}
	}
	return low, second
}

// precedes reports whether the first record of s comes before that of o.
func (s *source) precedes(o *source) bool {
	a, b := &s.head[0], &o.head[0]
	if a.nanos != b.nanos {
		return a.nanos < b.nanos
	}
	return a.rank < b.rank
}

// drain hands out records of low up to the first of second.
func (m *merge) drain(ctx context.Context, low, second *source) error {
	limit := int64(1<<63 - 1)
	if next := m.next(); next != nil {
		limit = next.file.begin()
	}
	for {
		r := &low.head[0]
		if m.seen.twice(r.Raw(UID)) {
			m.counts.Twice++
		} else {
			m.counts.Records++
			if err := m.fn(r); err != nil {
				return err
			}
		}
		low.head = low.head[1:]
		if len(low.head) == 0 {
			ok, err := low.fill(ctx)
			if err != nil {
				return err
			}
			if !ok {
				m.remove(low)
				return nil
			}
		}
		if second != nil && !low.precedes(second) || low.head[0].nanos >= limit {
			return nil
		}
	}
}

func (m *merge) remove(src *source) {
	for i, s := range m.active {
		if s == src {
			m.active = append(m.active[:i], m.active[i+1:]...)
			return
		}
	}
}

// seen remembers the last uids. A record has the same time in each of its
// files, so its copies come close to each other, unless the clock was set back.
type seen struct {
	hash maphash.Seed
	set  map[uint64]struct{}
	ring []uint64
	next int
}

const seenUIDs = 1 << 17

func newSeen() *seen {
	return &seen{hash: maphash.MakeSeed(), set: map[uint64]struct{}{}}
}

// twice notes the uid and reports whether it had been noted before. No uid is
// no duplicate.
func (s *seen) twice(uid []byte) bool {
	if len(uid) < 3 || uid[0] != '"' {
		return false
	}
	h := maphash.Bytes(s.hash, uid)
	if _, ok := s.set[h]; ok {
		return true
	}
	s.set[h] = struct{}{}
	if len(s.ring) < seenUIDs {
		s.ring = append(s.ring, h)
		return false
	}
	delete(s.set, s.ring[s.next])
	s.ring[s.next] = h
	s.next = (s.next + 1) % seenUIDs
	return false
}
