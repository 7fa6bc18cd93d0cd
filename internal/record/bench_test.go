package record_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/log/logtest"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

// common fills r with a record of six attributes, about 330 bytes as a line.
func common(r *record.Record, at time.Time, source *record.Source) {
	r.Time = at
	r.Logger = "risk_manager.enforcement"
	r.Body = slog.StringValue("Position closed by rule")
	r.CorrelationID = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
	r.AddContext(slog.String("account_id", "ACC123"))
	r.AddContext(slog.String("rule_id", "MAX_LOSS"))
	r.Add(slog.String("symbol", "ESZ5"))
	r.Add(slog.Int("quantity", 12))
	r.Add(slog.Float64("price", 4321.25))
	r.Add(slog.Bool("closed", true))
	r.Add(slog.Duration("took", 1500*time.Microsecond))
	r.Add(slog.String("reason", "daily loss limit reached"))
	r.TraceID = [16]byte{1, 2, 3}
	r.SpanID = [8]byte{1, 2, 3}
	r.Source = source
	r.MintUID(at)
}

func BenchmarkAppendJSON(b *testing.B) {
	at := time.Now()
	r := new(record.Record)
	common(r, at, record.NewSource("main.close", "/src/close.go", 7))
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = record.AppendJSON(buf[:0], r)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkTextStyleAppend(b *testing.B) {
	r := new(record.Record)
	common(r, time.Now(), nil)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = record.TextStyle{Color: true}.Append(buf[:0], r)
	}
}

func BenchmarkRecord(b *testing.B) {
	at := time.Now()
	source := record.NewSource("main.close", "/src/close.go", 7)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		r := record.Get()
		common(r, at, source)
		buf = record.AppendJSON(buf[:0], r)
		record.Put(r)
	}
}

func BenchmarkMask(b *testing.B) {
	at := time.Now()
	source := record.NewSource("main.close", "/src/close.go", 7)
	masker := mask.Default()
	b.ReportAllocs()
	for b.Loop() {
		r := record.Get()
		common(r, at, source)
		r.Mask(masker)
		record.Put(r)
	}
}

func BenchmarkToSDK(b *testing.B) {
	r := new(record.Record)
	common(r, time.Now(), nil)
	sdk := logtest.RecordFactory{}.NewRecord()
	b.ReportAllocs()
	for b.Loop() {
		r.ToSDK(&sdk)
	}
}

func BenchmarkFromSDK(b *testing.B) {
	r := new(record.Record)
	common(r, time.Now(), nil)
	sdk := logtest.RecordFactory{}.NewRecord()
	r.ToSDK(&sdk)
	b.ReportAllocs()
	for b.Loop() {
		record.Put(record.FromSDK(&sdk))
	}
}

func BenchmarkMintUID(b *testing.B) {
	r := new(record.Record)
	at := time.Now()
	for b.Loop() {
		r.MintUID(at)
	}
}

// TestAllocations pins what the way of a common record costs.
func TestAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun forbids it.
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop records at random, so that allocations cannot be counted")
	}
	at := time.Now()
	source := record.NewSource("main.close", "/src/close.go", 7)
	buf := make([]byte, 0, 4096)
	ctx := t.Context()
	failure := errors.New("no luck")
	r := new(record.Record)
	common(r, at, source)
	for _, tt := range []struct {
		name string
		want float64
		f    func()
	}{
		{"AppendJSON", 0, func() { buf = record.AppendJSON(buf[:0], r) }},
		{"TextStyle.Append", 0, func() { buf = record.TextStyle{Color: true}.Append(buf[:0], r) }},
		{"the life of a record", 0, func() {
			r := record.Get()
			common(r, at, source)
			inner := record.NewContext(ctx, r)
			if record.FromContext(inner) != r {
				t.Error("the context lost its record")
			}
			buf = record.AppendJSON(buf[:0], r)
			record.Put(r)
		}},
		{"an error", 0, func() {
			r := record.Get()
			r.Add(slog.Any("error", failure))
			record.Put(r)
		}},
		{"FromContext of a bare one", 0, func() {
			if record.FromContext(context.Background()) != nil {
				t.Error("a record out of nowhere")
			}
		}},
		{"MintUID", 0, func() { r.MintUID(at) }},
		{"NewUID", 1, func() { _ = record.NewUID(at) }},
	} {
		t.Run(tt.name, func(t *testing.T) { //nolint:paralleltest // As above.
			if got := testing.AllocsPerRun(200, tt.f); got > tt.want {
				t.Errorf("%v allocations, want %v", got, tt.want)
			}
		})
	}
}
