package mask

import "strings"

// dash handles '-' at s[i]: a PEM header, a command line's flag.
func (z *scan) dash(i int) int {
	s := z.s
	if i > 0 && (is(s[i-1], dash|dot) || glued(s, i)) {
		return i + 1
	}
	if at(s, i+1) == '-' && at(s, i+2) == '-' {
		if e := z.pem(i); e > 0 {
			return e
		}
		return run(s, i, dash)
	}
	b := i + 1
	if at(s, b) == '-' {
		b++
	}
	if !is(at(s, b), letter) {
		return b
	}
	e := run(s, b, keyByte)
	if b-i == 1 {
		if v := z.shortFlag(b, e); v > 0 {
			return v
		}
	}
	if v := z.flagValue(b, e); v > 0 {
		return z.flag(b, e, v)
	}
	return b
}

// flagValue returns where the value of the flag s[b:e] starts if it is the
// next argument: after blanks, or the next string of a list; else 0.
func (z *scan) flagValue(b, e int) int {
	s := z.s
	v := skipBlanks(s, e, false)
	if v == e {
		// ["--password","x"], ['--password', 'x']
		q := quoteAt(s, e)
		if q.text == "" || at(s, e+len(q.text)) == 0 {
			return 0
		}
		v = e + len(q.text)
		w := skipBlanks(s, v, true)
		if at(s, w) == ',' {
			w = skipBlanks(s, w+1, true)
		}
		if w == v || quoteAt(s, w).text != q.text {
			return 0
		}
		// The flag is all of its string, and the next one is no key of a map.
		first := b - 1
		if at(s, first-1) == '-' {
			first--
		}
		if quoteBefore(s, first).text != q.text {
			return 0
		}
		end, closed := z.closing(q, s, w+len(q.text))
		if !closed || at(s, skipBlanks(s, end+len(q.text), true)) == ':' {
			return 0
		}
		v = w
	}
	if v >= len(s) || s[v] == '-' || is(s[v], blank) {
		return 0
	}
	return v
}

// flag masks the value at s[v] of the flag s[b:e] if that is sensitive.
func (z *scan) flag(b, e, v int) int {
	s := z.s
	name := s[b:e]
	if userFlag(name) {
		return z.userFlag(b, e, v)
	}
	if !z.m.keys.maybe(name, 0, len(name)) {
		return b
	}
	k := key{start: b, end: e, outer: b, verdict: z.m.keys.judge(name)}
	if k.verdict&secretKey == 0 {
		return b
	}
	z.unsure = true
	if s[v] == '=' || s[v] == ':' {
		return b // The separator deals with it.
	}
	q := quoteAt(s, v)
	if q.text == "" && is(s[v], letter) && prose(s[v:run(s, v, word)]) {
		return b
	}
	if q.text != "" {
		if quoteAt(s, e).text == "" && z.isClosing(v, v+len(q.text), q) {
			return v
		}
		k.quote = q // A string of a list: the quote opens.
		return z.quoted(&k, v, q)
	}
	bv := bareValue{s: z.within(v), z: z, from: v, inside: z.nest.inside, listed: z.nest.open > 0}
	end := bv.end(v)
	if end <= v {
		return v
	}
	return z.secret(v, end)
}

// prose reports whether w follows a flag's name in a sentence rather than on a
// command line.
func prose(w string) bool {
	switch strings.ToLower(w) {
	case "to", "is", "are", "was", "or", "and", "not", "for", "in", "from", "with", "flag", "flags", "option",
		"options", "argument", "must", "cannot", "can", "should", "requires", "required", "if", "on", "as",
		"has", "value", "instead", "when", "but", "given", "set", "may", "will":
		return true
	}
	return false
}

// userFlag reports whether a flag's value is user:password.
func userFlag(name string) bool {
	switch name {
	case "u", "U", "user", "proxy-user", "creds", "userpwd":
		return true
	}
	return false
}

// userFlag masks the password of curl's -u user:password.
func (z *scan) userFlag(b, e, v int) int {
	s := z.s
	q := quoteAt(s, v)
	from := v + len(q.text)
	colon := strings.IndexByte(s[from:min(len(s), from+maxLook)], ':')
	if colon <= 0 || strings.HasPrefix(s[from+colon:], "://") {
		return b
	}
	p := from + colon + 1
	var end int
	if q.text != "" {
		if z.isClosing(v, from, q) {
			return b
		}
		end, _ = z.closing(q, z.within(v), from)
	} else {
		bv := bareValue{s: z.within(v), z: z, from: v}
		end = bv.end(v)
	}
	if p >= end || run(s, p, digit) == end && end-p <= 5 && e-b == 1 && !z.command(b, "curl") {
		return b // docker run -u 1000:1000
	}
	return z.secret(p, end)
}

// commands are programs whose short flags hold a password.
var commands = [...]struct{ name, flags string }{
	{"mysql", "p"},
	{"mariadb", "p"},
	{"mysqldump", "p"},
	{"mongo", "p"},
	{"sshpass", "p"},
	{"docker login", "p"},
	{"podman login", "p"},
	{"helm", "p"},
	{"az login", "p"},
	{"curl", ""},
	{"redis-cli", "a"},
	{"ldapsearch", "w"},
	{"ldapadd", "w"},
	{"ldapmodify", "w"},
	{"mosqu", "P"},
	{"ipmitool", "P"},
	{"sqlcmd", "P"},
	{"bcp ", "P"},
}

// shortFlag masks the value of a flag of one letter, s[b]: "-p=x", and "-px"
// and "-p x" of programs known for it.
func (z *scan) shortFlag(b, e int) int {
	s := z.s
	c := s[b]
	if c != 'p' && c != 'P' && c != 'a' && c != 'w' {
		return 0
	}
	v := b + 1
	switch {
	case c == 'p' && at(s, v) == '=':
		v++
		if q := quoteAt(s, v); q.text == "" {
			if strings.IndexByte("./", at(s, v)) >= 0 || is(at(s, v), blank) {
				return 0
			}
			if d := run(s, v, digit); d > v && !is(at(s, d), word) {
				return 0 // A port.
			}
		}
	case at(s, v) == 0 || is(at(s, v), blank):
		v = skipBlanks(s, v, false)
		if v >= len(s) || at(s, v) == '-' || !z.commandWith(b, c) {
			return 0
		}
	default:
		if c != 'p' || s[b:e] == "port" {
			return 0
		}
		// Only mysql and its like take -psecret.
		if !z.command(b, "mysql") && !z.command(b, "mariadb") && !z.command(b, "sshpass") {
			return 0
		}
	}
	if q := quoteAt(s, v); q.text != "" {
		return z.quoted(&key{start: b, end: b + 1, outer: b, verdict: secretKey}, v, q)
	}
	bv := bareValue{s: z.within(v), z: z, from: v, inside: z.nest.inside, listed: z.nest.open > 0}
	end := bv.end(v)
	if end <= v {
		return 0
	}
	return z.secret(v, end)
}

// command reports whether the program name is before s[b] on its line.
func (z *scan) command(b int, name string) bool {
	found := z.commandsBefore(b)
	for i := range commands {
		if commands[i].name == name {
			return found>>i&1 != 0
		}
	}
	return false
}

func (z *scan) commandWith(b int, flag byte) bool {
	found := z.commandsBefore(b)
	for i := range commands {
		if found>>i&1 != 0 && strings.IndexByte(commands[i].flags, flag) >= 0 {
			return true
		}
	}
	return false
}

// commandsBefore returns which commands are before s[b] on its line, a bit for
// each. The text is read once.
func (z *scan) commandsBefore(b int) uint32 {
	s := z.s
	for ; z.commandAt < b; z.commandAt++ {
		p := z.commandAt
		switch c := s[p]; {
		case c == '\n' || c == ';' || c == '|':
			z.commands = 0
		case is(c, letter) && !glued(s, p):
			for i := range commands {
				if name := commands[i].name; name[0] == c && has(s[:b], p, name) {
					z.commands |= 1 << i
				}
			}
		}
	}
	return z.commands
}
