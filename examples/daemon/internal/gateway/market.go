package gateway

import (
	"cmp"
	"context"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

// The contracts that are traded here.
const (
	es  = "CON.F.US.EP.Z26"
	nq  = "CON.F.US.ENQ.Z26"
	mes = "CON.F.US.MES.Z26"
	mnq = "CON.F.US.MNQ.Z26"
	cl  = "CON.F.US.CLE.F27"
)

// fee is what one contract costs for each fill.
const fee = 1.40

// sender sends a message to a hub.
type sender func(target string, args ...any)

// market holds the accounts and makes the fills.
type market struct {
	user, quotes sender
	traders      *rand.Rand // for trade's goroutine only
	walk         *rand.Rand // for quote's goroutine only

	mu       sync.Mutex
	lastID   int64               // guarded by mu
	prices   map[string]float64  // guarded by mu
	accounts map[int64]*holdings // guarded by mu
}

// holdings is guarded by its market's mu.
type holdings struct {
	account   projectx.Account
	positions map[string]*projectx.Position
	orders    map[int64]*projectx.Order
}

func newMarket(seed uint64, user, quotes sender) *market {
	m := &market{
		user: user, quotes: quotes,
		traders: rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // Not a secret.
		walk:    rand.New(rand.NewPCG(seed, 2)), //nolint:gosec // Not a secret.
		lastID:  9_000_000,
		prices:  map[string]float64{es: 6750, nq: 24500, mes: 6750, mnq: 24500, cl: 61.5},
	}
	m.accounts = make(map[int64]*holdings)
	for i, name := range []string{"PRAC-V2-12345-67890", "50KTC-V2-12345-24680", "EXPRESS-V2-12345-13579", "150KTC-V2-98765-43210"} {
		id := int64(7_001 + i)
		m.accounts[id] = &holdings{
			account:   projectx.Account{ID: id, Name: name, Balance: 50_000, CanTrade: true},
			positions: make(map[string]*projectx.Position),
			orders:    make(map[int64]*projectx.Order),
		}
	}
	return m
}

// nextID returns a new ID. The caller holds m.mu.
func (m *market) nextID() int64 {
	m.lastID++
	return m.lastID
}

func (m *market) accountList() []projectx.Account {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []projectx.Account
	for _, id := range slices.Sorted(maps.Keys(m.accounts)) {
		out = append(out, m.accounts[id].account)
	}
	return out
}

func (m *market) positions(account int64) []projectx.Position {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []projectx.Position{}
	if h := m.accounts[account]; h != nil {
		for _, p := range h.positions {
			out = append(out, *p)
		}
	}
	slices.SortFunc(out, func(a, b projectx.Position) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (m *market) orders(account int64) []projectx.Order {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []projectx.Order{}
	if h := m.accounts[account]; h != nil {
		for _, o := range h.orders {
			out = append(out, *o)
		}
	}
	slices.SortFunc(out, func(a, b projectx.Order) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// enter opens a position at the market, or adds to one; a negative size sells.
// It does nothing where a position of the other direction is open.
func (m *market) enter(account int64, contract string, size int, protected bool) {
	side, exit, dir := projectx.Buy, projectx.Sell, projectx.Long
	if size < 0 {
		side, exit, dir, size = projectx.Sell, projectx.Buy, projectx.Short, -size
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.accounts[account]
	if h == nil || size == 0 {
		return
	}
	price := m.prices[contract]
	pos := h.positions[contract]
	if pos == nil {
		pos = &projectx.Position{ID: m.nextID(), AccountID: account, ContractID: contract, Created: now(), Type: dir}
		h.positions[contract] = pos
	}
	if pos.Type != dir {
		return
	}
	pos.AvgPrice = (pos.AvgPrice*float64(pos.Size) + price*float64(size)) / float64(pos.Size+size)
	pos.Size += size

	if protected {
		// The bracket's stop is there before the fill is told, as at ProjectX.
		stop := price - stopDistance(price)
		if dir == projectx.Short {
			stop = price + stopDistance(price)
		}
		o := &projectx.Order{
			ID: m.nextID(), AccountID: account, ContractID: contract, Created: now(),
			Status: projectx.Open, Type: projectx.Stop, Side: exit, Size: size, StopPrice: &stop,
		}
		h.orders[o.ID] = o
		m.user(projectx.TargetOrder, *o)
	}
	m.fill(account, contract, side, size, price, nil)
	m.user(projectx.TargetPosition, *pos)
}

// exit closes the position at the market after it has moved by so many points
// against its holder, and reports whether there was one. The orders of the
// contract go with it.
func (m *market) exit(account int64, contract string, adverse float64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.accounts[account]
	if h == nil || h.positions[contract] == nil {
		return false
	}
	pos := h.positions[contract]
	delete(h.positions, contract)

	side, price := projectx.Sell, m.prices[contract]-adverse
	points := price - pos.AvgPrice
	if pos.Type == projectx.Short {
		side, price = projectx.Buy, m.prices[contract]+adverse
		points = pos.AvgPrice - price
	}
	pnl := points * float64(pos.Size) * projectx.PointValue(contract)
	h.account.Balance += pnl
	m.fill(account, contract, side, pos.Size, price, &pnl)
	pos.Size = 0
	m.user(projectx.TargetPosition, *pos)
	for _, id := range slices.Sorted(maps.Keys(h.orders)) {
		if h.orders[id].ContractID == contract {
			m.drop(h, id)
		}
	}
	return true
}

func (m *market) cancel(account, order int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.accounts[account]
	if h == nil || h.orders[order] == nil {
		return false
	}
	m.drop(h, order)
	return true
}

// drop cancels an order. The caller holds m.mu.
func (m *market) drop(h *holdings, order int64) {
	o := h.orders[order]
	delete(h.orders, order)
	o.Status = projectx.Cancelled
	m.user(projectx.TargetOrder, *o)
}

// fill tells of a market order and its trade. The caller holds m.mu.
func (m *market) fill(account int64, contract string, side projectx.Side, size int, price float64, pnl *float64) {
	o := projectx.Order{
		ID: m.nextID(), AccountID: account, ContractID: contract, Created: now(),
		Status: projectx.Filled, Type: projectx.Market, Side: side, Size: size,
	}
	m.user(projectx.TargetOrder, o)
	m.user(projectx.TargetTrade, projectx.Trade{
		ID: m.nextID(), AccountID: account, ContractID: contract, Created: now(), Price: price,
		ProfitAndLoss: pnl, Fees: fee * float64(size), Side: side, Size: size, OrderID: o.ID,
	})
}

// quote moves the prices until ctx ends.
func (m *market) quote(ctx context.Context, cfg Config) {
	for sleep(ctx, cfg.scaled(500*time.Millisecond)) {
		m.mu.Lock()
		for _, contract := range slices.Sorted(maps.Keys(m.prices)) {
			tick := tickSize(contract)
			last := math.Round(m.prices[contract]/tick+float64(m.walk.IntN(9)-4)) * tick
			last = math.Round(last*100) / 100 // 61.48, not 61.480000000000004.
			m.prices[contract] = last
			m.quotes(projectx.TargetQuote, contract, projectx.Quote{
				Symbol: projectx.Symbol(contract), LastPrice: last,
				BestBid: last - tick, BestAsk: last + tick, Timestamp: now(),
			})
		}
		m.mu.Unlock()
	}
}

func tickSize(contract string) float64 {
	if contract == cl {
		return 0.01
	}
	return 0.25
}

func stopDistance(price float64) float64 {
	if price < 1000 {
		return 0.5
	}
	return 20
}

func now() time.Time { return time.Now().UTC() }
