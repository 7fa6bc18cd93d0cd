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
	where string // The file, the variable, "option"; empty for a bare Config.
	line  int    // In the file; 0 where there is none.
	key   string // Full path; empty where the fault is not about one key.
	what  string
}

// Error says where, which key, what was found and what is wanted.
func (f *fault) Error() string {
	s := "telemetry: "
	if f.where != "" {
		s += f.where
		if f.line > 0 {
			s += ":" + strconv.Itoa(f.line)
		}
		s += ": "
	}
	if f.key != "" && f.key != f.where {
		s += mask.Default().String(f.key) + ": "
	}
	return s + f.what
}

// Unwrap makes every fault an [ErrConfig].
func (f *fault) Unwrap() error { return ErrConfig }

// faults collects what is wrong.
type faults []*fault

func (fs *faults) add(at origin, key, format string, args ...any) {
	*fs = append(*fs, &fault{where: at.where, line: at.line, key: key, what: fmt.Sprintf(format, args...)})
}

// err joins the faults in the order of their lines, nil if there are none.
func (fs faults) err() error {
	slices.SortStableFunc(fs, func(a, b *fault) int {
		if a.where != b.where || a.line == 0 || b.line == 0 {
			return 0
		}
		return cmp.Compare(a.line, b.line)
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
