package analyze

import "log/slog"

const (
	levelError = slog.LevelError
	levelWarn  = slog.LevelWarn
)
