package gateway

import (
	"context"
	"time"
)

// scene is something that traders do. It ends early when ctx does.
type scene func(ctx context.Context, m *market, cfg Config, account int64)

// trade lets the traders trade until ctx ends: first every scene once, in
// quick succession, so that a short run shows every rule; then whatever comes.
func (m *market) trade(ctx context.Context, cfg Config) {
	first := []struct {
		after   time.Duration
		account int64
		scene   scene
	}{
		{200 * time.Millisecond, 7_001, roundTrip},
		{100 * time.Millisecond, 7_002, tooManyOfOne},
		{300 * time.Millisecond, 7_004, noStop},
		{200 * time.Millisecond, 7_003, blockedSymbol},
		{200 * time.Millisecond, 7_001, bigLoss},
		{200 * time.Millisecond, 7_003, burst},
		{300 * time.Millisecond, 7_001, roundTrip}, // Locked out by now.
		{200 * time.Millisecond, 7_002, tooMany},
	}
	for _, s := range first {
		if !sleep(ctx, cfg.scaled(s.after)) {
			return
		}
		s.scene(ctx, m, cfg, s.account)
	}

	later := []scene{
		roundTrip, roundTrip, roundTrip, roundTrip, roundTrip, roundTrip,
		tooManyOfOne, tooMany, noStop, blockedSymbol, bigLoss, burst,
	}
	for {
		pause := 300*time.Millisecond + time.Duration(m.traders.Int64N(int64(1500*time.Millisecond)))
		if !sleep(ctx, cfg.scaled(pause)) {
			return
		}
		account := int64(7_001 + m.traders.IntN(4))
		later[m.traders.IntN(len(later))](ctx, m, cfg, account)
	}
}

// roundTrip is what a trader should do: enter with a stop, leave soon.
func roundTrip(ctx context.Context, m *market, cfg Config, account int64) {
	contract := []string{es, nq, mes}[m.traders.IntN(3)]
	size := 1 + m.traders.IntN(2)
	if m.traders.IntN(2) == 0 {
		size = -size
	}
	m.enter(account, contract, size, true)
	if sleep(ctx, cfg.scaled(300*time.Millisecond)) {
		m.exit(account, contract, float64(m.traders.IntN(5)-2))
	}
}

// tooManyOfOne opens a position that is too large for its instrument.
func tooManyOfOne(_ context.Context, m *market, _ Config, account int64) {
	m.enter(account, mnq, 6, true)
}

// tooMany opens positions that are too large together.
func tooMany(_ context.Context, m *market, _ Config, account int64) {
	m.enter(account, es, 3, true)
	m.enter(account, nq, -3, true)
	m.enter(account, mes, 3, true)
}

// noStop opens a position without a stop order, and keeps it.
func noStop(_ context.Context, m *market, _ Config, account int64) {
	m.enter(account, nq, 1, false)
}

// blockedSymbol trades what this firm does not allow.
func blockedSymbol(_ context.Context, m *market, _ Config, account int64) {
	m.enter(account, cl, 1, true)
}

// bigLoss loses more than a day's allowance.
func bigLoss(ctx context.Context, m *market, cfg Config, account int64) {
	m.enter(account, nq, 2, true)
	m.enter(account, mes, 1, true) // Still open when the rule strikes.
	if sleep(ctx, cfg.scaled(150*time.Millisecond)) {
		m.exit(account, nq, 18) // 2 contracts * 18 points * 20 $: -720 $.
	}
}

// burst enters again and again.
func burst(ctx context.Context, m *market, cfg Config, account int64) {
	for range 5 {
		m.enter(account, mnq, 1, true)
		if !sleep(ctx, cfg.scaled(60*time.Millisecond)) {
			return
		}
	}
	if sleep(ctx, cfg.scaled(300*time.Millisecond)) {
		m.exit(account, mnq, 1)
	}
}
