package record

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// safe tells which ASCII bytes stand for themselves in a JSON string of ours.
var safe = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// escaped tells whether a rune of valid UTF-8 beyond ASCII is escaped: those
// that a terminal or an editor acts on instead of showing them. C1 controls
// start terminal sequences, U+2028 and U+2029 break lines, the bidi controls
// reorder what is read, U+FEFF is invisible.
func escaped(r rune) bool {
	switch {
	case r < 0xa0:
		return true
	case r < 0x061c:
		return false
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word returns eight bytes of s from i on.
func word(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// unsafeBytes returns a word that is not 0 if one of the eight bytes of w is
// not safe. The high bit of a byte is set where it was set, where the byte is
// below a space, or where it is a quote, a backslash or DEL.
func unsafeBytes(w uint64) uint64 {
	return (w | (w - ones*' ') | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones) | ((w ^ ones*0x7f) - ones)) & highs
}

// isClean tells whether s stands for itself: it is safe ASCII.
func isClean(s string) bool {
	if len(s) < 8 {
		for i := range len(s) {
			if !safe[s[i]] {
				return false
			}
		}
		return true
	}
	last := len(s) - 8
	for i := 0; i < last; i += 8 {
		if unsafeBytes(word(s, i)) != 0 {
			return false
		}
	}
	return unsafeBytes(word(s, last)) == 0 // It may overlap the one before.
}

// clean returns the end of the clean bytes of s from i on.
func clean(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if unsafeBytes(word(s, i)) != 0 {
			break
		}
	}
	for i < len(s) && safe[s[i]] {
		i++
	}
	return i
}

// appendString appends s as a JSON string.
func appendString(dst []byte, s string) []byte {
	if isClean(s) {
		n := len(dst)
		if end := n + len(s) + 2; end <= cap(dst) {
			dst = dst[:end]
			dst[n] = '"'
			copy(dst[n+1:], s)
			dst[end-1] = '"'
			return dst
		}
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	dst = append(dst, '"')
	dst = appendEscaped(dst, s, 0)
	return append(dst, '"')
}

// appendEscaped appends s, whose first i bytes are clean, without quotes.
func appendEscaped(dst []byte, s string, i int) []byte {
	start := 0
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if safe[c] {
				i = clean(s, i)
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendControl(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			start = i
			continue
		}
		if escaped(r) {
			dst = append(dst, s[start:i]...)
			dst = append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
			i += size
			start = i
			continue
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// appendControl appends the escape of an ASCII byte that is not safe.
func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// escapedLen returns the length of s as a JSON string, without quotes, and how
// many bytes of s, up to the end of a rune, make at most limit bytes of it.
func escapedLen(s string, limit int) (total, fit int) {
	for i := 0; i < len(s); {
		var n, size int
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			r, width := utf8.DecodeRuneInString(s[i:])
			n, size = width, width
			switch {
			case r == utf8.RuneError && width == 1:
				n = len("\ufffd")
			case escaped(r):
				n = 6
			}
		case safe[c]:
			end := clean(s, i)
			n, size = end-i, end-i
			if total <= limit && total+n > limit {
				fit = i + limit - total
			}
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t', c == '\b', c == '\f':
			n, size = 2, 1
		default:
			n, size = 6, 1
		}
		i += size
		total += n
		if total <= limit {
			fit = i
		}
	}
	return total, fit
}
