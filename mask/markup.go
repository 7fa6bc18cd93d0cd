package mask

import "strings"

// markup handles '>', spelled in n bytes, at s[i]: the text of an XML element
// is masked if the element's name is sensitive.
func (z *scan) markup(i, n int) int {
	s := z.s
	if i < 2 {
		return i + n
	}
	b := i
	if q := quoteBefore(s, i); q.text != "" {
		// <password type="text">
		open := strings.LastIndexByte(s[max(0, i-maxKey):i], '<')
		if open < 0 {
			return i + n
		}
		b = max(0, i-maxKey) + open + 1
		b = run(s, b, keyByte)
	} else if !is(s[i-1], alnum|under|dash) {
		return i + n
	}
	nameEnd := b
	for b > 0 && b > nameEnd-maxKey && is(s[b-1], keyByte) {
		b--
	}
	if at(s, b-1) == ':' { // A name space.
		for b--; b > 0 && b > nameEnd-2*maxKey && is(s[b-1], keyByte); {
			b--
		}
	}
	switch {
	case at(s, b-1) == '<':
	case has(s, b-5, "u003c"), has(s, b-5, "u003C"):
	case b+5 <= nameEnd && at(s, b-1) == '\\' && hasFold(s, b, "u003c"):
		b += 5
	default:
		return i + n
	}
	if b >= nameEnd || !z.m.keys.maybe(s, b, nameEnd) || z.m.keys.judge(s[b:nameEnd])&secretKey == 0 {
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
