package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Script returns what the traders make of so much time, without a server.
func Script(ctx context.Context, seed uint64, d time.Duration) []string {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var out []string
	m := newMarket(seed, func(target string, args ...any) {
		text, err := json.Marshal(args)
		out = append(out, fmt.Sprintf("%s %s %v", target, text, err))
	}, nil)
	m.trade(ctx, Config{Seed: seed, Speed: 1})
	return out
}
