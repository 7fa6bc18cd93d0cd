package telemetry

import (
	"os"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"riskmanager.internal/otel/mask"
)

// newResource describes this process. Attributes are masked here: the SDK
// freezes them, and OTEL_RESOURCE_ATTRIBUTES may hold anything. It is
// schemaless, since resources of different schemas refuse to merge after an
// upgrade of the SDK.
func newResource(cfg Config, m *mask.Masker) *resource.Resource {
	attrs := []attribute.KeyValue{
		semconv.ServiceInstanceID(uuid.NewString()),
		semconv.ProcessPID(os.Getpid()),
		semconv.TelemetrySDKLanguageGo,
		semconv.TelemetrySDKName("opentelemetry"),
		semconv.TelemetrySDKVersion(sdk.Version()),
	}
	if host, err := os.Hostname(); err == nil {
		attrs = append(attrs, semconv.HostName(host))
	}
	for key, v := range cfg.Service.Attributes { // Of two with one key, the last wins.
		attrs = append(attrs, attribute.String(key, v))
	}
	attrs = append(attrs, semconv.ServiceName(cfg.Service.Name))
	if cfg.Service.Version != "" {
		attrs = append(attrs, semconv.ServiceVersion(cfg.Service.Version))
	}
	if cfg.Service.Environment != "" {
		attrs = append(attrs, semconv.DeploymentEnvironmentNameKey.String(cfg.Service.Environment))
	}
	return resource.NewSchemaless(m.KeyValues(attrs)...)
}
