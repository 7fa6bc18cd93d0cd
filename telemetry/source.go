package telemetry

import (
	"runtime"
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
