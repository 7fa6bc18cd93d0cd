package mask

import "strings"

// markup handles '>', spelled in n bytes, at s[i]: the text of an XML element
// is masked if the element's name is sensitive.
func (z *scan) markup(i, n int) int {
	s := z.s
	if i < 2 || !is(s[i-1], alnum|under|dash) {
		return i + n
	}
	b := i
	for b > 0 && b > i-maxKey && is(s[b-1], keyByte) {
		b--
	}
	if at(s, b-1) == ':' { // A name space.
		for b--; b > 0 && b > i-maxKey && is(s[b-1], keyByte); {
			b--
		}
	}
	switch {
	case at(s, b-1) == '<':
	case has(s, b-5, "u003c"), has(s, b-5, "u003C"):
	case b+5 <= i && at(s, b-1) == '\\' && hasFold(s, b, "u003c"):
		b += 5
	default:
		return i + n
	}
	if b >= i || !z.m.keys.maybe(s, b, i) || z.m.keys.judge(s[b:i])&secretKey == 0 {
		return i + n
	}
	from := i + n
	t := z.within(from)
	e := len(t)
	if k := strings.IndexByte(t[from:], '<'); k >= 0 {
		e = from + k
	}
	if k := strings.Index(t[from:e], `\u003c`); k >= 0 {
		e = from + k
		for e > from && t[e-1] == '\\' {
			e--
		}
	}
	if e == len(t) && e == len(s) {
		e = lineEnd(s, from) // Cut off.
	}
	if strings.TrimSpace(s[from:e]) == "" {
		return e
	}
	return z.secret(from, e)
}
