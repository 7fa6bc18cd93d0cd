// Package integration tests the module against a real OpenTelemetry collector,
// with the shipped configurations.
//
// The collector is built from its modules into the test binary, which executes
// itself again as the collector ([os.Args] and all of otelcol's flags), so that
// there is one build and a real child process to kill, pause and restart. The
// first build takes some minutes, later ones seconds. Everything listens on
// loopback addresses.
package integration
