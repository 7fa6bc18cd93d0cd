package mask

import (
	"unicode/utf8"
)

// skipBlanks returns the end of the blanks at s[i]: spaces, tabs, no-break
// and other Unicode spaces, zero-width characters and terminal colors, also
// escaped as in a string of JSON or Go. Line ends count if lines is set.
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
		case c == '\\':
			n := escapedBlank(s, i, lines)
			if n == 0 {
				return i
			}
			i += n
		default:
			return i
		}
	}
	return i
}

// escapedBlank returns the length of the escape of a blank at s[i], as many
// backslashes as it may have; 0 if there is none.
func escapedBlank(s string, i int, lines bool) int {
	j := backslashes(s, i)
	switch at(s, j) {
	case 't':
		return j + 1 - i
	case 'n', 'r':
		if lines {
			return j + 1 - i
		}
	case 'u':
		if r, n := unicodeEscape(s, i); isSpace(r) || invisible(r) {
			return n
		}
	}
	if e := colorEnd(s, i); e > i {
		return e - i
	}
	return 0
}

// lineBreak returns the end of the line end at s[i], which may be escaped; i
// if there is none.
func lineBreak(s string, i int) int {
	for _, c := range [...]byte{'r', 'n'} {
		switch j := backslashes(s, i); {
		case j > i && at(s, j) == c:
			i = j + 1
		case c == 'r' && at(s, i) == '\r', c == 'n' && at(s, i) == '\n':
			i++
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
		case c == 't' && e > 1 && s[e-2] == '\\':
			e = backslashesBefore(s, e-1)
		case is(c, hexdigit) && e > 5 && s[e-5] == 'u' && s[e-6] == '\\':
			if r, _ := unicodeEscape(s, e-6); !isSpace(r) && !invisible(r) {
				return e
			}
			e = backslashesBefore(s, e-5)
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
	if at(s, i) == '\\' {
		j = backslashes(s, i)
		for _, esc := range escEscapes {
			if hasFold(s, j, esc) {
				j += len(esc)
				break
			}
		}
	} else if at(s, i) != 0x1b {
		return i
	}
	if at(s, j) != '[' {
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
	if j > 0 && s[j] == '[' {
		if b := escStart(s, j); b < j {
			return b
		}
	}
	return e
}

// escEscapes are the ways to escape ESC, without the backslash.
var escEscapes = [...]string{"u001b", "x1b", "033"}

// escStart returns the start of the ESC, or of an escape of it, that ends at
// s[:e], or e.
func escStart(s string, e int) int {
	if at(s, e-1) == 0x1b {
		return e - 1
	}
	for _, esc := range escEscapes {
		if b := e - len(esc); at(s, b-1) == '\\' && hasFold(s, b, esc) {
			return backslashesBefore(s, b)
		}
	}
	return e
}
