package telemetrytest

import (
	"bytes"
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
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// AssertNoSecret fails the test if one of the canaries is anywhere in what was
// written: the files in the log directory, rotated and compressed ones
// included, the spans with their events, links and resource, and the metrics.
// It is looked for as it is, and as JSON, URLs, base64 and hexadecimal digits
// write it. Use canaries that nothing else contains, such as
// "canary-7f3a9c51".
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
	text, err := json.Marshal(c)
	all := []string{
		c, url.QueryEscape(c), url.PathEscape(c), hex.EncodeToString([]byte(c)),
		base64.RawStdEncoding.EncodeToString([]byte(c)), base64.RawURLEncoding.EncodeToString([]byte(c)),
	}
	if err == nil {
		all = append(all, string(bytes.Trim(text, `"`)))
	}
	seen := map[string]bool{}
	var out []string
	for _, f := range all {
		if !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	return out
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
