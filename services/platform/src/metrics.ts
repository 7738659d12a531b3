import type { IncomingMessage, ServerResponse } from 'node:http';
import { metrics, type Attributes, type Histogram } from '@opentelemetry/api';

type Responder = (request: IncomingMessage, response: ServerResponse) => void;

let responder: Responder | undefined;

/** Called by the telemetry that was loaded before the service, if any was. */
export function answerMetricsWith(respond: Responder): void {
  responder = respond;
}

/** Undefined in a process that was started without telemetry. */
export function metricsResponder(): Responder | undefined {
  return responder;
}

const secondBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const histograms = new Map<string, Histogram>();

/** Records how long something took. Attributes are few and closed: never an identifier. */
export function recordDuration(name: DurationName, startedMs: number, attributes: Attributes): void {
  const histogram = histograms.get(name) ?? durationHistogram(name);
  histogram.record((performance.now() - startedMs) / 1000, attributes);
}

/** Every duration this project measures, declared before use. */
const durations = {
  'aeo.rpc.server.duration': 'Unary calls answered, by method and outcome.',
  'aeo.http.server.duration': 'Requests answered, by method, route and status.',
  'aeo.consumer.duration': 'Records handled, by topic and outcome.',
} as const;

type DurationName = keyof typeof durations;

function durationHistogram(name: DurationName): Histogram {
  const histogram = metrics.getMeter('aeo').createHistogram(name, {
    description: durations[name],
    unit: 's',
    advice: { explicitBucketBoundaries: secondBuckets },
  });
  histograms.set(name, histogram);
  return histogram;
}

/** A value that is asked for when metrics are read. */
export function observe(name: GaugeName, value: () => number, attributes: Attributes = {}): void {
  const { description, unit } = gauges[name];
  const gauge = metrics.getMeter('aeo').createObservableGauge(name, { description, unit });
  gauge.addCallback((result) => result.observe(value(), attributes));
}

const gauges = {
  'aeo.outbox.oldest.age': { description: 'Age of the oldest row that waits to be published.', unit: 's' },
  'aeo.consumer.lag': { description: 'Age of the oldest record known to wait.', unit: 's' },
} as const;

type GaugeName = keyof typeof gauges;
