package mask

import (
	"strings"
	"unicode/utf8"
)

// value masks the value at s[v], of a sensitive key, and returns where to go
// on.
func (z *scan) value(k *key, sep, v, depth int) int {
	s := z.s
	if has(s, v, Text) && (v+len(Text) == len(s) || !is(s[v+len(Text)], word)) {
		return v + len(Text)
	}
	q := quoteAt(s, v)
	if q.text == "" && k.quote.text != "" && has(s, v, k.quote.text) {
		q = k.quote
	}
	if q.text == "" && is(s[v], letter) {
		// Python's b'..', C#'s @"..".
		n := 1
		if is(at(s, v+1), letter) {
			n = 2
		}
		if p := quoteAt(s, v+n); p.text != "" && p.esc <= 0 && strings.ContainsAny(s[v:v+1], "bBrRuUfFL") {
			q = p
			v += n
		}
	}
	if q.text != "" {
		return z.quoted(k, v, q)
	}
	if s[v] == '<' && at(s, v+1) == '/' {
		return v // The end of an element.
	}
	if strings.IndexByte(",;}])&", s[v]) >= 0 {
		b := bareValue{s: z.within(v), z: z, depth: depth}
		if b.delimits(v+1) || s[v] == '&' && (depth > 0 || z.inQuery(k)) {
			z.unsure = true
			return v // An empty value.
		}
	}
	if s[sep] == ':' {
		if e := z.block(k, v); e > 0 {
			return e
		}
	}
	if j := afterType(s, v); j > 0 {
		k.quote = quote{}
		return z.value(k, sep, j, depth)
	}
	from, e := z.bare(k, sep, v, depth)
	if e <= from || nullish(s[from:e]) {
		return max(e, v)
	}
	if s[from:e] == Text {
		return e
	}
	if from > v {
		return z.mask(from, e, Text)
	}
	return z.mask(v, e, z.wrap(k, s[sep]))
}

// afterType returns where the value starts if s[v] is a type rather than a
// value, as in apiKey: string = "x"; else 0.
func afterType(s string, v int) int {
	e := run(s, v, word)
	switch s[v:e] {
	case "string", "str", "String", "any", "bytes", "SecretStr":
	default:
		return 0
	}
	j := skipBlanks(s, e, false)
	if at(s, j) != '=' {
		return 0
	}
	j = skipBlanks(s, j+1, false)
	if j >= len(s) || is(s[j], blank) {
		return 0
	}
	return j
}

// quoted masks a value that starts with the quote q at s[v].
func (z *scan) quoted(k *key, v int, q quote) int {
	s := z.within(v)
	from := v + len(q.text)
	if t := s[v:min(len(s), v+3)]; t == `"""` || t == "'''" {
		// TOML's and Python's long strings.
		if n := strings.Index(s[v+3:], t); n >= 0 {
			z.unsure = true
			return z.secret(v+3, v+3+n)
		}
	}
	if q.esc >= 0 && has(s, from, q.text) || q.esc < 0 && q.text != `""` && has(s, from, q.text) {
		if q.esc != 0 || at(s, from+1) != q.mark || !is(at(s, from+2), word) {
			return from + len(q.text) // An empty string.
		}
	}
	if k.quote.text != q.text && z.isClosing(v, from, q) {
		return from
	}
	if q.mark == '"' && q.esc <= 0 && q.text[0] == '"' {
		s = z.s // It does not end where it starts.
	}
	// Not in a string of its own kind: there the second mark is the string's.
	q.doubles = q.mark != '"' || !z.nest.inside
	to, closed := z.closing(q, s, from)
	if !closed || q.esc < 0 {
		z.unsure = true
	}
	if to <= from {
		return from
	}
	return z.secret(from, to)
}

// isClosing reports whether the quote s[v:from], after a bare key and its
// separator, closes a string around both: "enter password:".
func (z *scan) isClosing(v, from int, q quote) bool {
	s := z.s
	c := at(s, from)
	ends := from >= len(s) || strings.IndexByte(",}]):;\\\r\n", c) >= 0
	if q.mark == '"' && q.esc == 0 {
		z.nest.to(s, v)
		return z.nest.inside && (ends || is(c, blank))
	}
	return ends
}

// wrap returns the mask text as it stands for a bare value: quoted as the key
// is where the key is quoted and a separator of maps follows it, so that JSON
// stays JSON.
func (z *scan) wrap(k *key, sep byte) string {
	if k.quote.text == "" || sep == '=' && k.quote.mark == '"' && k.quote.esc >= 0 {
		return Text
	}
	if t := k.quote.text; t == `"` || t[0] == '\\' && k.quote.esc < 0 && t[len(t)-1] == '"' {
		if z.nest.inside {
			return Text
		}
		return `"` + Text + `"`
	}
	return k.quote.text + Text + k.quote.text
}

// nullish reports whether a bare value is one of the ways to say nothing.
func nullish(s string) bool {
	switch s {
	case "null", "nil", "None", "undefined", "<nil>", "<null>", "(null)", "NULL", "<none>", "(nil)", "~", "-":
		return true
	}
	return false
}

// block masks a YAML block scalar, "|" or ">", whose header is at s[v].
func (z *scan) block(k *key, v int) int {
	s := z.s
	if s[v] != '|' && s[v] != '>' {
		return 0
	}
	j := v + 1
	for j < len(s) && strings.IndexByte("+-123456789", s[j]) >= 0 {
		j++
	}
	j = skipBlanks(s, j, false)
	if lineBreak(s, j) == j {
		return 0
	}
	if e := z.indented(k, j, j); e > j {
		return e
	}
	return 0
}

// indented masks the lines after the line end s[nl:], which may be escaped,
// that are indented more than the key's own: a YAML block, list or mapping.
// The key must be the first on its line, else it is a heading, and what
// follows may be a stack trace.
func (z *scan) indented(k *key, i, nl int) int {
	s := z.within(nl)
	b := k.outer
	for b > 0 && (s[b-1] == ' ' || s[b-1] == '-') {
		b--
	}
	newline, cr := "\n", "\r"
	if s[nl] == '\\' {
		e := lineBreak(s, nl)
		newline = s[backslashesBefore(s, e-1):e]
		cr = newline[:len(newline)-1] + "r"
	}
	if b > 0 && !strings.HasSuffix(s[:b], newline) && (newline == "\n" || quoteBefore(s, b).text == "") {
		return i
	}
	column := k.outer - b
	from, to := -1, -1
	for j := nl; j < len(s); {
		// s[j] is at a line's end.
		start := lineBreak(s, j)
		j = start
		for j < len(s) && s[j] == ' ' {
			j++
		}
		if j >= len(s) {
			break
		}
		if lineBreak(s, j) > j {
			if j == start && from < 0 {
				break
			}
			continue // An empty line.
		}
		if j-start <= column && (j-start != column || s[j] != '-' || column == 0 && from < 0 && at(s, j+1) != ' ') {
			break
		}
		if from < 0 {
			from = j
		}
		line, _, _ := strings.Cut(s[j:], newline)
		j += len(strings.TrimSuffix(line, cr))
		to = j
	}
	if from < 0 || to <= from {
		return i
	}
	return z.secret(from, to)
}

// bare returns the secret in the unquoted value at s[v].
func (z *scan) bare(k *key, sep, v, depth int) (from, to int) {
	s := z.within(v)
	if s[v] == '{' || s[v] == '[' || s[v] == '(' {
		e, closed := z.balanced(s, v)
		z.unsure = z.unsure || !closed
		if !closed || s[v] != '[' || !is(at(s, e), letter) {
			return v, e
		}
	}
	if depth > 0 {
		if e := encodedList(s, v); e > 0 {
			return v, e
		}
	}
	b := bareValue{
		s: s, z: z, depth: depth, from: v,
		query:  z.inQuery(k),
		inside: z.nest.inside,
		fields: s[sep] == ':' && v == sep+1 && k.quote.text == "" && z.nest.open > 0,
		listed: z.nest.open > 0,
	}
	if k.verdict&headerKey != 0 && depth == 0 {
		return b.header(k, sep, v)
	}
	if _, e := schemeAt(s, v); e > 0 {
		w := afterScheme(s, e)
		if w > e && has(s, w, Text) {
			return w, w + len(Text)
		}
		if w > e && credential(s, w) {
			return w, b.end(w)
		}
	}
	return v, b.end(v)
}

// inQuery reports whether the key is one of a URL's query.
func (z *scan) inQuery(k *key) bool {
	before := z.s[:k.outer]
	if k.quote.text != "" || before == "" {
		return false
	}
	return strings.IndexByte("?&", before[k.outer-1]) >= 0 || strings.HasSuffix(before, "&amp;") || strings.HasSuffix(before, `\u0026`)
}

// A bareValue finds the end of an unquoted value.
type bareValue struct {
	s      string
	z      *scan
	from   int
	depth  int  // The separator was percent-encoded that many times.
	query  bool // It is in a URL's query.
	inside bool // It is within a double-quoted string.
	fields bool // It is a field of Go's %+v: blanks may belong to it.
	listed bool // It is within brackets.
	line   bool // It goes to the end of the line, list or string.

	typed int // Up to here it may be the name of a type; -1: it is none.
}

// header returns the secret in a bare Authorization or Cookie value: the
// scheme stays.
func (b *bareValue) header(k *key, sep, v int) (from, to int) {
	s := b.s
	if strings.IndexByte("[{(&*", s[v]) >= 0 {
		return v, b.end(v)
	}
	if kind, e := schemeAt(s, v); e > 0 {
		w := afterScheme(s, e)
		if kind == pairs {
			b.line = true
		}
		if end := b.end(w); end > w {
			return w, end
		}
		return v, b.end(v)
	}
	if hasFold(s, k.end-6, "cookie") || hasFold(s, k.end-7, "cookies") {
		b.line = true
		if s[sep] == '=' {
			// logfmt: pairs that end in ';' go on.
			b.line = false
			end := b.end(v)
			for end < len(s) && s[end] == ';' && at(s, end+1) == ' ' {
				next := b.end(end + 2)
				if next <= end+2 {
					break
				}
				end = next
			}
			return v, end
		}
		return v, b.end(v)
	}
	// No scheme that is known: one token if it looks like a secret, and another
	// if the first may be a scheme's name: Api-Token x.
	if end := b.end(v); end > v && credential(s, v) {
		w := skipBlanks(s, end, false)
		if w > end && s[sep] == ':' && run(s, v, letter|dash) == end && !startsPair(s, w) && credential(s, w) {
			return v, b.end(w)
		}
		return v, end
	}
	b.line = true
	return v, b.end(v)
}

// end returns the end of the value at s[v].
func (b *bareValue) end(v int) int {
	s := b.s
	i := v
	b.typed = v
	for i < len(s) {
		c := s[i]
		switch {
		case is(c, alnum|under|dash|dot|b64extra|tilde):
			i++
			continue
		case is(c, blank):
			if b.line && (c == ' ' || c == '\t') {
				i++
				continue
			}
			if b.fields && c == ' ' && !b.fieldFollows(i) {
				i++
				continue
			}
			return b.trim(v, i)
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if isSpace(r) && !b.line {
				return b.trim(v, i)
			}
			i += n
			continue
		}
		switch c {
		case '"', '\'', '`':
			b.z.unsure = b.z.unsure || c != '"' || !b.inside
			if i > v && at(s, i-1) == '=' && b.line {
				// A quoted part of a header: its closing quote is not ours.
				if e, closed := b.z.closing(quoteAt(s, i), s, i+1); closed {
					i = e + 1
					continue
				}
			}
			if b.delimits(i + 1) {
				return i
			}
			i++
		case '\\':
			b.z.unsure = true
			e, stop := b.backslash(i)
			if stop {
				return b.trim(v, i)
			}
			i = e
		case '%':
			ch, depth, n := percentEscape(s, i)
			if n == 0 || b.depth == 0 || depth > b.depth {
				i++
				continue
			}
			switch ch {
			case '&', '"', '\'', ' ', '\n', '\r', '#':
				return i
			case ',', ';', '}', ']', ')':
				if b.delimits(i + n) {
					return i
				}
			}
			i += n
		case '&':
			if b.query || b.depth > 0 || hasFold(s, i, "&quot;") || b.delimits(i+1) && !b.line {
				return i
			}
			i++
		case '#':
			if b.query {
				return i
			}
			i++
		case ',', ';', '|':
			if !b.line && b.delimits(i+1) {
				return i
			}
			i++
		case '}', ']':
			if (!b.line || b.listed) && b.delimits(i+1) {
				return i
			}
			i++
		case ')':
			if !b.line && b.delimits(i+1) {
				return i
			}
			i++
		case '>':
			if i > v && b.delimits(i+1) {
				return i
			}
			i++
		case '<':
			if i > v && (at(s, i+1) == '/' || hasFold(s, i, "<br")) {
				return i
			}
			i++
		case '{', '[', '(':
			b.z.unsure = true
			if e := b.composite(v, i); e > 0 {
				i = e
				continue
			}
			i++
		default:
			i++
		}
	}
	return b.trim(v, i)
}

// trim drops the end of a sentence from a value that ends at s[e].
func (b *bareValue) trim(v, e int) int {
	if e > v+1 && !b.line && strings.IndexByte(".:", b.s[e-1]) >= 0 && is(b.s[e-2], alnum|equal) {
		return e - 1
	}
	if n := e - 1 - len(Text); n >= v && has(b.s, n, Text) && strings.IndexByte(".:", b.s[e-1]) >= 0 {
		return e - 1
	}
	return e
}

// backslash looks at the backslashes at s[i], within a value. It returns where
// to go on, or true if the value ends before them.
func (b *bareValue) backslash(i int) (int, bool) {
	s := b.s
	j := backslashes(s, i)
	switch c := at(s, j); c {
	case '"', '\'', '`':
		if b.line && at(s, i-1) == '=' {
			// A quoted part of a header, in a string.
			if q := quoteAt(s, i); q.text != "" {
				if e, closed := b.z.closing(q, s, j+1); closed {
					return e + len(q.text), false
				}
			}
		}
		if b.delimits(j + 1) {
			return i, true
		}
		return j + 1, false
	case 'n', 'r', 't':
		if b.inside && j-i == 1 || b.delimits(j+1) {
			return i, true
		}
		return j + 1, false
	case 'u':
		if r, n := unicodeEscape(s, i); n > 0 {
			switch r {
			case '"', '\'', '<', '\n', '\r', ' ', 0xa0, 0x2028, 0x2029:
				if r != '<' || at(s, i+n) == '/' {
					return i, true
				}
			case '&':
				if b.query || b.delimits(i+n) && !b.line {
					return i, true
				}
			case ',', ';', '}', ']', ')', '>':
				if b.delimits(i + n) {
					return i, true
				}
			}
			return i + n, false
		}
	case '/':
		return j + 1, false
	}
	return j, false
}

// delimits reports whether a delimiter before s[i] ends the value: what
// follows it is the end, a blank, another delimiter, or the next item.
func (b *bareValue) delimits(i int) bool {
	s := b.s
	if i >= len(s) {
		return true
	}
	c := s[i]
	if is(c, blank) {
		return true
	}
	switch c {
	case '"', '\'', '`', ',', ';', '&', '|', '}', ']', ')', '>', ':', '?':
		return true
	case '<':
		return true
	case '\\':
		j := backslashes(s, i)
		return j >= len(s) || strings.IndexByte(`"'nrtu`, s[j]) >= 0
	case '%':
		return b.depth > 0
	case '-':
		return at(s, i+1) == '-'
	case '.', '!':
		return i+1 >= len(s) || is(s[i+1], blank)
	}
	if c >= utf8.RuneSelf {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return isSpace(r)
	}
	// key=, key:
	e := i
	for e < len(s) && e < i+maxKey && is(s[e], keyByte) {
		e++
	}
	if e == i || e == len(s) {
		return false
	}
	if s[e] == '[' {
		// user[name]=
		if k := run(s, e+1, keyByte); at(s, k) == ']' {
			e = min(k+1, len(s)-1)
		}
	}
	if s[e] == '=' || s[e] == ':' {
		return true
	}
	if b.depth > 0 {
		ch, _, n := percentEscape(s, e)
		return n > 0 && (ch == '=' || ch == ':')
	}
	return false
}

// fieldFollows reports whether the blank at s[i] is followed by another field
// of a struct or map that Go printed.
func (b *bareValue) fieldFollows(i int) bool {
	s := b.s
	e := i + 1
	for e < len(s) && e < i+maxKey && is(s[e], keyByte) {
		e++
	}
	return e > i+1 && at(s, e) == ':' || at(s, i+1) == '"' || at(s, i+1) == '\\'
}

// composite returns the end of the bracketed part at s[i] of a value such as
// []string{"a b"}, main.Secret("a b") or map[string]string{...}; 0 if it is
// none.
func (b *bareValue) composite(v, i int) int {
	s := b.s
	for b.typed >= 0 && b.typed < i {
		b.typed++
		if c := s[b.typed-1]; !is(c, word|dot) && strings.IndexByte("*&[](){}", c) < 0 {
			b.typed = -1
		}
	}
	if b.typed < 0 {
		return 0
	}
	switch s[i] {
	case '(':
		if q := quoteAt(s, i+1); q.text == "" && at(s, i+1) != '*' && !has(s, i+1, "0x") {
			return 0
		}
	case '[':
		if i > v && !strings.HasSuffix(s[v:i], "map") {
			return 0
		}
	}
	if e, closed := b.z.balanced(s, i); closed {
		return e
	}
	return 0
}
