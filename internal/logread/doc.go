// Package logread reads the log files of package exporters back: the live
// files, their backups and the compressed ones, merged into one stream in time
// order with each record once.
//
// It is made for files of gigabytes. Lines are found, filtered and cut into
// fields as bytes; nothing is decoded before somebody asks for it. Memory is
// bounded by the number of files that overlap in time, not by their size.
// Readers take no lock, and files may be written, rotated, compressed and
// pruned meanwhile.
//
// Any line that is a JSON object is a [Record], whatever its layout; every
// other line is counted and left out (see [Counts]).
package logread
