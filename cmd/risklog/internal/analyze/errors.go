package analyze

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"riskmanager.internal/otel/internal/logread"
)

const (
	maxGroups   = 10000
	maxAccounts = 100
)

// ErrorGroup is errors that are the same but for numbers and IDs.
type ErrorGroup struct {
	Fingerprint string // Of type, operation and message, 12 hex digits.
	Type        string
	Operation   string
	Message     string // With <n>, <id> and the like for what differs.
	Logger      string // Of the last one.
	Level       slog.Level
	Count       int
	First, Last time.Time
	Accounts    []string // Sorted; 100 at most.

	// The last one as an example.
	Sample      string
	TraceID     string
	Correlation string
}

// Errors groups errors.
type Errors struct {
	// MinLevel is from which level a record counts as an error. The zero value
	// means ERROR. The end record of a failed operation counts always.
	MinLevel slog.Leveler

	groups  map[string]*ErrorGroup
	LeftOut int // Errors of groups beyond the 10000th.
}

// Add adds a record, if it is an error.
func (e *Errors) Add(r *logread.Record) {
	least := levelError
	if e.MinLevel != nil {
		least = e.MinLevel.Level()
	}
	if r.Level() < least && (!r.IsEnd() || !r.Is(logread.Status, "error")) {
		return
	}
	typ, message, _ := r.ErrorParts()
	text := r.Text(logread.Message)
	if message != "" && message != text {
		if text != "" {
			text += ": "
		}
		text += message
	}
	op := r.Text(logread.Operation)
	norm := Normalize(text)
	key := typ + "\x00" + op + "\x00" + norm
	g := e.groups[key]
	if g == nil {
		if len(e.groups) >= maxGroups {
			e.LeftOut++
			return
		}
		if e.groups == nil {
			e.groups = map[string]*ErrorGroup{}
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(key)) // It never fails.
		g = &ErrorGroup{Fingerprint: fmt.Sprintf("%016x", h.Sum64())[:12], Type: typ, Operation: op, Message: norm, First: r.Time(), Level: r.Level()}
		e.groups[key] = g
	}
	g.Count++
	g.Last = r.Time()
	g.Logger = r.Text(logread.Logger)
	g.Level = max(g.Level, r.Level())
	if account := r.Text(logread.AccountID); account != "" && len(g.Accounts) < maxAccounts {
		if i, found := slices.BinarySearch(g.Accounts, account); !found {
			g.Accounts = slices.Insert(g.Accounts, i, account)
		}
	}
	g.Sample = text
	if id := r.TraceID(); id != "" || g.TraceID == "" {
		g.TraceID, g.Correlation = id, r.Text(logread.CorrelationID)
	}
}

// Groups returns the groups, those with the most errors first.
func (e *Errors) Groups() []*ErrorGroup {
	out := slices.Collect(maps.Values(e.groups))
	slices.SortFunc(out, func(a, b *ErrorGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

// Normalize takes numbers and IDs out of a message: what is left is the same
// for errors of the same cause. Words with digits in them, UUIDs, hex, times
// and quoted texts differ from case to case; names such as HTTP/2 or ipv4
// stay only by their letters.
func Normalize(s string) string {
	const maxMessage = 400
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() < maxMessage; {
		c := s[i]
		if !wordByte(c) {
			sign := (c == '-' || c == '+') && i+1 < len(s) && digit(s[i+1]) && (i == 0 || !wordByte(s[i-1]))
			if !sign {
				b.WriteByte(c)
			}
			i++
			continue
		}
		j := i
		for j < len(s) && (wordByte(s[j]) || inNumber(s, j)) {
			j++
		}
		b.WriteString(placeholder(s[i:j]))
		i = j
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80
}

// inNumber reports whether the byte joins two parts of one number or ID:
// 1.5, 10:30:45, 2025-10-21, a UUID's dashes, 1,000.
func inNumber(s string, i int) bool {
	if i == 0 || i+1 >= len(s) || !wordByte(s[i-1]) || !wordByte(s[i+1]) {
		return false
	}
	switch s[i] {
	case '.', ':', ',':
		return digit(s[i-1]) && digit(s[i+1])
	case '-':
		return hexByte(s[i-1]) && hexByte(s[i+1]) && digitNear(s, i)
	default:
		return false
	}
}

// digitNear reports whether there is a digit in one of the words beside i.
func digitNear(s string, i int) bool {
	for j := i - 1; j >= 0 && wordByte(s[j]); j-- {
		if digit(s[j]) {
			return true
		}
	}
	for j := i + 1; j < len(s) && wordByte(s[j]); j++ {
		if digit(s[j]) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func hexByte(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// placeholder returns what stands for a word.
func placeholder(w string) string {
	digits, letters, hexOnly := 0, 0, true
	for i := range len(w) {
		switch c := w[i]; {
		case digit(c):
			digits++
		case c == '-' || c == ':' || c == '.' || c == ',':
		default:
			letters++
			hexOnly = hexOnly && hexByte(c)
		}
	}
	switch {
	case digits == 0:
		return w
	case letters == 0:
		return "<n>"
	case hexOnly && len(w) >= 8:
		return "<id>"
	}
	// A number with a unit (10ms, 3rd), or a name with one (ACC123, order_42).
	if digit(w[0]) {
		unit := strings.TrimLeft(w, "0123456789.,")
		if len(unit) <= 2 {
			return "<n>" + unit
		}
		return "<id>"
	}
	return "<id>"
}
