// Package otlp turns records of the files back into OTLP: log records as the
// library forwards them, and spans rebuilt from the end records of operations,
// with the IDs and times that they had.
package otlp
