package mask

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// A pattern is a user's expression, and a text that everything it matches
// contains.
type pattern struct {
	re      *regexp.Regexp
	literal string // "" means none is known.
	group   int    // The group that is masked; 0 is the whole match.
}

func newPattern(expr string) (pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		if se, ok := errors.AsType[*syntax.Error](err); ok {
			if at := strings.Index(expr, se.Expr); at >= 0 {
				return pattern{}, fmt.Errorf("%q: byte %d: %s: %q", expr, at+1, se.Code, se.Expr)
			}
		}
		return pattern{}, fmt.Errorf("%q: %w", expr, err)
	}
	p := pattern{re: re}
	if g := re.SubexpIndex("secret"); g > 0 {
		p.group = g
	}
	if parsed, err := syntax.Parse(expr, syntax.Perl); err == nil {
		p.literal = required(parsed.Simplify())
	}
	return p, nil
}

// required returns the longest text that every match of re contains, as far as
// that is easily told.
func required(re *syntax.Regexp) string {
	switch re.Op { //nolint:exhaustive // Of the others no literal is known.
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return ""
		}
		return string(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if l := required(sub); len(l) > len(best) {
				best = l
			}
		}
		return best
	}
	return ""
}

func (p *pattern) mayMatch(s string) bool {
	return p.literal == "" || strings.Contains(s, p.literal)
}

// mask returns s with what the pattern matches masked, if there is anything.
// What is masked already stays.
func (p *pattern) mask(m *Masker, s string) (string, bool) {
	z := scan{m: m, s: s}
	for _, loc := range p.re.FindAllStringSubmatchIndex(s, -1) {
		from, to := loc[2*p.group], loc[2*p.group+1]
		if from < 0 || from == to || strings.Contains(Text, s[from:to]) {
			continue
		}
		if run(s, from, digit) == to {
			z.maskNumber(from, to)
			continue
		}
		z.mask(from, to, Text)
	}
	if !z.dirty {
		return s, false
	}
	return string(append(z.dst, s[z.last:]...)), true
}
