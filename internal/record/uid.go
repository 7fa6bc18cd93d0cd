package record

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"
)

// uidLen is the length of a ULID's text.
const uidLen = 26

// crockford is the alphabet of ULIDs.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// The process's part of its UIDs. The counter is the one piece of state of this
// package: UIDs must be unique in the whole process, however many pipelines it
// has, and no lock may stand between them.
var (
	uidCounter atomic.Uint64
	uidProcess = sync.OnceValue(func() (b [5]byte) {
		_, _ = rand.Read(b[:]) // It never fails: see crypto/rand.
		return b
	})
)

// NewUID returns a ULID: 48 bits of milliseconds since 1970, 40 random bits
// that are the process's, and a 40-bit counter. UIDs of one process and one
// millisecond sort in the order in which they were made. It is safe for
// concurrent use.
func NewUID(t time.Time) string {
	u := mint(t)
	return string(u[:])
}

// MintUID gives the record a UID of its own, as [NewUID] makes them, without
// an allocation.
func (r *Record) MintUID(t time.Time) {
	r.UID = ""
	r.uid = mint(t)
}

// EnsureUID mints a UID, of the record's time, for a record that has none.
func (r *Record) EnsureUID() {
	if !r.HasUID() {
		r.MintUID(r.Time)
	}
}

// HasUID tells whether the record has a UID.
func (r *Record) HasUID() bool { return r.UID != "" || r.uid[0] != 0 }

// UIDText returns the record's UID, or "".
func (r *Record) UIDText() string {
	if r.UID != "" || r.uid[0] == 0 {
		return r.UID
	}
	return string(r.uid[:])
}

func mint(t time.Time) (out [uidLen]byte) {
	p := uidProcess()
	n := uidCounter.Add(1)
	ms := uint64(t.UnixMilli()) & (1<<48 - 1)
	// 130 bits of text for 128 of number: the first character has only three.
	for i := 9; i >= 0; i-- {
		out[i] = crockford[ms&31]
		ms >>= 5
	}
	// 40 bits are eight characters each.
	r := uint64(p[0])<<32 | uint64(p[1])<<24 | uint64(p[2])<<16 | uint64(p[3])<<8 | uint64(p[4])
	for i := 17; i >= 10; i-- {
		out[i] = crockford[r&31]
		r >>= 5
	}
	for i := 25; i >= 18; i-- {
		out[i] = crockford[n&31]
		n >>= 5
	}
	return out
}
