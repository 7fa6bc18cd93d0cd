package logfile

// Internals that the tests need.
const StampFormat = stampFormat
