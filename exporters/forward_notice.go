package exporters

import (
	"log/slog"
	"sync"
	"time"
)

// calmInterval is the shortest time between two notices that the collector went
// away or refuses: one that comes and goes with every batch is told of once a
// minute. noticeInterval is that between two sums of what was lost.
const (
	calmInterval   = time.Minute
	noticeInterval = 10 * time.Minute
)

// linkState is what is known of the collector for one signal.
type linkState uint8

const (
	linkUp linkState = iota
	linkAway
	linkRejecting
)

// bulletin tells people about a signal's collector: once when it goes away,
// begins to refuse or comes back, with how many records it did not get. It
// collects what happened under locks of others and tells it from the sender's
// goroutine, so that a slow callback holds up nobody's log call.
type bulletin struct {
	signal   string
	endpoint string // Without credentials.
	notice   func(level slog.Level, msg string, attrs ...slog.Attr)

	mu       sync.Mutex // Guards the fields below.
	state    linkState
	since    time.Time // When the state ceased to be linkUp.
	fault    *note     // Why it did, until that is told.
	calm     time.Time // No fault is told before this.
	told     bool      // One has been, and not yet that it is over.
	pending  []note
	outage   losses    // Lost since then, for the notice that it is over.
	untold   losses    // Lost and in no notice yet.
	lostAt   time.Time // When the first of the untold were lost.
	summedAt time.Time // When losses were told last.
	idle     bool      // Nothing is held any more: time for the sum.
	full     bool      // That the queue is full has been told, for this outage.
	partials bool      // That there was a partial success has been told.
}

type note struct {
	level slog.Level
	msg   string
	attrs []slog.Attr
}

// away books a failed attempt that will be repeated.
func (b *bulletin) away(held int, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.enter(linkAway, "OTLP collector went away: records are held meanwhile",
		slog.String("reason", reason), slog.Int("held", held))
}

// failed books a failed push of metrics, which loses nothing.
func (b *bulletin) failed(a answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state, msg := linkAway, "OTLP collector went away: the next push carries the metrics again"
	switch a.verdict { //nolint:exhaustive // The others mean that it is away.
	case verdictRejected, verdictTooLarge:
		state, msg = linkRejecting, "OTLP collector refuses the metrics"
	case verdictPanic:
		state, msg = linkRejecting, "OTLP exporter or a metric's callback panics: no metrics are sent"
	}
	b.enter(state, msg, slog.String("reason", a.text))
}

// rejected books an attempt whose records are lost.
func (b *bulletin) rejected(cause DropCause, n int, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	msg := "OTLP collector refuses the records: they are dropped"
	if cause == DropPanic {
		msg = "OTLP exporter panics: its records are dropped"
	}
	b.enter(linkRejecting, msg, slog.String("reason", reason))
	b.lose(cause, n)
}

// delivered books a successful attempt; idle says that nothing is held now.
func (b *bulletin) delivered(rejected int, message string, idle bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.told {
		attrs := []slog.Attr{slog.Duration("after", time.Since(b.since).Round(time.Millisecond))}
		b.add(slog.LevelInfo, "OTLP collector is back", append(attrs, b.outage.attrs()...)...)
		b.told, b.full, b.untold = false, false, losses{}
		b.calm = time.Now().Add(calmInterval)
	}
	b.state, b.fault, b.outage = linkUp, nil, losses{}
	if (rejected > 0 || message != "") && !b.partials {
		b.partials = true
		b.add(slog.LevelWarn, "OTLP collector took only part of the records",
			slog.Int("rejected", rejected), slog.String("reason", message))
		rejected, b.summedAt = 0, time.Now() // Told right here.
	}
	b.lose(DropPartial, rejected)
	b.idle = idle
}

// dropped books records that gave way to others.
func (b *bulletin) dropped(n int) {
	if n <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.full {
		b.full = true
		b.add(slog.LevelWarn, "OTLP queue is full: the least important records are dropped, DEBUG first")
	}
	b.lose(DropQueueFull, n)
}

func (b *bulletin) lose(cause DropCause, n int) {
	if n <= 0 {
		return
	}
	if b.untold == (losses{}) {
		b.lostAt = time.Now()
	}
	b.untold[cause] += uint64(n)
	if b.state != linkUp {
		b.outage[cause] += uint64(n)
	}
}

// due reports whether tell has something to say.
func (b *bulletin) due() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pending) > 0 || b.ripe() || b.sum()
}

// ripe reports whether it is time to tell the fault.
func (b *bulletin) ripe() bool { return b.fault != nil && time.Now().After(b.calm) }

// sum reports whether it is time to say how much was lost: when all is well
// again, or every now and then.
func (b *bulletin) sum() bool {
	well := b.idle && b.state == linkUp
	past := func(t time.Time) bool { return time.Since(t) >= noticeInterval }
	return b.untold != (losses{}) && (past(b.lostAt) || well && past(b.summedAt))
}

// tell makes the notices that are due.
func (b *bulletin) tell() {
	b.mu.Lock()
	if b.ripe() {
		b.pending = append(b.pending, *b.fault)
		b.fault, b.told = nil, true
		b.calm = time.Now().Add(calmInterval)
	}
	if b.sum() {
		b.add(slog.LevelWarn, "OTLP collector did not get all records; the files have them", b.untold.attrs()...)
		b.untold, b.summedAt = losses{}, time.Now()
	}
	pending := b.pending
	b.pending = nil
	b.mu.Unlock()

	if b.notice == nil {
		return
	}
	for _, n := range pending {
		//nolint:errcheck // The panic of a callback must not end the sender.
		guard(func() error { b.notice(n.level, n.msg, n.attrs...); return nil })
	}
}

// enter leaves the state that all is well, or changes why it is not. What is
// over before it is told never is.
func (b *bulletin) enter(s linkState, msg string, attrs ...slog.Attr) {
	b.idle = false
	if b.state == s {
		return
	}
	if b.state == linkUp {
		b.since = time.Now()
	}
	b.state = s
	b.fault = b.note(slog.LevelWarn, msg, attrs...)
}

func (b *bulletin) add(level slog.Level, msg string, attrs ...slog.Attr) {
	b.pending = append(b.pending, *b.note(level, msg, attrs...))
}

func (b *bulletin) note(level slog.Level, msg string, attrs ...slog.Attr) *note {
	all := append([]slog.Attr{slog.String("signal", b.signal), slog.String("endpoint", b.endpoint)}, attrs...)
	return &note{level, msg, all}
}

// losses counts lost records by [DropCause].
type losses [dropCauses]uint64

// attrs returns the sum and its parts, nothing if nothing was lost.
func (l losses) attrs() []slog.Attr {
	var sum uint64
	var by []slog.Attr
	for c, n := range l {
		if n > 0 {
			sum += n
			by = append(by, slog.Uint64(DropCause(c).String(), n))
		}
	}
	if sum == 0 {
		return nil
	}
	return []slog.Attr{slog.Uint64("not_delivered", sum), {Key: "by_cause", Value: slog.GroupValue(by...)}}
}
