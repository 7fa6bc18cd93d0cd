package mask

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// A verdict is what a key says about its value.
type verdict uint8

const (
	secretKey  verdict = 1 << iota // The value is a secret.
	headerKey                      // It is one and may hold blanks (Authorization, Cookie).
	idKey                          // An integer under it is no payment card.
	dirtyKey                       // The key itself holds a secret.
	allowedKey                     // The configuration says it is no secret's.
)

// maxKey is how many bytes at the end of a key decide.
const maxKey = 64

// A phrase is a text of the dictionary.
type phrase struct {
	text   string
	any    bool // Any letters may be before it; else a word must start there.
	strong bool // A plain tail may follow it.
	header bool
	plain  bool // It only ends like a secret's.
}

// A keyset is a dictionary of sensitive keys, immutable once built.
type keyset struct {
	phrases  map[uint][]phrase // By their last three bytes, the longest first.
	short    []phrase          // Those of fewer than three bytes.
	single   bool              // One of them is of one byte.
	pairs    [32]uint32        // Those of two bytes: the low five bits of each.
	last     *tails            // The last four bytes of sensitive keys.
	tailEnds *trigrams         // The last three bytes of plain tails.
	tails    map[string]struct{}
	ids      map[string]struct{}
	cards    map[string]struct{}
	allowed  map[string]struct{} // Whole keys that are not sensitive.
}

func words(list string) map[string]struct{} {
	m := make(map[string]struct{})
	for w := range strings.FieldsSeq(list) {
		m[w] = struct{}{}
	}
	return m
}

func newKeyset(extra, allow []string) *keyset {
	k := &keyset{
		phrases: map[uint][]phrase{}, last: new(tails), tailEnds: new(trigrams),
		tails: words(plainTails), ids: words(idWords), cards: words(cardWords), allowed: map[string]struct{}{},
	}
	strong, headers := words(strongWords), words(headerWords)
	seen := map[string]struct{}{}
	add := func(w string, anyBefore bool) {
		if _, ok := seen[w]; ok || w == "" {
			return
		}
		seen[w] = struct{}{}
		_, isStrong := strong[w]
		_, isHeader := headers[w]
		k.add(phrase{text: w, any: anyBefore, strong: isStrong, header: isHeader})
	}
	for w := range strings.FieldsSeq(wordEnds) {
		add(w, true)
	}
	for w := range strings.FieldsSeq(wholeWords) {
		add(w, false)
	}
	for w := range strings.FieldsSeq(plainKeys) {
		k.add(phrase{text: w, plain: true})
	}
	var f folded
	for _, e := range extra {
		f.fold(e)
		add(string(f.text()), false)
	}
	for _, a := range allow {
		f.fold(a)
		k.allowed[string(f.text())] = struct{}{}
	}
	for w := range k.tails {
		k.addLast(w)
		k.tailEnds.add(w[len(w)-3], w[len(w)-2], w[len(w)-1])
	}
	for _, list := range k.phrases {
		slices.SortFunc(list, func(a, b phrase) int { return len(b.text) - len(a.text) })
	}
	return k
}

func (k *keyset) add(p phrase) {
	k.addLast(p.text)
	n := len(p.text)
	if n < 3 {
		k.short = append(k.short, p)
		k.single = k.single || n == 1
		if n == 2 {
			k.pairs[p.text[0]&31] |= 1 << (p.text[1] & 31)
		}
		return
	}
	g := gram(p.text[n-3], p.text[n-2], p.text[n-1])
	k.phrases[g] = append(k.phrases[g], p)
}

// addLast registers the end of w. What is before a short text is not known.
func (k *keyset) addLast(w string) {
	n := len(w)
	if n >= 4 {
		k.last.add(w[n-4], w[n-3], w[n-2], w[n-1])
	}
	if n == 3 {
		for d := range 32 {
			k.last.add(byte(d), w[0], w[1], w[2])
		}
	}
}

// pair reports whether the word of two letters b and c may be sensitive.
func (k *keyset) pair(b, c byte) bool { return k.pairs[b&31]>>(c&31)&1 != 0 }

// A folded is a key's end in lower case without its separators.
type folded struct {
	buf    [maxKey]byte // Filled from the end.
	starts uint64       // Bit i: a word starts at buf[i].
	n      int          // Bytes in use: buf[maxKey-n:].
}

func (f *folded) text() []byte { return f.buf[maxKey-f.n:] }

// wordStart reports whether a word starts n bytes before the end.
func (f *folded) wordStart(n int) bool { return n == f.n || f.starts>>(maxKey-n)&1 != 0 }

// fold reads the last bytes of key, from the end. Digits at its very end do
// not count: password1 is a password.
func (f *folded) fold(key string) {
	f.starts, f.n = 0, 0
	i := len(key)
	for i > 0 && (is(key[i-1], digit|under|dash|dot|blank) || key[i-1] == ']') {
		i--
	}
	if i < len(key) && !f.keepDigits(key, i) {
		key = key[:i]
	}
	p := maxKey
	boundary := false // Between key[i] and key[i+1].
	for i = len(key); i > 0 && p > 0; {
		c := key[i-1]
		switch {
		case is(c, alnum):
			// A hump: "refreshToken" before 'T', "APIKey" before 'K'.
			if p < maxKey && !boundary {
				next := key[i]
				switch {
				case is(c, lower) && is(next, upper):
					boundary = true
				case is(c, upper) && is(next, upper) && i+1 < len(key) && is(key[i+1], lower) && is(next, upper):
					boundary = true
				case is(c, digit) && is(next, letter):
					boundary = true
				}
			}
			if boundary && p < maxKey {
				f.starts |= 1 << p
			}
			boundary = false
			if is(c, upper) {
				c |= 0x20
			}
			p--
			f.buf[p] = c
			i--
		case c < utf8.RuneSelf:
			boundary = true
			i--
		default:
			r, n := utf8.DecodeLastRuneInString(key[:i])
			if !invisible(r) {
				boundary = true
			}
			i -= n
		}
	}
	f.n = maxKey - p
}

// keepDigits reports whether the digits at the end belong to a text of the
// dictionary: cvv2.
func (f *folded) keepDigits(key string, i int) bool {
	return i >= 3 && len(key) == i+1 && key[i] == '2' && (hasFold(key, i-3, "cvv") || hasFold(key, i-3, "cvc"))
}

// invisible reports whether r shows nothing and separates nothing.
func invisible(r rune) bool {
	switch r {
	case 0x00ad, 0x034f, 0x061c, 0x180e, 0xfeff:
		return true
	}
	return 0x200b <= r && r <= 0x200f || 0x202a <= r && r <= 0x202e || 0x2060 <= r && r <= 0x2064
}

// judge decides whether a key's value is a secret, from its letters alone.
func (k *keyset) judge(key string) verdict {
	var f folded
	f.fold(key)
	p := k.match(&f)
	if p == nil {
		p = k.matchBeforeTail(&f)
	}
	if p == nil || p.plain {
		return 0
	}
	if len(k.allowed) > 0 && k.isAllowed(key) {
		return allowedKey
	}
	if p.header {
		return secretKey | headerKey
	}
	return secretKey
}

// identifies reports whether a key names integers that are no cards.
func (k *keyset) identifies(key string) bool {
	var f folded
	f.fold(key)
	return k.isID(&f)
}

// match returns the longest phrase that the key ends in, or nil.
func (k *keyset) match(f *folded) *phrase {
	t := f.text()
	n := len(t)
	if n >= 3 {
		list := k.phrases[gram(t[n-3], t[n-2], t[n-1])]
		for i := range list {
			p := &list[i]
			if l := len(p.text); l <= n && string(t[n-l:]) == p.text && (p.any || f.wordStart(l)) {
				return p
			}
		}
	}
	for i := range k.short {
		p := &k.short[i]
		if l := len(p.text); l <= n && string(t[n-l:]) == p.text && f.wordStart(l) {
			return p
		}
	}
	return nil
}

// matchBeforeTail is match for keys with a plain tail, API_KEY_PROD.
func (k *keyset) matchBeforeTail(f *folded) *phrase {
	t := f.text()
	if n := len(t); n < 3 || !k.tailEnds.has(t[n-3], t[n-2], t[n-1]) {
		return nil
	}
	for w := min(len(t)-1, 12); w >= 3; w-- {
		if !f.wordStart(w) {
			continue
		}
		if _, ok := k.tails[string(t[len(t)-w:])]; !ok {
			continue
		}
		g := folded{n: f.n - w, starts: f.starts << w}
		copy(g.buf[w:], f.buf[:maxKey-w])
		if p := k.match(&g); p != nil && p.strong {
			return p
		}
		return nil
	}
	return nil
}

func (k *keyset) isID(f *folded) bool {
	t := f.text()
	for n := 1; n <= len(t) && n <= 12; n++ {
		if !f.wordStart(n) {
			continue
		}
		if _, ok := k.ids[string(t[len(t)-n:])]; !ok {
			return false
		}
		// Card words anywhere in the key win.
		start := len(t)
		for m := 1; m <= len(t); m++ {
			if f.wordStart(m) {
				if _, ok := k.cards[string(t[len(t)-m:start])]; ok {
					return false
				}
				start = len(t) - m
			}
		}
		return true
	}
	return false
}

// isAllowed reports whether the key, or what follows its last dot, was allowed
// by the configuration.
func (k *keyset) isAllowed(key string) bool {
	var f folded
	f.fold(key)
	if _, ok := k.allowed[string(f.text())]; ok {
		return true
	}
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		f.fold(key[i+1:])
		_, ok := k.allowed[string(f.text())]
		return ok
	}
	return false
}

// maybe is a quick test of the end of a key, s[:e], that starts at s[from:] or
// before: false means it is not sensitive. Two separators may be within the
// last four letters: session_id, api_key.
func (k *keyset) maybe(s string, from, e int) bool {
	if k.single {
		return true
	}
	if e-from < 3 {
		return e-from == 2 && k.pair(s[e-2], s[e-1])
	}
	c, b := s[e-1], s[e-2]
	i := e - 3
	if !is(c, letter) {
		return true // Look closely.
	}
	switch {
	case is(b, letter):
	case is(b, digit): // The end of a color, or of a blank that is escaped: \u200b.
		return c == 'm' || strings.IndexByte(s[max(from, e-6):e], '\\') >= 0
	case b == '\\': // \t, \u2060.
		return c == 't' || c == 'u'
	default:
		return b >= utf8.RuneSelf
	}
	if isJoint(s[i]) && i > from {
		i--
	}
	a := s[i]
	i--
	if i >= from && isJoint(s[i]) && i > from {
		i--
	}
	var d byte
	if i >= from {
		d = s[i]
	}
	if !is(a, letter) {
		return a >= utf8.RuneSelf || k.pair(b, c)
	}
	return d >= utf8.RuneSelf || k.last.has(d, a, b, c) || k.pair(b, c)
}

// isJoint reports whether c may stand between the words of a key.
func isJoint(c byte) bool { return c == '_' || c == '-' || c == '.' || c == ' ' }

// A cache remembers verdicts on keys. It has a fixed number of places, two for
// each key; a new key takes the place of an old one, so memory is bounded whatever keys come.
type cache struct {
	seed  maphash.Seed
	slots [cacheSlots]atomic.Pointer[cached]
}

const cacheSlots = 1024

type cached struct {
	key     string
	verdict verdict
	clean   string // The key without secrets, when dirtyKey.
}

func newCache() *cache { return &cache{seed: maphash.MakeSeed()} }

// verdict returns the verdict on a key of an attribute.
func (m *Masker) verdict(key string) *cached {
	if len(key) > 2*maxKey {
		return m.judgeKey(key)
	}
	i := maphash.String(m.cache.seed, key) % cacheSlots
	slot, other := &m.cache.slots[i], &m.cache.slots[i^1]
	old := slot.Load()
	if old != nil && old.key == key {
		return old
	}
	if c := other.Load(); c != nil && c.key == key {
		return c
	}
	c := m.judgeKey(strings.Clone(key))
	slot.Store(c)
	if old != nil { // Two keys of one record may share a place: both stay.
		other.Store(old)
	}
	return c
}

func (m *Masker) judgeKey(key string) *cached {
	c := &cached{key: key, verdict: m.keys.judge(key), clean: key}
	if m.keys.identifies(key) {
		c.verdict |= idKey
	}
	if out, dirty := m.Append(nil, key); dirty {
		c.verdict |= dirtyKey
		c.clean = string(out)
	}
	return c
}

// Key reports whether the values under key are secrets: it does not matter
// what they are. It is safe for concurrent use.
func (m *Masker) Key(key string) bool {
	m = m.orDefault()
	if m.disabled {
		return false
	}
	return m.verdict(key).verdict&secretKey != 0
}
