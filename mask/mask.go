package mask

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"
)

// Text stands where a secret was. It never depends on the secret.
const Text = "***MASKED***"

// mailText stands where the local part of an e-mail address was.
const mailText = "***"

// Config says what is masked beside the built-in rules. The zero value is the
// default.
type Config struct {
	// Keys are further sensitive keys. Like the built-in ones they match at
	// the end of a key, on whole words, in any case, whatever the separators.
	Keys []string

	// AllowKeys are keys whose values are not masked for their key's sake;
	// they are still searched for secrets. An allowed key is a whole key, or
	// what follows its last dot.
	AllowKeys []string

	// Patterns are RE2 expressions; what they match is masked, or what their
	// group "secret" matches if they have one. A pattern costs time only where
	// a literal that it needs occurs.
	Patterns []string

	// KeepEmails leaves e-mail addresses as they are.
	KeepEmails bool

	// Disabled turns masking off as a whole.
	Disabled bool
}

// A Masker finds and masks secrets. It is immutable and safe for concurrent
// use. A nil *Masker and the zero Masker do as [Default] does.
type Masker struct {
	keys       *keyset
	cache      *cache
	patterns   []pattern
	keepEmails bool
	disabled   bool
}

// New returns a Masker. Its error tells of every pattern that does not
// compile, with its position.
func New(c Config) (*Masker, error) {
	m := &Masker{
		keys:       newKeyset(c.Keys, c.AllowKeys),
		cache:      newCache(),
		keepEmails: c.KeepEmails,
		disabled:   c.Disabled,
	}
	var errs []error
	for i, expr := range c.Patterns {
		p, err := newPattern(expr)
		if err != nil {
			errs = append(errs, fmt.Errorf("mask: pattern %d: %w", i+1, err))
			continue
		}
		m.patterns = append(m.patterns, p)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return m, nil
}

var defaultMasker = sync.OnceValue(func() *Masker {
	m, _ := New(Config{}) // Without patterns there is no error.
	return m
})

// Default returns the Masker of the zero [Config].
func Default() *Masker { return defaultMasker() }

func (m *Masker) orDefault() *Masker {
	if m == nil || m.keys == nil {
		return Default()
	}
	return m
}

// Disabled reports whether masking is off.
func (m *Masker) Disabled() bool { return m.orDefault().disabled }

// String returns s with its secrets masked. A text without secrets is returned
// as it is, without an allocation.
func (m *Masker) String(s string) string {
	out, dirty := m.Append(nil, s)
	if !dirty {
		return s
	}
	return unsafe.String(unsafe.SliceData(out), len(out)) //nolint:gosec // Nobody else has out.
}

// maxPasses bounds how often a text is scanned. One pass is enough, except
// where the text is broken, such as by a quote that is never closed: what was
// masked there may change how the rest is read.
const maxPasses = 4

// Append appends s with its secrets masked to dst and reports true. If s has
// none it returns dst as it is and false: the caller goes on with s.
func (m *Masker) Append(dst []byte, s string) (out []byte, dirty bool) {
	m = m.orDefault()
	if m.disabled || len(s) < minSecret {
		return dst, false
	}
	base := len(dst)
	defer func() {
		if r := recover(); r != nil {
			// A bug of the scanner must cost neither the program nor the
			// secret: what cannot be inspected is masked.
			out, dirty = append(slices.Clone(dst[:base]), Text...), true
		}
	}()
	return m.scan(dst, s)
}

// scan is Append for a text that may hold a secret. It panics if the scanner
// has a bug, so that tests see it.
func (m *Masker) scan(dst []byte, s string) (out []byte, dirty bool) {
	base := len(dst)
	for range maxPasses {
		more := false
		for i := range m.patterns {
			if p := &m.patterns[i]; p.mayMatch(s) {
				if masked, ok := p.mask(m, s); ok {
					s, more = masked, true
				}
			}
		}
		z := scan{m: m, s: s, fuel: 4*len(s) + 4096}
		if !dirty {
			z.dst, z.base = dst, base
		}
		z.run()
		switch {
		case z.dirty && dirty:
			dst = append(dst[:base], z.dst...)
		case z.dirty:
			dst = z.dst
		case more:
			dst = append(dst[:base], s...)
		default:
			return dst, dirty
		}
		dirty = true
		if !z.unsure && !more {
			return dst, true
		}
		s = unsafe.String(unsafe.SliceData(dst[base:]), len(dst)-base) //nolint:gosec // The next pass writes elsewhere.
	}
	return dst, true
}

// minSecret is the length of the shortest text that can hold a secret: "k=1".
const minSecret = 3
