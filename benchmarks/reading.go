package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"riskmanager.internal/otel/instrument"
	"riskmanager.internal/otel/telemetry"
)

// readingTable compares risklog with jq, each a process of its own, over the
// same files, which this module wrote: a gigabyte to filter, and one trace to
// find in seven compressed backups of 10 MB.
func readingTable(w io.Writer, rounds, _ int) {
	if _, err := exec.LookPath("jq"); err != nil {
		fmt.Fprintln(w, "reading: jq is not installed")
		return
	}
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-o", dir, "./cmd/risklog")
	build.Dir = ".."
	build.Stderr = os.Stderr
	check(build.Run())
	risklog := filepath.Join(dir, "risklog")

	plain, backups := filepath.Join(dir, "plain"), filepath.Join(dir, "backups")
	writeEvents(plain, 2000, 1e9)
	trace := writeEvents(backups, 10, 80e6)
	daemon := filepath.Join(plain, "daemon.log")
	rounds = max(1, rounds/4) // jq takes most of a minute.
	for _, c := range []struct{ what, ours, theirs string }{
		{
			"1 GB, one account of 200",
			risklog + " show -json -dir " + plain + " -account ACC123",
			`jq -c 'select(.context.account_id == "ACC123")' ` + daemon,
		},
		{
			"1 GB, errors",
			risklog + " show -json -dir " + plain + " -level ERROR",
			`jq -c 'select(.level == "ERROR")' ` + daemon,
		},
		{
			"one trace of 7 x 10 MB, gzipped, and 10 MB",
			risklog + " trace -json -dir " + backups + " " + trace,
			"zcat -f " + filepath.Join(backups, "daemon*") + ` | jq -c 'select(.trace_id == "` + trace + `")'`,
		},
	} {
		var ours, theirs []cost
		for range rounds {
			ours, theirs = append(ours, shell(c.ours)), append(theirs, shell(c.theirs))
		}
		fmt.Fprintf(w, "%s\tCPU ms\twall ms\ttheirs / ours, CPU\twall\n", c.what)
		fmt.Fprintf(w, "risklog\t%d\t%d\t\t\n", medianOf(ours, byCPU)/1e6, medianOf(ours, byWall)/1e6)
		fmt.Fprintf(w, "jq\t%d\t%d\t%.0f\t%.0f\n", medianOf(theirs, byCPU)/1e6, medianOf(theirs, byWall)/1e6, ratio(theirs, ours, byCPU), ratio(theirs, ours, byWall))
	}
}

// shell runs a command, which is to write something, with all its children.
func shell(command string) cost {
	var out lineCounter
	cmd := exec.Command("bash", "-c", command)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	begin := time.Now()
	check(cmd.Run())
	if out.lines == 0 {
		check(errors.New("nothing was found: " + command))
	}
	return cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall: time.Since(begin)}
}

type lineCounter struct{ lines int }

func (c *lineCounter) Write(b []byte) (int, error) {
	c.lines += bytes.Count(b, []byte("\n"))
	return len(b), nil
}

// writeEvents writes the records of events, one after the other, until they
// are so many bytes, and returns the trace ID of one of them.
func writeEvents(dir string, megabytes int, size int64) (trace string) {
	ctx := context.Background()
	cfg := telemetry.Config{LogDir: dir, Rotation: telemetry.RotationConfig{MaxMB: megabytes}}
	tel, err := telemetry.Setup(ctx, telemetry.WithConfig(cfg), telemetry.WithoutGlobals())
	check(err)
	ctx = telemetry.NewContext(ctx, tel)
	daemon, api := tel.Logger(telemetry.Daemon), tel.Logger(telemetry.API)
	rejected := errors.New("gateway: 503 Service Unavailable")
	for i := 0; tel.Stats().Files["daemon"].Bytes < size; i++ {
		ctx := telemetry.NewCorrelation(telemetry.With(ctx, telemetry.AccountID(fmt.Sprintf("ACC%03d", i%200)), telemetry.EventType("trade")))
		if i == 15000 {
			trace = strings.ReplaceAll(telemetry.CorrelationID(ctx), "-", "")
		}
		_ = instrument.Do(ctx, "process_trade", func(ctx context.Context) error {
			daemon.InfoContext(ctx, "Trade received", "symbol", symbol, "quantity", i&7, "price", price, "order_id", i, "side", "buy")
			_ = instrument.Do(ctx, "fetch_positions", func(ctx context.Context) error {
				api.LogAttrs(ctx, slog.LevelInfo, "GET /positions", slog.Int("status_code", 200), slog.Float64("duration_ms", duration))
				if i%100 == 99 {
					return rejected
				}
				return nil
			}, instrument.On(telemetry.API))
			daemon.InfoContext(ctx, message, "symbol", symbol, "profit_and_loss", -12.5)
			return nil
		})
	}
	check(tel.Shutdown(ctx))
	return trace
}
