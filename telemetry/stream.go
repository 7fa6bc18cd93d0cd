package telemetry

import (
	"fmt"
	"log/slog"
	"strings"
)

// Stream is one of the four log files and the logger whose records it is for.
// The zero Stream is none of them: its logger is risk_manager, whose records go
// to daemon.log as those of any logger do.
type Stream string

// The streams. Their values are the names that [ParseStream] reads and that
// the section log_files of the configuration has.
const (
	// Daemon is daemon.log: every record, of any logger.
	Daemon Stream = "daemon"

	// Enforcement is enforcement.log: breaches of rules, and what was done.
	Enforcement Stream = "enforcement"

	// API is api.log: calls to the gateway.
	API Stream = "api"

	// Errors is error.log: every record at ERROR or above, of any logger.
	Errors Stream = "error"
)

// Streams returns the four streams in their usual order.
func Streams() []Stream { return []Stream{Daemon, Enforcement, API, Errors} }

// ParseStream returns the stream named s, in any case: daemon, enforcement, api
// or error (errors is fine too). For any other name it returns an error that
// lists these.
func ParseStream(s string) (Stream, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	if name == "errors" {
		return Errors, nil
	}
	for _, stream := range Streams() {
		if name == string(stream) {
			return stream, nil
		}
	}
	return "", fmt.Errorf("telemetry: stream: got %s, want daemon, enforcement, api or error%s",
		quote(s), didYouMean(name, "daemon", "enforcement", "api", "error"))
}

// String returns the name of the stream.
func (s Stream) String() string { return string(s) }

// LoggerName returns the name of the stream's logger, such as
// risk_manager.daemon.
func (s Stream) LoggerName() string {
	if s == "" {
		return "risk_manager"
	}
	return "risk_manager." + string(s)
}

// Filename returns the default name of the stream's file, such as daemon.log.
func (s Stream) Filename() string { return string(s) + ".log" }

// Level returns the default for the lowest level that the stream's file gets:
// DEBUG, except INFO for enforcement and ERROR for error.
func (s Stream) Level() slog.Level {
	switch s {
	case Enforcement:
		return slog.LevelInfo
	case Errors:
		return slog.LevelError
	case Daemon, API:
	}
	return slog.LevelDebug
}

// Description says in a few words what the stream's file holds.
func (s Stream) Description() string {
	switch s {
	case Daemon:
		return "All daemon activity"
	case Enforcement:
		return "Rule breaches and enforcement actions"
	case API:
		return "Gateway API calls"
	case Errors:
		return "Errors of every logger"
	}
	return ""
}
