package exporters

// DropCause is why a record was not delivered by OTLP. The files have it all
// the same.
type DropCause uint8

// The causes.
const (
	// DropQueueFull means that the collector was away for so long that the
	// bounds of the queue were reached.
	DropQueueFull DropCause = iota

	// DropRejected means that the collector refused the record for good: 401,
	// 400, a redirect and the like.
	DropRejected

	// DropPartial means that the collector took the batch without the record
	// (OTLP's partial success).
	DropPartial

	// DropPanic means that the exporter panicked on the record.
	DropPanic

	// DropShutdown means that the record was still held when the time of the
	// shutdown was up, or came after it.
	DropShutdown

	dropCauses = int(DropShutdown) + 1
)

// String returns the cause as it stands in notices: queue_full, rejected,
// partial_success, panic or shutdown.
func (c DropCause) String() string {
	switch c {
	case DropQueueFull:
		return "queue_full"
	case DropRejected:
		return "rejected"
	case DropPartial:
		return "partial_success"
	case DropPanic:
		return "panic"
	case DropShutdown:
		return "shutdown"
	default:
		return "unknown"
	}
}

// SignalStats counts the records (log records or spans) of one signal.
// Accepted is always exactly Delivered + Dropped + Held.
type SignalStats struct {
	Accepted  uint64 // Offered to the forward.
	Delivered uint64 // Taken by the collector.
	Dropped   uint64 // Given up, for any cause.
	Held      uint64 // Waiting or on their way.

	DroppedBy [dropCauses]uint64 // Dropped by [DropCause].

	HeldBytes uint64 // Estimated size of what waits.
	Attempts  uint64 // Requests made.
	Panics    uint64 // Panics of the exporter, all caught.
	Up        bool   // The last attempt did not fail.
	LastError string // What the last failure was, masked; empty if there was none.
}

func (s *SignalStats) drop(cause DropCause, n int) {
	if n > 0 {
		s.Dropped += uint64(n)
		s.DroppedBy[cause] += uint64(n)
	}
}

// MetricStats counts the pushes of metrics. A failed push loses nothing: the
// sums are cumulative, and the next push carries them again.
type MetricStats struct {
	Pushed    uint64 // Pushes that the collector took.
	Failed    uint64 // Pushes that it did not take.
	Rejected  uint64 // Data points that it refused (partial success).
	Panics    uint64 // Panics of the exporter, all caught.
	Up        bool   // The last push did not fail.
	LastError string // What the last failure was, masked; empty if there was none.
}

// ForwardStats is what [Forward.Stats] returns.
type ForwardStats struct {
	Logs    SignalStats
	Traces  SignalStats
	Metrics MetricStats
}
