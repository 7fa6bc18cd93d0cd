package exporters

import (
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"riskmanager.internal/otel/mask"
)

// maxErrorText bounds an error's text in bytes: a collector's answer can be
// a whole web page.
const maxErrorText = 400

// redactor makes texts about the collector fit to be read by anybody: the
// headers' values and the credentials of the endpoint are replaced wherever
// they appear (a server may echo them), and the rest is masked as any text.
type redactor struct {
	masker  *mask.Masker
	secrets *strings.Replacer
}

func newRedactor(m *mask.Masker, secrets []string) *redactor {
	var all []string
	for _, s := range secrets {
		for _, form := range []string{
			s, strings.TrimSpace(s), url.QueryEscape(s), url.PathEscape(s),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)),
		} {
			if len(form) >= 3 && !slices.Contains(all, form) { // A shorter one would tear other words.
				all = append(all, form)
			}
		}
		// "Bearer x": x alone is as secret.
		if _, token, ok := strings.Cut(strings.TrimSpace(s), " "); ok && len(token) >= 3 {
			all = append(all, token)
		}
	}
	// Longest first, so that no secret is found in parts.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, s := range all {
		pairs = append(pairs, s, mask.Text)
	}
	return &redactor{masker: m, secrets: strings.NewReplacer(pairs...)}
}

// clean returns text masked, on one line, and short.
func (r *redactor) clean(text string) string {
	if text == "" {
		return ""
	}
	// Cut after masking, so that no half of a secret escapes the masker; but
	// bound the masker's work first.
	if len(text) > maxAnswer {
		text = text[:maxAnswer]
	}
	text = r.masker.String(r.secrets.Replace(strings.ToValidUTF8(text, "\uFFFD")))
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || !unicode.IsPrint(c) && c != '\uFFFD' {
			return ' '
		}
		return c
	}, text)
	if len(text) > maxErrorText {
		cut := maxErrorText
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "..."
	}
	return text
}

// wrap returns an error that says prefix and the clean text of err. It does not
// wrap err, whose text anybody could print.
func (r *redactor) wrap(prefix string, err error) error {
	return errors.New(prefix + ": " + r.clean(err.Error()))
}
