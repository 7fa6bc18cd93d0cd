package mask

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
		switch s[p] {
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

// balanced returns the end of the bracketed text at s[i] and true, or how far
// it goes unclosed and false: to the end of the string or line around it.
// Strings within are stepped over.
func (z *scan) balanced(i int) (int, bool) {
	s := z.s
	z.nest.to(s, i)
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
			case q.mark == '"' && q.esc == 0 && z.nest.inside:
				return j, false
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
