package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// authorities remembers what was found out about the token around an '@' or
// a "://", so that it is looked at once.
type authorities struct {
	end    int // The token reaches to here: s[:end] was looked at.
	lastAt int // The last '@' in it.
}

// tokenEnd returns the end of the text without blanks, quotes and angle
// brackets at s[i], and the last '@' in it.
func (z *scan) tokenEnd(i int) (end, lastAt int) {
	if i < z.auth.end {
		return z.auth.end, z.auth.lastAt
	}
	s := z.s
	lastAt = -1
	e := i
scan:
	for e < len(s) {
		switch c := s[e]; {
		case c == '@':
			lastAt = e
		case is(c, blank), c == '"', c == '<', c == '>', c == '`':
			break scan
		case c == '\\':
			if next := at(s, e+1); next != '/' {
				break scan
			}
		case c == '\'':
			// It may belong to a password.
			if n := at(s, e+1); n == 0 || !is(n, word) && n != '@' {
				break scan
			}
		case c >= utf8.RuneSelf:
			if r, n := utf8.DecodeRuneInString(s[e:]); isSpace(r) {
				break scan
			} else if n > 1 {
				e += n - 1
			}
		}
		e++
	}
	z.auth = authorities{end: e, lastAt: lastAt}
	return e, lastAt
}

// escapedSlashes returns the end of "\/\/" at s[i], of any escape depth, or 0.
func escapedSlashes(s string, i int) int {
	for range 2 {
		j := backslashes(s, i)
		if j == i || at(s, j) != '/' {
			return 0
		}
		i = j + 1
	}
	return i
}

// url masks the userinfo of the URL whose colon is s[colon] and whose
// authority starts at s[i], and returns where to go on.
func (z *scan) url(colon, i int) int {
	s := z.s
	end, lastAt := z.tokenEnd(i)
	encoded := s[colon] == '%'
	if encoded {
		return z.encodedURL(i)
	}
	// The authority ends at the first of these.
	a := i
	for a < end && s[a] != '/' && s[a] != '?' && s[a] != '#' && s[a] != '\\' {
		a++
	}
	at0 := strings.LastIndexByte(s[i:a], '@') + i
	switch {
	case lastAt > a && rawSlash(s[at0+1:a]):
		// A password with a raw slash: "host:port" has no number.
		at0 = lastAt
	case at0 < i, has(s, at0+1, "sha256:"): // docker-pullable://nginx@sha256:...
		return i
	}
	user := i
	colonAt := strings.IndexByte(s[user:at0], ':')
	if colonAt < 0 {
		info := s[user:at0]
		if info == "" || plainUsers(info) {
			return at0 + 1
		}
		return z.secret(user, at0) + 1
	}
	colonAt += user
	if strings.IndexByte(s[user:colonAt], '@') >= 0 {
		return z.secret(user, at0) + 1
	}
	// A lone long user before an empty or dummy password is a token itself:
	// https://TOKEN:x-oauth-basic@host, https://TOKEN:@host.
	if name := s[user:colonAt]; len(name) >= 16 && mixed(name) {
		z.secret(user, colonAt)
	}
	if colonAt+1 == at0 {
		return at0 + 1
	}
	return z.secret(colonAt+1, at0) + 1
}

// rawSlash reports whether what looks like host:port is user:password cut at a
// slash: there is a colon, and no number after it.
func rawSlash(authority string) bool {
	k := strings.IndexByte(authority, ':')
	if k < 0 || authority[0] == '[' {
		return false
	}
	port := authority[k+1:]
	n := run(port, 0, digit)
	return n == 0 || n < len(port) && port[n] != ',' // h1:6379,redis://...
}

// plainUsers reports whether userinfo without a password is a role's name.
func plainUsers(info string) bool {
	switch info {
	case "git", "hg", "svn", "anonymous", "ftp":
		return true
	}
	return false
}

// encodedURL masks the userinfo of a percent-encoded URL whose authority
// starts at s[i].
func (z *scan) encodedURL(i int) int {
	s := z.s
	atSign, colon := -1, -1
	e := i
	for e < len(s) && e < i+2048 {
		b, _, n := percentEscape(s, e)
		if n > 0 {
			switch b {
			case '@':
				atSign = e
			case ':':
				if colon < 0 {
					colon = e
				}
			}
			if b == '/' || b == '?' || b == '#' || b == '"' || b == ' ' {
				break
			}
			e += n
			continue
		}
		if c := s[e]; is(c, blank) || c == '&' || c == '"' || c == '\'' || c == '\\' || c == '/' || c == '#' {
			break
		}
		e++
	}
	if atSign < 0 || colon < 0 || colon > atSign {
		return i
	}
	_, _, n := percentEscape(s, colon)
	return z.secret(colon+n, atSign)
}

// atSign handles '@' at s[i]: userinfo without a scheme, or an e-mail address.
func (z *scan) atSign(i int) int {
	if i >= z.auth.end {
		if e := z.userinfo(i); e > 0 {
			return e
		}
	}
	if z.m.keepEmails {
		return i + 1
	}
	return z.email(i, 1)
}

// userinfo masks the password of a data source name such as
// user:pass@tcp(host:3306)/db or user:pass@host:5432/db, at its first '@'.
func (z *scan) userinfo(i int) int {
	s := z.s
	b := i
	colon := -1
	for b > z.last {
		c := s[b-1]
		if is(c, blank) || c == '"' || c == '<' || c == '>' || c == '\\' || c == '@' {
			break
		}
		if (c == '\'' || c == '`') && (!is(s[b], word) || !is(at(s, b-2), word)) {
			break // It is around the whole, not a part of the password.
		}
		if c == ':' {
			colon = b - 1
		}
		if c == '/' && colon == b {
			return 0 // An URL; it was looked at.
		}
		b--
	}
	if colon < 0 || colon == b && (b == 0 || b > z.last) {
		return 0 // There is no user, not even one that was masked.
	}
	end, lastAt := z.tokenEnd(i)
	// The last '@' that is followed by a protocol or a host and port.
	host := -1
	for p := lastAt; p >= i; p-- {
		if s[p] != '@' {
			continue
		}
		if e := run(s, p+1, alnum); at(s, e) == '(' { // @tcp(host), @(host)
			host = p
			break
		}
		if p == lastAt && hostPort(s, p+1, end) {
			host = p
			break
		}
	}
	if host < 0 {
		return 0
	}
	// key:user:pass@ and key=user:pass@ have the password after the last
	// colon but one at most; more of it goes rather than less.
	return z.secret(colon+1, host) + 1
}

// isVersion reports whether s is the version of a module: v1.2.3, 4.17.21-rc.1.
// An IP address has one part more.
func isVersion(s string) bool {
	s = strings.TrimPrefix(s, "v")
	for range 2 {
		e := run(s, 0, digit)
		if e == 0 || at(s, e) != '.' {
			return false
		}
		s = s[e+1:]
	}
	e := run(s, 0, digit)
	return e > 0 && (e == len(s) || s[e] == '-')
}

// hostPort reports whether s[i:end] starts with a host and a port, or a host
// and a path.
func hostPort(s string, i, end int) bool {
	e := run(s, i, hostByte|under)
	if e == i && at(s, i) == '/' {
		return is(at(s, i+1), letter) // user:pass@/db
	}
	if e == i || e > end {
		return false
	}
	switch at(s, e) {
	case ':':
		p := run(s, e+1, digit)
		return p > e+1 && p-e <= 6 && !is(at(s, p), alnum)
	case '/':
		return is(at(s, e+1), alnum) && !isVersion(s[i:e])
	}
	return false
}

// escapedAt handles a percent-encoded '@' of n bytes at s[i].
func (z *scan) escapedAt(i, n int) int {
	if z.m.keepEmails {
		return i + n
	}
	return z.email(i, n)
}

// email masks the local part of an e-mail address whose '@' is s[i:i+n].
func (z *scan) email(i, n int) int {
	s := z.s
	if at(s, i-1) == '"' {
		return z.quotedLocal(i, n)
	}
	wide := false // In a script without blanks between words.
	b := i
	from := max(z.last, z.mailFrom)
	z.mailFrom = i + n // No address reaches over an '@', in whatever spelling.
	for b > from {
		c := s[b-1]
		if is(c, alnum|local) {
			b--
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeLastRuneInString(s[from:b])
		if isSpace(r) || invisible(r) || r == utf8.RuneError || r > 0x24f && r < 0x370 || r >= 0x2000 {
			wide = wide || b == i && unicode.IsLetter(r)
			if !wide || !unicode.IsLetter(r) {
				break
			}
		}
		b -= size
	}
	b = z.localStart(b, i)
	if b >= i {
		return i + n
	}
	if s[b:i] == "git" || i-b == 3 && s[b:i] == mailText {
		return i + n
	}
	if !isDomain(s, i+n) {
		return i + n
	}
	return z.mask(b, i, mailText) + n
}

// quotedLocal masks a quoted local part, "bob smith"@example.com, that ends
// before the '@' s[i:i+n].
func (z *scan) quotedLocal(i, n int) int {
	s := z.s
	e := i - 1
	for e > z.last && s[e-1] == '\\' {
		e--
	}
	b := strings.LastIndexByte(s[max(z.last, e-64):e], '"') + max(z.last, e-64) + 1
	if b >= e || at(s, b-1) != '"' || !is(s[b], alnum) || !is(s[e-1], alnum) || is(at(s, b-2), word) || !isDomain(s, i+n) {
		return i + n
	}
	return z.mask(b, e, mailText) + i + n - e
}

// localStart moves the start of a local part over signs that no address
// starts with, and over escapes and parameters that end before it.
func (z *scan) localStart(b, i int) int {
	s := z.s
	// to=bob@x.com, ?email=bob@x.com&, %3Dbob%40x.com
	for p := b; p < i; p++ {
		switch s[p] {
		case '&', '?', '/', '|', '#', '{', '}', '`', '$', '*', '!':
			b = p + 1
		case '%':
			if _, _, n := percentEscape(s, p); n > 0 && p+n <= i {
				if c, _, _ := percentEscape(s, p); !is(c, alnum) && c != '+' && c != '-' && c != '_' && c != '.' {
					b = p + n
				}
				p += n - 1
			} else {
				b = p + 1
			}
		}
	}
	if b > 0 && s[b-1] == '\\' && s[b] == 'u' {
		if _, n := unicodeEscape(s, b-1); n > 0 {
			b += n - 1
		}
	}
	if b > 0 && s[b-1] == '\\' && b < i && strings.IndexByte("nrtbfv", s[b]) >= 0 {
		b++
	}
	for b < i && (s[b] == '.' || s[b] == '-' || s[b] == '+' || s[b] == '^' || s[b] == '~') {
		b++
	}
	return b
}

// isDomain reports whether a domain name with a top-level domain is at s[i].
func isDomain(s string, i int) bool {
	labels, numeric := 0, 0
	from := i
	for {
		e := i
		letters := true
		for e < len(s) {
			c := s[e]
			if c >= utf8.RuneSelf {
				r, n := utf8.DecodeRuneInString(s[e:])
				if r == utf8.RuneError || isSpace(r) || invisible(r) || r >= 0x2000 && r < 0x2e80 || r >= 0xff00 {
					break
				}
				e += n
				continue
			}
			if !is(c, alnum|dash) {
				break
			}
			if !is(c, letter) {
				letters = false
			}
			e++
		}
		if e == i || s[i] == '-' {
			return false
		}
		label := s[i:e]
		labels++
		if d := strings.TrimPrefix(label, "v"); labels <= 2 && d != "" && run(d, 0, digit) == len(d) {
			numeric++
		}
		if at(s, e) == '.' && (is(at(s, e+1), alnum) || at(s, e+1) >= utf8.RuneSelf) {
			i = e + 1
			continue
		}
		if labels < 2 || numeric >= 2 {
			return false
		}
		if !letters && !strings.HasPrefix(label, "xn--") || len(label) < 2 {
			return false
		}
		image := is(s[from], digit) && at(s, from+1) == 'x' && at(s, from+2) == '.' // logo@2x.png
		return !notTLD(label) && !image
	}
}

// notTLD reports whether the last label is a file's or unit's suffix rather
// than a top-level domain: getty@tty1.service, logo@2x.png.
func notTLD(label string) bool {
	switch label {
	case "service", "socket", "timer", "slice", "scope", "mount", "target", "device", "path", "swap",
		"png", "jpg", "jpeg", "gif", "svg", "webp", "js", "mjs", "ts", "css", "go", "py", "rb", "rs", "java",
		"json", "yaml", "yml", "toml", "xml", "html", "txt", "log", "conf", "gz", "tgz", "zip", "tar", "so", "dll", "exe", "jar":
		return true
	}
	return false
}

// telegram masks a Telegram bot's token, 123456789:AA... or, in an URL,
// bot123456789:AA..., at its colon s[i].
//
// Source: https://core.telegram.org/bots/api#authorizing-your-bot; gitleaks
// rule telegram-bot-api-token (five or more digits, A and 34 more characters).
func (z *scan) telegram(i int) int {
	s := z.s
	e := run(s, i+1, b64url)
	if e-i-1 < 33 || e-i-1 > 37 {
		return 0
	}
	b := i
	for b > z.last && is(s[b-1], digit) {
		b--
	}
	if n := i - b; n < 5 || n > 16 || glued(s, b) && !hasFold(s, b-3, "bot") {
		return 0
	}
	return z.secret(b, e)
}

// fix masks the passwords of FIX messages, tags 554 and 925, at the '=' s[i].
//
// Source: https://www.onixs.biz/fix-dictionary/4.4/tagnum_554.html
func (z *scan) fix(i int) int {
	s := z.s
	if i < 4 || s[i] != '=' || s[i-1] != '4' && s[i-1] != '5' || !has(s, i-3, "554") && !has(s, i-3, "925") {
		return i + 1
	}
	sep := s[i-4]
	caret := sep == 'A' && s[max(0, i-5)] == '^'
	if sep != 0x01 && sep != '|' && sep != '^' && !caret {
		return i + 1
	}
	e := i + 1
	for e < len(s) && s[e] != sep && !is(s[e], blank) && s[e] != '"' && s[e] != '\\' && (sep != 'A' || s[e] != '^') {
		e++
	}
	return z.secret(i+1, e)
}
