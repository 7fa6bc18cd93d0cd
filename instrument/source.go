package instrument

import (
	"runtime"
	"strings"
	"sync"
)

// ownFrames holds, for each return address seen so far, whether it lies in
// this package or the runtime. A program has a bounded number of them.
var ownFrames sync.Map // uintptr -> bool

// callerPC returns the nearest return address outside this package and the
// runtime, which calls deferred functions in a panic. Where there is none, as
// in a goroutine that [Go] started, it is that of the outermost function.
func callerPC() uintptr {
	var pcs [16]uintptr
	n := runtime.Callers(3, pcs[:])
	for _, pc := range pcs[:n] {
		own, ok := ownFrames.Load(pc)
		if !ok {
			own = isOwn(pc)
			ownFrames.Store(pc, own)
		}
		if !own.(bool) {
			return pc
		}
	}
	return 0
}

func isOwn(pc uintptr) bool {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return strings.HasPrefix(frame.Function, scopeName+".") || strings.HasPrefix(frame.Function, "runtime.")
}
