package telemetry

import (
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"riskmanager.internal/otel/internal/record"
)

// sources holds the call sites resolved so far: a program has a bounded number
// of them, and resolving one costs more than the rest of a record.
var sources sync.Map // uintptr -> *record.Source

// sourceOf returns where pc is, or nil for none.
func sourceOf(pc uintptr) *record.Source {
	if pc == 0 {
		return nil
	}
	if s, ok := sources.Load(pc); ok {
		return s.(*record.Source)
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	s := record.NewSource(frame.Function, frame.File, frame.Line)
	sources.Store(pc, s)
	return s
}

// stackFrom returns the goroutine's stack from the call site on: the frames
// above it are slog's and ours.
func stackFrom(site *record.Source) string {
	stack := string(debug.Stack())
	if site == nil {
		return stack
	}
	head, frames, _ := strings.Cut(stack, "\n")
	_, below, ok := strings.Cut(frames, "\n"+site.Function+"(")
	if !ok {
		return stack
	}
	return head + "\n" + site.Function + "(" + below
}
