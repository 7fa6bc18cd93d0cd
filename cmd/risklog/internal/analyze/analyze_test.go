package analyze_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/cmd/risklog/internal/analyze"
	"riskmanager.internal/otel/internal/logread"
)

func parse(t *testing.T, line string) *logread.Record {
	t.Helper()
	r, ok := logread.Parse([]byte(line))
	if !ok {
		t.Fatalf("not a record: %s", line)
	}
	return &r
}

func TestNormalize(t *testing.T) {
	tests := []struct{ in, want string }{
		{"no numbers here", "no numbers here"},
		{"order 42 of ACC123 failed", "order <n> of <id> failed"},
		{"took 1.5s, limit 10ms", "took <n>s, limit <n>ms"},
		{"id a1b2c3d4-e5f6-7890-abcd-ef1234567890 gone", "id <id> gone"},
		{"loss -620.50 below -500", "loss <n> below <n>"},
		{"at 10:30:45.123 on 2025-10-21", "at <n> on <n>"},
		{"1,000,000 records", "<n> records"},
		{"dial tcp 127.0.0.1:4318: connect: connection refused", "dial tcp <n>: connect: connection refused"},
		{"well-known non-fatal error", "well-known non-fatal error"},
		{"x=5 y=6", "x=<n> y=<n>"},
		{"déjà vu 7", "déjà vu <n>"},
	}
	for _, tt := range tests {
		if got := analyze.Normalize(tt.in); got != tt.want {
			t.Errorf("Normalize(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if again := analyze.Normalize(analyze.Normalize(tt.in)); again != tt.want {
			t.Errorf("Normalize(%q) twice = %q, want %q", tt.in, again, tt.want)
		}
	}
}

func TestValuesPercentile(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 1000, 300_000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, uint64(n)))
			var v analyze.Values
			all := make([]float64, n)
			for i := range all {
				all[i] = math.Exp(rnd.NormFloat64() * 3)
				v.Add(all[i])
			}
			slices.Sort(all)
			for _, p := range []float64{1, 50, 95, 99, 100} {
				want := all[max(int(math.Ceil(p/100*float64(n))), 1)-1]
				got := v.Percentile(p)
				if n <= 1<<17 && got != want || math.Abs(got-want) > 0.01*want {
					t.Errorf("Percentile(%g) of %d = %g, want %g", p, n, got, want)
				}
			}
			if v.Max() != all[n-1] {
				t.Errorf("Max = %g, want %g", v.Max(), all[n-1])
			}
		})
	}
	if got := new(analyze.Values).Percentile(50); got != 0 {
		t.Errorf("Percentile of none = %g, want 0", got)
	}
}

// TestSeriesKeepsCounts: whatever the time outgrows, nothing is lost.
func TestSeriesKeepsCounts(t *testing.T) {
	var s analyze.Stats
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5000 {
		at = at.Add(time.Duration(i) * time.Millisecond)
		s.Add(parse(t, fmt.Sprintf(`{"timestamp":%q,"operation":"o%d","duration_ms":1,"status":"ok"}`, logread.Stamp(at), i%2)))
	}
	for _, op := range s.Operations() {
		bins, _, _ := op.Series.Bins(24)
		n := 0
		for _, b := range bins {
			n += b.Count
		}
		if n != 2500 || len(bins) > 24 || len(bins) < 12 {
			t.Errorf("%s: %d calls in %d bins, want 2500 in 12 to 24", op.Name, n, len(bins))
		}
	}
}

func TestBuilderCircle(t *testing.T) {
	var b analyze.Builder
	for _, ids := range [][2]string{{"1", "2"}, {"2", "1"}, {"3", "3"}} {
		b.Add(parse(t, fmt.Sprintf(`{"timestamp":"2026-03-01T00:00:00.000000Z","operation":"o","duration_ms":1,"trace_id":"t","span_id":%q,"parent_span_id":%q}`, ids[0], ids[1])))
	}
	n := 0
	b.Build().Walk(func(*analyze.Span, int) { n++ })
	if n != 3 {
		t.Errorf("the tree has %d spans, want 3", n)
	}
}

// TestBreaches tells incidents apart, and what came of each.
func TestBreaches(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	line := func(ms int, level, logger, trace, rest string) string {
		return fmt.Sprintf(`{"timestamp":%q,"level":%q,"logger":"risk_manager.%s","message":"m","context":{"account_id":"A","rule_id":"R"%s,"trace_id":%q}`,
			logread.Stamp(at.Add(time.Duration(ms)*time.Millisecond)), level, logger, rest, strings.Repeat(trace, 32))
	}
	op := func(ms, took int, logger, trace, name, status, span, parent string) string {
		return line(ms, "INFO", logger, trace, fmt.Sprintf(`},"operation":%q,"duration_ms":%d,"status":%q,"start_time":%q,"span_id":%q,"parent_span_id":%q`,
			name, took, status, logread.Stamp(at.Add(time.Duration(ms-took)*time.Millisecond)), span, parent))
	}
	tests := []struct {
		name  string
		lines []string
		want  []string // action, outcome, done by, latency, worst
	}{
		{"nothing done", []string{line(0, "WARNING", "enforcement", "a", `}`)}, []string{"|none||-|0"}},
		{"not a breach", []string{line(0, "INFO", "enforcement", "a", `}`), line(0, "WARNING", "daemon", "a", `}`)}, nil},
		{
			"operations say it",
			[]string{
				line(0, "INFO", "daemon", "a", `}`), line(5, "WARNING", "enforcement", "a", `},"current":700,"limit":500`),
				op(25, 15, "api", "a", "close_position", "ok", "2", "1"), op(30, 20, "enforcement", "a", "flatten", "ok", "1", "9"),
			},
			[]string{"flatten|ok|operation|30|200"},
		},
		{
			"a failed one inside of one that went well",
			[]string{
				line(5, "WARNING", "enforcement", "a", `}`), op(25, 15, "api", "a", "close_position", "error", "2", "1"), op(30, 20, "enforcement", "a", "flatten", "ok", "1", "9"),
			},
			[]string{"flatten|ok|operation|25|0"},
		},
		{
			"a failed one beside one that went well",
			[]string{
				line(5, "WARNING", "enforcement", "a", `}`), op(25, 15, "enforcement", "a", "cancel", "error", "2", "1"), op(30, 20, "enforcement", "a", "flatten", "ok", "3", "1"),
			},
			[]string{"cancel|error|operation|25|0"},
		},
		{
			"an outcome wins",
			[]string{
				line(0, "WARNING", "enforcement", "a", `},"action":"lock","outcome":"pending"`), op(30, 20, "daemon", "a", "x", "ok", "1", ""),
				line(40, "ERROR", "enforcement", "a", `},"outcome":"failed"`),
			},
			[]string{"lock|failed|outcome|40|0"},
		},
		{
			"two in one trace",
			[]string{
				line(0, "WARNING", "enforcement", "a", `},"breach_amount":5`), line(1, "INFO", "enforcement", "a", `},"action":"x"`),
				line(9, "WARNING", "enforcement", "a", `},"breach_amount":7`), line(10, "INFO", "enforcement", "a", `},"action":"x"`),
			},
			[]string{"x|unknown|action|1|5", "x|unknown|action|10|7"},
		},
		{"enforced with no word of a breach", []string{op(30, 20, "enforcement", "a", "flatten", "ok", "1", "")}, []string{"flatten|ok|operation|20|0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b analyze.Breaches
			for _, l := range tt.lines {
				b.Add(parse(t, l))
			}
			var got []string
			for _, br := range b.All() {
				took := "-"
				if ms, ok := br.LatencyMS(); ok {
					took = fmt.Sprint(ms)
				}
				got = append(got, fmt.Sprintf("%s|%s|%s|%s|%g", br.Action, br.Outcome, br.DoneBy, took, br.Worst))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("breaches (-want +got):\n%s", diff)
			}
		})
	}
}
