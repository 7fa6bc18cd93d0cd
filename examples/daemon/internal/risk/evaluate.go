package risk

import (
	"maps"
	"slices"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

// Evaluate holds the account against every rule and returns the breaches that
// are new: one that was returned before comes again only after it was over, or
// after [Book.Reopen].
func (b *Book) Evaluate(accountID int64, now time.Time) []Breach {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.account(accountID)
	found := b.breaches(accountID, a, now)
	current := make(map[breachKey]bool, len(found))
	var fresh []Breach
	for _, br := range found {
		key := breachKey{br.Rule, br.Contract}
		current[key] = true
		if !a.breached[key] {
			fresh = append(fresh, br)
		}
	}
	a.breached = current
	return fresh
}

// Reopen forgets that the breach was reported, so that the next [Book.Evaluate]
// returns it again if the rule is still broken: its enforcement failed.
func (b *Book) Reopen(br Breach) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.account(br.AccountID).breached, breachKey{br.Rule, br.Contract})
}

// breaches returns all rules that are broken now, the gravest first. The
// caller holds b.mu.
func (b *Book) breaches(id int64, a *account, now time.Time) []Breach {
	var out []Breach
	add := func(rule Rule, contract string, current, limit float64, action Action, until time.Time) {
		out = append(out, Breach{
			Rule: rule, AccountID: id, Contract: contract,
			Current: current, Limit: limit, Action: action, LockUntil: until,
		})
	}
	l := b.limits

	if l.DailyLoss > 0 && a.realized <= -l.DailyLoss {
		add(DailyRealizedLoss, "", -a.realized, l.DailyLoss, FlattenAndLockOut, b.reset)
	}
	if n := a.contracts(); l.MaxContracts > 0 && n > l.MaxContracts {
		add(MaxContracts, "", float64(n), float64(l.MaxContracts), Flatten, time.Time{})
	}
	if n := a.recentEntries(now, l.EntryWindow); l.MaxEntries > 0 && n > l.MaxEntries {
		add(TradeFrequency, "", float64(n), float64(l.MaxEntries), LockOut, now.Add(l.EntryCooldown))
	}

	locked := now.Before(a.locked.until)
	for _, contract := range slices.Sorted(maps.Keys(a.positions)) {
		p, symbol := a.positions[contract], projectx.Symbol(contract)
		// What was open when the lockout began is for the rule that began it.
		if locked && p.seen.After(a.locked.from) {
			add(LockedOut, contract, float64(p.Size), 0, ClosePosition, time.Time{})
		}
		if slices.Contains(l.Blocked, symbol) {
			add(SymbolBlock, contract, float64(p.Size), 0, ClosePosition, time.Time{})
		}
		if limit, ok := l.MaxPerInstrument[symbol]; ok && p.Size > limit {
			add(MaxContractsPerInstrument, contract, float64(p.Size), float64(limit), ClosePosition, time.Time{})
		}
		if naked := now.Sub(p.naked); l.StopGrace > 0 && !p.naked.IsZero() && naked > l.StopGrace {
			add(NoStopLossGrace, contract, naked.Seconds(), l.StopGrace.Seconds(), ClosePosition, time.Time{})
		}
	}
	return out
}

// recentEntries returns how many entries lie within the window before now, and
// forgets the older ones.
func (a *account) recentEntries(now time.Time, window time.Duration) int {
	a.entries = slices.DeleteFunc(a.entries, func(t time.Time) bool { return now.Sub(t) > window })
	return len(a.entries)
}
