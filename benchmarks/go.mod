module riskmanager.internal/otel/benchmarks

go 1.26.0

require riskmanager.internal/otel v0.0.0

replace riskmanager.internal/otel => ../
