package exporters

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"
	"time"
)

// The values of [OTLP.Protocol].
const (
	ProtocolHTTP = "http/protobuf"
	ProtocolGRPC = "grpc"
)

// OTLP says where and how to send. Each zero field means its default; in a
// [ForwardSignal] it means the value of the [ForwardConfig].
type OTLP struct {
	// Endpoint is a URL such as http://localhost:4318, or host:port for gRPC.
	// For OTLP/HTTP the general endpoint gets /v1/logs (traces, metrics)
	// appended; that of a signal is used as it is. User and password in it
	// become an Authorization header. host:port without a scheme is plaintext
	// for a loopback host and TLS for any other, unless Insecure.
	Endpoint string

	// Protocol is [ProtocolHTTP], the default, or [ProtocolGRPC].
	Protocol string

	// Insecure allows plaintext to a host that is not loopback.
	Insecure bool

	// Headers go with every request. They never appear in an error text.
	Headers map[string]string

	// Compression is "gzip", or "none", the default.
	Compression string

	// Timeout is that of one attempt; attempts are repeated. Zero means 10 s.
	Timeout time.Duration

	// CAFile holds the certificates to trust instead of the system's, as PEM.
	CAFile string

	// CertFile and KeyFile are the client's certificate and key, as PEM.
	CertFile, KeyFile string
}

// over returns o with its zero fields taken from general.
func (o OTLP) over(general OTLP) OTLP {
	if o.Protocol == "" {
		o.Protocol = general.Protocol
	}
	if o.Headers == nil {
		o.Headers = general.Headers
	}
	if o.Compression == "" {
		o.Compression = general.Compression
	}
	if o.Timeout == 0 {
		o.Timeout = general.Timeout
	}
	if o.CAFile == "" {
		o.CAFile = general.CAFile
	}
	if o.CertFile == "" && o.KeyFile == "" {
		o.CertFile, o.KeyFile = general.CertFile, general.KeyFile
	}
	o.Insecure = o.Insecure || general.Insecure
	return o
}

// target is an OTLP with every question answered.
type target struct {
	grpc      bool
	plaintext bool
	url       *url.URL // OTLP/HTTP: scheme, host and full path.
	dial      string   // gRPC: what to dial.
	show      string   // For people: no credentials.
	headers   map[string]string
	gzip      bool
	timeout   time.Duration
	tls       *tls.Config // nil when plaintext.
	secrets   []string    // What must not appear in any text.
}

// resolveTarget answers the questions for one signal. suffix is appended to
// the path of a general endpoint.
func resolveTarget(signal ForwardSignal, general OTLP, suffix string) (*target, error) {
	o := signal.over(general)
	raw := signal.Endpoint
	if raw == "" {
		raw = general.Endpoint
	} else {
		suffix = ""
	}
	t := &target{headers: map[string]string{}, timeout: o.Timeout}
	var errs []error
	switch o.Protocol {
	case "", ProtocolHTTP:
	case ProtocolGRPC:
		t.grpc = true
	default:
		errs = append(errs, fmt.Errorf("protocol: %q is neither %q nor %q", o.Protocol, ProtocolHTTP, ProtocolGRPC))
	}
	switch strings.ToLower(o.Compression) {
	case "", "none":
	case "gzip":
		t.gzip = true
	default:
		errs = append(errs, fmt.Errorf(`compression: %q is neither "gzip" nor "none"`, o.Compression))
	}
	if o.Timeout < 0 {
		errs = append(errs, fmt.Errorf("timeout: %s is negative", o.Timeout))
	} else if o.Timeout == 0 {
		t.timeout = 10 * time.Second
	}
	maps.Copy(t.headers, o.Headers)
	if err := t.setEndpoint(raw, suffix, o.Insecure); err != nil {
		errs = append(errs, fmt.Errorf("endpoint: %w", err))
	}
	for k, v := range t.headers {
		if !validHeaderName(k) {
			errs = append(errs, fmt.Errorf("headers: %q is not a header name", cutText(k, 40)))
		}
		if strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			errs = append(errs, fmt.Errorf("headers: the value of %q has a control character", cutText(k, 40)))
		}
		t.secrets = append(t.secrets, v)
	}
	if !t.plaintext {
		var err error
		if t.tls, err = o.tlsConfig(); err != nil {
			errs = append(errs, err)
		}
	}
	return t, errors.Join(errs...)
}

// setEndpoint reads the endpoint. Its errors never quote it: it may hold a password.
func (t *target) setEndpoint(raw, suffix string, insecure bool) error {
	raw = strings.TrimSpace(raw)
	if !strings.Contains(raw, "://") {
		if t.grpc && strings.HasPrefix(raw, "unix:") {
			t.plaintext, t.dial, t.show = true, raw, raw
			return nil
		}
		scheme := "https://"
		if u, err := url.Parse("http://" + raw); err == nil && (insecure || loopback(u.Hostname())) {
			scheme = "http://"
		}
		raw = scheme + raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return errors.New("not a URL such as http://localhost:4318")
	}
	if t.grpc && u.Scheme == "unix" {
		t.plaintext, t.dial, t.show = true, raw, raw
		return nil
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("not a URL such as http://localhost:4318 or host:port")
	}
	if user := u.User; user != nil {
		password, _ := user.Password()
		basic := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		t.secrets = append(t.secrets, user.String(), password, basic, user.Username())
		if !hasHeader(t.headers, "Authorization") {
			t.headers["Authorization"] = "Basic " + basic
		}
		u.User = nil
	}
	for _, vs := range u.Query() {
		t.secrets = append(t.secrets, vs...)
	}
	t.plaintext = u.Scheme == "http"
	if t.plaintext && !insecure && !loopback(u.Hostname()) {
		return fmt.Errorf("plain http to %s, which is not a loopback host, would send records readable by anybody; "+
			"use https or allow it with insecure: true", u.Hostname())
	}
	u.Fragment = ""
	switch {
	case t.grpc:
		t.dial = u.Host
		if u.Port() == "" {
			t.dial = net.JoinHostPort(u.Hostname(), "4317")
		}
	case suffix != "":
		u.Path = path.Join("/", u.Path, suffix)
	case u.Path == "":
		u.Path = "/"
	}
	t.url, t.show = u, u.Scheme+"://"+u.Host
	return nil
}

// loopback reports whether host can only be this machine. Names other than
// localhost are not looked up: what they mean can change.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.EqualFold(host, "localhost.") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func (o OTLP) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("certificate: %s holds no PEM certificate", o.CAFile)
		}
	}
	if o.CertFile == "" && o.KeyFile == "" {
		return cfg, nil
	}
	if o.CertFile == "" || o.KeyFile == "" {
		return nil, errors.New("client certificate: certificate and key belong together, one is missing")
	}
	cert, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	cfg.Certificates = []tls.Certificate{cert}
	return cfg, nil
}

func hasHeader(headers map[string]string, name string) bool {
	for k := range headers {
		if strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

func validHeaderName(s string) bool {
	const others = "!#$%&'*+-.^_`|~"
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		return !letter && (c < '0' || c > '9') && !strings.ContainsRune(others, c)
	})
}

// cutText bounds a piece of configuration quoted in an error.
func cutText(s string, n int) string {
	if len(s) > n {
		return s[:n] + "..."
	}
	return s
}
