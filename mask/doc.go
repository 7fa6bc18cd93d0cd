// Package mask finds secrets in text and in typed values and puts [Text] in
// their place.
package mask
