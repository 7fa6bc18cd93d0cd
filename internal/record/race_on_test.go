//go:build race

package record_test

// raceEnabled tells that pools drop records at random.
const raceEnabled = true
