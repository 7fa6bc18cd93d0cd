package cli

import "iter"

// ring keeps the last values that were added, as many as its limit.
type ring[T any] struct {
	limit int
	items []T
	next  int
}

func (r *ring[T]) add(v T) {
	if r.limit <= 0 {
		return
	}
	if len(r.items) < r.limit {
		r.items = append(r.items, v)
		return
	}
	r.items[r.next] = v
	r.next = (r.next + 1) % r.limit
}

// all returns the values, the oldest first.
func (r *ring[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range r.items {
			if !yield(r.items[(r.next+i)%len(r.items)]) {
				return
			}
		}
	}
}
