package gateway

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

type fault int

const (
	none    fault = iota
	slow          // Answers late.
	busy          // 429 with Retry-After.
	broken        // 500, with the request quoted in the answer.
	expired       // 401: the session was ended elsewhere.
)

// faults decides what goes wrong. The n-th request to a path has always the
// same fate, in whatever order the paths are called.
type faults struct {
	cfg    Config
	mu     sync.Mutex
	counts map[string]int // guarded by mu
}

// opening is what happens to the first requests, so that a run of seconds
// shows every kind.
var opening = map[string][]fault{ //nolint:gochecknoglobals // A constant.
	projectx.PathLogin:         {broken, none},
	projectx.PathAccounts:      {none},
	projectx.PathClosePosition: {broken, slow, none, busy},
	projectx.PathPositions:     {none, slow, none, none, none, expired},
	PathAlerts:                 {none, broken},
}

func newFaults(cfg Config) *faults {
	return &faults{cfg: cfg, counts: make(map[string]int)}
}

// next returns the fault of the next request to the path, and how long its
// answer takes.
func (f *faults) next(path string) (fault, time.Duration) {
	n := f.visit(path)
	if f.cfg.Quiet {
		return none, 0
	}

	rng := chance(f.cfg.Seed, path, n)
	delay := 2*time.Millisecond + time.Duration(rng.ExpFloat64()*float64(12*time.Millisecond))
	what := none
	if script := opening[path]; n < len(script) {
		what = script[n]
	} else {
		switch p := rng.Float64(); {
		case p < 0.06:
			what = slow
		case p < 0.10:
			what = busy
		case p < 0.13:
			what = broken
		case p < 0.14:
			what = expired
		}
	}
	if what == slow {
		delay += 250*time.Millisecond + time.Duration(rng.Int64N(int64(500*time.Millisecond)))
	}
	return what, f.cfg.scaled(delay)
}

// visit counts a request to the path and returns how many there were before.
func (f *faults) visit(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[path]++
	return f.counts[path] - 1
}

func (f *faults) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[path]
}

// chance returns the chance of the n-th request to the path. ChaCha8, as PCG's
// first numbers resemble each other for seeds that do.
func chance(seed uint64, path string, n int) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "%d %s %d", seed, path, n)))) //nolint:gosec // Not a secret.
}
