// Package risk keeps the state of trading accounts and holds it against rules.
//
// A [Book] is told every event of the gateway and says, when asked, which rules
// are breached and what has to be done about it. It does nothing itself, knows
// no clock but the times it is given, and logs nothing.
package risk
