package mask

import (
	"unicode/utf8"
)

// skipBlanks returns the end of the blanks at s[i]: spaces, tabs, no-break
// and other Unicode spaces, zero-width characters and terminal colors. Line
// ends count if lines is set.
func skipBlanks(s string, i int, lines bool) int {
	for i < len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || lines && (c == '\n' || c == '\r'):
			i++
		case c == 0x1b:
			n := colorEnd(s, i)
			if n == i {
				return i
			}
			i = n
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if !isSpace(r) && !invisible(r) {
				return i
			}
			i += n
		default:
			return i
		}
	}
	return i
}

// skipBlanksBack returns the start of the blanks that end at s[:e].
func skipBlanksBack(s string, e int) int {
	for e > 0 {
		switch c := s[e-1]; {
		case c == ' ' || c == '\t':
			e--
		case c == 'm':
			n := colorStart(s, e)
			if n == e {
				return e
			}
			e = n
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeLastRuneInString(s[:e])
			if !isSpace(r) && !invisible(r) {
				return e
			}
			e -= n
		default:
			return e
		}
	}
	return e
}

// isSpace reports whether r is one of the spaces beyond ASCII.
func isSpace(r rune) bool {
	return r == 0xa0 || r == 0x1680 || 0x2000 <= r && r <= 0x200a || r == 0x202f || r == 0x205f || r == 0x3000
}

// colorEnd returns the end of the terminal color at s[i], or i.
func colorEnd(s string, i int) int {
	j := i + 1
	if at(s, i) != 0x1b || at(s, j) != '[' {
		return i
	}
	for j++; j < len(s) && j < i+16; j++ {
		switch {
		case s[j] == 'm' || s[j] == 'K':
			return j + 1
		case !is(s[j], digit) && s[j] != ';':
			return i
		}
	}
	return i
}

// colorStart returns the start of the terminal color that ends at s[:e], or e.
func colorStart(s string, e int) int {
	if e < 3 || s[e-1] != 'm' {
		return e
	}
	j := e - 2
	for j > 0 && j > e-16 && (is(s[j], digit) || s[j] == ';') {
		j--
	}
	if j > 0 && s[j] == '[' && s[j-1] == 0x1b {
		return j - 1
	}
	return e
}
