package doctor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"riskmanager.internal/otel/cmd/risklog/internal/term"
	"riskmanager.internal/otel/internal/logread"
	"riskmanager.internal/otel/mask"
)

// telemetryLogger is the logger under which the library reports on itself.
const telemetryLogger = "risk_manager.telemetry"

// content reads all records once.
func (x *examination) content(ctx context.Context) error {
	set, err := logread.Open(x.Dir, x.Names)
	if err != nil {
		return nil // Told by files.
	}
	defer set.Close()
	var (
		mu      sync.Mutex
		secrets = secrets{masker: x.Masker, found: map[string]int{}}
		loss    losses
		gaps    gaps
		serial  = serials{byProcess: map[string]*serial{}}
		future  int
		first   time.Time
		last    time.Time
	)
	gaps.least = x.Gap
	f := x.Filter
	f.Odd = func(f *logread.File, line []byte) {
		mu.Lock()
		defer mu.Unlock()
		secrets.text(f, "(a line that is no record)", string(line))
	}
	counts, err := set.Each(ctx, f, func(r *logread.Record) error {
		mu.Lock()
		defer mu.Unlock()
		if t := r.Time(); !t.IsZero() {
			if first.IsZero() {
				first = t
			}
			last = t
			if t.After(x.Now.Add(time.Minute)) {
				future++
			}
			gaps.add(t)
		}
		loss.add(r)
		serial.add(r)
		secrets.record(r)
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range set.Warn {
		x.addf("readable", Bad, "%v", w)
	}
	if counts.Records == 0 {
		x.add("records", Note, "none")
	} else {
		x.addf("records", OK, "%s from %s to %s", term.Count(counts.Records, "record"), logread.Stamp(first), logread.Stamp(last))
	}
	x.lines(counts)
	x.gaps(&gaps, &serial, future)
	x.losses(&loss)
	x.secrets(&secrets)
	return nil
}

func (x *examination) lines(c logread.Counts) {
	var parts []string
	if c.Torn > 0 {
		parts = append(parts, term.Count(c.Torn, "torn line"))
	}
	if c.Cut > 0 {
		parts = append(parts, term.Count(c.Cut, "compressed file")+" cut off")
	}
	status := Bad
	if len(parts) == 0 {
		status = Note
	}
	if c.Foreign > 0 {
		parts = append(parts, term.Count(c.Foreign, "foreign line"))
	}
	if len(parts) == 0 {
		x.addf("lines", OK, "all of %s are whole", term.Count(c.Lines, "line"))
		return
	}
	x.addf("lines", status, "%s of %d", strings.Join(parts, ", "), c.Lines)
}

// gaps finds silences.
type gaps struct {
	least   time.Duration
	last    time.Time
	count   int
	details []string
}

func (g *gaps) add(t time.Time) {
	if d := t.Sub(g.last); !g.last.IsZero() && d >= g.least {
		g.count++
		if len(g.details) < maxDetails {
			g.details = append(g.details, fmt.Sprintf("%s of silence after %s", term.Duration(d), logread.Stamp(g.last)))
		} else {
			g.details = more(g.details, g.count-1)
		}
	}
	g.last = t
}

// serials counts the records of each process by the serial numbers in their
// uids: a number that is missing between others is a record that is.
type serials struct {
	byProcess map[string]*serial
}

type serial struct{ least, most, count uint64 }

const ulidLen = 26

func (s *serials) add(r *logread.Record) {
	uid := r.Text(logread.UID)
	if len(uid) != ulidLen || r.File() == nil {
		return
	}
	// The rest of a ULID of ours: eight characters of the process, eight of its
	// counter.
	n, ok := crockford(uid[18:])
	if !ok {
		return
	}
	p := s.byProcess[uid[10:18]]
	if p == nil {
		if len(s.byProcess) >= 10000 {
			return
		}
		p = &serial{least: n, most: n}
		s.byProcess[uid[10:18]] = p
	}
	p.least, p.most = min(p.least, n), max(p.most, n)
	p.count++
}

func crockford(s string) (n uint64, ok bool) {
	for i := range len(s) {
		d := strings.IndexByte("0123456789ABCDEFGHJKMNPQRSTVWXYZ", s[i])
		if d < 0 {
			return 0, false
		}
		n = n<<5 | uint64(d)
	}
	return n, true
}

func (s *serials) missing() (n uint64) {
	for _, p := range s.byProcess {
		// Random numbers are nobody's counter.
		if span := p.most - p.least + 1; span > p.count && span < 4*p.count+1000 {
			n += span - p.count
		}
	}
	return n
}

func (x *examination) gaps(g *gaps, s *serials, future int) {
	if future > 0 {
		x.addf("clock", Note, "%s from the future", term.Count(future, "record"))
	}
	var details []string
	status := OK
	if g.count > 0 {
		status = Note
		details = append(details, g.details...)
	}
	message := "no silence of " + term.Duration(g.least) + " or more"
	if g.count > 0 {
		message = term.Count(g.count, "silence") + " of " + term.Duration(g.least) + " or more"
	}
	// Filters leave records out, which is no gap.
	whole := x.Filter.Since.IsZero() && x.Filter.Until.IsZero() && x.Filter.MinLevel == nil && len(x.Filter.Accounts)+len(x.Filter.Rules)+len(x.Filter.Loggers)+len(x.Filter.Contains) == 0
	if n := s.missing(); n > 0 && whole {
		status = Note
		message += fmt.Sprintf("; %d serial numbers are missing between others: lost, below the level of daemon.log, folded, or pruned", n)
	}
	x.add("gaps", status, message, details...)
}

// losses adds up what the library says it has lost.
type losses struct {
	records, forwards  float64
	notices            int
	details            []string
	notDelivered       int
	lastLoss, lastFail time.Time
}

func (l *losses) add(r *logread.Record) {
	if !r.Is(logread.Logger, telemetryLogger) {
		return
	}
	if n, ok := logread.Number(r.Attr("lost_records")); ok && n > 0 {
		l.records += n
		l.notices++
		l.lastLoss = r.Time()
		if len(l.details) < maxDetails {
			d := fmt.Sprintf("%s: %s: %s", logread.Stamp(r.Time()), r.Text(logread.Message), term.Float(n))
			if cause := r.Attr("cause"); cause != nil {
				d += " (" + logread.Text(cause) + ")"
			}
			l.details = append(l.details, term.Clean(d))
		} else {
			l.details = more(l.details, l.notices-1)
		}
	}
	if n, ok := logread.Number(r.Attr("not_delivered")); ok && n > 0 {
		l.forwards += n
		l.notDelivered++
		l.lastFail = r.Time()
	}
}

func (x *examination) losses(l *losses) {
	switch {
	case l.records > 0:
		x.add("lost", Bad, fmt.Sprintf("%s records could not be written, in %s", term.Float(l.records), term.Count(l.notices, "notice")), l.details...)
	default:
		x.add("lost", OK, "no notice of records that could not be written")
	}
	if l.forwards > 0 {
		x.addf("forwarded", Note, "%s records or spans did not reach the collector, the last notice is of %s; the files have them: risklog export --otlp ENDPOINT",
			term.Float(l.forwards), logread.Stamp(l.lastFail))
	}
}

// secrets scans what the files say with the current rules.
type secrets struct {
	masker *mask.Masker
	found  map[string]int
	total  int
}

func (s *secrets) record(r *logread.Record) {
	s.object(r.File(), "", r.Line(), 0)
}

const scanDepth = 32

func (s *secrets) object(f *logread.File, path string, raw []byte, depth int) {
	for k, v := range logread.Members(raw) {
		name := k
		if path != "" {
			name = path + "." + k
		}
		if s.masker.String(k) != k {
			s.hit(f, path+" (a key)")
			name = path + ".(masked)"
		}
		switch name {
		case "trace_id", "span_id", "parent_span_id", "context.correlation_id":
			// Digits of such an ID may look like those of a card.
			if logread.IsID(logread.Text(v)) {
				continue
			}
		}
		if s.masker.Key(k) && !masked(v) {
			s.hit(f, name)
			continue
		}
		s.value(f, name, v, depth)
	}
}

func (s *secrets) value(f *logread.File, name string, v []byte, depth int) {
	if len(v) == 0 || depth > scanDepth {
		return
	}
	switch c := v[0]; {
	case c == '{':
		s.object(f, name, v, depth+1)
	case c == '[':
		for e := range logread.Elements(v) {
			s.value(f, name, e, depth+1)
		}
	case c == '"':
		s.text(f, name, logread.Text(v))
	case c == '-' || c >= '0' && c <= '9':
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil && s.masker.Int(n) {
			s.hit(f, name)
		}
	}
}

// masked reports whether the value of a sensitive key is hidden, or none.
func masked(v []byte) bool {
	switch string(v) {
	case "null", `""`, "{}", "[]":
		return true
	}
	return logread.Text(v) == mask.Text
}

func (s *secrets) text(f *logread.File, name, text string) {
	if s.masker.String(text) != text {
		s.hit(f, name)
	}
}

func (s *secrets) hit(f *logread.File, name string) {
	s.total++
	where := name
	if f != nil {
		where = f.Name + ": " + name
	}
	if _, known := s.found[where]; known || len(s.found) < 1000 {
		s.found[where]++
	}
}

func (x *examination) secrets(s *secrets) {
	if s.total == 0 {
		x.add("secrets", OK, "none found by the current rules")
		return
	}
	details := make([]string, 0, len(s.found))
	for where, n := range s.found {
		details = append(details, term.Clean(fmt.Sprintf("%s: %d", where, n)))
	}
	slices.Sort(details)
	if len(details) > maxDetails {
		details = append(details[:maxDetails], fmt.Sprintf("and %d more places", len(details)-maxDetails))
	}
	x.add("secrets", Bad, term.Count(s.total, "value")+" that the current rules would mask", details...)
}
