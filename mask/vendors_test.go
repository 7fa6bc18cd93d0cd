package mask_test

import (
	"strings"
	"testing"

	"riskmanager.internal/otel/mask"
)

func TestVendors(t *testing.T) {
	m := mask.Default()
	for _, v := range mask.Vendors() {
		t.Run(v.Name, func(t *testing.T) {
			if v.Source == "" {
				t.Error("no source")
			}
			for _, around := range [][2]string{
				{"", ""}, {"using ", " now"}, {`{"x":"`, `"}`}, {"x=", "&y=1"}, {"(", ")"}, {"a/", "/b"}, {"", "."}, {"x\n", "\ny"}, {`"a\n`, `\n"`},
			} {
				in := around[0] + v.Sample + around[1]
				want := around[0] + v.Keep + mask.Text + around[1]
				if got := m.String(in); got != want {
					// A body that goes on into what stands around it is
					// masked with it.
					if strings.Contains(got, v.Sample[len(v.Keep):]) {
						t.Errorf("String(%q) = %q, want %q", in, got, want)
					}
				}
			}
			if got := m.String(v.Prefix); got != v.Prefix {
				t.Errorf("the prefix alone: String(%q) = %q", v.Prefix, got)
			}
			if in := "x" + v.Prefix + "y"; m.String(in) != in {
				t.Errorf("within a word: String(%q) = %q", in, m.String(in))
			}
		})
	}
}

func TestAzureKeys(t *testing.T) {
	for mark, before := range mask.AzureMarks() {
		key := strings.Repeat("aB3+/", 20)[:before] + mark + "aB3dE5="
		for _, in := range []string{"key " + key + "= now", "v=" + key + "&x", `{"v":"` + key + `"}`} {
			if got := mask.Default().String(in); strings.Contains(got, key[:8]) || strings.Contains(got, "dE5") {
				t.Errorf("%s: String(%q) = %q", mark, in, got)
			}
		}
		if in := "key b" + key; mask.Default().String(in) != in {
			t.Errorf("%s: a byte too many: String(%q) = %q", mark, in, mask.Default().String(in))
		}
	}
}
