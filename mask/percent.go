package mask

// encodedBlanks returns the end of the blanks at s[i] in a text that is
// percent-encoded depth times: + or %20, %09, %0A.
func encodedBlanks(s string, i, depth int) int {
	for {
		if at(s, i) == '+' {
			i++
			continue
		}
		b, d, n := percentEscape(s, i)
		if n == 0 || !is(b, blank) && (b != '+' || d == depth) {
			return i
		}
		i += n
	}
}

// encodedBlanksBefore returns the start of the blanks that end at s[:e].
func encodedBlanksBefore(s string, e, depth int) int {
	for {
		if at(s, e-1) == '+' {
			e--
			continue
		}
		w := 3
		for w < 2*depth+1 && at(s, e-w) != '%' {
			w += 2
		}
		b, d, n := percentEscape(s, e-w)
		if n != w || !is(b, blank) && (b != '+' || d == depth) {
			return e
		}
		e -= w
	}
}

// encodedEnd returns the end of the percent-encoded text at s[i]: it holds
// neither blanks nor quotes.
func encodedEnd(s string, i int) int {
	for i < len(s) && !is(s[i], blank) && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// encodedList returns the end of the list or object at s[v] in percent-encoded
// text, or of that text if it is not closed; 0 if there is none.
func encodedList(s string, v int) int {
	if b, _, _ := percentEscape(s, v); b != '[' && b != '{' {
		return 0
	}
	open, end := 0, encodedEnd(s, v)
	for i := v; i < end; {
		b, _, n := percentEscape(s, i)
		switch b {
		case '[', '{':
			open++
		case ']', '}':
			open--
		}
		i += max(n, 1)
		if open == 0 && !is(at(s, i), letter) { // Else a type: []string{"x"}.
			return i
		}
	}
	return end
}

// percentDecoded returns s without percent escapes.
func percentDecoded(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if c, _, n := percentEscape(s, i); n > 0 {
			b = append(b, c)
			i += n
			continue
		}
		b = append(b, s[i])
		i++
	}
	return string(b)
}
