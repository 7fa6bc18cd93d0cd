package exporters

import (
	"log/slog"
	"slices"
)

// rank orders held records by how much their loss would hurt: the queue gives
// up the lowest rank first, and in it the oldest record.
type rank uint8

const (
	rankDebug rank = iota
	rankInfo
	rankWarn
	rankHigh // ERROR and above, and everything an enforcement logger says.

	ranks = int(rankHigh) + 1
)

// rankOf returns the rank of a record of level by its level alone.
func rankOf(level slog.Level) rank {
	switch {
	case level < slog.LevelInfo:
		return rankDebug
	case level < slog.LevelWarn:
		return rankInfo
	case level < slog.LevelError:
		return rankWarn
	default:
		return rankHigh
	}
}

// item is one held record.
type item[T any] struct {
	value T
	seq   uint64
	size  int64
	rank  rank

	// forfeit marks an item whose place was given away while it was being
	// sent: it is delivered if that attempt succeeds and dropped if not.
	forfeit bool

	// failures counts the attempts at this item alone that the collector
	// answered with an error of its own; settledAt is how many records it had
	// taken when the first of them failed.
	failures  int
	settledAt uint64
}

// sendQueue holds records until they are delivered or given up, within bounds
// of number and bytes. The batch being sent stays inside the bounds, so that
// an ERROR never gives way to a DEBUG record that happens to be on its way.
// It is not safe for concurrent use: sender locks around it.
type sendQueue[T any] struct {
	maxItems int
	maxBytes int64

	seq     uint64
	n       int   // Items inside the bounds: waiting and sent, forfeits excluded.
	bytes   int64 // Their size.
	waiting [ranks]deque[*item[T]]

	flight    []*item[T]        // The batch being sent, oldest first.
	exposed   [ranks][]*item[T] // The items of flight that are not forfeit.
	sent      int               // How many those are.
	sentBytes int64             // Their size.
}

// push adds a record and returns how many records were given up for it; the
// new record itself may be one of them.
func (q *sendQueue[T]) push(v T, size int64, r rank) (evicted int) {
	q.seq++
	q.n++
	q.bytes += size
	q.waiting[r].pushBack(&item[T]{value: v, seq: q.seq, size: size, rank: r})
	return q.trim()
}

// trim gives up records until the queue is inside its bounds and returns how
// many of them are lost at once. Forfeits are not: their attempt decides.
func (q *sendQueue[T]) trim() (evicted int) {
	for q.n > q.maxItems || q.bytes > q.maxBytes && q.n > 0 {
		for r := range q.waiting {
			var it *item[T]
			if sent := q.exposed[r]; len(sent) > 0 { // Older than those waiting.
				it, q.exposed[r] = sent[0], sent[1:]
				it.forfeit = true
				q.sent--
				q.sentBytes -= it.size
			} else if q.waiting[r].n > 0 {
				it = q.waiting[r].popFront()
				evicted++
			} else {
				continue
			}
			q.n--
			q.bytes -= it.size
			break
		}
	}
	return evicted
}

// take moves the next batch into flight: the oldest records, or with
// byRank the highest ranks first (for the little time a shutdown leaves).
// There must be no batch in flight.
func (q *sendQueue[T]) take(maxItems int, maxBytes int64, byRank bool) []*item[T] {
	var bytes int64
	for len(q.flight) < maxItems {
		next := -1
		for r := ranks - 1; r >= 0; r-- {
			if q.waiting[r].n == 0 {
				continue
			}
			if next < 0 || q.waiting[r].front().seq < q.waiting[next].front().seq {
				next = r
			}
			if byRank {
				break
			}
		}
		if next < 0 {
			break
		}
		if it := q.waiting[next].front(); len(q.flight) > 0 && bytes+it.size > maxBytes {
			break
		}
		it := q.waiting[next].popFront()
		bytes += it.size
		q.flight = append(q.flight, it)
		q.exposed[next] = append(q.exposed[next], it)
		q.sent++
		q.sentBytes += it.size
	}
	return q.flight
}

// settle ends the attempt at the batch in flight for good.
func (q *sendQueue[T]) settle() {
	q.n -= q.sent
	q.bytes -= q.sentBytes
	q.land()
}

// putBack ends a failed attempt: what is not forfeit waits again, at its old
// place. It returns how many records were lost as forfeits.
func (q *sendQueue[T]) putBack() (forfeited int) {
	for _, it := range slices.Backward(q.flight) {
		if it.forfeit {
			forfeited++
		} else {
			q.waiting[it.rank].pushFront(it)
		}
	}
	q.land()
	return forfeited
}

// rotate moves the oldest waiting record behind all others.
func (q *sendQueue[T]) rotate(it *item[T]) {
	if d := &q.waiting[it.rank]; d.n > 0 && d.front() == it {
		d.popFront()
		q.seq++
		it.seq = q.seq
		d.pushBack(it)
	}
}

func (q *sendQueue[T]) land() {
	clear(q.flight)
	q.flight = q.flight[:0]
	q.exposed = [ranks][]*item[T]{}
	q.sent, q.sentBytes = 0, 0
}

// held is the number of records that are neither delivered nor dropped.
func (q *sendQueue[T]) held() int {
	n := len(q.flight)
	for r := range q.waiting {
		n += q.waiting[r].n
	}
	return n
}

// queued is the number and size of the records that wait for an attempt.
func (q *sendQueue[T]) queued() (n int, bytes int64) {
	return q.n - q.sent, q.bytes - q.sentBytes
}

// oldest is the sequence number of the oldest record held; ok is false when
// there is none.
func (q *sendQueue[T]) oldest() (seq uint64, ok bool) {
	for _, it := range q.flight {
		if !ok || it.seq < seq {
			seq, ok = it.seq, true
		}
	}
	for r := range q.waiting {
		if q.waiting[r].n == 0 {
			continue
		}
		if s := q.waiting[r].front().seq; !ok || s < seq {
			seq, ok = s, true
		}
	}
	return seq, ok
}

// reset gives up everything and returns how many records that were.
func (q *sendQueue[T]) reset() int {
	n := q.held()
	q.land()
	q.flight = nil
	q.waiting = [ranks]deque[*item[T]]{}
	q.n, q.bytes = 0, 0
	return n
}

// deque is a ring buffer that grows as needed and lets go of its memory when
// it has become empty.
type deque[E any] struct {
	buf  []E
	head int
	n    int
}

func (d *deque[E]) front() E { return d.buf[d.head] }

func (d *deque[E]) pushBack(e E) {
	d.grow()
	d.buf[(d.head+d.n)&(len(d.buf)-1)] = e
	d.n++
}

func (d *deque[E]) pushFront(e E) {
	d.grow()
	d.head = (d.head - 1) & (len(d.buf) - 1)
	d.buf[d.head] = e
	d.n++
}

func (d *deque[E]) popFront() E {
	var zero E
	e := d.buf[d.head]
	d.buf[d.head] = zero
	d.head = (d.head + 1) & (len(d.buf) - 1)
	d.n--
	if d.n == 0 && len(d.buf) > 1024 {
		d.buf, d.head = nil, 0
	}
	return e
}

// grow makes room for one more; the length is always a power of two.
func (d *deque[E]) grow() {
	if d.n < len(d.buf) {
		return
	}
	buf := make([]E, max(16, 2*len(d.buf)))
	for i := range d.n {
		buf[i] = d.buf[(d.head+i)&(len(d.buf)-1)]
	}
	d.buf, d.head = buf, 0
}
