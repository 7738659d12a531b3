import { AsyncLocalStorage } from 'node:async_hooks';

/** The ids that the events of a piece of work carry; empty where they are not known. */
export type Correlation = {
  /** The same for everything that one request causes. */
  correlationId: string;
  /** The event, or the request, that caused this work directly. */
  causationId: string;
};

const unknown: Correlation = { correlationId: '', causationId: '' };
const storage = new AsyncLocalStorage<Correlation>();

/** Runs work, and what it awaits, so that the events it publishes carry these ids. */
export function withCorrelation<T>(correlationId: string, causationId: string, work: () => T): T {
  return storage.run({ correlationId, causationId }, work);
}

export function presentCorrelation(): Correlation {
  return storage.getStore() ?? unknown;
}

/** Captures the present ids for work that is done later, together with that of others. */
export function captureCorrelation(): <T>(work: () => T) => T {
  const { correlationId, causationId } = presentCorrelation();
  return (work) => withCorrelation(correlationId, causationId, work);
}
