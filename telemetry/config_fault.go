package telemetry

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"riskmanager.internal/otel/mask"
)

// fault is one thing wrong with the configuration.
type fault struct {
	at   origin
	key  string // Full path; empty where the fault is not about one key.
	what string
}

// Error says where, which key, what was found and what is wanted.
func (f *fault) Error() string {
	s := "telemetry: "
	if f.at.where != "" {
		s += f.at.String() + ": "
	}
	if f.key != "" && !f.at.variable {
		s += showKey(f.key) + ": "
	}
	return s + f.what
}

// Unwrap makes every fault an [ErrConfig].
func (f *fault) Unwrap() error { return ErrConfig }

// faults collects what is wrong.
type faults []*fault

func (fs *faults) add(at origin, key, format string, args ...any) {
	*fs = append(*fs, &fault{at: at, key: key, what: fmt.Sprintf(format, args...)})
}

// about reports whether a fault is about the key or a part of its value. A file
// that cannot be read may hold anything, and is about every key.
func (fs faults) about(key string) bool {
	return slices.ContainsFunc(fs, func(f *fault) bool {
		rest, ok := strings.CutPrefix(f.key, key)
		return f.key == "" || ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// err joins the faults, those of one source in the order of their lines. It
// returns nil if there are none.
func (fs faults) err() error {
	rank := map[string]int{}
	for i, f := range fs {
		if _, found := rank[f.at.where]; !found {
			rank[f.at.where] = i
		}
	}
	slices.SortStableFunc(fs, func(a, b *fault) int {
		return cmp.Or(cmp.Compare(rank[a.at.where], rank[b.at.where]), cmp.Compare(a.at.line, b.at.line))
	})
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// maxQuoted bounds, in bytes, what an error quotes of a value.
const maxQuoted = 80

// quote returns s masked, cut and in quotes.
func quote(s string) string { return strconv.Quote(cut(mask.Default().String(s))) }

// showKey returns the path of a key as an error shows it: a file may have
// anything for a key.
func showKey(key string) string {
	key = cut(mask.Default().String(key))
	if !printable(key) {
		key = strconv.Quote(key)
	}
	return key
}

func cut(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	n := maxQuoted
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// didYouMean returns ", did you mean x?" for the candidate nearest to got, or
// nothing if none is near.
func didYouMean(got string, candidates ...string) string {
	if s := nearest(got, candidates); s != "" {
		return ", did you mean " + s + "?"
	}
	return ""
}

// nearest returns the candidate that got is most likely a slip for, or "".
func nearest(got string, candidates []string) string {
	best, least := "", 0
	for _, c := range candidates {
		a, b := fold(got), fold(c)
		limit := max(1, max(len(a), len(b))/3)
		if len(a) > 2*len(b)+8 {
			continue
		}
		if d := distance(a, b); d <= limit && (best == "" || d < least) {
			best, least = c, d
		}
	}
	return best
}

// fold removes what keys are not told apart by.
func fold(s string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to make a into b (optimal string alignment).
func distance(a, b string) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
