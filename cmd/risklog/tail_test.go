package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"riskmanager.internal/otel/cmd/risklog/internal/cli"
	"riskmanager.internal/otel/telemetry"
)

// TestTailFollowsRotation follows the files while the library writes, rotates
// and compresses them, and wants every record once and in order.
func TestTailFollowsRotation(t *testing.T) {
	dir := t.TempDir()
	tel, err := telemetry.Setup(t.Context(), telemetry.WithLogDir(dir), telemetry.WithoutGlobals(),
		telemetry.WithConfig(telemetry.Config{Rotation: telemetry.RotationConfig{MaxMB: 1}}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		code := cli.Main(ctx, []string{"tail", "-n", "0", "-json", "-dir", dir}, strings.NewReader(""), w, io.Discard)
		if code != 0 {
			t.Errorf("risklog tail = %d, want 0", code)
		}
		_ = w.Close()
	})
	const records = 6000
	seen := make(chan string, records)
	wg.Go(func() {
		defer close(seen)
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			_, message, _ := strings.Cut(lines.Text(), `"message":"`)
			message, _, _ = strings.Cut(message, `"`)
			seen <- message
		}
	})

	log := tel.Logger(telemetry.API)
	padding := strings.Repeat("x", 400)
	log.InfoContext(ctx, "begin") // Once it is seen, tail follows.
	for begun := false; !begun; {
		select {
		case <-seen:
			begun = true
		case <-time.After(300 * time.Millisecond):
			log.InfoContext(ctx, "begin")
		}
	}
	for i := range records {
		level := slog.LevelInfo
		if i%7 == 0 {
			level = slog.LevelError
		}
		log.Log(ctx, level, fmt.Sprintf("m%05d", i), "padding", padding)
	}
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int, records)
	late, next := 0, 0
	timeout := time.After(30 * time.Second)
	for len(got) < records {
		select {
		case message := <-seen:
			if message == "begin" {
				continue
			}
			if got[message]++; got[message] > 1 {
				t.Fatalf("got %s twice", message)
			}
			n, err := strconv.Atoi(strings.TrimPrefix(message, "m"))
			if err != nil {
				t.Fatal(err)
			}
			if n < next {
				late++
			}
			next = max(next, n)
		case <-timeout:
			t.Fatalf("got %d records, want %d", len(got), records)
		}
	}
	if late > 0 {
		t.Errorf("%d records came after later ones", late)
	}
	stop()
	wg.Wait()
}
