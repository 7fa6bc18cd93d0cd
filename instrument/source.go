package instrument

import (
	"runtime"
	"slices"
	"strings"
	"sync"
)

// frames holds whose each return address is that was seen so far. A program has
// a bounded number of them.
var frames sync.Map // uintptr -> frame

// frame says whose code a return address lies in.
type frame uint8

const (
	callers frame = iota
	library       // What HTTP passes through.
	ours          // This package, or the runtime, which calls deferred functions in a panic.
)

// callerPC returns the nearest return address in code of a caller; for HTTP,
// which libraries call, in code that is not a library's. It is 0 where there is
// none, as in a server's goroutine.
func callerPC(http bool) uintptr {
	var pcs [48]uintptr
	n := runtime.Callers(3, pcs[:])
	for _, pc := range pcs[:n] {
		f, known := frames.Load(pc)
		if !known {
			f = frameOf(pc)
			frames.Store(pc, f)
		}
		if f == callers || f == library && !http {
			return pc
		}
	}
	return 0
}

func frameOf(pc uintptr) frame {
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	switch name := f.Function; {
	case strings.HasPrefix(name, scopeName+"."), strings.HasPrefix(name, "runtime."):
		return ours
	case slices.ContainsFunc(passed, func(prefix string) bool { return strings.HasPrefix(name, prefix) }):
		return library
	}
	return callers
}

// passed are the packages that lie between HTTP and who asked for it.
var passed = []string{
	"net/http.", "net/http/", "io.", "bufio.", "bytes.", "encoding/", "compress/",
	"go.opentelemetry.io/", "github.com/felixge/httpsnoop.",
}
