package telemetry

import (
	"encoding/binary"
	"math"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"riskmanager.internal/otel/mask"
)

// sampler is every sampler that OTEL_TRACES_SAMPLER may name. It samples a trace
// when the rightmost 56 bits of its ID, which are random in a UUIDv7, reach a
// threshold (W3C Trace Context level 2; consistent probability sampling), so
// that every process with the same ratio decides alike. The SDK's own ratio
// sampler reads bytes 8 to 15, where a UUID has its variant bits: a ratio of 0.5
// would sample nothing.
//
// It gives the spans that are recorded the context fields, whoever starts them.
// A span processor could do that, but with one the SDK copies each span when
// it ends.
type sampler struct {
	name    string
	follows bool   // A parent decides for its children.
	reject  uint64 // Randomness below this is not sampled; of 2^56.
	masker  *mask.Masker
}

var _ sdktrace.Sampler = sampler{}

// newSampler returns the sampler of a configuration. With OTEL_SDK_DISABLED no
// span is recorded, but each has its IDs, so that the files stay complete.
func newSampler(c Config, m *mask.Masker) sampler {
	name, ratio := c.sampler()
	if *c.SDK.Disabled {
		name = "always_off"
	}
	root, follows := strings.CutPrefix(name, "parentbased_")
	switch root {
	case "always_on":
		ratio = 1
	case "always_off":
		ratio = 0
	}
	return sampler{name: name, follows: follows, reject: uint64(math.Round((1 - ratio) * (1 << 56))), masker: m}
}

// ShouldSample implements sdktrace.Sampler.
func (s sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	sampled := binary.BigEndian.Uint64(p.TraceID[8:])&(1<<56-1) >= s.reject
	if s.follows && parent.IsValid() {
		sampled = parent.IsSampled()
	}
	if !sampled {
		return sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: parent.TraceState()}
	}
	return sdktrace.SamplingResult{
		Decision: sdktrace.RecordAndSample, Tracestate: parent.TraceState(),
		Attributes: scopeFrom(p.ParentContext).spanAttributes(s.masker),
	}
}

// Description implements sdktrace.Sampler.
func (s sampler) Description() string { return s.name }
