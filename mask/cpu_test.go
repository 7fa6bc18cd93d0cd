package mask_test

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"riskmanager.internal/otel/mask"
)

func cpuNow() int64 {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
	return ts.Nano()
}

func best(f func(), n int) float64 {
	min := 1e18
	for r := 0; r < 7; r++ {
		t := cpuNow()
		for i := 0; i < n; i++ {
			f()
		}
		if d := float64(cpuNow()-t) / float64(n); d < min {
			min = d
		}
	}
	return min
}

func TestCPU(t *testing.T) {
	if os.Getenv("CPU") == "" {
		t.Skip("CPU not set")
	}
	runtime.LockOSThread()
	ref := strings.Repeat("abcd efgh", 1000)
	sink := 0
	r := best(func() {
		for i := 0; i < len(ref); i++ {
			if ref[i] == 'z' {
				sink++
			}
		}
	}, 3000) / 9000
	fmt.Printf("ref loop %.3f ns/B\n", r)
	m := mask.Default()
	for _, c := range []struct{ n, s string }{{"logfmt", cleanLine}, {"prose", proseLine}, {"json", jsonLine}, {"dirty", dirtyLine}} {
		buf := make([]byte, 0, 4096)
		fmt.Printf("%-10s %4d B %7.0f ns\n", c.n, len(c.s), best(func() { buf, _ = m.Append(buf[:0], c.s) }, 10000))
	}
	base := best(func() { m.String(cleanLine) }, 10000) / float64(len(cleanLine))
	type res struct {
		n string
		v float64
	}
	var rs []res
	for n, s := range hostile(100000) {
		rs = append(rs, res{n, best(func() { m.String(s) }, 3) / 100000 / base})
	}
	sort.Slice(rs, func(i, j int) bool { return rs[i].v > rs[j].v })
	for _, r := range rs[:26] {
		fmt.Printf("%-18s %.1fx\n", r.n, r.v)
	}
}
