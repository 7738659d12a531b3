import { once } from 'node:events';
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Aborts when this process is to end: on the first signal, or on an uncaught error. The process does not exit by itself
 * any more, since its children have to be stopped first; further signals, which each program above may forward, are
 * ignored.
 */
export function onShutdownSignal(): AbortSignal {
  const shutdown = new AbortController();
  for (const name of signals) {
    process.on(name, () => shutdown.abort(new Error(`stopped by ${name}`, { cause: name })));
  }
  const fail = (error: unknown) => {
    // Work that is cancelled fails in many places.
    if (shutdown.signal.aborted) return;
    console.error(error);
    shutdown.abort(error);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  // A terminal or pipe that is closed loses the output and nothing else.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return shutdown.signal;
}

/** Fulfilled when the process is to end. */
export async function untilShutdown(shutdown: AbortSignal): Promise<void> {
  if (!shutdown.aborted) await once(shutdown, 'abort');
}

/**
 * The work's result, unless the process is to end first: then the work continues unobserved.
 *
 * @throws the shutdown's reason
 */
export async function unlessShutdown<T>(shutdown: AbortSignal, work: Promise<T>): Promise<T> {
  const cut = untilShutdown(shutdown).then(() => {
    throw shutdown.reason;
  });
  return Promise.race([work, cut]);
}

/** As shells count: 128 and the signal's number; 1 after an error. */
export function exitCodeOf(shutdown: AbortSignal): number {
  const { cause } = shutdown.reason as { cause?: unknown };
  const name = signals.find((each) => each === cause);
  return name === undefined ? 1 : 128 + constants.signals[name];
}
