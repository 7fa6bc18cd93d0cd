package mask

import "strings"

// A nesting is what is open at a place of the text: a double-quoted string,
// brackets. It is read only where something is about to be masked, and from
// the last such place on.
type nesting struct {
	pos     int
	inside  bool // Within a string.
	lastEsc int  // Backslashes before the last quote.
	open    int  // Brackets open within the string, or outside of it on this line.
	outer   int  // Brackets open around the string.
}

// to reads on to s[i].
func (n *nesting) to(s string, i int) {
	for p := n.pos; p < i; p++ {
		c := s[p]
		if classes[c]&nests == 0 {
			continue
		}
		switch c {
		case '"':
			esc := 0
			for p-esc > 0 && s[p-esc-1] == '\\' {
				esc++
			}
			n.lastEsc = esc
			if esc%2 != 0 {
				continue
			}
			n.inside = !n.inside
			if n.inside {
				n.outer, n.open = n.open, 0
			} else {
				n.open = n.outer
			}
		case '{', '[':
			n.open++
		case '}', ']':
			n.open = max(0, n.open-1)
		case '\n':
			if !n.inside {
				n.open = 0
			}
		}
	}
	n.pos = max(n.pos, i)
}

// within returns the text up to the end of the double-quoted string that s[i]
// is in, or the whole text. Nothing that is masked reaches out of a string: a
// string of JSON stays one.
func (z *scan) within(i int) string {
	s := z.s
	z.nest.to(s, i)
	if !z.nest.inside {
		return s
	}
	if i >= z.strFrom && i < z.strEnd {
		return s[:z.strEnd]
	}
	z.strFrom, z.strEnd = i, len(s)
	for from := i; from < len(s); {
		k := strings.IndexByte(s[from:], '"')
		if k < 0 {
			break
		}
		k += from
		esc := 0
		for k-esc > i && s[k-esc-1] == '\\' {
			esc++
		}
		if esc%2 == 0 {
			if c := at(s, k+1); k+1 == len(s) || is(c, blank) || strings.IndexByte(",}]:)", c) >= 0 {
				z.strEnd = k
				break
			}
		}
		from = k + 1
	}
	return s[:z.strEnd]
}

// closing is [quote.closing] and balanced [balanced]. What they read in vain is
// paid for with fuel. A text that uses it all up is no honest one: then
// nothing is closed before its end, and all of it is masked.
func (z *scan) closing(q quote, s string, i int) (int, bool) {
	if z.fuel <= 0 {
		return len(s), false
	}
	to, closed := q.closing(s, i)
	if !closed {
		z.fuel -= len(s) - i
	}
	return to, closed
}

func (z *scan) balanced(s string, i int) (int, bool) {
	if z.fuel <= 0 {
		return len(s), false
	}
	e, closed := balanced(s, i)
	if !closed {
		z.fuel -= len(s) - i
	}
	return e, closed
}

// balanced returns the end of the bracketed text at s[i] and true, or how far
// it goes unclosed and false: to the end of the string or line around it.
// Strings within are stepped over.
func balanced(s string, i int) (int, bool) {
	depth := 0
	for j := i; j < len(s); {
		switch c := s[j]; c {
		case '{', '[', '(':
			depth++
			j++
		case '}', ']', ')':
			depth--
			j++
			if depth == 0 {
				return j, true
			}
		case '"', '\\', '`', '\'':
			q := quoteAt(s, j)
			switch {
			case q.text == "":
				j += 2
			case q.mark == '\'' && is(at(s, j-1), word):
				j += len(q.text) // An apostrophe.
			default:
				e, closed := q.closing(s, j+len(q.text))
				if !closed {
					return max(e, j+len(q.text)), false
				}
				j = e + len(q.text)
			}
		default:
			j++
		}
	}
	return lineEnd(s, i), false
}
