package mask

import "strings"

// markup handles '>', spelled in n bytes, at s[i]: the text of an XML element
// is masked if the element's name is sensitive, or the name that an attribute
// gives it: <entry key="password">x</entry>.
func (z *scan) markup(i, n int) int {
	s := z.s
	if i < 2 {
		return i + n
	}
	nameEnd, named := i, false
	if q := quoteBefore(s, i); q.text != "" {
		// <password type="text">
		from := max(0, i-2*maxKey)
		open := strings.LastIndexByte(s[from:i], '<')
		if open < 0 {
			return i + n
		}
		nameEnd = run(s, from+open+1, keyByte)
		named = z.namesKey(s[nameEnd:i])
		if at(s, nameEnd) == ':' {
			nameEnd = run(s, nameEnd+1, keyByte)
		}
	} else if !is(s[i-1], alnum|under|dash) {
		return i + n
	}
	b := nameEnd
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
	if b >= nameEnd || !named && (!z.m.keys.maybe(s, b, nameEnd) || z.m.keys.judge(s[b:nameEnd])&secretKey == 0) {
		return i + n
	}
	from := i + n
	t := z.within(from)
	if c := "<![CDATA["; has(t, skipBlanks(t, from, true), c) {
		from = skipBlanks(t, from, true) + len(c)
		if e := strings.Index(t[from:], "]]>"); e >= 0 {
			return z.secret(from, from+e)
		}
		return z.secret(from, len(t)) // Cut off.
	}
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
	if named && (!has(t, e, "</") || !has(t, e+2, s[b:nameEnd])) {
		return i + n // A form's field, say, and text beside it.
	}
	if e == len(t) && e == len(s) {
		e = lineEnd(s, from) // Cut off.
	}
	if strings.TrimSpace(s[from:e]) == "" {
		return e
	}
	return z.secret(from, e)
}

// namesKey reports whether one of an element's attributes is name="K" or
// key="K", and K is sensitive.
func (z *scan) namesKey(attrs string) bool {
	for _, name := range [...]string{" name=", " key="} {
		if _, v, ok := strings.Cut(attrs, name); ok {
			b := len(quoteAt(v, 0).text)
			if e := run(v, b, keyByte); e > b && z.m.keys.judge(v[b:e])&secretKey != 0 {
				return true
			}
		}
	}
	return false
}
