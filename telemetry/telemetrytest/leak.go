package telemetrytest

import (
	"context"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing" //nolint:depguard // It is for tests.
	"time"
)

// leakLimit is how long goroutines are given to end with the test.
const leakLimit = 2 * time.Second

// labelKey is the profiler label that a test's goroutines bear. A goroutine
// inherits the labels of the one that starts it, so that each test knows its
// own, whatever runs beside it.
const labelKey = "telemetrytest"

// tests numbers them, since a name may come back with -count.
var tests atomic.Int64

// leaks looks for the goroutines that a test left behind.
type leaks struct{ label string }

func watch(tb testing.TB) leaks {
	tb.Helper()
	l := leaks{label: tb.Name() + "/" + strconv.FormatInt(tests.Add(1), 10)}
	pprof.SetGoroutineLabels(pprof.WithLabels(tb.Context(), pprof.Labels(labelKey, l.label)))
	return l
}

// check fails the test if goroutines of it are running.
func (l leaks) check(tb testing.TB) {
	tb.Helper()
	pprof.SetGoroutineLabels(context.Background()) // This one is the test's too.
	var left []string
	for pause := time.Millisecond; pause < leakLimit; pause *= 2 {
		if left = l.running(); len(left) == 0 {
			return
		}
		time.Sleep(pause)
	}
	tb.Errorf("telemetrytest: %d goroutines of the test are still running:\n%s", len(left), strings.Join(left, "\n\n"))
}

// expected are functions whose goroutines are not the test's to end: that of
// package os/signal, and lumberjack's, which it never stops.
var expected = []string{"os/signal.loop", "lumberjack.v2.(*Logger).millRun"}

// running returns the stacks of the test's goroutines, those of the same stack
// as one.
func (l leaks) running() []string {
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return nil // A builder takes everything.
	}
	label := strconv.Quote(labelKey) + ":" + strconv.Quote(l.label)
	var found []string
	for stack := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(stack, label) && !slices.ContainsFunc(expected, func(f string) bool { return strings.Contains(stack, f) }) {
			found = append(found, stack)
		}
	}
	return found
}
