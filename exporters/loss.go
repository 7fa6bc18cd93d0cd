package exporters

import (
	"log/slog"
	"time"

	"riskmanager.internal/otel/internal/logfile"
	"riskmanager.internal/otel/internal/record"
)

// TelemetryLogger is the name of the logger under which the telemetry reports
// on itself: records lost, the collector gone or back.
const TelemetryLogger = "risk_manager.telemetry"

// lossLine renders the line that a file writes first when it can write again.
func (f *File) lossLine(dst []byte, l logfile.Loss) []byte {
	r := record.Get()
	defer record.Put(r)
	r.Time = time.Now().UTC().Truncate(time.Microsecond)
	r.MintUID(r.Time)
	r.Level = slog.LevelError
	r.Logger = TelemetryLogger
	r.Body = slog.StringValue("records lost: the disk refused them and the buffer was full")
	if l.Cause != nil {
		r.Add(slog.String("cause", l.Cause.Error()))
	}
	r.Masked = true
	r.Add(slog.Int64("lost_records", l.Total()))
	var byLevel []slog.Attr
	l.Each(func(level slog.Level, lines int64) bool {
		byLevel = append(byLevel, slog.Int64(record.LevelText(level), lines))
		return true
	})
	r.Add(slog.Attr{Key: "lost_by_level", Value: slog.GroupValue(byLevel...)})
	r.Add(slog.Time("lost_from", l.From.UTC()))
	r.Add(slog.Time("lost_to", l.To.UTC()))
	return f.encode(dst, r)
}
