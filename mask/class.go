package mask

// A set is a set of bytes. Which bit stands for which set is fixed below; one
// table holds them all, so that a scan loop reads one word a byte.
type set uint32

const (
	letter   set = 1 << iota // A-Z a-z
	digit                    // 0-9
	hexdigit                 // 0-9 A-F a-f
	lowerhex                 // 0-9 a-f
	upper                    // A-Z
	lower                    // a-z
	under                    // _
	dash                     // -
	dot                      // .
	plus                     // +
	slash                    // /
	equal                    // =
	tilde                    // ~
	percent                  // %
	dollar                   // $
	bang                     // !
	atSign                   // @
	local                    // what an e-mail's local part may hold beside letters and digits
	blank                    // space and everything below it, DEL
	nests                    // what a [nesting] looks at
	around                   // what usually stands around a secret
	keyEnd                   // what may stand before a separator when a key does
)

const (
	alnum    = letter | digit
	keyByte  = alnum | under | dash | dot
	word     = alnum | under
	b64url   = alnum | under | dash
	b64extra = plus | slash | equal
	b64      = alnum | b64extra
	token68  = alnum | under | dash | dot | b64extra | tilde
	hostByte = alnum | dash | dot
)

// An action is what the scanner does at a byte.
type action uint8

const (
	skip      action = iota // Nothing starts here.
	onLetter                // A word: vendor secrets, JWTs, schemes.
	onDigit                 // A number: cards, SSNs.
	onSep                   // '=' or ':': what is before it may be a key.
	onAt                    // '@': an e-mail address or userinfo.
	onPercent               // '%': percent-encoded text.
	onEscape                // '\': an escape of JSON, Go or the like.
	onDash                  // '-': a flag, a PEM header.
	onMarkup                // '>': an XML element's text.
	onTilde                 // '~': an Azure client secret.
	onParen                 // '(': the arguments of a call, a tuple.
)

// classes tells the sets of every byte, actions what to do at it. Both are
// constant once built.
var classes, actions = buildClasses()

func buildClasses() (c [256]set, a [256]action) {
	for b := range 256 {
		ch := byte(b)
		switch {
		case '0' <= ch && ch <= '9':
			c[b] |= digit | hexdigit | lowerhex
			a[b] = onDigit
		case 'a' <= ch && ch <= 'z':
			c[b] |= letter | lower
			a[b] = onLetter
			if ch <= 'f' {
				c[b] |= hexdigit | lowerhex
			}
		case 'A' <= ch && ch <= 'Z':
			c[b] |= letter | upper
			a[b] = onLetter
			if ch <= 'F' {
				c[b] |= hexdigit
			}
		case ch <= ' ' || ch == 0x7f:
			c[b] |= blank
		}
	}
	c['_'] |= under
	c['-'] |= dash
	c['.'] |= dot
	c['+'] |= plus
	c['/'] |= slash
	c['='] |= equal
	c['~'] |= tilde
	c['%'] |= percent
	c['$'] |= dollar
	c['!'] |= bang
	c['@'] |= atSign
	for _, ch := range []byte("!#$&*+/?^_`{|}~-.%") {
		c[ch] |= local
	}
	for b := range 256 {
		if b >= 0x80 || c[b]&(alnum|under|dash|dot) != 0 {
			c[b] |= keyEnd
		}
	}
	for _, ch := range []byte("\"'` \t];%") {
		c[ch] |= keyEnd
	}
	for _, ch := range []byte("\"' \n=:,;&@/[]()?<") {
		c[ch] |= around
	}
	for _, ch := range []byte("\"{}[]\n") {
		c[ch] |= nests
	}
	a['='], a[':'] = onSep, onSep
	a['@'] = onAt
	a['%'] = onPercent
	a['\\'] = onEscape
	a['-'] = onDash
	a['>'] = onMarkup
	a['~'] = onTilde
	a['('] = onParen
	return c, a
}

// is reports whether b is in any of the sets.
func is(b byte, in set) bool { return classes[b]&in != 0 }

// run returns the end of the run of bytes of the sets that starts at s[i].
func run(s string, i int, in set) int {
	for i < len(s) && classes[s[i]]&in != 0 {
		i++
	}
	return i
}

// at returns s[i], or 0 outside of s.
func at(s string, i int) byte {
	if i < 0 || i >= len(s) {
		return 0
	}
	return s[i]
}

// hasFold reports whether s has the lower-case ASCII text p at i, in any case.
func hasFold(s string, i int, p string) bool {
	if i < 0 || len(s)-i < len(p) {
		return false
	}
	for k := range len(p) {
		c := s[i+k]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != p[k] {
			return false
		}
	}
	return true
}

// has reports whether s has the text p at i.
func has(s string, i int, p string) bool {
	return i >= 0 && len(s)-i >= len(p) && s[i:i+len(p)] == p
}

// A trigrams is a set of three-byte texts, without regard to case and a little
// too large: the five low bits of each byte count.
type trigrams [1 << 15 / 64]uint64

func gram(a, b, c byte) uint { return uint(a&31)<<10 | uint(b&31)<<5 | uint(c&31) }

func (t *trigrams) add(a, b, c byte)      { g := gram(a, b, c); t[g>>6] |= 1 << (g & 63) }
func (t *trigrams) has(a, b, c byte) bool { g := gram(a, b, c); return t[g>>6]>>(g&63)&1 != 0 }

// A tails is a set of four-byte ends of keys, without regard to case and a
// little too large.
type tails [1 << 15 / 64]uint64

func tail(d, a, b, c byte) uint {
	return (gram(a, b, c) ^ uint(d&31)*0x4e5) & (1<<15 - 1)
}

func (t *tails) add(d, a, b, c byte)      { g := tail(d, a, b, c); t[g>>6] |= 1 << (g & 63) }
func (t *tails) has(d, a, b, c byte) bool { g := tail(d, a, b, c); return t[g>>6]>>(g&63)&1 != 0 }
