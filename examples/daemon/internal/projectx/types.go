package projectx

import (
	"strings"
	"time"
)

// Paths of the gateway's REST API and hubs. All REST calls are POSTs.
const (
	PathLogin         = "/api/Auth/loginKey"
	PathValidate      = "/api/Auth/validate"
	PathAccounts      = "/api/Account/search"
	PathPositions     = "/api/Position/searchOpen"
	PathClosePosition = "/api/Position/closeContract"
	PathOrders        = "/api/Order/searchOpen"
	PathCancelOrder   = "/api/Order/cancel"
	PathUserHub       = "/hubs/user"
	PathMarketHub     = "/hubs/market"
)

// Event types, as [Event.Type] returns them.
const (
	EventTrade    = "trade"
	EventPosition = "position"
	EventOrder    = "order"
	EventQuote    = "quote"
)

// Hub methods that the gateway invokes.
const (
	TargetTrade    = "GatewayUserTrade"
	TargetPosition = "GatewayUserPosition"
	TargetOrder    = "GatewayUserOrder"
	TargetQuote    = "GatewayQuote"
)

// Account is a trading account.
type Account struct {
	ID       int64   `json:"id"`
	Name     string  `json:"name"` // As traders know it: "PRAC-V2-12345-67890".
	Balance  float64 `json:"balance"`
	CanTrade bool    `json:"canTrade"`
}

// PositionType is the direction of a position.
type PositionType int

// The directions of a position.
const (
	Long  PositionType = 1
	Short PositionType = 2
)

// String returns "long" or "short".
func (t PositionType) String() string {
	if t == Short {
		return "short"
	}
	return "long"
}

// Position is an open position; as an event a size of 0 says that it is closed.
type Position struct {
	ID         int64        `json:"id"`
	AccountID  int64        `json:"accountId"`
	ContractID string       `json:"contractId"`
	Created    time.Time    `json:"creationTimestamp"`
	Type       PositionType `json:"type"`
	Size       int          `json:"size"`
	AvgPrice   float64      `json:"averagePrice"`
}

// Side is the side of an order or trade.
type Side int

// The sides.
const (
	Buy  Side = 0
	Sell Side = 1
)

// String returns "buy" or "sell".
func (s Side) String() string {
	if s == Sell {
		return "sell"
	}
	return "buy"
}

// OrderType is how an order is executed.
type OrderType int

// The order types that the daemon tells apart.
const (
	Limit        OrderType = 1
	Market       OrderType = 2
	Stop         OrderType = 4
	TrailingStop OrderType = 5
)

// OrderStatus is the state of an order.
type OrderStatus int

// The order states that the daemon tells apart.
const (
	Open      OrderStatus = 1
	Filled    OrderStatus = 2
	Cancelled OrderStatus = 3
)

// Order is an order of an account.
type Order struct {
	ID         int64       `json:"id"`
	AccountID  int64       `json:"accountId"`
	ContractID string      `json:"contractId"`
	Created    time.Time   `json:"creationTimestamp"`
	Status     OrderStatus `json:"status"`
	Type       OrderType   `json:"type"`
	Side       Side        `json:"side"`
	Size       int         `json:"size"`
	StopPrice  *float64    `json:"stopPrice"`
}

// Trade is one fill. ProfitAndLoss is nil for a fill that opens a position or
// adds to one, and the realized result of one that closes it, before Fees.
type Trade struct {
	ID            int64     `json:"id"`
	AccountID     int64     `json:"accountId"`
	ContractID    string    `json:"contractId"`
	Created       time.Time `json:"creationTimestamp"`
	Price         float64   `json:"price"`
	ProfitAndLoss *float64  `json:"profitAndLoss"`
	Fees          float64   `json:"fees"`
	Side          Side      `json:"side"`
	Size          int       `json:"size"`
	Voided        bool      `json:"voided"`
	OrderID       int64     `json:"orderId"`
}

// Quote is the state of a contract's market.
type Quote struct {
	ContractID string    `json:"-"`
	Symbol     string    `json:"symbol"`
	LastPrice  float64   `json:"lastPrice"`
	BestBid    float64   `json:"bestBid"`
	BestAsk    float64   `json:"bestAsk"`
	Timestamp  time.Time `json:"timestamp"`
}

// Event is what a hub sends: exactly one of its pointers is set.
type Event struct {
	Seq      int64 // Counts the hub's messages without gaps; 0 if the gateway gives none.
	Trade    *Trade
	Position *Position
	Order    *Order
	Quote    *Quote
}

// Type returns the event's type, such as [EventTrade].
func (e Event) Type() string {
	switch {
	case e.Trade != nil:
		return EventTrade
	case e.Position != nil:
		return EventPosition
	case e.Order != nil:
		return EventOrder
	default:
		return EventQuote
	}
}

// AccountID returns the account that the event is about; 0 for a quote.
func (e Event) AccountID() int64 {
	switch {
	case e.Trade != nil:
		return e.Trade.AccountID
	case e.Position != nil:
		return e.Position.AccountID
	case e.Order != nil:
		return e.Order.AccountID
	default:
		return 0
	}
}

// ContractID returns the contract that the event is about.
func (e Event) ContractID() string {
	switch {
	case e.Trade != nil:
		return e.Trade.ContractID
	case e.Position != nil:
		return e.Position.ContractID
	case e.Order != nil:
		return e.Order.ContractID
	case e.Quote != nil:
		return e.Quote.ContractID
	default:
		return ""
	}
}

// Symbol returns the name by which traders call the contract: "ES" for
// "CON.F.US.EP.Z26". What is not a contract ID comes back as it is.
func Symbol(contractID string) string {
	parts := strings.Split(contractID, ".")
	if len(parts) != 5 {
		return contractID
	}
	// CME products whose ProjectX code is not the exchange's.
	switch parts[3] {
	case "EP":
		return "ES"
	case "ENQ":
		return "NQ"
	case "CLE":
		return "CL"
	case "GCE":
		return "GC"
	default:
		return parts[3]
	}
}

// PointValue returns what one contract gains when its price rises by one point;
// 0 for a contract that the example does not know.
func PointValue(contractID string) float64 {
	switch Symbol(contractID) {
	case "ES":
		return 50
	case "MES":
		return 5
	case "NQ":
		return 20
	case "MNQ":
		return 2
	case "CL":
		return 1000
	case "GC":
		return 100
	default:
		return 0
	}
}
