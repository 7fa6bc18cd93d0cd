package risk

import (
	"errors"
	"fmt"
	"time"
)

// Rule identifies a rule.
type Rule string

// The rules.
const (
	MaxContracts              Rule = "MAX_CONTRACTS"                // Contracts of all positions together.
	MaxContractsPerInstrument Rule = "MAX_CONTRACTS_PER_INSTRUMENT" // Contracts of one position.
	DailyRealizedLoss         Rule = "DAILY_REALIZED_LOSS"          // Realized today, net of fees.
	TradeFrequency            Rule = "TRADE_FREQUENCY"              // Entries within a window of time.
	SymbolBlock               Rule = "SYMBOL_BLOCK"                 // Symbols that may not be traded.
	NoStopLossGrace           Rule = "NO_STOP_LOSS_GRACE"           // Time a position may be without a stop order.
	LockedOut                 Rule = "LOCKED_OUT"                   // A position opened during a lockout.
)

// Action is what enforces a rule.
type Action string

// The actions. Flatten and LockOut together are FlattenAndLockOut.
const (
	ClosePosition     Action = "close_position" // Close the contract's position.
	Flatten           Action = "flatten"        // Cancel all orders, close all positions.
	LockOut           Action = "lock_out"       // No entries until a time; positions stay.
	FlattenAndLockOut Action = "flatten_and_lock_out"
)

// Locks reports whether the action locks the account out.
func (a Action) Locks() bool { return a == LockOut || a == FlattenAndLockOut }

// Limits are the rules' settings. The zero value of a field turns its rule off.
type Limits struct {
	MaxContracts     int            `json:"max_contracts"`
	MaxPerInstrument map[string]int `json:"max_per_instrument"` // By symbol: "MNQ".
	DailyLoss        float64        `json:"daily_loss"`         // In account currency, positive.
	MaxEntries       int            `json:"max_entries"`        // Entries allowed within EntryWindow.
	EntryWindow      time.Duration  `json:"entry_window"`
	EntryCooldown    time.Duration  `json:"entry_cooldown"` // Length of the lockout after too many entries.
	Blocked          []string       `json:"blocked"`        // Symbols.
	StopGrace        time.Duration  `json:"stop_grace"`
}

// Validate returns every fault of l at once.
func (l Limits) Validate() error {
	var errs []error
	if l.MaxContracts < 0 {
		errs = append(errs, fmt.Errorf("max contracts %d: want 0 or more", l.MaxContracts))
	}
	for symbol, n := range l.MaxPerInstrument {
		if n < 1 {
			errs = append(errs, fmt.Errorf("max contracts of %s %d: want 1 or more (block the symbol to forbid it)", symbol, n))
		}
	}
	if l.DailyLoss < 0 {
		errs = append(errs, fmt.Errorf("daily loss %g: want the amount as a positive number", l.DailyLoss))
	}
	if l.MaxEntries > 0 && (l.EntryWindow <= 0 || l.EntryCooldown <= 0) {
		errs = append(errs, fmt.Errorf("max entries %d: want a window and a cooldown with it", l.MaxEntries))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("risk: limits: %w", err)
	}
	return nil
}

// Breach is a rule that an account has broken.
type Breach struct {
	Rule      Rule
	AccountID int64
	Contract  string  // The position at fault; empty if it is the whole account.
	Current   float64 // What was found, in the rule's unit: contracts, currency, entries, seconds.
	Limit     float64 // What is allowed, in the same unit.
	Action    Action
	LockUntil time.Time // The end of the lockout, where Action has one.
}

// Excess returns by how much the limit is exceeded, never less than 0.
func (b Breach) Excess() float64 { return max(b.Current-b.Limit, 0) }
