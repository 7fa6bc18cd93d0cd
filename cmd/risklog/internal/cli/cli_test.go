package cli

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseWhen(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, berlin) // The day the clocks went forward.
	tests := []struct {
		in, want string // UTC; empty for an error.
	}{
		{"2h", "2026-03-29T08:00:00Z"},
		{"90s", "2026-03-29T09:58:30Z"},
		{"1d", "2026-03-28T10:00:00Z"},
		{"1w2d3h", "2026-03-20T07:00:00Z"},
		{"1.5d", "2026-03-27T22:00:00Z"},
		{"2h ago", "2026-03-29T08:00:00Z"},
		{"11:30", "2026-03-29T09:30:00Z"},
		{"00:30:05", "2026-03-28T23:30:05Z"},
		{"now", "2026-03-29T10:00:00Z"},
		{"today", "2026-03-28T23:00:00Z"},
		{"yesterday", "2026-03-27T23:00:00Z"},
		{"2026-03-01", "2026-02-28T23:00:00Z"},
		{"2026-03-01 13:30", "2026-03-01T12:30:00Z"},
		{"2026-03-01T13:30:05.25", "2026-03-01T12:30:05.25Z"},
		{"2026-03-01T13:30Z", "2026-03-01T13:30:00Z"},
		{"2026-03-01T13:30:00+09:00", "2026-03-01T04:30:00Z"},
		{"@1772368200.5", "2026-03-01T12:30:00.5Z"},
		{"", ""},
		{"2x", ""},
		{"-2h", ""},
		{"25:00", ""},
		{"2026-13-01", ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := parseWhen(tt.in, now, berlin)
			if err != nil {
				if tt.want != "" {
					t.Fatal(err)
				}
				return
			}
			if s := got.UTC().Format(time.RFC3339Nano); s != tt.want {
				t.Errorf("parseWhen(%q) = %s, want %s", tt.in, s, tt.want)
			}
		})
	}
}

func TestLongDashes(t *testing.T) {
	tests := []struct {
		name      string
		args, out []string
	}{
		{"one dash", []string{"show", "-dir", "x", "-json"}, []string{"show", "--dir", "x", "--json"}},
		{"equals", []string{"show", "-dir=x"}, []string{"show", "--dir=x"}},
		{"short flags stay", []string{"report", "-o", "f", "-n5"}, []string{"report", "-o", "f", "-n5"}},
		{"a value stays", []string{"show", "-grep", "-json"}, []string{"show", "--grep", "-json"}},
		{"a switch of one command that takes a value in another", []string{"trace", "-last", "-dir", "x"}, []string{"trace", "--last", "--dir", "x"}},
		{"after --", []string{"show", "--", "-dir"}, []string{"show", "--", "-dir"}},
		{"unknown", []string{"show", "-nope"}, []string{"show", "-nope"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.out, longDashes((&app{}).root(), tt.args)); diff != "" {
				t.Errorf("longDashes (-want +got):\n%s", diff)
			}
		})
	}
}
