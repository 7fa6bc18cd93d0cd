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
	n       int               // Items inside the bounds: waiting and sent, forfeits excluded.
	bytes   int64             // Their size.
	waiting [ranks][]*item[T] // Oldest first.

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
	q.waiting[r] = append(q.waiting[r], &item[T]{value: v, seq: q.seq, size: size, rank: r})
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
			} else if len(q.waiting[r]) > 0 {
				it = q.pop(rank(r))
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
			if len(q.waiting[r]) == 0 {
				continue
			}
			if next < 0 || q.waiting[r][0].seq < q.waiting[next][0].seq {
				next = r
			}
			if byRank {
				break
			}
		}
		if next < 0 {
			break
		}
		if it := q.waiting[next][0]; len(q.flight) > 0 && bytes+it.size > maxBytes {
			break
		}
		it := q.pop(rank(next))
		bytes += it.size
		q.flight = append(q.flight, it)
		q.exposed[next] = append(q.exposed[next], it)
		q.sent++
		q.sentBytes += it.size
	}
	return q.flight
}

// pop removes the oldest waiting record of a rank. The memory in front of it is
// let go of when append moves the slice, or when nothing waits.
func (q *sendQueue[T]) pop(r rank) *item[T] {
	w := q.waiting[r]
	it := w[0]
	w[0] = nil
	if q.waiting[r] = w[1:]; len(w) == 1 {
		q.waiting[r] = nil
	}
	return it
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
	forfeited = len(q.flight) - q.sent
	for r, back := range q.exposed {
		if len(back) > 0 {
			q.waiting[r] = slices.Concat(back, q.waiting[r])
		}
	}
	q.land()
	return forfeited
}

// rotate moves the oldest waiting record behind all others.
func (q *sendQueue[T]) rotate(it *item[T]) {
	if w := q.waiting[it.rank]; len(w) > 0 && w[0] == it {
		q.seq++
		it.seq = q.seq
		q.waiting[it.rank] = append(w[1:], it)
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
		n += len(q.waiting[r])
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
		if len(q.waiting[r]) == 0 {
			continue
		}
		if s := q.waiting[r][0].seq; !ok || s < seq {
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
	q.waiting = [ranks][]*item[T]{}
	q.n, q.bytes = 0, 0
	return n
}
