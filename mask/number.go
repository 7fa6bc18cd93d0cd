package mask

import (
	"strings"
	"unicode/utf8"
)

// number handles the digits at s[i], which no letter or digit precedes, and
// returns where to go on.
func (z *scan) number(i int) int {
	s := z.s
	j := i + 1
	for j < len(s) && classes[s[j]]&digit != 0 {
		j++
	}
	if j < len(s) && classes[s[j]]&letter != 0 {
		// A word that starts with digits.
		e := run(s, j, alnum)
		if i+2 < len(s) && wordStarts.has(s[i], s[i+1], s[i+2]) {
			if k := z.word(i); k > i {
				return k
			}
		}
		if e-i >= longWord {
			return z.long(i, e)
		}
		return e
	}
	switch n := j - i; {
	case n == 3:
		if j+8 <= len(s) && (s[j] == '-' || s[j] == ' ' || s[j] >= utf8.RuneSelf) {
			if e := z.ssn(i, j); e > 0 {
				return e
			}
		}
	case n == 4 || n == 6:
		// A separator and three more digits at least, or a longer separator.
		if j+4 < len(s) && (is(s[j+1], digit) && is(s[j+2], digit) && is(s[j+3], digit) || s[j] >= utf8.RuneSelf || s[j] == '%') {
			if e := z.groupedCard(i); e > 0 {
				return e
			}
		}
	case n >= minCard && n <= maxCard:
		if isCard(s[i:j]) && !z.isFraction(i, j) && !z.isIdentifier(i) {
			return z.maskNumber(i, j)
		}
	}
	if s[i] == '1' && has(s, i, "1//0") {
		if e := z.word(i); e > i {
			return e
		}
	}
	return j
}

// isFraction reports whether the digits s[i:j] are a part of a decimal number
// or of a negative one.
func (z *scan) isFraction(i, j int) bool {
	s := z.s
	switch {
	case at(s, i-1) == '.' && is(at(s, i-2), digit):
		return true
	case at(s, i-1) == '-' && !is(at(s, i-2), alnum):
		return true
	}
	return at(s, j) == '.' && is(at(s, j+1), digit)
}

// isIdentifier reports whether the number at s[i] stands under a key that names
// an identifier, a time or the like, alone or in a list of numbers.
func (z *scan) isIdentifier(i int) bool { return z.underID(i) || z.amongIDs(i) }

// A numberList is the last list of numbers, [1, 2] or ["1","2"], that was
// looked at: it is read once, whatever it holds.
type numberList struct {
	end int // It was read to here, a number's start.
	ids bool
}

func (z *scan) amongIDs(i int) bool {
	s := z.s
	b := i
	for b > z.list.end && (is(s[b-1], digit|blank) || strings.IndexByte(`,"\`, s[b-1]) >= 0) {
		b--
	}
	if b > z.list.end || b == 0 {
		z.list.ids = at(s, b-1) == '[' && z.underID(b-1)
	}
	z.list.end = i
	return z.list.ids
}

func (z *scan) underID(i int) bool {
	s := z.s
	e := skipBlanksBack(s, i)
	if q := quoteBefore(s, e); q.text != "" {
		e = skipBlanksBack(s, e-len(q.text))
	}
	switch c := at(s, e-1); {
	case c == '=' || c == ':':
		e--
	case hasFold(s, e-3, "%3d") || hasFold(s, e-3, "%3a"):
		e -= 3
	default:
		return false
	}
	e = skipBlanksBack(s, e)
	e -= len(quoteBefore(s, e).text)
	b := e
	for b > 0 && b > e-maxKey && is(s[b-1], keyByte) {
		b--
	}
	return b < e && z.m.keys.identifies(s[b:e])
}

// maskNumber masks the number s[i:j]. As a value of JSON it becomes a string.
func (z *scan) maskNumber(i, j int) int {
	s := z.s
	text := Text
	p := i
	for p > 0 && is(s[p-1], blank) {
		p--
	}
	n := j
	for n < len(s) && is(s[n], blank) {
		n++
	}
	if n == len(s) || s[n] == ',' || s[n] == ']' || s[n] == '}' {
		switch at(s, p-1) {
		case ':':
			z.nest.to(s, i)
			if q := quoteBefore(s, skipBlanksBack(s, p-1)); q.text != "" && (q.esc != 0 || !z.nest.inside) {
				text = q.text + Text + q.text
			}
		case '[', ',':
			z.nest.to(s, i)
			switch {
			case n == len(s):
			case !z.nest.inside:
				if z.nest.open > 0 {
					text = `"` + Text + `"`
				}
			case z.nest.lastEsc > 0:
				q := `\\\\\\\\`[:min(z.nest.lastEsc, 8)] + `"`
				text = q + Text + q
			}
		}
	}
	return z.mask(i, j, text)
}

// ssn masks a US social security number whose first group is s[i:j], and
// returns its end; 0 if it is none.
func (z *scan) ssn(i, j int) int {
	s := z.s
	sep := groupSep(s, j)
	group := j + len(sep)
	serial := group + 2 + len(sep)
	if sep == "" || run(s, group, digit) != group+2 || !has(s, group+2, sep) || run(s, serial, digit) != serial+4 {
		return 0
	}
	e := serial + 4
	if is(at(s, e), word) || at(s, e) == '-' && (is(at(s, e+1), alnum) || has(s, e+1, Text)) || at(s, e) == '.' && is(at(s, e+1), digit) {
		return 0
	}
	if c := at(s, i-1); (c == '-' || c == '.') && is(at(s, i-2), alnum) || c == '_' {
		return 0
	}
	if !validSSN(s[i:j], s[group:group+2], s[serial:e]) {
		return 0
	}
	if sep == " " {
		// With blanks it is one only where the text says so.
		head := s[max(0, i-24):i]
		if lastFold(head, "ssn") < 0 && lastFold(head, "social") < 0 {
			return 0
		}
	}
	return z.secret(i, e)
}

// validSSN applies the ranges of the Social Security Administration: no area
// 000, 666 or 900-999, no group 00, no serial 0000.
//
// Source: https://www.ssa.gov/employer/randomization.html
func validSSN(area, group, serial string) bool {
	return area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000"
}
