package record

// Internals for tests.
var (
	AppendString   = appendString
	AppendFloat    = appendFloat
	AppendDuration = appendDuration
	AppendValue    = appendValue
	EscapedLen     = escapedLen
)

// LineLen returns the exact length of the line of r, uncut.
func LineLen(r *Record) int { return r.lineLen() }
