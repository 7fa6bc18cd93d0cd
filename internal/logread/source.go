package logread

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
)

const (
	chunkSize = 512 << 10
	arenaSize = 128 << 10

	// sizeFactor is how many times its size a compressed file may come to.
	sizeFactor = 16

	// maxLine bounds the memory for one line. Our own have 1 MiB at most.
	maxLine = 16 << 20

	// A file is in the order of its writes, which differs from that of the
	// times by what happens between a record's making and its writing. So many
	// records are sorted by insertion before the first of them is handed on.
	windowRecords = 1024
	windowBytes   = 4 << 20

	batchRecords = 256
)

// source reads the selected records of one file, in time order.
type source struct {
	file   *File
	filter *filter
	counts Counts
	err    error

	out  chan []Record
	head []Record // What the merge has received and not handed on yet.

	window []Record // Sorted; the first skip of them are gone.
	skip   int
	bytes  int
	batch  []Record
	arena  []byte

	// The time of the last record, for one that has none: as it is written, if
	// the record was left out before it was scanned.
	before int64
	stamp  []byte
}

func newSource(f *File, flt *filter) *source {
	return &source{file: f, filter: flt, before: noTime, out: make(chan []Record, 2)}
}

// run reads the whole file. It closes out when it is done; err and counts are
// valid from then on.
func (s *source) run(ctx context.Context) {
	defer close(s.out)
	s.err = s.read(ctx)
	for s.skip < len(s.window) && !errors.Is(s.err, errStopped) {
		s.release()
		if !s.send(ctx, batchRecords) {
			return
		}
	}
	s.send(ctx, 1)
}

// errStopped says that nobody wants more records.
var errStopped = errors.New("stopped")

func (s *source) read(ctx context.Context) error {
	r, err := s.file.reader()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.counts.Cut++
		return nil
	}
	if err != nil {
		return err
	}
	// Small files are many: no more of a buffer than a plain one fills.
	buf := make([]byte, min(chunkSize, s.file.Info.Size()*sizeFactor+1))
	have := 0
	tooLong := false
	for {
		n, err := r.Read(buf[have:])
		chunk := buf[:have+n]
		// Only what was just read can hold the newline, but for the first time.
		end := bytes.LastIndexByte(chunk[have:], '\n')
		if end >= 0 {
			end += have + 1
			lines := chunk[:end]
			if tooLong {
				lines = lines[bytes.IndexByte(lines, '\n')+1:]
				tooLong = false
			}
			if !s.lines(ctx, lines) {
				return errStopped
			}
			have = copy(buf, chunk[end:])
		} else {
			have += n
		}
		if err != nil {
			if have > 0 && !tooLong {
				s.line(s.file.rest(buf[:have]), true)
			}
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case errors.Is(err, io.ErrUnexpectedEOF):
				s.counts.Cut++ // A .gz that a kill has cut.
				return nil
			default:
				return err
			}
		}
		if have == len(buf) {
			if len(buf) >= maxLine {
				if !tooLong {
					s.counts.Foreign++
				}
				tooLong, have = true, 0
				continue
			}
			buf = slices.Grow(buf, len(buf))[:2*len(buf)]
		}
	}
}

func (s *source) lines(ctx context.Context, b []byte) bool {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		s.line(b[:end], false)
		b = b[end+1:]
		if len(s.batch) >= batchRecords && !s.send(ctx, 1) {
			return false
		}
	}
	return s.send(ctx, 1)
}

// line takes one line, without its newline. Most lines of most queries end
// their way at the first test of the filter.
func (s *source) line(b []byte, last bool) {
	s.counts.Lines++
	if len(b) > 0 && b[len(b)-1] == '\r' {
		b = b[:len(b)-1]
	}
	if len(b) > 1 && b[0] == '{' && b[len(b)-1] == '}' {
		if !s.filter.raw(b) {
			if stamp := ownStamp(b); stamp != nil {
				s.stamp = append(s.stamp[:0], stamp...)
			}
			return
		}
		if s.take(b) {
			return
		}
	}
	s.odd(b, last)
}

// take scans the line and keeps it if it is selected. It returns false if the
// line is no record.
func (s *source) take(b []byte) bool {
	r := Record{file: s.file, rank: s.file.rank}
	if !scanRecord(b, &r.at) {
		return false
	}
	r.line = b
	if ns, ok := parseStamp(s.stamp); ok {
		s.before = ns
	}
	s.stamp = s.stamp[:0]
	r.finish(s.before)
	s.before = r.nanos
	if s.filter.match(&r) {
		r.line = s.keep(b)
		s.insert(r)
	}
	return true
}

// odd deals with a line that is no record as it stands.
func (s *source) odd(b []byte, last bool) {
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(bytes.Trim(b, "\x00"), []byte("\uFEFF")))
	if len(trimmed) == 0 {
		if len(b) > 0 && bytes.IndexByte(b, 0) >= 0 {
			s.counts.Torn++ // NULs, as a power cut leaves them.
		}
		return
	}
	if len(trimmed) != len(b) && trimmed[0] == '{' && trimmed[len(trimmed)-1] == '}' {
		if bytes.IndexByte(b, 0) >= 0 {
			s.counts.Torn++
		}
		if !s.filter.raw(trimmed) || s.take(trimmed) {
			return
		}
	}
	// A torn record with a whole one glued to it: the whole one is saved.
	if i := bytes.LastIndex(trimmed, []byte(stampHead)); i > 0 {
		if trimmed[len(trimmed)-1] == '}' && (!s.filter.raw(trimmed[i:]) || s.take(trimmed[i:])) {
			s.counts.Torn++
			s.tell(trimmed[:i])
			return
		}
	}
	s.tell(trimmed)
	if trimmed[0] == '{' {
		if last && s.file.Live {
			s.counts.Partial++ // Its writer may be at it.
		}
		s.counts.Torn++
		return
	}
	s.counts.Foreign++
}

func (s *source) tell(line []byte) {
	if s.filter.Odd != nil {
		s.filter.Odd(s.file, line)
	}
}

// keep copies a line out of the buffer, which is used again.
func (s *source) keep(b []byte) []byte {
	if len(b) > arenaSize/4 {
		return bytes.Clone(b)
	}
	if cap(s.arena)-len(s.arena) < len(b) {
		s.arena = make([]byte, 0, arenaSize)
	}
	from := len(s.arena)
	s.arena = append(s.arena, b...)
	return s.arena[from:len(s.arena):len(s.arena)]
}

// insert puts the record into the window, nearly always at its end.
func (s *source) insert(r Record) {
	i := len(s.window)
	for i > s.skip && s.window[i-1].nanos > r.nanos {
		i--
	}
	s.window = slices.Insert(s.window, i, r)
	s.bytes += len(r.line)
	for len(s.window)-s.skip > windowRecords || s.bytes > windowBytes && len(s.window)-s.skip > 1 {
		s.release()
	}
}

// release moves the earliest record of the window to the batch.
func (s *source) release() {
	r := &s.window[s.skip]
	s.bytes -= len(r.line)
	s.batch = append(s.batch, *r)
	*r = Record{}
	s.skip++
	if s.skip >= windowRecords {
		n := copy(s.window, s.window[s.skip:])
		clear(s.window[n:])
		s.window, s.skip = s.window[:n], 0
	}
}

// send hands the batch on if it has at least so many records.
func (s *source) send(ctx context.Context, atLeast int) bool {
	if len(s.batch) < atLeast || len(s.batch) == 0 {
		return ctx.Err() == nil
	}
	select {
	case s.out <- s.batch:
		s.batch = make([]Record, 0, batchRecords)
		return true
	case <-ctx.Done():
		return false
	}
}
