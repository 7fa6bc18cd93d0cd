package mask_test

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"riskmanager.internal/otel/mask"
)

const (
	cleanLine = `2025-10-21T10:30:45.123456Z INFO risk_manager.daemon order filled order_id=1234567890123456789 account=PRAC-V2-12345-67890 symbol=CON.F.US.MNQ.U25 price=21345.25 size=2 pnl=-125.50 duration_ms=45.23 ok`
	proseLine = `the position manager closed every open position of the account because the daily loss limit was reached and the trader had confirmed the lockout rule earlier in the day; no further orders are accepted now`
	jsonLine  = `{"timestamp":"2025-10-21T10:30:45.123456Z","level":"INFO","message":"Trade processed","context":{"account_id":"ACC123","event_type":"trade"},"symbol":"ES","quantity":1,"duration_ms":45.23,"status":"ok"}`
	dirtyLine = `2025-10-21T10:30:45.123456Z INFO risk_manager.api request url=https://bob:hunter2@api.example.com/v1?token=abc123&x=1 authorization="Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc" user=bob@example.com took=45.23ms ok`
)

func BenchmarkClean(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"logfmt", cleanLine}, {"prose", proseLine}, {"json", jsonLine}} {
		b.Run(c.name, func(b *testing.B) {
			m := mask.Default()
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				m.String(c.text)
			}
		})
	}
}

func BenchmarkDirty(b *testing.B) {
	m := mask.Default()
	buf := make([]byte, 0, 1024)
	b.SetBytes(int64(len(dirtyLine)))
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = m.Append(buf[:0], dirtyLine)
	}
}

// hostile are texts of about n bytes that slow down careless scanners.
func hostile(n int) map[string]string {
	rep := func(s string) string { return strings.Repeat(s, n/len(s)+1)[:n] }
	return map[string]string{
		"equals":          rep("="),
		"quotes":          rep(`"`),
		"backslashes":     rep(`\`),
		"ats":             rep("@"),
		"digits":          rep("4111111111111111"),
		"digit groups":    rep("4111 1111 1111 1112 "),
		"dashes":          rep("-"),
		"flags":           rep("--a "),
		"urls":            rep("://"),
		"urls with hosts": rep("http://a:b"),
		"colons":          rep(":"),
		"percents":        rep("%25"),
		"unclosed":        rep(`a="`),
		"unclosed keys":   rep(`password="`),
		"brackets":        rep(`password:[`),
		"brackets within": rep(`password=a[b `),
		"braces":          rep(`{"a":`),
		"escapes":         rep(`\\\"password\\\":\\\"`),
		"escaped quotes":  rep(`\"`),
		"pairs":           rep("a=b "),
		"secrets":         rep("password=x "),
		"commas":          rep("password=a,b,"),
		"mails":           rep("a@b.co "),
		"mail chain":      rep("a@b.co@"),
		"mails encoded":   rep("%40"),
		"userinfo":        rep("a:b@c "),
		"userinfo chain":  rep("a:b@"),
		"jwt":             rep("eyJ"),
		"pem":             rep("-----BEGIN PRIVATE KEY-----"),
		"pem end":         rep("-----END PRIVATE KEY-----"),
		"bearer":          rep("Bearer "),
		"value":           rep("value="),
		"name value":      rep("name: x value: y "),
		"spaces":          rep(" ") + "=",
		"xml":             rep("<a>"),
		"xml keys":        rep("<password>"),
		"zero width":      rep("\u200b"),
		"no-break":        rep("\u00a0="),
		"yaml":            rep("password:\n  a\n"),
		"letters":         rep("a"),
		"words":           rep("password "),
		"long words":      rep("AAAAAAAAAAAAAAAAAAAAAAAAAAA."),
		"dots":            rep("a."),
		"colors":          rep("\x1b[0m"),
		"unicode":         rep(`\u003d`),
		"invalid":         rep("\xff"),
		"go struct":       rep("{Password:a b "),
		"short flags":     rep("mysql -p"),
		"user flags":      rep("-u a:b "),
		"doubled quotes":  rep(`password='a'' `),
		"shell quotes":    rep(`password='a'\''`),
		"long strings":    rep(`password="""`),
		"percent quotes":  rep(`password%5C%22%3A%5C%22`),
		"vendor prefixes": rep("sk-"),
		"jwt parts":       rep("eyJ-"),
		"jwt dots":        rep("eyJ."),
		"schemes":         rep("Digest "),
		"scheme pairs":    rep("Digest a=b "),
		"string":          `"` + rep("password=a ") + `"`,
		"brackets in":     "Cookie: a" + rep("["),
		"braces in":       "password=a" + rep("{"),
		"lines unclosed":  rep("password=\"x\n"),
		"blocks unclosed": rep("Cookie: {a\n"),
		"long schemes":    rep("token+"),
		"calls":           rep("(\"password\",\"x\n"),
		"cdata":           rep("<password><![CDATA["),
		"attributes":      rep(`<a key="b">`),
	}
}

func BenchmarkHostile(b *testing.B) {
	m := mask.Default()
	for name, text := range hostile(100_000) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				m.String(text)
			}
		})
	}
}

func BenchmarkRecord(b *testing.B) {
	m := mask.Default()
	proto := []slog.Attr{
		slog.String("account_id", "PRAC-V2-12345-67890"), slog.String("symbol", "CON.F.US.MNQ.U25"),
		slog.Int("quantity", 2), slog.Float64("duration_ms", 45.23), slog.Int64("order_id", 1234567890123456789),
		slog.String("status", "ok"),
	}
	attrs := make([]slog.Attr, len(proto))
	b.ReportAllocs()
	for b.Loop() {
		copy(attrs, proto)
		m.Attrs(attrs)
		m.String("Trade processed for the account, position updated")
	}
}

// BenchmarkRegexes is the way of the system that this one replaces: seven
// expressions, one after the other.
func BenchmarkRegexes(b *testing.B) {
	var res []*regexp.Regexp
	for _, e := range []string{
		`(?i)(api[_-]?key["\s:=]+)([^\s"]+)`, `(?i)(password["\s:=]+)([^\s"]+)`, `(?i)(token["\s:=]+)([^\s"]+)`,
		`(?i)(bearer\s+)([^\s"]+)`, `\b\d{4}[\s-]?\d{4}[\s-]?\d{4}[\s-]?\d{4}\b`, `\b\d{3}-\d{2}-\d{4}\b`,
		`\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,}\b`,
	} {
		res = append(res, regexp.MustCompile(e))
	}
	for i, text := range []string{cleanLine, dirtyLine} {
		b.Run(fmt.Sprintf("dirty=%v", i == 1), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s := text
				for _, re := range res {
					s = re.ReplaceAllString(s, mask.Text)
				}
			}
		})
	}
}
