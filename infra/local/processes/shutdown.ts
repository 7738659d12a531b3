import { once } from 'node:events';
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Tells when this process is to end: on the first signal, or on an error that nobody caught. It does not end by itself
 * any more, since whoever listens has children to stop first; that a signal comes again, as each program above us may
 * pass it on, changes nothing.
 */
export function onShutdownSignal(): AbortSignal {
  const ending = new AbortController();
  for (const name of signals) {
    process.on(name, () => ending.abort(new Error(`stopped by ${name}`, { cause: name })));
  }
  const fail = (error: unknown) => {
    // Work that is cut short fails in many places.
    if (ending.signal.aborted) return;
    console.error(error);
    ending.abort(error);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  // Where the terminal or the reader at the other end is gone, what is printed is lost and nothing else.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return ending.signal;
}

/** Fulfilled when the process is to end. */
export async function untilShutdown(ending: AbortSignal): Promise<void> {
  if (!ending.aborted) await once(ending, 'abort');
}

/**
 * The work's outcome, unless the process is to end first: then the work goes on unobserved.
 *
 * @throws the ending's reason
 */
export async function unlessShutdown<T>(ending: AbortSignal, work: Promise<T>): Promise<T> {
  const cut = untilShutdown(ending).then(() => {
    throw ending.reason;
  });
  return Promise.race([work, cut]);
}

/** As shells count: 128 and the signal's number; 1 after an error. */
export function exitCodeOf(ending: AbortSignal): number {
  const { cause } = ending.reason as { cause?: unknown };
  const name = signals.find((each) => each === cause);
  return name === undefined ? 1 : 128 + constants.signals[name];
}
