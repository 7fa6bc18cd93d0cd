package risk

import (
	"maps"
	"slices"
	"sync"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

// Book is the state of all accounts. It is safe for concurrent use.
type Book struct {
	limits Limits // immutable once set

	mu       sync.Mutex
	reset    time.Time          // guarded by mu; when the trading day ends
	accounts map[int64]*account // guarded by mu
	prices   map[string]float64 // guarded by mu; last price by contract
}

// account is guarded by its Book's mu.
type account struct {
	positions map[string]position // by contract
	orders    map[int64]projectx.Order
	realized  float64
	entries   []time.Time // within the entry window, oldest first
	locked    lock
	breached  map[breachKey]bool // reported and not over yet
}

type position struct {
	projectx.Position
	seen  time.Time // When it was opened, by the Book's own times.
	naked time.Time // Since when it has had no stop order; zero if it has one.
}

type lock struct {
	from, until time.Time
	rule        Rule
}

type breachKey struct {
	rule     Rule
	contract string
}

// NewBook returns an empty book whose trading day ends at reset.
func NewBook(limits Limits, reset time.Time) *Book {
	return &Book{
		limits:   limits,
		reset:    reset,
		accounts: make(map[int64]*account),
		prices:   make(map[string]float64),
	}
}

// account returns the account's state, new if need be. The caller holds b.mu.
func (b *Book) account(id int64) *account {
	a := b.accounts[id]
	if a == nil {
		a = &account{
			positions: make(map[string]position),
			orders:    make(map[int64]projectx.Order),
			breached:  make(map[breachKey]bool),
		}
		b.accounts[id] = a
	}
	return a
}

// Apply changes the state by an event that arrived at now.
func (b *Book) Apply(ev projectx.Event, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case ev.Quote != nil:
		b.prices[ev.Quote.ContractID] = ev.Quote.LastPrice
	case ev.Trade != nil:
		b.account(ev.Trade.AccountID).trade(*ev.Trade, now)
	case ev.Position != nil:
		b.account(ev.Position.AccountID).position(*ev.Position, now)
	case ev.Order != nil:
		b.account(ev.Order.AccountID).order(*ev.Order, now)
	}
}

// Sync replaces the account's positions and orders by what the gateway says
// they are: events may have been missed while a hub was away.
func (b *Book) Sync(accountID int64, positions []projectx.Position, orders []projectx.Order, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.account(accountID)
	clear(a.orders)
	for _, o := range orders {
		a.orders[o.ID] = o
	}
	open := make(map[string]bool, len(positions))
	for _, p := range positions {
		open[p.ContractID] = true
		a.position(p, now)
	}
	maps.DeleteFunc(a.positions, func(contract string, _ position) bool { return !open[contract] })
}

// Lock locks the account out until the given time, on account of a rule. A
// lockout is never shortened.
func (b *Book) Lock(accountID int64, rule Rule, now, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.account(accountID)
	if until.After(a.locked.until) {
		a.locked = lock{from: now, until: until, rule: rule}
	}
}

// NextDay ends the trading day if it is over at now: realized results and
// lockouts start afresh, and the next day ends at reset. It reports whether it did.
func (b *Book) NextDay(now, reset time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.reset) {
		return false
	}
	b.reset = reset
	for _, a := range b.accounts {
		a.realized = 0
		a.locked = lock{}
		delete(a.breached, breachKey{rule: DailyRealizedLoss}) // Today's loss is not yesterday's.
	}
	return true
}

// Summary is what a Book knows of one account, for people to read.
type Summary struct {
	Contracts   int
	Realized    float64
	Unrealized  float64 // At the last quotes; 0 without any.
	LockedUntil time.Time
	LockedBy    Rule
}

// Summary returns what the book knows of the account.
func (b *Book) Summary(accountID int64, now time.Time) Summary {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.account(accountID)
	s := Summary{Contracts: a.contracts(), Realized: a.realized, Unrealized: b.unrealized(a)}
	if now.Before(a.locked.until) {
		s.LockedUntil, s.LockedBy = a.locked.until, a.locked.rule
	}
	return s
}

// Orders returns the IDs of the account's open orders, in order; with a
// contract only those of the contract.
func (b *Book) Orders(accountID int64, contract string) []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []int64
	for id, o := range b.account(accountID).orders {
		if contract == "" || o.ContractID == contract {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Positions returns the contracts of the account's open positions, in order.
func (b *Book) Positions(accountID int64) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.account(accountID).positions))
}

func (b *Book) unrealized(a *account) float64 {
	var sum float64
	for contract, p := range a.positions {
		last, ok := b.prices[contract]
		if !ok {
			continue
		}
		points := last - p.AvgPrice
		if p.Type == projectx.Short {
			points = -points
		}
		sum += points * float64(p.Size) * projectx.PointValue(contract)
	}
	return sum
}

func (a *account) trade(t projectx.Trade, now time.Time) {
	if t.Voided {
		return
	}
	a.realized -= t.Fees
	if t.ProfitAndLoss != nil {
		a.realized += *t.ProfitAndLoss
		return
	}
	// Only entries count towards the frequency: nobody is locked out for leaving.
	a.entries = append(a.entries, now)
}

func (a *account) position(p projectx.Position, now time.Time) {
	if p.Size == 0 {
		delete(a.positions, p.ContractID)
		return
	}
	old, ok := a.positions[p.ContractID]
	if !ok {
		old = position{seen: now, naked: now}
	}
	old.Position = p
	a.positions[p.ContractID] = old
	a.protect(p.ContractID, now)
}

func (a *account) order(o projectx.Order, now time.Time) {
	if o.Status == projectx.Open {
		a.orders[o.ID] = o
	} else {
		delete(a.orders, o.ID)
	}
	a.protect(o.ContractID, now)
}

// protect notes whether the contract's position has a stop order.
func (a *account) protect(contract string, now time.Time) {
	p, ok := a.positions[contract]
	if !ok {
		return
	}
	exit := projectx.Sell
	if p.Type == projectx.Short {
		exit = projectx.Buy
	}
	for _, o := range a.orders {
		if o.ContractID == contract && o.Side == exit && (o.Type == projectx.Stop || o.Type == projectx.TrailingStop) {
			p.naked = time.Time{}
			a.positions[contract] = p
			return
		}
	}
	if p.naked.IsZero() {
		p.naked = now
		a.positions[contract] = p
	}
}

func (a *account) contracts() int {
	var n int
	for _, p := range a.positions {
		n += p.Size
	}
	return n
}
