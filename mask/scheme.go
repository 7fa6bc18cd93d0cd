package mask

import (
	"strings"
	"unicode/utf8"
)

// A scheme of HTTP authorization: what follows its name.
type scheme uint8

const (
	noScheme  scheme = iota
	oneToken         // One token, recognized by its looks: Bearer, Basic.
	longToken        // One token, but the name is an English word: Token.
	pairs            // A list of pairs, to the end of the line: Digest.
)

// schemes are the names of the authorization schemes, in lower case.
//
// Source: IANA HTTP Authentication Scheme Registry; AWS Signature Version 4,
// Django REST framework (Token), Okta (SSWS), Splunk, GenieKey of Opsgenie.
var schemes = [...]schemeName{
	{"bearer", oneToken},
	{"basic", oneToken},
	{"apikey", oneToken},
	{"api-key", oneToken},
	{"token", longToken},
	{"geniekey", oneToken},
	{"ssws", oneToken},
	{"splunk", longToken},
	{"negotiate", longToken},
	{"ntlm", longToken},
	{"sharedkey", longToken},
	{"digest", pairs},
	{"hawk", pairs},
	{"oauth", pairs},
	{"aws4-hmac-sha256", pairs},
	{"aws4-ecdsa-p256-sha256", pairs},
	{"hmac-sha256", pairs},
	{"sharedaccesssignature", pairs},
	{"signature", pairs},
}

type schemeName struct {
	name string
	kind scheme
}

// schemesBy lists the schemes by their first letter. It is constant once
// built.
var schemesBy = func() (by [32][]*schemeName) {
	for i := range schemes {
		c := schemes[i].name[0] & 31
		by[c] = append(by[c], &schemes[i])
	}
	return by
}()

// schemeAt returns the scheme at s[i], followed by a blank, and its end; 0 if
// there is none.
func schemeAt(s string, i int) (scheme, int) {
	if i >= len(s) || !is(s[i], letter) {
		return noScheme, 0
	}
	for _, sc := range schemesBy[s[i]&31] {
		if hasFold(s, i, sc.name) {
			e := i + len(sc.name)
			if skipBlanks(s, e, false) > e || at(s, e) == '%' || at(s, e) == '+' {
				return sc.kind, e
			}
		}
	}
	return noScheme, 0
}

// afterScheme returns the start of what follows a scheme that ends at s[:e]: a
// blank, or one that is percent-encoded.
func afterScheme(s string, e int) int {
	i := skipBlanks(s, e, false)
	if i == e {
		if b, _, n := percentEscape(s, e); b == ' ' {
			return e + n
		}
		if at(s, e) == '+' {
			return e + 1
		}
	}
	return i
}

// scheme masks the credentials after the scheme at s[i], if they are any, and
// returns their end; 0 if there is nothing.
func (z *scan) scheme(i int) int {
	s := z.s
	kind, e := schemeAt(s, i)
	if kind == noScheme {
		return 0
	}
	z.unsure = true
	v := afterScheme(s, e)
	if v == e || v >= len(s) {
		return 0
	}
	if q := quoteAt(s, v); q.text != "" && kind != pairs {
		// Bearer "x"
		from := v + len(q.text)
		end := run(s, from, token68)
		if end-from >= 8 && credential(s, from) && has(s, end, q.text) {
			return z.secret(from, end)
		}
		return 0
	}
	if has(s, v, Text) {
		return v + len(Text)
	}
	if kind == pairs {
		return z.schemePairs(v)
	}
	if s[e] == '+' { // Of a query: the blanks are pluses.
		if p := strings.IndexByte(s[v:min(len(s), v+maxLook)], '+'); p >= 0 {
			s = s[:v+p]
		}
	}
	look := min(len(s), v+64)
	end := run(s[:look], v, token68)
	if end == look && credential(s, v) && (kind == oneToken || mixed(s[v:end])) {
		end = run(s, end, token68)
	}
	for end > v && s[end-1] == '.' {
		end--
	}
	if end == v {
		return 0
	}
	if s[end-1] == '=' && quoteAt(s, end).text != "" && run(s, v, word) == end-1 {
		return 0 // Bearer realm="api": a challenge.
	}
	if startsPair(s[:end], v) {
		return 0 // token_type=bearer expires_in=3600.
	}
	if !credential(s, v) || kind == longToken && (end-v < 16 || !mixed(s[v:end])) {
		return 0
	}
	if at(s, end) == ':' && kind == oneToken && end-v < 8 {
		return 0
	}
	return z.secret(v, end)
}

// schemePairs masks the parameters of a Digest or the like at s[v]. A
// challenge has none that are secret.
func (z *scan) schemePairs(v int) int {
	s := z.s
	e := run(s, v, word)
	if e == v || at(s, skipBlanks(s, e, false)) != '=' {
		return 0
	}
	t := s[:min(len(s), v+maxLook)]
	t = t[:lineEnd(t, v)]
	for i := v; ; {
		k := strings.IndexByte(t[i:], '=')
		if k < 0 {
			return 0
		}
		i += k
		for _, p := range [...]string{"username", "response", "credential", "signature", "oauth_token", "oauth_signature", "mac", "sig"} {
			if hasFold(t, i-len(p), p) {
				b := bareValue{s: z.within(v), z: z, from: v, inside: z.nest.inside, listed: z.nest.open > 0, line: true}
				return z.secret(v, b.end(v))
			}
		}
		i++
	}
}

// startsPair reports whether a key and its value are at s[i], rather than
// base64 and its padding.
func startsPair(s string, i int) bool {
	e := run(s, i, word|dash)
	return e > i && at(s, e) == '=' && e+1 < len(s) && s[e+1] != '=' && !is(s[e+1], blank)
}

// credential reports whether the text at s[i] looks like a credential rather
// than like a word of a sentence: it has a digit, capitals within, a sign that
// words do not have, or it is too long.
func credential(s string, i int) bool {
	e := run(s[:min(len(s), i+64)], i, token68)
	for e > i && (s[e-1] == '.' || s[e-1] == '-') {
		e--
	}
	n := e - i
	if n == 0 {
		return at(s, i) >= utf8.RuneSelf
	}
	digits, capitals, signs, letters := 0, 0, 0, 0
	for j := i; j < e; j++ {
		switch c := s[j]; {
		case is(c, digit):
			digits++
		case is(c, upper):
			letters++
			if j > i {
				capitals++
			}
		case is(c, lower):
			letters++
		case c == '-' || c == '.':
		default:
			signs++
		}
	}
	switch {
	case n >= 20:
		return true
	case digits == n:
		return n >= 6
	case n < 3:
		return false
	case digits > 0 || signs > 0:
		return true
	case capitals > 0 && capitals+1 < letters:
		return n >= 8 // XPath, GraphQL.
	}
	return n >= 16 || n >= 8 && capitals == n-1
}

// mixed reports whether t has both digits and letters.
func mixed(t string) bool {
	var seen set
	for i := range len(t) {
		seen |= classes[t[i]] & alnum
	}
	return seen == alnum
}
