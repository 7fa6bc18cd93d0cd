package mask

// Sample returns a made-up secret of the vendor, for tests: the repository
// holds no text that looks like a real one.
func (v *vendor) Sample() string {
	const letters = "aB3dE5gH7jK9mN2pQ4rS6tU8vW0xYz1"
	const hexes = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
	const uppers = "A1B2C3D4E5F6G7H8J9K0L1M2N3P4Q5R6"
	alphabet := letters
	switch {
	case v.body&lower == 0 && v.body&upper != 0:
		alphabet = uppers
	case v.body&letter == 0:
		alphabet = hexes
	}
	n := max(v.min, 24)
	if v.max > 0 {
		n = min(n, v.max)
	}
	if v.rule == alnumAfter {
		n = v.min
	}
	var b []byte
	for i := range v.behind - 1 {
		b = append(b, letters[i%len(letters)])
	}
	if v.behind > 0 {
		b = append(b, '.')
	}
	b = append(b, v.prefix...)
	body := len(b)
	for i := range n {
		b = append(b, alphabet[i%len(alphabet)])
	}
	switch v.rule { //nolint:exhaustive // The others ask for nothing more.
	case dotted:
		b[body+n/2] = '.'
	case isJWT:
		b = append(b, ".eyJzdWIiOiIxIn0.c2lnbmF0dXJl"...)
	}
	return string(b)
}

// Vendors returns the table with what of each secret stays.
func Vendors() (list []struct{ Name, Prefix, Sample, Keep, Source string }) {
	for i := range vendors {
		v := &vendors[i]
		list = append(list, struct{ Name, Prefix, Sample, Keep, Source string }{v.name, v.prefix, v.Sample(), v.prefix[:v.keep], v.source})
	}
	return list
}

// AzureMarks returns the marks in Azure's keys, with how much is before each.
func AzureMarks() map[string]int { return azureMarks }

// Scan is String without the safety net for bugs.
func (m *Masker) Scan(s string) string {
	out, dirty := m.orDefault().scan(nil, s)
	if !dirty {
		return s
	}
	return string(out)
}
