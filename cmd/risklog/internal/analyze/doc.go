// Package analyze makes of a stream of records what an operator asks for:
// trees of spans, groups of errors, breaches with their enforcement, and the
// durations of operations. Its memory is bounded by the number of different
// answers, not by that of the records.
package analyze
