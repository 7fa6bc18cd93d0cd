package exporters

import (
	"log/slog"
	"strings"
)

// FileStream is one of the files: its name, and which records it gets.
type FileStream struct {
	// Name is what [File.Stats] and errors call it: daemon, enforcement, api, error.
	Name string

	// Filename is the file's name inside [FileConfig.Dir], such as daemon.log.
	Filename string

	// Logger selects the records of this logger and of its children ("a" is the
	// parent of "a.b"). Empty selects every logger.
	Logger string

	// Errors selects records at ERROR and above from any logger as well.
	Errors bool

	// Level is the lowest level the file gets, whatever selected the record. At
	// DEBUG, the lowest with a name, it gets those below as well.
	Level slog.Level
}

// Streams returns the four files of the record format at their default levels.
func Streams() []FileStream {
	return []FileStream{
		{Name: "daemon", Filename: "daemon.log", Level: slog.LevelDebug},
		{Name: "enforcement", Filename: "enforcement.log", Logger: "risk_manager.enforcement", Level: slog.LevelInfo},
		{Name: "api", Filename: "api.log", Logger: "risk_manager.api", Level: slog.LevelDebug},
		{Name: "error", Filename: "error.log", Logger: "risk_manager.error", Errors: true, Level: slog.LevelError},
	}
}

func (s *FileStream) gets(logger string, level slog.Level) bool {
	if level < s.Level && s.Level > slog.LevelDebug {
		return false
	}
	return s.Errors && level >= slog.LevelError || within(logger, s.Logger)
}

// within reports whether logger is parent or one of its children.
func within(logger, parent string) bool {
	return strings.HasPrefix(logger, parent) &&
		(parent == "" || len(logger) == len(parent) || logger[len(parent)] == '.')
}
