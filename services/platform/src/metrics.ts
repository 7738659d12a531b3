import type { IncomingMessage, ServerResponse } from 'node:http';
import { metrics, type Attributes, type Counter, type Histogram } from '@opentelemetry/api';
import { declaredMetrics, type AttributesOf, type MetricName } from './declared-metrics.ts';

type Responder = (request: IncomingMessage, response: ServerResponse) => void;

let responder: Responder | undefined;

/** Called by telemetry, where it was loaded before the service. */
export function setMetricsResponder(respond: Responder): void {
  responder = respond;
}

/** Undefined in a process that was started without telemetry. */
export function metricsResponder(): Responder | undefined {
  return responder;
}

// A decision takes two milliseconds; the conventions' own buckets begin at five.
const secondBuckets = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10,
];

const meter = () => metrics.getMeter('aeo');
const histograms = new Map<string, Histogram>();
const counters = new Map<string, Counter>();

/** Records how long something took that began at a time of `performance.now()`. */
export function recordDuration<Name extends MetricName<'histogram'>>(
  name: Name,
  startedMs: number,
  attributes: AttributesOf<Name>,
): void {
  recordSeconds(name, (performance.now() - startedMs) / 1000, attributes);
}

/** Records a length of time in seconds. */
export function recordSeconds<Name extends MetricName<'histogram'>>(
  name: Name,
  seconds: number,
  attributes: AttributesOf<Name>,
): void {
  const { description, unit } = declaredMetrics[name];
  const advice = { explicitBucketBoundaries: secondBuckets };
  const histogram = histograms.get(name) ?? meter().createHistogram(name, { description, unit, advice });
  histograms.set(name, histogram);
  histogram.record(seconds, attributes);
}

/** Counts one. */
export function countOne<Name extends MetricName<'counter'>>(
  name: Name,
  attributes: AttributesOf<Name>,
): void {
  const { description, unit } = declaredMetrics[name];
  const counter = counters.get(name) ?? meter().createCounter(name, { description, unit });
  counters.set(name, counter);
  counter.add(1, attributes);
}

/** One value of a gauge, and its attributes. */
export type Reading<Name extends MetricName<'gauge'>> = { value: number; attributes: AttributesOf<Name> };

const observed = new Map<string, Set<() => readonly Reading<never>[]>>();

/**
 * Observes a gauge when metrics are read, until the returned function is called. Where several parts of a process
 * observe the same attributes, the largest value is shown: a gauge here is an age or a depth, and the worst matters.
 */
export function observe<Name extends MetricName<'gauge'>>(
  name: Name,
  read: () => readonly Reading<Name>[],
): () => void {
  const readers = observed.get(name) ?? createGauge(name);
  readers.add(read);
  return () => void readers.delete(read);
}

function createGauge(name: MetricName<'gauge'>): Set<() => readonly Reading<never>[]> {
  const { description, unit } = declaredMetrics[name];
  const readers = new Set<() => readonly Reading<never>[]>();
  observed.set(name, readers);
  const gauge = meter().createObservableGauge(name, { description, unit });
  gauge.addCallback((result) => {
    for (const { value, attributes } of largest([...readers].flatMap((read) => read())))
      result.observe(value, attributes);
  });
  return readers;
}

/** One reading for each set of attributes. */
export function largest(readings: readonly { value: number; attributes: Attributes }[]) {
  const byAttributes = new Map<string, { value: number; attributes: Attributes }>();
  for (const reading of readings) {
    const key = JSON.stringify(Object.entries(reading.attributes).toSorted());
    const held = byAttributes.get(key);
    if (held === undefined || reading.value > held.value) byAttributes.set(key, reading);
  }
  return [...byAttributes.values()];
}
