package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"
	"unicode/utf8"

	"riskmanager.internal/otel/internal/record"
)

// parse checks that line is one line of one JSON object without duplicate keys,
// that nothing in it moves a cursor, and that it is not too long; it returns
// the object.
func parse(tb testing.TB, line []byte) map[string]any {
	tb.Helper()
	if len(line) > record.MaxLine {
		tb.Errorf("the line has %d bytes", len(line))
	}
	if n := bytes.IndexByte(line, '\n'); n != len(line)-1 {
		tb.Fatalf("a line end at %d of %d", n, len(line))
	}
	if !utf8.Valid(line) {
		tb.Error("the line is not UTF-8")
	}
	safe(tb, string(line[:len(line)-1]))
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := unique(d); err != nil {
		tb.Fatalf("%v in %.2000s", err, line)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		tb.Errorf("more than one value: %v", err)
	}
	d = json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		tb.Fatalf("no object: %v", err)
	}
	return out
}

// safe checks that no character of s does more than stand there.
func safe(tb testing.TB, s string) {
	tb.Helper()
	for i, c := range s {
		switch {
		case c < ' ', c >= 0x7f && c < 0xa0, c == 0x61c, c == 0x200e, c == 0x200f,
			c >= 0x2028 && c <= 0x202e, c >= 0x2066 && c <= 0x2069, c == 0xfeff:
			tb.Errorf("%U at %d", c, i)
			return
		}
	}
}

// unique reads one value and looks for keys that are there twice.
func unique(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			k := fmt.Sprint(key)
			if seen[k] {
				return fmt.Errorf("key %q twice", k)
			}
			seen[k] = true
		}
		if err := unique(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// parsed returns n as parse does.
func parsed(n int) json.Number { return json.Number(strconv.Itoa(n)) }
