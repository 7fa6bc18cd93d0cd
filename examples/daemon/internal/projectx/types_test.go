package projectx_test

import (
	"testing"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

func TestSymbol(t *testing.T) {
	for contract, want := range map[string]string{
		"CON.F.US.EP.Z26":  "ES",
		"CON.F.US.ENQ.Z26": "NQ",
		"CON.F.US.MNQ.Z26": "MNQ",
		"CON.F.US.CLE.F27": "CL",
		"ES":               "ES",
		"":                 "",
	} {
		if got := projectx.Symbol(contract); got != want {
			t.Errorf("Symbol(%q) = %q, want %q", contract, got, want)
		}
	}
}
