package mask_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"riskmanager.internal/otel/mask"
)

func TestAdv(t *testing.T) {
	b, err := os.ReadFile(os.Getenv("ADV"))
	if err != nil {
		t.Skip(err)
	}
	n := 0
	for _, l := range strings.Split(string(b), "\n") {
		if l == "" || strings.HasPrefix(l, "# ") {
			continue
		}
		n++
		in, want := marked(l)
		if got := mask.Default().String(in); got != want {
			fmt.Printf("want %q\n got %q\n\n", want, got)
		}
	}
	fmt.Println(n, "cases")
}
