import { isAppError } from './errors.ts';
import type { Logger } from './logger.ts';

/** A part of a process that must be stopped in order. */
export type Stoppable = { readonly name: string; stop(): Promise<void> };

/** The parts that failed to stop, or did not stop in time. */
export type StopReport = { failed: { name: string; error: unknown }[] };

/**
 * Stops parts one after the other, in the given order: intake first, stores last. All share one time limit; a part
 * that does not stop in time is abandoned, and the rest are still stopped.
 */
export async function stopAll(parts: Stoppable[], boundMs = 10_000): Promise<StopReport> {
  const report: StopReport = { failed: [] };
  const endMs = performance.now() + boundMs;
  for (const [index, part] of parts.entries()) {
    // Later parts keep a fair share of what is left.
    const shareMs = Math.max(
      50,
      (endMs - performance.now()) / Math.max(1, Math.min(2, parts.length - index)),
    );
    try {
      await within(part.stop(), shareMs);
    } catch (error) {
      report.failed.push({ name: part.name, error });
    }
  }
  return report;
}

/**
 * Runs the start of a process. An error that prevents it, such as a missing setting or a server that does not answer,
 * is logged in one line, and the process exits with 1; an internal error is thrown on.
 */
export async function startOrExit<T>(logger: Pick<Logger, 'error'>, start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!isAppError(error) || error.code === 'internal') throw error;
    logger.error(error.message);
    process.exit(1);
  }
}

const exitTasks: (() => Promise<unknown>)[] = [];
const exitTaskMaxMs = 2_000;

/** Registers a task for the time after everything has stopped, such as sending the last spans. */
export function onExit(task: () => Promise<unknown>): void {
  exitTasks.push(task);
}

/** Waits for SIGTERM or SIGINT, stops everything and returns the report; a second signal ends the wait at once. */
export async function runUntilSignal(parts: Stoppable[], boundMs = 10_000): Promise<StopReport> {
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const report = await stopAll(parts, boundMs);
  await Promise.allSettled(exitTasks.map((task) => within(task(), exitTaskMaxMs)));
  process.exitCode = report.failed.length === 0 ? 0 : 1;
  return report;
}

function within<T>(work: Promise<T>, boundMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not stop in ${Math.round(boundMs)} ms`)), boundMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
