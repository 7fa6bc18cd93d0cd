package risk_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
	"riskmanager.internal/otel/examples/daemon/internal/risk"
)

const (
	account = 7001
	es      = "CON.F.US.EP.Z26"
	nq      = "CON.F.US.ENQ.Z26"
	mnq     = "CON.F.US.MNQ.Z26"
	cl      = "CON.F.US.CLE.F27"
)

var (
	start = time.Date(2026, 3, 2, 14, 30, 0, 0, time.UTC)
	reset = time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC)

	limits = risk.Limits{
		MaxContracts:     8,
		MaxPerInstrument: map[string]int{"MNQ": 5},
		DailyLoss:        500,
		MaxEntries:       3,
		EntryWindow:      time.Minute,
		EntryCooldown:    5 * time.Minute,
		Blocked:          []string{"CL"},
		StopGrace:        10 * time.Second,
	}
)

// step is an event and when it arrives, after start.
type step struct {
	at time.Duration
	ev projectx.Event
}

func at(d time.Duration, ev projectx.Event) step { return step{d, ev} }

func position(contract string, size int) projectx.Event {
	p := projectx.Position{AccountID: account, ContractID: contract, Type: projectx.Long, Size: size, AvgPrice: 100}
	if size < 0 {
		p.Type, p.Size = projectx.Short, -size
	}
	return projectx.Event{Position: &p}
}

func order(id int64, contract string, typ projectx.OrderType, side projectx.Side, status projectx.OrderStatus) projectx.Event {
	return projectx.Event{Order: &projectx.Order{ID: id, AccountID: account, ContractID: contract, Type: typ, Side: side, Status: status}}
}

func stop(id int64, contract string) projectx.Event {
	return order(id, contract, projectx.Stop, projectx.Sell, projectx.Open)
}

func entry() projectx.Event {
	return projectx.Event{Trade: &projectx.Trade{AccountID: account, ContractID: es, Size: 1}}
}

func exit(pnl, fees float64) projectx.Event {
	return projectx.Event{Trade: &projectx.Trade{AccountID: account, ContractID: es, Size: 1, ProfitAndLoss: &pnl, Fees: fees}}
}

func voided(ev projectx.Event) projectx.Event {
	ev.Trade.Voided = true
	return ev
}

func TestEvaluate(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		at    time.Duration // When the rules are evaluated.
		want  []risk.Breach
	}{
		{name: "nothing"},
		{
			name:  "a good trade",
			steps: []step{at(0, stop(1, es)), at(0, entry()), at(0, position(es, 2)), at(time.Hour, exit(120, 2.8)), at(time.Hour, position(es, 0))},
			at:    2 * time.Hour,
		},
		{
			name:  "as many contracts as allowed",
			steps: []step{at(0, position(es, 4)), at(0, position(nq, -4))},
		},
		{
			name:  "too many contracts, long and short",
			steps: []step{at(0, position(es, 5)), at(0, position(nq, -4))},
			want:  []risk.Breach{{Rule: risk.MaxContracts, Current: 9, Limit: 8, Action: risk.Flatten}},
		},
		{
			name:  "too many contracts no more",
			steps: []step{at(0, position(es, 9)), at(0, position(es, 2))},
		},
		{
			name:  "too many of one instrument",
			steps: []step{at(0, position(mnq, -6))},
			want:  []risk.Breach{{Rule: risk.MaxContractsPerInstrument, Contract: mnq, Current: 6, Limit: 5, Action: risk.ClosePosition}},
		},
		{
			name:  "daily loss with fees",
			steps: []step{at(0, exit(-300, 2)), at(time.Minute, exit(-197, 1))},
			at:    time.Minute,
			want:  []risk.Breach{{Rule: risk.DailyRealizedLoss, Current: 500, Limit: 500, Action: risk.FlattenAndLockOut, LockUntil: reset}},
		},
		{
			name:  "daily loss offset by a gain",
			steps: []step{at(0, exit(-600, 0)), at(0, exit(150, 0))},
		},
		{
			name:  "daily loss of a voided trade",
			steps: []step{at(0, voided(exit(-600, 0)))},
		},
		{
			name:  "too many entries",
			steps: []step{at(0, entry()), at(10*time.Second, entry()), at(20*time.Second, entry()), at(60*time.Second, entry())},
			at:    60 * time.Second,
			want: []risk.Breach{{
				Rule: risk.TradeFrequency, Current: 4, Limit: 3, Action: risk.LockOut,
				LockUntil: start.Add(6 * time.Minute),
			}},
		},
		{
			name:  "entries spread out",
			steps: []step{at(0, entry()), at(10*time.Second, entry()), at(20*time.Second, entry()), at(61*time.Second, entry())},
			at:    61 * time.Second,
		},
		{
			name:  "exits do not count as entries",
			steps: []step{at(0, entry()), at(1, exit(1, 0)), at(2, exit(1, 0)), at(3, exit(1, 0)), at(4, exit(1, 0))},
			at:    4,
		},
		{
			name:  "blocked symbol",
			steps: []step{at(0, position(cl, 1))},
			want:  []risk.Breach{{Rule: risk.SymbolBlock, Contract: cl, Current: 1, Action: risk.ClosePosition}},
		},
		{
			name:  "no stop, within the grace",
			steps: []step{at(0, position(es, 1))},
			at:    10 * time.Second,
		},
		{
			name:  "no stop after the grace",
			steps: []step{at(0, position(es, 1))},
			at:    12 * time.Second,
			want:  []risk.Breach{{Rule: risk.NoStopLossGrace, Contract: es, Current: 12, Limit: 10, Action: risk.ClosePosition}},
		},
		{
			name:  "stop within the grace",
			steps: []step{at(0, position(es, 1)), at(5*time.Second, stop(1, es))},
			at:    time.Hour,
		},
		{
			name:  "trailing stop of a short position",
			steps: []step{at(0, order(1, es, projectx.TrailingStop, projectx.Buy, projectx.Open)), at(0, position(es, -1))},
			at:    time.Hour,
		},
		{
			name:  "a stop on the wrong side is none",
			steps: []step{at(0, order(1, es, projectx.Stop, projectx.Buy, projectx.Open)), at(0, position(es, 1))},
			at:    11 * time.Second,
			want:  []risk.Breach{{Rule: risk.NoStopLossGrace, Contract: es, Current: 11, Limit: 10, Action: risk.ClosePosition}},
		},
		{
			name:  "a stop of another contract is none",
			steps: []step{at(0, stop(1, nq)), at(0, position(es, 1))},
			at:    11 * time.Second,
			want:  []risk.Breach{{Rule: risk.NoStopLossGrace, Contract: es, Current: 11, Limit: 10, Action: risk.ClosePosition}},
		},
		{
			name: "a cancelled stop starts the grace anew",
			steps: []step{
				at(0, stop(1, es)), at(0, position(es, 1)),
				at(time.Minute, order(1, es, projectx.Stop, projectx.Sell, projectx.Cancelled)),
			},
			at:   time.Minute + 11*time.Second,
			want: []risk.Breach{{Rule: risk.NoStopLossGrace, Contract: es, Current: 11, Limit: 10, Action: risk.ClosePosition}},
		},
		{
			name:  "several rules, the gravest first",
			steps: []step{at(0, exit(-700, 0)), at(0, position(cl, 9))},
			want: []risk.Breach{
				{Rule: risk.DailyRealizedLoss, Current: 700, Limit: 500, Action: risk.FlattenAndLockOut, LockUntil: reset},
				{Rule: risk.MaxContracts, Current: 9, Limit: 8, Action: risk.Flatten},
				{Rule: risk.SymbolBlock, Contract: cl, Current: 9, Action: risk.ClosePosition},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			book := risk.NewBook(limits, reset)
			for _, s := range tt.steps {
				book.Apply(s.ev, start.Add(s.at))
			}
			for i := range tt.want {
				tt.want[i].AccountID = account
			}
			got := book.Evaluate(account, start.Add(tt.at))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Evaluate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvaluateZeroLimits(t *testing.T) {
	book := risk.NewBook(risk.Limits{}, reset)
	for _, ev := range []projectx.Event{entry(), entry(), exit(-1e6, 0), position(cl, 500)} {
		book.Apply(ev, start)
	}
	if got := book.Evaluate(account, start.Add(time.Hour)); len(got) != 0 {
		t.Errorf("Evaluate with no rule set = %v, want nothing", got)
	}
}

func TestEvaluateReportsOnce(t *testing.T) {
	book := risk.NewBook(limits, reset)
	book.Apply(position(cl, 1), start)
	first := book.Evaluate(account, start)
	if len(first) != 1 {
		t.Fatalf("first Evaluate = %v, want one breach", first)
	}
	if got := book.Evaluate(account, start.Add(time.Second)); len(got) != 0 {
		t.Errorf("second Evaluate = %v, want nothing", got)
	}

	book.Reopen(first[0])
	if got := book.Evaluate(account, start.Add(2*time.Second)); len(got) != 1 {
		t.Errorf("Evaluate after Reopen = %v, want the breach again", got)
	}

	book.Apply(position(cl, 0), start.Add(3*time.Second))
	book.Evaluate(account, start.Add(3*time.Second))
	book.Apply(position(cl, 1), start.Add(4*time.Second))
	if got := book.Evaluate(account, start.Add(4*time.Second)); len(got) != 1 {
		t.Errorf("Evaluate of a new position = %v, want a new breach", got)
	}
}

func TestLockout(t *testing.T) {
	book := risk.NewBook(limits, reset)
	book.Apply(stop(1, es), start)
	book.Apply(position(es, 1), start)
	book.Lock(account, risk.DailyRealizedLoss, start.Add(time.Second), start.Add(time.Hour))
	book.Lock(account, risk.TradeFrequency, start.Add(2*time.Second), start.Add(time.Minute))
	if got := book.Summary(account, start.Add(30*time.Minute)); got.LockedBy != risk.DailyRealizedLoss || got.LockedUntil != start.Add(time.Hour) {
		t.Errorf("locked by %s until %v, want the longer lockout to stay", got.LockedBy, got.LockedUntil)
	}
	if got := book.Evaluate(account, start.Add(2*time.Second)); len(got) != 0 {
		t.Errorf("Evaluate = %v, want nothing for what was open before", got)
	}

	book.Apply(stop(2, nq), start.Add(3*time.Second))
	book.Apply(position(nq, 1), start.Add(3*time.Second))
	want := []risk.Breach{{Rule: risk.LockedOut, AccountID: account, Contract: nq, Current: 1, Action: risk.ClosePosition}}
	if diff := cmp.Diff(want, book.Evaluate(account, start.Add(4*time.Second))); diff != "" {
		t.Errorf("Evaluate of an entry during the lockout (-want +got):\n%s", diff)
	}
}

func TestNextDay(t *testing.T) {
	book := risk.NewBook(limits, reset)
	book.Apply(exit(-600, 0), start)
	if got := book.Evaluate(account, start); len(got) != 1 {
		t.Fatalf("Evaluate = %v, want the daily loss", got)
	}
	book.Lock(account, risk.DailyRealizedLoss, start, reset)
	if book.NextDay(reset.Add(-time.Second), reset.Add(24*time.Hour)) {
		t.Error("NextDay before the reset = true, want false")
	}
	if !book.NextDay(reset, reset.Add(24*time.Hour)) {
		t.Error("NextDay at the reset = false, want true")
	}
	if diff := cmp.Diff(risk.Summary{}, book.Summary(account, reset)); diff != "" {
		t.Errorf("Summary of the new day (-want +got):\n%s", diff)
	}
	book.Apply(exit(-600, 0), reset.Add(time.Hour))
	if got := book.Evaluate(account, reset.Add(time.Hour)); len(got) != 1 {
		t.Errorf("Evaluate = %v, want the new day's loss, though the old day's was never seen to be over", got)
	}
}

func TestSync(t *testing.T) {
	book := risk.NewBook(limits, reset)
	book.Apply(position(cl, 1), start)
	book.Apply(stop(1, cl), start)
	book.Sync(account,
		[]projectx.Position{{AccountID: account, ContractID: es, Type: projectx.Long, Size: 2}},
		[]projectx.Order{{ID: 5, AccountID: account, ContractID: es, Status: projectx.Open, Type: projectx.Stop, Side: projectx.Sell}},
		start)
	if diff := cmp.Diff([]string{es}, book.Positions(account)); diff != "" {
		t.Errorf("Positions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{5}, book.Orders(account, "")); diff != "" {
		t.Errorf("Orders (-want +got):\n%s", diff)
	}
	if got := book.Orders(account, cl); len(got) != 0 {
		t.Errorf("Orders of %s = %v, want none", cl, got)
	}
	if got := book.Evaluate(account, start.Add(time.Hour)); len(got) != 0 {
		t.Errorf("Evaluate = %v, want nothing: the position has a stop", got)
	}
}

func TestUnrealized(t *testing.T) {
	book := risk.NewBook(limits, reset)
	book.Apply(position(es, 2), start)
	book.Apply(position(nq, -1), start)
	book.Apply(projectx.Event{Quote: &projectx.Quote{ContractID: es, LastPrice: 101}}, start)
	book.Apply(projectx.Event{Quote: &projectx.Quote{ContractID: nq, LastPrice: 103}}, start)
	want := risk.Summary{Contracts: 3, Unrealized: 2*50 - 3*20}
	if diff := cmp.Diff(want, book.Summary(account, start)); diff != "" {
		t.Errorf("Summary (-want +got):\n%s", diff)
	}
}

func TestLimitsValidate(t *testing.T) {
	if err := limits.Validate(); err != nil {
		t.Errorf("Validate of good limits = %v", err)
	}
	bad := risk.Limits{MaxContracts: -1, DailyLoss: -500, MaxPerInstrument: map[string]int{"ES": 0}, MaxEntries: 3}
	want := "risk: limits: max contracts -1: want 0 or more\n" +
		"max contracts of ES 0: want 1 or more (block the symbol to forbid it)\n" +
		"daily loss -500: want the amount as a positive number\n" +
		"max entries 3: want a window and a cooldown with it"
	if err := bad.Validate(); err == nil || err.Error() != want {
		t.Errorf("Validate = %v, want\n%s", err, want)
	}
}
