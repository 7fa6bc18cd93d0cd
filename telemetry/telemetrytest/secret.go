package telemetrytest

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// AssertNoSecret fails the test if one of the canaries is anywhere in what was
// written: the files in the log directory, rotated and compressed ones
// included, the spans with their events, links and resource, and the metrics.
// It is looked for as it is, and as JSON (once and within a JSON string), URLs,
// base64 (also amid a longer text, as in Basic authorization) and hexadecimal
// digits write it; not in pieces. Use canaries that nothing else contains, such
// as "canary-7f3a9c51", of 8 bytes or more.
func (tt *Telemetry) AssertNoSecret(canaries ...string) {
	tt.tb.Helper()
	texts, err := tt.written()
	if err != nil {
		tt.tb.Errorf("telemetrytest: %v", err)
	}
	for _, c := range canaries {
		if c == "" {
			tt.tb.Error("telemetrytest: got an empty canary, want one to look for")
			continue
		}
		for _, form := range forms(c) {
			for where, text := range texts {
				if i := strings.Index(text, form); i >= 0 {
					tt.tb.Errorf("telemetrytest: %s holds the secret %q: ...%s...", where, form,
						text[max(0, i-100):min(len(text), i+len(form)+40)])
				}
			}
		}
	}
}

// forms returns the ways to write a secret down, without repetitions.
func forms(c string) []string {
	text := quoted(c)
	all := []string{
		c, text, quoted(text), url.QueryEscape(c), url.PathEscape(c),
		hex.EncodeToString([]byte(c)), strings.ToUpper(hex.EncodeToString([]byte(c))),
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, encoded(enc, c)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// quoted returns s as it stands in a JSON string, less its quotes.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(text[1 : len(text)-1])
}

// encoded returns the digits that base64 has for s alone, at each place that s
// may have in a longer text, such as "user:password".
func encoded(enc *base64.Encoding, s string) []string {
	var all []string
	for before := range 3 {
		digits := enc.EncodeToString(append(make([]byte, before), s...))
		first := (before*8 + 5) / 6       // Those before hold bits of what comes before.
		last := (before + len(s)) * 8 / 6 // Those after, of what follows.
		if first < last {
			all = append(all, digits[first:last])
		}
	}
	return all
}

// written returns all that was written, by where.
func (tt *Telemetry) written() (map[string]string, error) {
	texts := map[string]string{"a span": spanText(tt.Spans())}
	metrics, err := json.Marshal(tt.Metrics())
	if err != nil { // NaN, for one: the text will do.
		metrics = fmt.Appendf(nil, "%+v", tt.Metrics())
	}
	texts["a metric"] = string(metrics)
	err = filepath.WalkDir(tt.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		texts[d.Name()], err = fileText(path)
		return err
	})
	return texts, err
}

func fileText(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // It is in the log directory.
	if err != nil {
		return "", err
	}
	defer f.Close()
	var r io.Reader = f
	if filepath.Ext(path) == ".gz" {
		if r, err = gzip.NewReader(f); err != nil {
			return "", err
		}
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// spanText returns all text of spans.
func spanText(spans tracetest.SpanStubs) string {
	var b strings.Builder
	attrs := func(kvs []attribute.KeyValue) {
		for _, kv := range kvs {
			fmt.Fprintf(&b, " %s=%s", kv.Key, kv.Value.String())
		}
		b.WriteByte('\n')
	}
	for _, s := range spans {
		fmt.Fprintf(&b, "%s %s %s\n", s.Name, s.Status.Description, s.SpanContext.TraceState())
		attrs(s.Attributes)
		for _, e := range s.Events {
			b.WriteString(e.Name)
			attrs(e.Attributes)
		}
		for _, l := range s.Links {
			b.WriteString(l.SpanContext.TraceState().String())
			attrs(l.Attributes)
		}
		attrs(s.Resource.Attributes())
	}
	return b.String()
}
