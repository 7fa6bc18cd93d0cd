package mask_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"riskmanager.internal/otel/mask"
)

func TestCleanAdv(t *testing.T) {
	b, err := os.ReadFile(os.Getenv("CLEANADV"))
	if err != nil {
		t.Skip(err)
	}
	for _, l := range strings.Split(string(b), "\n") {
		in := signs.Replace(l)
		if got := mask.Default().String(in); got != in {
			fmt.Printf("in  %q\n got %q\n\n", in, got)
		}
	}
}
