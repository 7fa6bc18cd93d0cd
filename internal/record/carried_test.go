package record_test

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

// originalBytes is the size before the cut, which counts what masking took out
// of the one record and not of the other.
var originalBytes = regexp.MustCompile(`"original_bytes":\d+|!TRUNCATED: \d+`)

func TestCarriedRendersAsItsFields(t *testing.T) {
	fields := []slog.Attr{slog.String("account_id", "A\"1"), slog.String("password", "hunter2"), slog.String("note", strings.Repeat("é", 10))}
	c := record.Carry(mask.Default(), "order-42", fields)
	for _, size := range []int{1, 100, 3 << 20} { // The last one is cut.
		one, all := new(record.Record), new(record.Record)
		one.SetContext(c)
		all.CorrelationID = "order-42"
		all.Context = append(all.Context, fields...)
		for _, r := range []*record.Record{one, all} {
			r.Body = slog.StringValue(strings.Repeat("x ", size))
			r.Mask(mask.Default())
		}
		got, want := record.AppendJSON(nil, one), record.AppendJSON(nil, all)
		got, want = originalBytes.ReplaceAll(got, nil), originalBytes.ReplaceAll(want, nil)
		if !bytes.Equal(got, want) {
			t.Errorf("size %d: got\n%.300s\nwant\n%.300s", size, got, want)
		}
		if !one.Dirty || bytes.Contains(got, []byte("hunter2")) {
			t.Errorf("size %d: the record is not known to be masked", size)
		}
	}
	if fields[1].Value.String() != "hunter2" {
		t.Error("Carry changed its argument")
	}
}
