package record_test

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/internal/record"
)

// TestPut checks that nothing of a record shows in the next one.
func TestPut(t *testing.T) {
	t.Parallel()
	want := string(record.AppendJSON(nil, new(record.Record)))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				r := record.Get()
				if got := string(record.AppendJSON(nil, r)); got != want {
					t.Errorf("a record from Get is %s", got)
				}
				common(r, time.Now(), nil)
				r.Add(slog.Any("err", errors.New("e")))
				r.Add(slog.Int("level", 1))
				for i := range 50 {
					r.Add(slog.Int(time.Duration(i).String(), i))
				}
				r.Mask(nil)
				sdk := newSDK()
				r.ToSDK(&sdk)
				record.Put(r)
			}
		})
	}
	wg.Wait()
	record.Put(nil)
}

// TestPutForgets checks that a record in the pool holds on to nothing.
func TestPutForgets(t *testing.T) {
	t.Parallel()
	r := new(record.Record)
	common(r, time.Now(), nil)
	r.Add(slog.Int("level", 1))
	attrs, moved, fields := r.Attrs, r.Moved, r.Context
	ctx := record.NewContext(t.Context(), r)
	record.Put(r)
	for _, s := range [][]slog.Attr{attrs, moved, fields} {
		for i, a := range s {
			if !a.Equal(slog.Attr{}) {
				t.Errorf("element %d is still %v", i, a)
			}
		}
	}
	if got := record.FromContext(ctx); got != nil {
		t.Errorf("a context that was kept has the record %v", got)
	}
	if ctx.Err() != nil || ctx.Value(struct{}{}) != nil {
		t.Error("a context that was kept is not empty")
	}
}

// TestAddManyKeys checks that keys stay unique where a map takes over.
func TestAddManyKeys(t *testing.T) {
	t.Parallel()
	r := new(record.Record)
	var want []string
	for i := range 1000 {
		key := time.Duration(i).String()
		want = append(want, key)
		r.Add(slog.Int(key, i))
		r.Add(slog.Int(time.Duration(i/2).String(), -1))
	}
	var got []string
	for _, a := range r.Attrs {
		got = append(got, a.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if v := r.Attrs[0].Value; v.Int64() != -1 {
		t.Errorf("the first value is %v, want the last one given", v)
	}
}

func TestAddError(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	obj := func(message string) map[string]any {
		return map[string]any{"type": "*errors.errorString", "message": message}
	}
	for _, tt := range []struct {
		name  string
		attrs []slog.Attr
		want  map[string]any
	}{
		{"error", []slog.Attr{slog.Any("error", first)}, map[string]any{"error": obj("first")}},
		{"err", []slog.Attr{slog.Any("err", first)}, map[string]any{"error": obj("first"), "err": nil}},
		{"two", []slog.Attr{slog.Any("err", first), slog.Any("error", second)}, map[string]any{"error": obj("first"), "attributes": map[string]any{"error": obj("second")}}},
		{"two, the other way", []slog.Attr{slog.Any("error", first), slog.Any("err", second)}, map[string]any{"error": obj("first"), "err": obj("second")}},
		{"text", []slog.Attr{slog.String("error", "text")}, map[string]any{"error": map[string]any{"message": "text"}}},
		{"other key", []slog.Attr{slog.Any("cause", first)}, map[string]any{"cause": obj("first"), "error": nil}},
		{"in a group", []slog.Attr{slog.Group("g", slog.Any("error", first))}, map[string]any{"g": map[string]any{"error": obj("first")}, "error": nil}},
		{"in a group without a key", []slog.Attr{slog.Group("", slog.Any("error", first))}, map[string]any{"error": obj("first")}},
		{"neither error nor text", []slog.Attr{slog.Int("error", 1), slog.Int("err", 2)}, map[string]any{"error": nil, "attributes": map[string]any{"error": parsed(1)}, "err": parsed(2)}},
		{
			"an error that speaks for itself",
			[]slog.Attr{slog.Any("err", spoken{})},
			map[string]any{"error": map[string]any{"type": "riskmanager.internal/otel/internal/record_test.spoken", "message": "spoken"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := new(record.Record)
			for _, a := range tt.attrs {
				r.Add(a)
			}
			got := parse(t, record.AppendJSON(nil, r))
			for key, want := range tt.want {
				if diff := cmp.Diff(want, got[key]); diff != "" {
					t.Errorf("%q (-want +got):\n%s", key, diff)
				}
			}
		})
	}
}

// spoken is an error that is also a LogValuer.
type spoken struct{}

func (spoken) Error() string        { return "not this" }
func (spoken) LogValue() slog.Value { return slog.StringValue("spoken") }
