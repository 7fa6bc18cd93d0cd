package telemetry

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"riskmanager.internal/otel/mask"
)

// showEndpoint returns an endpoint without its credentials, even where it is no
// URL: everything up to the last @ and the query may hold some.
func showEndpoint(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	} else {
		scheme += "://"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = mask.Text + rest[i:]
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i+1] + mask.Text
	}
	return mask.Default().String(scheme + rest)
}

func validEndpoint(s string) bool {
	if strings.HasPrefix(s, "unix:") {
		return printable(s) && len(s) > len("unix:")
	}
	u, err := parseEndpoint(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.TrimSpace(s) != s {
		return false
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		return err == nil && n > 0 && n <= 65535
	}
	return strings.Contains(s, "://") // A bare host may be a forgotten scheme.
}

// parseEndpoint parses a URL or host:port, whose scheme it leaves to others:
// here it is https.
func parseEndpoint(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	return url.Parse(s)
}

// plaintext reports whether an endpoint sends in plain to a host that may be
// another machine.
func plaintext(endpoint string) bool {
	u, err := parseEndpoint(endpoint)
	if err != nil || u.Scheme != "http" {
		return false
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		return !addr.Unmap().IsLoopback()
	}
	return !strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), "localhost")
}
