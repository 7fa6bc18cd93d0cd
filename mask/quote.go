package mask

import (
	"strings"
	"unicode/utf8"
)

// A quote is a quotation mark as it is spelled in the text: with the
// backslashes of its escape depth, percent-encoded, as an entity, or doubled
// as in CSV.
type quote struct {
	text string // All of it; "" means no quote.
	mark byte   // The mark itself.
	esc  int    // Backslashes before the mark; -1: the text is taken literally.

	doubles bool // Two marks stand for one, also before a blank or a delimiter.
}

// quoteAt reads the quote that starts at s[i]. Its text is "" if there is none.
func quoteAt(s string, i int) quote {
	if i >= len(s) {
		return quote{}
	}
	switch c := s[i]; c {
	case '"', '\'', '`':
		// A doubled quote, as in a CSV cell, is followed by text; an empty
		// string is not.
		if c == '"' && at(s, i+1) == c && i+2 < len(s) && startsText(s[i+2]) {
			return quote{text: s[i : i+2], mark: c, esc: -1}
		}
		return quote{text: s[i : i+1], mark: c}
	case '\\':
		j := backslashes(s, i)
		switch c := at(s, j); c {
		case '"', '\'', '`':
			if (j-i)%2 == 0 {
				return quote{} // Backslashes of the text, then a bare quote.
			}
			return quote{text: s[i : j+1], mark: c, esc: j - i}
		case 'u', 'x':
			if r, n := unicodeEscape(s, i); n > 0 && (r == '"' || r == '\'') {
				return quote{text: s[i : i+n], mark: byte(r), esc: -1}
			}
			if has(s, j, "x22") || has(s, j, "x27") {
				return quote{text: s[i : j+3], mark: '"' + s[j+2] - '2', esc: -1}
			}
		}
	case '%':
		b, _, n := percentEscape(s, i)
		j := i + n
		for b == '\\' {
			b, _, n = percentEscape(s, j)
			j += n
		}
		if b == '"' || b == '\'' {
			return quote{text: s[i:j], mark: b, esc: -1}
		}
	case '&':
		for _, e := range entities {
			if has(s, i, e) {
				return quote{text: e, mark: entityMark(e), esc: -1}
			}
		}
	}
	return quote{}
}

// startsText reports whether c, right after two quotes, starts a text within
// them rather than follows an empty string.
func startsText(c byte) bool {
	return is(c, word) || c >= utf8.RuneSelf || strings.IndexByte("!#$%*@^~({[<", c) >= 0
}

// entities are the ways HTML and XML write quotes.
var entities = [...]string{"&quot;", "&#34;", "&#39;", "&apos;", "&amp;quot;"}

func entityMark(e string) byte {
	if e == "&#39;" || e == "&apos;" {
		return '\''
	}
	return '"'
}

// quoteBefore reads the quote that ends at s[:e].
func quoteBefore(s string, e int) quote {
	if e == 0 {
		return quote{}
	}
	switch c := s[e-1]; c {
	case '"', '\'', '`':
		i := backslashesBefore(s, e-1)
		if i == e-1 && c == '"' && i > 1 && s[i-1] == c && is(s[i-2], word) {
			return quote{text: s[i-1 : e], mark: c, esc: -1}
		}
		if n := e - 1 - i; n > 0 && n%2 == 0 {
			// Python's repr doubles the backslashes of a JSON text; as well it
			// may be the key's own backslashes and a bare quote.
			return quote{text: s[i:e], mark: c, esc: -1}
		}
		return quote{text: s[i:e], mark: c, esc: e - 1 - i}
	case '2', '7':
		if e >= 6 && (has(s, e-4, "0022") || has(s, e-4, "0027")) && s[e-5] == 'u' && s[e-6] == '\\' {
			i := backslashesBefore(s, e-6)
			return quote{text: s[i:e], mark: '"' + (c - '2'), esc: -1}
		}
		if e >= 3 && s[e-2] == '2' {
			i := e - 2
			for i >= 2 && has(s, i-2, "25") {
				i -= 2
			}
			if i > 0 && s[i-1] == '%' {
				q := quote{text: s[i-1 : e], mark: '"' + (c - '2'), esc: -1}
				q.text = s[i-1-len(q.text)*q.slashes(s, 0, i-1) : e]
				return q
			}
			if s[e-3] == 'x' && e >= 4 && s[e-4] == '\\' {
				return quote{text: s[e-4 : e], mark: '"' + (c - '2'), esc: -1}
			}
		}
	case ';':
		for _, ent := range entities {
			if strings.HasSuffix(s[:e], ent) {
				return quote{text: ent, mark: entityMark(ent), esc: -1}
			}
		}
	}
	return quote{}
}

// closing returns where the quote q, opened before s[i], is closed, and true;
// or how far its text goes and false: to the end of the string around it, or
// to the end of the line. What follows a closing quote is not a letter or
// digit: else the quote is part of the text, as in 'it's'.
func (q quote) closing(s string, i int) (int, bool) {
	i = min(i, len(s))
	if q.esc < 0 {
		return q.closingLiteral(s, i)
	}
	unit := 2 * (q.esc + 1)
	for from := i; from < len(s); {
		k := strings.IndexByte(s[from:], q.mark)
		if k < 0 {
			break
		}
		k += from
		slashes := 0
		for k-slashes > i && s[k-slashes-1] == '\\' {
			slashes++
		}
		next := at(s, k+1)
		switch {
		case slashes%unit == q.esc:
			if q.esc == 0 && next == q.mark && (is(at(s, k+2), word) || q.doubles && q.onLine(s, k+2)) {
				from = k + 2 // A doubled quote stands for one: 'it''s'.
				continue
			}
			if e := shellQuote(s, k); q.esc == 0 && e > k {
				from = e
				continue
			}
			if !is(next, word) {
				return k - q.esc, true
			}
		case slashes == 0 && q.mark == '"':
			return k, false // The string around it ends here.
		}
		from = k + 1
	}
	return lineEnd(s, i), false
}

// onLine reports whether the mark stands in s[i:], on the same line.
func (q quote) onLine(s string, i int) bool {
	k := strings.IndexByte(s[i:], q.mark)
	return k >= 0 && strings.IndexByte(s[i:i+k], '\n') < 0
}

// shellQuote returns the end of what a shell needs for a single quote within
// single quotes, if that is at s[i]; else i. It closes them, adds a quote, by a
// backslash or in double quotes, and opens them again.
func shellQuote(s string, i int) int {
	switch {
	case s[i] != '\'':
	case at(s, i+1) == '\\':
		j := backslashes(s, i+1)
		if has(s, j, "''") {
			return j + 2
		}
	case has(s, i, `'"'"'`):
		return i + 5
	}
	return i
}

func (q quote) closingLiteral(s string, i int) (int, bool) {
	own := 0 // Backslashes that are part of the quote: %5C%22.
	if q.text[0] == '%' {
		own = strings.Count(q.text, "%") - 1
	}
	for from := i; ; {
		k := strings.Index(s[from:], q.text)
		if k >= 0 && q.text[0] == '%' && encodedEnd(s[:from+k], from) < from+k {
			k = -1
		}
		switch {
		case k < 0 && q.text[0] == '%':
			e := encodedEnd(s, i)
			if p := strings.IndexByte(s[i:e], '&'); p >= 0 {
				e = i + p
			}
			return e, false
		case k < 0:
			return lineEnd(s, i), false
		}
		k += from
		end := k + len(q.text)
		if q.text == `""` && has(s, end, `""`) {
			from = end + 2 // A quote in a text of doubled quotes, fourfold.
			continue
		}
		if (own+q.slashes(s, i, k))%(2*own+2) != own {
			from = end // Escaped: \&quot;, %5C%22.
			continue
		}
		return k, true
	}
}

// slashes returns how many backslashes are before a quote at s[k], spelled as
// the text of q is, but not before s[from].
func (q quote) slashes(s string, from, k int) int {
	n := 0
	switch t := q.text; t[0] {
	case '%':
		_, _, w := percentEscape(t, 0)
		for k-w >= from && s[k-w:k-2] == t[:w-2] && hasFold(s, k-2, "5c") {
			k -= w
			n++
		}
		return n
	case '\\':
		lead := len(t) - len(strings.TrimLeft(t, `\`))
		if lead == len(t)-1 {
			return 0 // Python's repr: taken literally.
		}
		for k > from && s[k-1] == '\\' {
			k--
			n++
		}
		return n / (2 * lead) // \\\u0022 is an escaped \u0022.
	default:
		for k > from && s[k-1] == '\\' {
			k--
			n++
		}
		return n
	}
}

// backslashes returns the end of the backslashes at s[i].
func backslashes(s string, i int) int {
	for i < len(s) && s[i] == '\\' {
		i++
	}
	return i
}

// backslashesBefore returns the start of the backslashes that end at s[:e].
func backslashesBefore(s string, e int) int {
	for e > 0 && s[e-1] == '\\' {
		e--
	}
	return e
}

// lineEnd returns the end of the line that s[i] is on.
func lineEnd(s string, i int) int {
	e := len(s)
	if k := strings.IndexByte(s[i:e], '\n'); k >= 0 {
		e = i + k
	}
	if k := strings.IndexByte(s[i:e], '\r'); k >= 0 {
		e = i + k
	}
	return e
}
