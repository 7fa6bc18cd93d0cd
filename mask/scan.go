package mask

import "strings"

// A scan is one pass over a text.
type scan struct {
	m     *Masker
	s     string
	dst   []byte
	base  int // What dst held before.
	last  int // s[:last] is done: it is in dst, masked, if dirty.
	dirty bool

	unsure bool // The masked text must be scanned again.

	// What follows is found out only where something is masked, and once for
	// each part of the text, so that the whole stays linear.
	nest nesting
	// The string around s[strFrom:strEnd] ends at strEnd; see within.
	strFrom, strEnd int
	auth            authorities
	list            numberList
	mailFrom        int // The end of the last '@' that may be an address's.
	jwt             jwtRun
	// The last key that was judged, and how: keys repeat.
	judged  string
	verdict verdict
	// The commands on the line of s[:commandAt].
	commandAt int
	commands  uint32
	// Where the last pair with the key "value" was.
	lastValue int
	fuel      int // Bytes that looks ahead may still read in vain.
}

// maxLook is how far a look may go that is not paid for with fuel.
const maxLook = 256

// run scans the text.
func (z *scan) run() {
	s := z.s
	starts := wordStarts
	for i := 0; i < len(s); {
		switch actions[s[i]] {
		case onLetter:
			j := i + 1
			for j < len(s) && classes[s[j]]&alnum != 0 {
				j++
			}
			if i+2 < len(s) && starts.has(s[i], s[i+1], s[i+2]) {
				if k := z.word(i); k > i {
					i = k
					continue
				}
			}
			if j-i >= longWord {
				i = z.long(i, j)
				continue
			}
			i = j
		case onDigit:
			i = z.number(i)
		case onSep:
			if i > 0 && s[i] == '=' && !is(s[i-1], keyEnd) {
				i++
				continue
			}
			if i >= 43 && s[i] == '=' && (s[i-10] == '+' || s[i-10] == 'A') {
				if k := z.azureKey(i); k > 0 {
					i = k
					continue
				}
			}
			i = z.separator(i)
		case onAt:
			if i == 0 || s[i-1] == '@' || is(s[i-1], blank) {
				i++
				continue
			}
			i = z.atSign(i)
		case onPercent:
			i = z.percent(i)
		case onEscape:
			i = z.escape(i)
		case onDash:
			i = z.dash(i)
		case onMarkup:
			i = z.markup(i, 1)
		case onParen:
			i = z.tuple(i)
		case onTilde:
			i = z.tilde(i)
		case skip:
			i++
		}
	}
	if z.dirty {
		z.dst = append(z.dst, s[z.last:]...)
	}
}

// mask replaces s[from:to] by text and returns to. What was done already stays
// done: from is moved up to it.
func (z *scan) mask(from, to int, text string) int {
	if from < z.last {
		from = z.last
		z.unsure = true
	}
	if from >= to {
		return to
	}
	if from > 0 && classes[z.s[from-1]]&around == 0 || to < len(z.s) && classes[z.s[to]]&around == 0 {
		z.unsure = true
	}
	if !z.dirty && cap(z.dst)-len(z.dst) < len(z.s) {
		grown := make([]byte, len(z.dst), len(z.dst)+len(z.s)+2*len(Text))
		copy(grown, z.dst)
		z.dst = grown
	}
	z.dst = append(z.dst, z.s[z.last:from]...)
	z.dst = append(z.dst, text...)
	z.last = to
	z.dirty = true
	return to
}

// secret masks s[from:to] unless it is the mask text already.
func (z *scan) secret(from, to int) int {
	if to-from == len(Text) && z.s[from:to] == Text {
		return to
	}
	return z.mask(from, to, Text)
}

// judge is [keyset.judge].
func (z *scan) judge(key string) verdict {
	if key != z.judged {
		z.judged, z.verdict = key, z.m.keys.judge(key)
	}
	return z.verdict
}

// escape handles a backslash: the escape and the character it makes up are
// stepped over, so that the n of "\n" is not taken for a word's first letter.
func (z *scan) escape(i int) int {
	s := z.s
	j := backslashes(s, i+1)
	switch c := at(s, j); c {
	case 'n', 'r', 't', 'b', 'f', 'v':
		// It may also be a path: C:\token. Both readings are tried.
		if j+2 < len(s) && wordStarts.has(s[j], s[j+1], s[j+2]) {
			if k := z.word(j); k > j {
				return k
			}
		}
		return j + 1
	case 'u':
		if r, n := unicodeEscape(s, i); n > 0 {
			switch r {
			case '=', ':':
				return z.escapedSeparator(i, n)
			case '>':
				return z.markup(i, n)
			case '@':
				return z.escapedAt(i, n)
			}
			return i + n
		}
	}
	return j
}

// glued reports whether a letter, digit or '_' stands before s[i] that is not
// the end of an escape, \n or %20.
func glued(s string, i int) bool {
	c := at(s, i-1)
	if !is(c, word) {
		return false
	}
	if at(s, i-2) == '\\' && strings.IndexByte("nrtbfv", c) >= 0 {
		return false
	}
	return at(s, i-3) != '%' || !is(c, hexdigit) || !is(at(s, i-2), hexdigit)
}

// unicodeEscape reads an escape \u0041, of any number of backslashes, at s[i]
// and returns its length; 0 if there is none.
func unicodeEscape(s string, i int) (r rune, n int) {
	j := backslashes(s, i)
	if j == i || at(s, j) != 'u' || len(s)-j < 5 {
		return 0, 0
	}
	for _, c := range []byte(s[j+1 : j+5]) {
		d, ok := hexValue(c)
		if !ok {
			return 0, 0
		}
		r = r<<4 | rune(d)
	}
	return r, j + 5 - i
}

func hexValue(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// percentEscape reads a percent escape at s[i], %3D or %253D and so on, and
// returns the byte, its depth (1 for %3D) and its length; 0 if there is none.
func percentEscape(s string, i int) (b byte, depth, n int) {
	if at(s, i) != '%' {
		return 0, 0, 0
	}
	j := i + 1
	depth = 1
	for has(s, j, "25") && j+4 <= len(s) && is(s[j+2], hexdigit) && is(s[j+3], hexdigit) && depth < 8 {
		j += 2
		depth++
	}
	hi, ok1 := hexValue(at(s, j))
	lo, ok2 := hexValue(at(s, j+1))
	if !ok1 || !ok2 {
		return 0, 0, 0
	}
	return hi<<4 | lo, depth, j + 2 - i
}

// percent handles a percent sign.
func (z *scan) percent(i int) int {
	if s := z.s; at(s, i+1) == 'B' && at(s, run(s, i+2, digit)) == '^' {
		return i + 2 // A card's magnetic stripe, %B4111111111111111^DOE/JOHN^...
	}
	b, _, n := percentEscape(z.s, i)
	if n == 0 {
		return i + 1
	}
	switch b {
	case '=', ':':
		return z.escapedSeparator(i, n)
	case '@':
		return z.escapedAt(i, n)
	}
	return i + n
}
