package mask

import "strings"

// pem masks a PEM block of a private key that starts at s[i], also one whose
// end was cut off, and returns its end; 0 if there is none. What precedes the
// end of a block whose start was cut off is masked too.
func (z *scan) pem(i int) int {
	s := z.s
	h := run(s, i, dash)
	if b := skipBlanks(s, h, false); has(s, b, "BEGIN") {
		e := pemHeader(s, b+5)
		if e == 0 || !strings.Contains(s[b:e], "PRIVATE KEY") {
			return 0
		}
		return z.secret(i, pemBody(s, e))
	} else if has(s, b, "END") {
		e := pemHeader(s, b+3)
		if e == 0 || !strings.Contains(s[b:e], "PRIVATE KEY") {
			return 0
		}
		from := pemTail(s, i, z.last)
		if from < i {
			return z.secret(from, e)
		}
		return e
	}
	return 0
}

// pemHeader returns the end of the dashes after a label at s[i], or 0.
func pemHeader(s string, i int) int {
	for j := i; j < len(s) && j < i+80; j++ {
		switch c := s[j]; {
		case c == '-' && at(s, j+1) == '-':
			return run(s, j, dash)
		case is(c, alnum|under|dash) || c == ' ' || c == '%' || c == '+':
		default:
			return 0
		}
	}
	if strings.Contains(s[i:min(len(s), i+80)], "PRIVATE KEY") {
		return min(len(s), i+80) // Cut off within its header.
	}
	return 0
}

// pemBody returns the end of a block whose body starts at s[i].
func pemBody(s string, i int) int {
	end := i // Of what surely belongs to it.
	for j := i; j < len(s); {
		switch c := s[j]; {
		case has(s, j, "----"):
			h := run(s, j, dash)
			if b := skipBlanks(s, h, false); has(s, b, "END") {
				if e := pemHeader(s, b+3); e > 0 {
					return e
				}
				return lineOrString(s, b)
			}
			return end
		case is(c, b64|under):
			e := run(s, j, b64|under)
			w := s[j:e]
			// A header line: Proc-Type: 4,ENCRYPTED.
			if at(s, e) == '-' || at(s, e) == ':' {
				k := run(s, e, keyByte)
				if at(s, k) != ':' {
					return end
				}
				j = pemLine(s, k)
				end = j
				continue
			}
			if len(w) < 16 && is(w[0], letter) && !mixed(w) && at(s, e) == ' ' && pemProse(s, e) {
				return end
			}
			j, end = e, e
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			j++
		case c == '\\':
			e := backslashes(s, j)
			switch at(s, e) {
			case 'n', 'r', 't':
				j = e + 1
			case '/':
				j = e + 1
				end = j
			default:
				return end
			}
		case c == '%':
			_, _, n := percentEscape(s, j)
			if n == 0 {
				return end
			}
			j += n
		default:
			return end
		}
	}
	return end
}

// pemProse reports whether the text after the blank s[e] goes on with words
// rather than with the end of a block.
func pemProse(s string, e int) bool {
	n := skipBlanks(s, e, false)
	return n < len(s) && !has(s, n, "----") && !is(s[n], blank)
}

// pemLine returns the end of the header line at s[i].
func pemLine(s string, i int) int {
	for i < len(s) && s[i] != '\n' && s[i] != '\r' && s[i] != '\\' && s[i] != '"' {
		i++
	}
	return i
}

func lineOrString(s string, i int) int {
	for i < len(s) && s[i] != '\n' && s[i] != '\r' && s[i] != '\\' && s[i] != '"' && s[i] != '\'' {
		i++
	}
	return i
}

// pemTail returns where the base64 lines before s[i] start, not before from.
func pemTail(s string, i, from int) int {
	start := i
	for j := i; j > from; {
		for j > from && is(s[j-1], blank) {
			j--
		}
		for j > from+1 && is(s[j-1], letter) && s[j-2] == '\\' && strings.IndexByte("nrt", s[j-1]) >= 0 {
			j -= 2
			for j > from && s[j-1] == '\\' {
				j--
			}
		}
		e := j
		for j > from && is(s[j-1], b64) && (j < from+2 || s[j-2] != '\\' || strings.IndexByte("nrt", s[j-1]) < 0) {
			j--
		}
		// The last line may be short.
		last := start == i && e > j && (s[e-1] == '=' || mixed(s[j:e]))
		if e-j < 16 && !last {
			break
		}
		start = j
	}
	return start
}
