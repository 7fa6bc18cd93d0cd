package record

import (
	"log/slog"

	"riskmanager.internal/otel/mask"
)

// Carried is what a context gives to every record made with it: the correlation
// ID and the context fields, masked and encoded once for all of them. It is
// immutable.
type Carried struct {
	id     string
	fields []slog.Attr
	dirty  bool
	json   string // The members of the object "context".
}

// Carry returns what a context with that ID and those plain fields carries, as
// m shows it.
func Carry(m *mask.Masker, id string, fields []slog.Attr) *Carried {
	r := Record{CorrelationID: id, Context: append([]slog.Attr(nil), fields...)}
	r.maskContext(m)
	return &Carried{
		id: r.CorrelationID, fields: r.Context, dirty: r.Dirty,
		json: string(appendContext(nil, &r)),
	}
}

// SetContext gives the record, which has no context yet, what c carries.
func (r *Record) SetContext(c *Carried) {
	r.CorrelationID = c.id
	r.Context = append(r.Context, c.fields...)
	r.Dirty = r.Dirty || c.dirty
	r.carried = c
}

// appendContext appends the members of the object "context".
func appendContext(dst []byte, r *Record) []byte {
	if r.carried != nil && r.whole {
		return append(dst, r.carried.json...)
	}
	if r.CorrelationID != "" {
		dst = append(dst, `"correlation_id":`...)
		dst = appendString(dst, r.CorrelationID)
		if len(r.Context) > 0 {
			dst = append(dst, ',')
		}
	}
	return appendMembers(dst, r.Context)
}
