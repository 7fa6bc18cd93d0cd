package record

import (
	"log/slog"

	"riskmanager.internal/otel/mask"
)

// surelyFits is an upper bound of a line that fits after masking, too: what is
// masked grows to 12 bytes at most, however short it was.
const surelyFits = MaxLine / 32

// Mask masks everything the record says, once: a second call does nothing. It
// also cuts the record to what a line can hold (see [Record.Limit]), so that
// every sink renders the same. A nil m masks by the default rules. Source is
// the program's own text and stays. Nothing but IDs may be changed afterwards.
func (r *Record) Mask(m *mask.Masker) {
	if r.Masked {
		return
	}
	bound := r.bound()
	if bound > maxUnmasked {
		r.shorten()
	}
	if r.Body.Kind() == slog.KindString {
		if s := r.Body.String(); s != "" {
			r.Body = slog.StringValue(m.String(s))
		}
	} else {
		r.Body = m.Value(r.Body)
	}
	if r.CorrelationID != "" {
		r.CorrelationID = m.String(r.CorrelationID)
	}
	m.Attrs(r.Context)
	m.Attrs(r.Attrs)
	m.Attrs(r.Moved)
	if e := r.Error; e != nil {
		e.Type, e.Message = m.String(e.Type), m.String(e.Message)
		if e.Stack != "" {
			e.Stack = m.String(e.Stack)
		}
	}
	if r.foreign {
		r.Logger, r.EventName = m.String(r.Logger), m.String(r.EventName)
		if r.UID != "" {
			r.UID = m.String(r.UID)
		}
	}
	r.Masked = true
	if bound <= surelyFits && r.budget.Lost() == 0 {
		r.whole = true
		return
	}
	r.Limit()
}
