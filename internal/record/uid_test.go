package record_test

import (
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"riskmanager.internal/otel/internal/record"
)

func TestNewUID(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	at := time.UnixMilli(1469918176385) // The example of the ULID specification.
	const each = 1000
	lists := make([][]string, 8)
	var wg sync.WaitGroup
	for i := range lists {
		wg.Go(func() {
			for range each {
				lists[i] = append(lists[i], record.NewUID(at))
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, list := range lists {
		if !slices.IsSorted(list) {
			t.Error("the UIDs of one goroutine are not in order")
		}
		for _, uid := range list {
			if !form.MatchString(uid) || uid[:10] != "01ARYZ6S41" {
				t.Fatalf("NewUID = %q", uid)
			}
			seen[uid] = true
		}
	}
	if len(seen) != each*len(lists) {
		t.Errorf("%d different UIDs, want %d", len(seen), each*len(lists))
	}
}

func TestMintUID(t *testing.T) {
	t.Parallel()
	r := new(record.Record)
	if r.HasUID() || r.UIDText() != "" {
		t.Errorf("a new record has the UID %q", r.UIDText())
	}
	r.UID = "foreign"
	if r.UIDText() != "foreign" {
		t.Errorf("UIDText = %q", r.UIDText())
	}
	r.MintUID(time.Now())
	if uid := r.UIDText(); !r.HasUID() || len(uid) != 26 || parse(t, record.AppendJSON(nil, r))["uid"] != uid {
		t.Errorf("UIDText = %q", uid)
	}
}
