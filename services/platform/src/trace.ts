import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { captureCorrelation } from './correlation.ts';

/** Runs work as part of the trace a message names (W3C Trace Context); without one, in the present trace. */
export function withTrace<T>(traceparent: string, work: () => T): T {
  if (traceparent === '') return work();
  return context.with(propagation.extract(ROOT_CONTEXT, { traceparent }), work);
}

/** Captures the present trace and correlation for work that is done later, together with that of others. */
export function captureTrace(): <T>(work: () => T) => T {
  const captured = context.active();
  const correlated = captureCorrelation();
  return (work) => context.with(captured, () => correlated(work));
}

/** The present trace as a message carries it; empty where there is none. */
export function traceparent(): string {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] ?? '';
}
