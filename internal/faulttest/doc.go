// Package faulttest holds the guarantees of docs/guarantees.md against real
// faults, from outside: its tests use packages telemetry, exporters and
// instrument as a daemon does, most of them in a child process that is killed,
// stalled or starved.
//
// The child is the test binary itself. It prints a line for each record after
// its log call has returned, so that the test knows what the daemon may rely
// on. With -args -rounds=200 the tests that kill at random moments do so 200
// times instead of 40.
//
// What it exports is for its tests and those of other packages. A test whose
// tool (strace, setpriv) or right (root, for mount) is missing says "NOT RUN"
// and why.
package faulttest
