package main

import (
	"fmt"
	"io"

	"github.com/DataDog/datadog-agent/pkg/util/scrubber"

	"riskmanager.internal/otel/mask"
)

// Lines of about 200 bytes, as daemons write them.
const (
	cleanLine = `time=2025-10-21T10:30:45.123Z level=INFO msg="order filled" account=PRAC-V2-12345-67890 contract=CON.F.US.MNQ.U25 order_id=1234567890123456789 price=20185.75 size=2 side=buy pnl=-12.50 latency_ms=45.23 ok`
	dirtyLine = `time=2025-10-21T10:30:45.123Z level=INFO msg="login" url=https://api.topstepx.com/hub?access_token=abcdef0123456789 password=hunter2 auth="Bearer abc.def.ghi" user=jane@example.com latency_ms=45.23 ok`
)

// maskingTable compares ways to mask one line.
func maskingTable(w io.Writer, rounds, _ int) {
	regexes := newSevenRegexes(nil)
	datadog := scrubber.NewWithDefaults()
	m := mask.Default()
	fmt.Fprintln(w, "masking a line of 200 bytes\tclean, CPU ns\tdirty, CPU ns\tours / theirs, clean\tdirty")
	ways := []struct {
		name string
		mask func(string)
	}{
		{"this module", func(s string) { _ = m.String(s) }},
		{"seven regexes", func(s string) { regexes.mask([]byte(s)) }},
		{"DataDog's scrubber", func(s string) { _, _ = datadog.ScrubBytes([]byte(s)) }},
	}
	costs := make([][2][]cost, len(ways))
	for range rounds {
		for i, way := range ways {
			for j, line := range []string{cleanLine, dirtyLine} {
				const n = 3000
				c0 := cpu()
				for range n {
					way.mask(line)
				}
				costs[i][j] = append(costs[i][j], cost{cpu: (cpu() - c0) / n})
			}
		}
	}
	for i, way := range ways {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.3f\t%.3f\n", way.name, medianOf(costs[i][0], byCPU), medianOf(costs[i][1], byCPU),
			ratio(costs[0][0], costs[i][0], byCPU), ratio(costs[0][1], costs[i][1], byCPU))
	}
}
