import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Figures of this process, as they travel to the one that adds them up. */
export type Figures = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** Figures of this process for Prometheus. */
export interface Metrics {
  readonly contentType: string
  observe(method: string, status: number, elapsedMs: number): void
  text(): Promise<string>
  figures(): Promise<Figures>
}

/** Makes the registry of this process. */
export function makeMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'linchpin_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'status'],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'linchpin_http_request_seconds',
    help: 'Time to answer',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  new Gauge({ name: 'linchpin_processes', help: 'Processes that serve', registers: [registry] }).set(1)
  return {
    contentType: registry.contentType,
    observe(method, status, elapsedMs) {
      requests.inc({ method, status: String(status) })
      seconds.observe(elapsedMs / 1000)
    },
    text: () => registry.metrics(),
    figures: () => registry.getMetricsAsJSON(),
  }
}

/** The figures of several processes as those of one server. */
export const addUp = (all: readonly Figures[]): Promise<string> => AggregatorRegistry.aggregate([...all]).metrics()
