// Package exporters holds the sinks of a log record: the four rotating JSON
// files, a console for people, and the masked forward by OTLP.
//
// Each is an OpenTelemetry log processor over the same in-flight record, which
// package telemetry enriches and masks once before any of them sees it. [File]
// is an exporter too, for anybody's pipeline: there it masks by itself.
package exporters
