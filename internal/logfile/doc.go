// Package logfile keeps one rotating file of lines: whole lines, in order, in
// the kernel when [File.Append] returns, whatever happens to the disk, to the
// file or to the process.
package logfile
