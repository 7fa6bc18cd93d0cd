package telemetry

import (
	"context"
	"errors"
	"slices"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// producers gives every metric reader the metrics of those who keep them on
// their own, since a reader takes its producers when it is made.
type producers struct {
	mu   sync.Mutex
	list []sdkmetric.Producer // Guarded by mu.
}

var _ sdkmetric.Producer = (*producers)(nil)

// Produce implements [sdkmetric.Producer].
func (p *producers) Produce(ctx context.Context) (all []metricdata.ScopeMetrics, err error) {
	p.mu.Lock()
	list := slices.Clone(p.list)
	p.mu.Unlock()
	for _, next := range list {
		m, e := next.Produce(ctx)
		all, err = append(all, m...), errors.Join(err, e)
	}
	return all, err
}

// AddProducer has the metrics of p read and exported with the others.
func (t *Telemetry) AddProducer(p sdkmetric.Producer) {
	if t == nil {
		return
	}
	t.producers.mu.Lock()
	defer t.producers.mu.Unlock()
	t.producers.list = append(t.producers.list, p)
}
