// Package docstest holds the documentation to its word. Its tests compile or run
// every piece of code in README.md, DESIGN.md, CONTRIBUTING.md and docs/, follow every
// link, validate every line that the examples write against
// docs/record.schema.json, and rename the module in a copy of the tree.
//
// The Go code of the README is text of readme_test.go, which runs. Go code in
// docs/ is type-checked by itself: what it takes for granted is declared in
// testdata/given, a file for each document.
package docstest
