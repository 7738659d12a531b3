import { AsyncLocalStorage } from 'node:async_hooks';

/** What the events of a piece of work are told to belong to; empty where it is not known. */
export type Correlation = {
  /** The same for everything that goes back to one request. */
  correlationId: string;
  /** The event, or the request, that led to this very work. */
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

/** Keeps the present ids for work that is done later, together with that of others. */
export function keepCorrelation(): <T>(work: () => T) => T {
  const { correlationId, causationId } = presentCorrelation();
  return (work) => withCorrelation(correlationId, causationId, work);
}
