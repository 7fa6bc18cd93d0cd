package logread

// ScanValid reports whether the scanner takes the line for a JSON object.
func ScanValid(b []byte) bool {
	var at [numFields]place
	return scanRecord(b, &at)
}

// ParseStamp is parseStamp.
func ParseStamp(s string) (int64, bool) { return parseStamp([]byte(s)) }
