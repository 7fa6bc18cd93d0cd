package telemetry

// LoadConfigOver is [LoadConfig] with options.
var LoadConfigOver = loadConfig
