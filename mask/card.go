package mask

// Payment cards: an issuer's range, a length that it uses, and the check digit.

const (
	minCard = 12
	maxCard = 19
)

// An issuer is a range of leading digits.
type issuer struct {
	name     string
	from, to string // Of equal length.
	lengths  uint32 // Bit n: n digits.
}

func lengths(ns ...uint) (mask uint32) {
	for _, n := range ns {
		mask |= 1 << n
	}
	return mask
}

// issuers are the ranges of ISO/IEC 7812.
//
// Source: https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN)
var issuers = [...]issuer{
	{"Visa", "4", "4", lengths(13, 16, 19)},
	{"Mastercard", "51", "55", lengths(16)},
	{"Mastercard", "2221", "2720", lengths(16)},
	{"American Express", "34", "34", lengths(15)},
	{"American Express", "37", "37", lengths(15)},
	{"Discover", "6011", "6011", lengths(16, 17, 18, 19)},
	{"Discover", "644", "649", lengths(16, 17, 18, 19)},
	{"Discover, RuPay", "65", "65", lengths(16, 17, 18, 19)},
	{"Diners Club", "300", "305", lengths(14, 16)},
	{"Diners Club", "3095", "3095", lengths(14, 16)},
	{"Diners Club", "36", "36", lengths(14, 16)},
	{"Diners Club", "38", "39", lengths(14, 16)},
	{"JCB", "3528", "3589", lengths(16, 17, 18, 19)},
	{"UnionPay", "62", "62", lengths(16, 17, 18, 19)},
	{"UnionPay, RuPay", "81", "82", lengths(16, 17, 18, 19)},
	{"Maestro", "5018", "5018", lengths(12, 13, 14, 15, 16, 17, 18, 19)},
	{"Maestro", "5020", "5020", lengths(12, 13, 14, 15, 16, 17, 18, 19)},
	{"Maestro", "5038", "5038", lengths(12, 13, 14, 15, 16, 17, 18, 19)},
	{"Maestro", "5893", "5893", lengths(12, 13, 14, 15, 16, 17, 18, 19)},
	{"Maestro", "6304", "6304", lengths(12, 13, 14, 15, 16, 17, 18, 19)},
	{"Maestro", "6759", "6759", lengths(12, 13, 14, 15, 16, 17, 18, 19)},
	{"Maestro", "6761", "6763", lengths(12, 13, 14, 15, 16, 17, 18, 19)},
	{"Mir", "2200", "2204", lengths(16)},
	{"Troy", "9792", "9792", lengths(16)},
	{"Verve, Elo", "506", "509", lengths(16, 18, 19)},
	{"Elo", "636297", "636297", lengths(16)},
	{"Elo", "636368", "636368", lengths(16)},
	{"InstaPayment", "637", "639", lengths(16)},
	{"Hipercard", "6062", "6062", lengths(16)},
}

// isCard reports whether the digits d are the number of a payment card.
func isCard(d string) bool { return issued(d) && luhn(d) }

func issued(d string) bool {
	n := len(d)
	if n < minCard || n > maxCard || d[0] < '2' {
		return false
	}
	for i := range issuers {
		is := &issuers[i]
		if is.from[0] > d[0] || is.to[0] < d[0] {
			continue
		}
		if head := d[:len(is.from)]; is.from <= head && head <= is.to && is.lengths>>n&1 != 0 {
			return true
		}
	}
	return false
}

// luhn checks the last digit of d.
func luhn(d string) bool {
	sum := 0
	double := false
	for i := len(d) - 1; i >= 0; i-- {
		n := int(d[i] - '0')
		if double {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
		double = !double
	}
	return sum%10 == 0
}

// groupings are the ways card numbers are spaced.
var groupings = [...][]int{
	{4, 4, 4, 4, 3},
	{4, 4, 4, 4},
	{4, 4, 4, 3},
	{4, 4, 4, 2},
	{4, 6, 5},
	{4, 6, 4},
	{6, 13},
	{4, 4, 4},
}

// groupedCard masks a card number in groups, with one and the same separator
// between them, that starts at s[i]; it returns its end, or 0.
func (z *scan) groupedCard(i int) int {
	s := z.s
	if s[i] < '2' || s[i] == '7' {
		return 0
	}
	var d [maxCard]byte
	var ends [5]int // Of the groups.
	var digits [5]int
	sep := ""
	n, groups := 0, 0
	for p := i; groups < len(ends); groups++ {
		e := p
		for e < len(s) && is(s[e], digit) && n < maxCard {
			d[n] = s[e]
			n++
			e++
		}
		if e == p || e < len(s) && is(s[e], word) {
			break
		}
		ends[groups], digits[groups] = e, n
		next := groupSep(s, e)
		if sep == "" {
			sep = next
		}
		if next == "" || next != sep {
			groups++
			break
		}
		p = e + len(sep)
	}
	if groups < 2 {
		return 0
	}
	if c := at(s, i-1); (c == '-' || c == '.') && is(at(s, i-2), digit) || sep == "." && groups == 2 {
		return 0
	}
	for _, g := range groupings {
		if len(g) > groups {
			continue
		}
		fits := true
		sum := 0
		for k, want := range g {
			sum += want
			if digits[k] != sum {
				fits = false
				break
			}
		}
		e := ends[len(g)-1]
		// A card may be followed by its check code, 4111 1111 1111 1111 123, but
		// three groups of four by a fourth are the start of another number.
		if !fits || (sep != " " || sum == minCard) && groupSep(s, e) == sep {
			continue
		}
		if isCard(string(d[:sum])) {
			return z.secret(i, e)
		}
	}
	return 0
}

// groupSep returns the separator of digit groups at s[i], if there is one.
func groupSep(s string, i int) string {
	switch c := at(s, i); c {
	case ' ', '-', '.', '+', '_', '\t':
		if is(at(s, i+1), digit) {
			return s[i : i+1]
		}
	case 0xc2, 0xe2:
		for _, sp := range [...]string{"\u00a0", "\u2009", "\u202f", "\u2011", "\u2013"} {
			if has(s, i, sp) && is(at(s, i+len(sp)), digit) {
				return sp
			}
		}
	case '%':
		if b, _, n := percentEscape(s, i); b == ' ' && is(at(s, i+n), digit) {
			return s[i : i+n]
		}
	}
	return ""
}

// Int reports whether v is a payment card's number.
func (m *Masker) Int(v int64) bool {
	return v > 0 && !m.orDefault().disabled && isCardInt(uint64(v))
}

func isCardInt(v uint64) bool {
	if v < 1e11 || v >= 1e19 {
		return false
	}
	var buf [20]byte
	i := len(buf)
	for ; v > 0; v /= 10 {
		i--
		buf[i] = byte('0' + v%10)
	}
	return isCard(string(buf[i:]))
}
