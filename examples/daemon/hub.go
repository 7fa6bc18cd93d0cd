package main

import (
	"context"
	"log/slog"
	"time"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
	"riskmanager.internal/otel/instrument"
)

// follower follows a hub over as many connections as it takes.
type follower struct {
	daemon *daemon
	path   string
	feed   *instrument.Feed            // Records connections and gaps, and makes each event a trace.
	sync   func(context.Context) error // Called on each connection before its events; may be nil.
	seq    int64                       // Of the last event.
}

// run follows the hub until ctx ends.
func (f *follower) run(ctx context.Context) {
	pause := f.daemon.settings.scaled(300 * time.Millisecond)
	for attempt := 1; ctx.Err() == nil; attempt++ {
		dialing := instrument.WithRequest(ctx, instrument.Template(f.path))
		hub, err := f.daemon.client.Hub(dialing, f.path)
		if err != nil {
			f.feed.Retrying(ctx, attempt, pause, err)
		} else {
			attempt = 0
			err = f.read(ctx, hub)
			f.feed.Disconnected(err)
		}
		sleep(ctx, pause)
	}
}

// read handles the events of one connection.
func (f *follower) read(ctx context.Context, hub *projectx.Hub) error {
	defer hub.Close()
	connection := f.feed.Connected(ctx)
	if f.sync != nil {
		if err := f.sync(connection); err != nil {
			return err
		}
	}
	for {
		ev, err := hub.Next()
		if err != nil {
			return err
		}
		if f.seq > 0 && ev.Seq > f.seq+1 {
			f.feed.Gap(ctx, slog.Int64("missing", ev.Seq-f.seq-1))
		}
		f.seq = ev.Seq
		if err := f.daemon.process(ctx, f.feed, ev); err != nil {
			return err
		}
	}
}
