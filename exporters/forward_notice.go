package exporters

import (
	"log/slog"
	"sync"
	"time"
)

// noticeInterval is the shortest time between two notices about records lost
// while nothing else changes.
const noticeInterval = 10 * time.Minute

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
	since    time.Time // When state was entered.
	pending  []note
	untold   [dropCauses]uint64
	toldAt   time.Time // When losses were told last.
	drained  bool      // Nothing is held any more: time for the sum.
	partials bool      // A partial success has been told.
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
	b.drained = false
	if b.enter(linkAway) {
		b.add(slog.LevelWarn, "OTLP collector went away: records are held until it is back",
			slog.String("reason", reason), slog.Int("held", held))
	}
}

// failed books a failed push of metrics, which loses nothing.
func (b *bulletin) failed(a answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.verdict == verdictRejected || a.verdict == verdictTooLarge {
		if b.enter(linkRejecting) {
			b.add(slog.LevelWarn, "OTLP collector refuses the metrics", slog.String("reason", a.text))
		}
	} else if b.enter(linkAway) {
		b.add(slog.LevelWarn, "OTLP collector went away: the next push carries the metrics again",
			slog.String("reason", a.text))
	}
}

// rejected books an attempt whose records are lost.
func (b *bulletin) rejected(cause DropCause, n int, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if cause == DropPanic {
		if b.untold[cause] == 0 && time.Since(b.toldAt) >= noticeInterval {
			b.add(slog.LevelWarn, "OTLP exporter panicked: its records are dropped", slog.String("reason", reason))
		}
	} else if b.enter(linkRejecting) {
		b.add(slog.LevelWarn, "OTLP collector refuses the records: they are dropped", slog.String("reason", reason))
	}
	b.untold[cause] += uint64(n)
}

// delivered books a successful attempt; idle says that nothing is held now.
func (b *bulletin) delivered(rejected int, message string, idle bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	after := time.Since(b.since)
	if b.enter(linkUp) {
		b.add(slog.LevelInfo, "OTLP collector is back", slog.Duration("after", after.Round(time.Millisecond)))
	}
	if (rejected > 0 || message != "") && !b.partials {
		b.partials = true
		b.add(slog.LevelWarn, "OTLP collector took only part of the records",
			slog.Int("rejected", rejected), slog.String("reason", message))
	}
	b.untold[DropPartial] += uint64(rejected)
	b.drained = idle
}

// dropped books records that were lost without an attempt.
func (b *bulletin) dropped(cause DropCause, n int) {
	if n <= 0 {
		return
	}
	b.mu.Lock()
	b.untold[cause] += uint64(n)
	b.mu.Unlock()
}

// due reports whether tell has something to say.
func (b *bulletin) due() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready()
}

func (b *bulletin) ready() bool {
	if len(b.pending) > 0 {
		return true
	}
	var lost uint64
	for _, n := range b.untold {
		lost += n
	}
	return lost > 0 && (b.drained && b.state == linkUp || time.Since(b.toldAt) >= noticeInterval)
}

// tell makes the notices that are due.
func (b *bulletin) tell() {
	b.mu.Lock()
	if !b.ready() {
		b.mu.Unlock()
		return
	}
	if attrs := b.losses(); attrs != nil {
		b.add(slog.LevelWarn, "OTLP collector did not get all records; the files have them", attrs...)
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

// enter changes the state and reports whether it did.
func (b *bulletin) enter(s linkState) bool {
	if b.state == s {
		return false
	}
	b.state, b.since = s, time.Now()
	return true
}

func (b *bulletin) add(level slog.Level, msg string, attrs ...slog.Attr) {
	all := append([]slog.Attr{slog.String("signal", b.signal), slog.String("endpoint", b.endpoint)}, attrs...)
	b.pending = append(b.pending, note{level, msg, all})
}

// losses returns what was lost since it was told last, nil if nothing was.
func (b *bulletin) losses() []slog.Attr {
	var sum uint64
	var by []slog.Attr
	for c, n := range b.untold {
		if n > 0 {
			sum += n
			by = append(by, slog.Uint64(DropCause(c).String(), n))
		}
	}
	if sum == 0 {
		return nil
	}
	b.untold = [dropCauses]uint64{}
	b.toldAt = time.Now()
	return []slog.Attr{slog.Uint64("not_delivered", sum), {Key: "by_cause", Value: slog.GroupValue(by...)}}
}
