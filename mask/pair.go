package mask

import (
	"strings"
	"unicode/utf8"
)

// A key is what stands before a separator.
type key struct {
	start, end int   // The key without its quotes and brackets.
	outer      int   // Where its quotes and brackets start.
	quote      quote // Its quotes, if any.
	verdict    verdict
}

// noKey is a quick test: most separators follow a word that is no key of ours.
func (z *scan) noKey(e int) bool {
	s := z.s
	c := s[e-1]
	for c == ' ' && e > 1 {
		e--
		c = s[e-1]
	}
	if c == '"' || c == '\'' {
		if e = backslashesBefore(s, e-1); e == 0 {
			return true
		}
		c = s[e-1]
	}
	if is(c, digit) {
		if (c == '2' || c == '7') && at(s, e-2) == '2' {
			return false // A spelled-out quote: %22.
		}
		for is(c, digit) && e > 1 {
			e--
			c = s[e-1]
		}
	}
	if !is(c, letter) {
		return !is(c, keyEnd) || c == ' ' || c == '\''
	}
	return !z.m.keys.maybe(s, max(0, e-8), e)
}

// readKey finds the key that ends at s[:e], before a separator, and judges it.
// It returns false if there is none.
func (z *scan) readKey(e int) (key, bool) {
	s := z.s
	var k key
	e = skipBlanksBack(s, e)
	bracket := false
	switch {
	case e > 0 && s[e-1] == ']':
		bracket = true
		e--
	case e > 2 && s[e-3] == '%' && hasFold(s, e-2, "5d"):
		bracket = true
		e -= 3
		if e > 2 && has(s, e-2, "25") {
			e -= 2
		}
	}
	k.quote = quoteBefore(s, e)
	e -= len(k.quote.text)
	if k.quote.text != "" {
		e = skipBlanksBack(s, e)
	}
	k.end = e
	// The key proper, from its end.
	limit := max(0, e-maxKey)
	i := e
	for i > limit {
		c := s[i-1]
		if is(c, keyByte) {
			i--
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeLastRuneInString(s[limit:i])
		if !invisible(r) && !isSpace(r) {
			break
		}
		i -= n
	}
	if i == e {
		return key{}, false
	}
	k.start, k.outer = i, i
	// A terminal color before it, or the letter of an escape, is not part of
	// it.
	if at(s, i-1) == '[' {
		if m := colorEnd(s, escStart(s, i-1)); m > i && m < e {
			k.start, k.outer = m, m
			i = m
		}
	}
	if at(s, i-1) == '%' {
		// %3Ftoken%3D: the escape before it is not part of it either.
		if _, _, n := percentEscape(s, i-1); n > 0 && i-1+n < e {
			i += n - 1
			k.start, k.outer = i, i
		}
	}
	if at(s, i-1) == '\\' && s[i] == 'u' && k.quote.text != "" {
		if text, b := decodeKey(s, e, k.quote); text != "" {
			k.start, k.outer = b, b-len(k.quote.text)
			k.verdict = z.m.keys.judge(text)
			return k, k.outer >= 0
		}
	}
	prev := at(s, i-1)
	text := s[i:e]
	if n := escapeLetters(text); prev == '\\' && n > 0 && k.quote.text == "" {
		k.verdict = z.m.keys.judge(text)
		if v := z.m.keys.judge(text[n:]); v&secretKey != 0 {
			k.verdict = v
			k.start += n
			k.outer += n
		}
	} else {
		k.verdict = z.judge(text)
	}
	if k.verdict == 0 && has(text, 0, "-D") {
		k.verdict = z.m.keys.judge(text[2:]) // Java's -Dpasswd=x.
	}
	if k.verdict == 0 && prev == ' ' {
		// "API key: x", "session id: x": a key of several words.
		j := i
		for range 2 {
			j--
			for j > limit && is(s[j-1], keyByte) {
				j--
			}
			if at(s, j-1) != ' ' || j <= limit {
				break
			}
		}
		if j >= 0 && j < i {
			if v := z.m.keys.judge(s[j:e]); v&secretKey != 0 {
				k.verdict = v
			}
		}
	}
	switch {
	case k.quote.text != "" && strings.HasSuffix(s[:i], k.quote.text):
		k.outer = i - len(k.quote.text)
	case k.quote.text != "":
		// A quote closes what did not start with the key: "the password":
	}
	if bracket && at(s, k.outer-1) != '[' && k.quote.text == "" && !hasFold(s, k.outer-3, "%5b") && !hasFold(s, k.outer-2, "5b") {
		return key{}, false
	}
	return k, true
}

// escapeLetters returns how many letters at the start of t, after a backslash,
// may belong to an escape, if there are more.
func escapeLetters(t string) int {
	n := 0
	switch {
	case strings.IndexByte("nrtbfv", t[0]) >= 0:
		n = 1
	case t[0] == 'u':
		n = 5
	case t[0] == 'x':
		n = 3
	}
	if n >= len(t) {
		return 0
	}
	return n
}

// separator handles '=' and ':' at s[i].
func (z *scan) separator(i int) int {
	s := z.s
	if s[i] == ':' {
		switch next := at(s, i+1); {
		case next == '/' && at(s, i+2) == '/':
			return z.url(i, i+3)
		case next == '\\':
			if j := escapedSlashes(s, i+1); j > 0 {
				return z.url(i, j)
			}
		case next == ':':
			return i + 2 // A path: std::auth::Token.
		case is(next, digit) && is(at(s, i-1), digit):
			return i + 1 // A time, a port, a ratio.
		case next == 'A' && is(at(s, i-1), digit):
			if end := z.telegram(i); end > 0 {
				return end
			}
		}
	}
	if i == 0 || z.noKey(i) {
		return z.fix(i)
	}
	k, ok := z.readKey(i)
	if !ok {
		return i + 1
	}
	// The rest of a separator of several characters.
	j := i + 1
	switch {
	case s[i] == ':' && at(s, j) == '=', s[i] == '=' && (at(s, j) == '>' || at(s, j) == '='):
		j++
	case s[i] == '=' && at(s, j) == '\\':
		if r, n := unicodeEscape(s, j); r == '>' {
			j += n
		}
	}
	return z.pair(&k, i, j, 0)
}

// escapedSeparator handles a separator that is spelled as an escape of n bytes
// at s[i]: %3D, \u003d.
func (z *scan) escapedSeparator(i, n int) int {
	s := z.s
	_, depth, m := percentEscape(s, i)
	if m > 0 {
		// %3A%2F%2F
		j := i + n
		if b, _, a := percentEscape(s, j); b == '/' {
			if b, _, c := percentEscape(s, j+a); b == '/' {
				return z.url(i, j+a+c)
			}
		}
	}
	e, end := i, i+n
	if depth > 0 {
		e = encodedBlanksBefore(s, i, depth)
		if b, d, n := percentEscape(s, end); d == depth && (b == '=' || b == '>') {
			end += n // := and =>
		}
		end = encodedBlanks(s, end, depth)
	}
	if e > 0 && (hasFold(s, e-2, "5d") || !z.noKey(e)) {
		if k, ok := z.readKey(e); ok {
			return z.pair(&k, i, end, depth)
		}
	}
	return i + n
}

// pair handles the value, after a separator s[sep:i] that was percent-encoded
// depth times. It returns where to go on.
func (z *scan) pair(k *key, sep, i, depth int) int {
	s := z.s
	if k.verdict&secretKey == 0 {
		return z.namedValue(k, i, depth)
	}
	if z.isPath(k, sep, i) {
		return i
	}
	colon := s[sep] == ':'
	v := skipBlanks(s, i, colon && k.quote.mark == '"')
	if v >= len(s) {
		return i
	}
	if n := lineBreak(s, v); n > v && (s[v] != '\\' || at(s, n) == ' ' || at(s, n) == '-') {
		if colon {
			return z.indented(k, i, v)
		}
		return i
	}
	if colon && (s[v] == '!' || s[v] == '&') && at(s, v-1) == ' ' {
		// YAML's tags and anchors: !!str x, &name x.
		e := run(s, run(s, v, local&^alnum), word)
		if w := skipBlanks(s, e, false); w > e && w < len(s) && !is(s[w], blank) {
			v = w
		}
	}
	return z.value(k, sep, v, depth)
}

// isPath reports whether what looks like a key is the last part of a path or
// the like: "open /run/secrets/token: permission denied", PWD=/home/me.
func (z *scan) isPath(k *key, sep, i int) bool {
	s := z.s
	switch at(s, k.outer-1) {
	case '/':
		if s[sep] == ':' {
			// cmdkey /pass:x is a flag.
			return at(s, k.outer-2) != 0 && !is(at(s, k.outer-2), blank) || at(s, i) == 0 || is(at(s, i), blank)
		}
	case '\\':
		if s[sep] == ':' && is(at(s, i), blank) && is(at(s, k.outer-2), word) {
			return true
		}
	}
	if name := s[k.start:k.end]; (name == "PWD" || name == "OLDPWD") && (at(s, i) == '/' || at(s, i) == '~') {
		return true
	}
	return false
}

// namedValue handles a pair whose key is no secret's, but whose value may be
// one's name: {"name":"DB_PASSWORD","value":"x"}, {Key:password Value:x}.
func (z *scan) namedValue(k *key, i, depth int) int {
	s := z.s
	if !hasFold(s, k.end-5, "value") || k.end-k.start > 6 && is(at(s, k.end-6), alnum) {
		return i
	}
	// Look back for the name, a little way and not over a bracket.
	from, limit, lines := k.outer, max(z.last, z.lastValue, k.outer-nameDistance), 0
	z.lastValue = i
	for from > limit && lines < 3 && strings.IndexByte("{}[]", s[from-1]) < 0 {
		from--
		if s[from] == '\n' {
			lines++
		}
	}
	head := s[from:k.outer]
	if depth > 0 {
		head = percentDecoded(head)
	}
	for _, name := range [...]string{"name", "key"} {
		for p := lastFold(head, name); p >= 0; p = lastFold(head[:p], name) {
			if p > 0 && is(head[p-1], alnum) || !z.names(head[p+len(name):]) {
				continue
			}
			k.verdict |= secretKey
			v := skipBlanks(s, i, k.quote.mark == '"')
			if v >= len(s) || is(s[v], blank) {
				return i
			}
			return z.value(k, i-1, v, depth)
		}
	}
	return i
}

// names reports whether s, after the word "name" or "key", is a separator and
// a sensitive key.
func (z *scan) names(s string) bool {
	p := skipBlanks(s, len(quoteAt(s, 0).text), false)
	if c := at(s, p); c != ':' && c != '=' {
		return false
	}
	p = skipBlanks(s, p+1, false)
	p += len(quoteAt(s, p).text)
	e := run(s, p, keyByte)
	return e > p && z.m.keys.judge(s[p:e])&secretKey != 0
}

// nameDistance is how far before a value its name may be.
const nameDistance = 160

// lastFold returns the last place of the lower-case text p in s, in any case.
func lastFold(s, p string) int {
	for i := len(s) - len(p); i >= 0; i-- {
		if hasFold(s, i, p) {
			return i
		}
	}
	return -1
}

// tuple handles '(' at s[i]: of two strings, the second is masked if the first
// is a sensitive key, as in header.Set("X-Api-Key", "x").
func (z *scan) tuple(i int) int {
	s := z.s
	q := quoteAt(s, i+1)
	if q.text == "" {
		return i + 1
	}
	b := i + 1 + len(q.text)
	e := run(s, b, keyByte)
	if e == b || !has(s, e, q.text) || !z.m.keys.maybe(s, b, e) || z.m.keys.judge(s[b:e])&secretKey == 0 {
		return i + 1
	}
	v := skipBlanks(s, e+len(q.text), false)
	if at(s, v) != ',' {
		return i + 1
	}
	v = skipBlanks(s, v+1, false)
	if quoteAt(s, v).text != q.text {
		return i + 1
	}
	from := v + len(q.text)
	to, closed := z.closing(q, z.within(v), from)
	if !closed || at(s, skipBlanks(s, to+len(q.text), false)) != ')' {
		return i + 1
	}
	return z.secret(from, to)
}

// decodeKey returns the text of a quoted key that ends at s[:e] with its
// escapes \u0041 resolved, and its start; "" if there are none.
func decodeKey(s string, e int, q quote) (string, int) {
	opening := q.text
	if q.esc > 0 {
		opening = opening[q.esc:]
	}
	limit := max(0, e-4*maxKey)
	b := strings.LastIndex(s[limit:e], opening)
	if b < 0 {
		return "", 0
	}
	b += limit + len(opening)
	if strings.ContainsAny(s[b:e], " \t\r\n") {
		return "", 0
	}
	var out []byte
	for i := b; i < e; {
		if r, n := unicodeEscape(s[:e], i); n > 0 {
			out = utf8.AppendRune(out, r)
			i += n
			continue
		}
		out = append(out, s[i])
		i++
	}
	return string(out), b
}
