package report

import (
	"math"

	"riskmanager.internal/otel/cmd/risklog/internal/term"
)

type opRow struct {
	Name                string
	Count, Errors, Slow int
	P50, P95, P99, Max  string
	X50, X95, X99, XMax float64 // Percent of the scale, which is logarithmic.
	Spark               []sparkBar
}

type sparkBar struct {
	X, Y, Width, Height float64
	Class               string
}

func (c *Collector) operations(p *page) {
	ops := c.stats.Operations()
	if len(ops) == 0 {
		return
	}
	low, high := math.Inf(1), 0.0
	for _, op := range ops {
		low, high = min(low, op.Millis.Percentile(50)), max(high, op.Millis.Max())
	}
	low = math.Pow(10, math.Floor(math.Log10(max(low, 0.001))))
	high = math.Pow(10, math.Ceil(math.Log10(max(high, low*10))))
	x := func(ms float64) float64 {
		return 100 * (math.Log10(min(max(ms, low), high)) - math.Log10(low)) / (math.Log10(high) - math.Log10(low))
	}
	step := 10.0
	if high/low > 1e5 {
		step = 100
	}
	for v := low; v <= high*1.01; v *= step {
		p.OpScale = append(p.OpScale, tick{x(v), term.Millis(v)})
	}
	for _, op := range ops {
		v := &op.Millis
		row := opRow{
			Name: op.Name, Count: v.Len(), Errors: op.Errors, Slow: op.Slow,
			P50: term.Millis(v.Percentile(50)), P95: term.Millis(v.Percentile(95)), P99: term.Millis(v.Percentile(99)), Max: term.Millis(v.Max()),
			X50: x(v.Percentile(50)), X95: x(v.Percentile(95)), X99: x(v.Percentile(99)), XMax: x(v.Max()),
		}
		bins, _, _ := op.Series.Bins(40)
		for i, b := range bins {
			if b.Count == 0 {
				continue
			}
			h := max(20*b.Max/max(v.Max(), 1e-9), 1)
			bar := sparkBar{X: float64(i) * 120 / float64(len(bins)), Y: 20 - h, Width: max(120/float64(len(bins))-0.5, 1), Height: h, Class: "ok"}
			if b.Errors > 0 {
				bar.Class = "bad"
			}
			row.Spark = append(row.Spark, bar)
		}
		p.Ops = append(p.Ops, row)
	}
}
