package value

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// cutBack is how far Cut looks back for a place between words. It is longer
// than a private key in text form.
const cutBack = 4096

// Cut returns the first n bytes of s, or less, with a note of how many are
// missing. It cuts where no secret can be cut in two, between words and not
// inside a row of digits: half a token would no longer look like one to the
// masker that comes later. A string of n bytes or less comes back as it is.
// The result does not share memory with s.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return Truncate(s, cutEnd(s, n))
}

// cutEnd returns where Cut cuts s, which is longer than n.
func cutEnd(s string, n int) int {
	end := n
	for end > max(0, n-cutBack) && !isBreak(s[end-1]) {
		end--
	}
	for end > max(0, n-cutBack) && isDigitRow(s[end-1]) {
		end--
	}
	return end
}

// Truncate is Cut at n exactly, but for a rune that would be split. It is for
// text that is masked.
func Truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	var b strings.Builder
	b.Grow(n + len(MarkTruncated) + 32)
	b.WriteString(s[:n])
	b.WriteString(MarkTruncated)
	b.WriteString(strconv.Itoa(len(s) - n))
	b.WriteString(" bytes more")
	return b.String()
}

func isBreak(c byte) bool {
	switch c {
	case ' ', '\n', '\r', '\t', ',', ';', '{', '}', '[', ']', '(', ')', '<', '>', '|', '"', '\'', '`':
		return true
	}
	return false
}

func isDigitRow(c byte) bool { return '0' <= c && c <= '9' || c == ' ' || c == '-' }

// Valid returns s with U+FFFD for each byte that is not UTF-8: what the JSON
// lines show of it. Keys are made valid before they are compared, as two of
// them may become one.
func Valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
