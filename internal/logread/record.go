package logread

import (
	"bytes"
	"iter"
	"log/slog"
	"strings"
	"time"
)

// Record is one record of the files. It is valid for good: nothing writes to
// its line again.
type Record struct {
	line  []byte
	at    [numFields]place
	nanos int64
	level slog.Level
	file  *File
	rank  int // Of the file, for records of one time.
}

// Parse returns the record in line, which must not change from then on, and
// false if line is no JSON object.
func Parse(line []byte) (Record, bool) {
	r := Record{line: line}
	if !scanRecord(line, &r.at) {
		return Record{}, false
	}
	r.finish(noTime)
	return r, true
}

// finish derives what the scanner has found the place of. A record without a
// time has that of the record before it.
func (r *Record) finish(before int64) {
	var ok bool
	if r.nanos, ok = parseTime(r.Raw(Timestamp)); !ok {
		r.nanos = before
	}
	level := r.Raw(Level)
	if len(level) > 1 && level[0] == '"' {
		level = level[1 : len(level)-1]
	}
	r.level = parseLevel(level)
}

// Line is the record as it is in the file, without the newline.
func (r *Record) Line() []byte { return r.line }

// File is the file that the record was read from, nil for a parsed one.
func (r *Record) File() *File { return r.file }

// Time is the record's time, in UTC. A record that says none has the time of
// the one before it in its file, and the zero time if there is none.
func (r *Record) Time() time.Time {
	if r.nanos == noTime {
		return time.Time{}
	}
	return time.Unix(0, r.nanos).UTC()
}

// Level is the record's level, or [LevelUnknown].
func (r *Record) Level() slog.Level { return r.level }

// Raw returns the JSON value of a field, nil if the record has none.
func (r *Record) Raw(f Field) []byte {
	p := r.at[f]
	if p.to == 0 {
		return nil
	}
	return r.line[p.from:p.to]
}

// Has reports whether the record has the field and it is not null.
func (r *Record) Has(f Field) bool {
	raw := r.Raw(f)
	return raw != nil && string(raw) != "null"
}

// Text returns a field as text, "" if the record has none.
func (r *Record) Text(f Field) string {
	raw := r.Raw(f)
	if string(raw) == "null" {
		return ""
	}
	return decodeString(raw)
}

// Is reports whether the field's text is s.
func (r *Record) Is(f Field, s string) bool {
	raw := r.Raw(f)
	if len(raw) == len(s)+2 && raw[0] == '"' && string(raw[1:len(raw)-1]) == s {
		return true
	}
	return s != "" && raw != nil && r.Text(f) == s
}

// Number returns a field as a number.
func (r *Record) Number(f Field) (float64, bool) { return Number(r.Raw(f)) }

// Start is when the operation whose end record this is began: its start_time,
// or its end less its duration.
func (r *Record) Start() time.Time {
	if ns, ok := parseTime(r.Raw(StartTime)); ok {
		return time.Unix(0, ns).UTC()
	}
	return r.Time().Add(-r.Duration())
}

// Duration is duration_ms as a duration, 0 if the record has none.
func (r *Record) Duration() time.Duration {
	ms, _ := r.Number(DurationMS)
	return time.Duration(ms * float64(time.Millisecond))
}

// IsEnd reports whether this is the end record of an operation.
func (r *Record) IsEnd() bool {
	if !r.Has(Operation) {
		return false
	}
	_, ok := r.Number(DurationMS)
	return ok
}

// ErrorParts returns the record's error: its type, message and stack. An error
// that is a mere string has only a message.
func (r *Record) ErrorParts() (typ, message, stack string) {
	raw := r.Raw(Error)
	if len(raw) == 0 || string(raw) == "null" {
		return "", "", ""
	}
	if raw[0] != '{' {
		return "", decodeString(raw), ""
	}
	for k, v := range Members(raw) {
		switch k {
		case "type":
			typ = decodeString(v)
		case "message":
			message = decodeString(v)
		case "stack":
			stack = decodeString(v)
		}
	}
	return typ, message, stack
}

// ErrorText returns the record's error as one text: its type and message, or
// the message alone where that begins with the type ("panic: ...", "500 ...").
func (r *Record) ErrorText() string {
	typ, message, _ := r.ErrorParts()
	switch {
	case typ == "" || strings.HasPrefix(message, typ):
		return message
	case message == "":
		return typ
	}
	return typ + ": " + message
}

// Attr returns the value of a top-level key, nil if there is none.
func (r *Record) Attr(key string) []byte {
	if !bytes.Contains(r.line, []byte(key)) && bytes.IndexByte(r.line, '\\') < 0 {
		return nil
	}
	var last []byte
	for k, v := range Members(r.line) {
		if k == key {
			last = v
		}
	}
	return last
}

// Attrs returns the top-level keys that are neither fields of the record
// itself nor of its operation's end: what the caller logged with it.
func (r *Record) Attrs() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for k, v := range Members(r.line) {
			if f := topField([]byte(k)); f != fieldNone && &r.line[r.at[f].from] == &v[0] {
				continue
			}
			if !yield(k, v) {
				return
			}
		}
	}
}

// TraceID is the trace the record belongs to, in 32 hex digits: its trace_id,
// or, in a record without one, a correlation ID that is a UUID. It is "" if
// there is neither.
func (r *Record) TraceID() string {
	if id := r.Text(TraceID); id != "" {
		return id
	}
	if id, ok := hexID(r.Text(CorrelationID)); ok {
		return id
	}
	return ""
}

// hexID returns a UUID or 32 hex digits as 32 lower-case hex digits.
func hexID(s string) (string, bool) {
	h := strings.ToLower(strings.ReplaceAll(s, "-", ""))
	if len(h) != 32 || !isHex(h) || len(s) != 32 && len(s) != 36 {
		return "", false
	}
	return h, true
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
