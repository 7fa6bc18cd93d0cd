package telemetry

import (
	"encoding/binary"
	"fmt"
	"math"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// newSampler returns the sampler that OTEL_TRACES_SAMPLER names. The SDK's own
// ratio sampler reads bytes 8 to 15 of a trace ID, where a UUID has its variant
// bits: a ratio of 0.5 would sample nothing. With OTEL_SDK_DISABLED no span is
// recorded, but each has its IDs, so that the files stay complete.
func newSampler(c Config) (sdktrace.Sampler, error) {
	if *c.SDK.Disabled {
		return sdktrace.NeverSample(), nil
	}
	name, ratio := c.sampler()
	switch name {
	case "parentbased_always_on":
		return sdktrace.ParentBased(sdktrace.AlwaysSample()), nil
	case "always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off":
		return sdktrace.NeverSample(), nil
	case "traceidratio":
		return newRatioSampler(ratio), nil
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample()), nil
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(newRatioSampler(ratio)), nil
	}
	return nil, fmt.Errorf("%w: OTEL_TRACES_SAMPLER: got %q, want a sampler of the OpenTelemetry specification", ErrConfig, name)
}

// ratioSampler samples a trace when the rightmost 56 bits of its ID, which are
// random in a UUIDv7, reach a threshold (W3C Trace Context level 2; consistent
// probability sampling). Every process with the same ratio decides alike.
type ratioSampler struct {
	reject uint64 // Randomness below this is not sampled; of 2^56.
	ratio  float64
}

func newRatioSampler(ratio float64) sdktrace.Sampler {
	return ratioSampler{reject: uint64(math.Round((1 - ratio) * (1 << 56))), ratio: ratio}
}

func (s ratioSampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	res := sdktrace.SamplingResult{
		Decision:   sdktrace.Drop,
		Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState(),
	}
	if binary.BigEndian.Uint64(p.TraceID[8:])&(1<<56-1) >= s.reject {
		res.Decision = sdktrace.RecordAndSample
	}
	return res
}

func (s ratioSampler) Description() string { return fmt.Sprintf("TraceIDRatioBased{%g}", s.ratio) }
