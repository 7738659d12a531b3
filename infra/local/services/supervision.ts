import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from '../processes/child-process.ts';
import { lastLines } from '../processes/readiness.ts';
import type { Restartable } from './service-process.ts';
import { secondsSince } from '../processes/seconds-since.ts';

/** A process that is restarted with the same ports and settings when it ends unexpectedly. */
export type Supervised = {
  name: string;
  /** Ends it with SIGKILL; resolves when it answers again, to a line that says after how long. */
  kill(): Promise<string>;
  /** Ends it for good, also while it is being restarted. */
  stop(boundMs: number): Promise<void>;
};

export type SupervisionSettings = {
  /** Receives a line for each unexpected restart. */
  log: (line: string) => void;
  /** Called once, when the process ends too often. */
  onGivenUp: (reason: Error) => void;
  restartsMax?: number;
  withinMs?: number;
  backoffMs?: { first: number; max: number };
};

const defaults = { restartsMax: 5, withinMs: 60_000, backoffMs: { first: 100, max: 5_000 } };

/**
 * Restarts a child whenever it ends. The wait doubles with each end within a minute; with one more end than the bound
 * within that time, failed starts included, supervision stops with the reason and the end of the log.
 */
export function supervise(
  { child: first, relaunch }: Restartable,
  settings: SupervisionSettings,
): Supervised {
  const { restartsMax, withinMs, backoffMs } = { ...defaults, ...settings };
  const { name } = first;
  const stopping = new AbortController();
  let child = first;
  let killRequest: PromiseWithResolvers<string> | undefined;
  let endsMs: number[] = [];

  const restart = async (why: string): Promise<boolean> => {
    const startedMs = performance.now();
    for (let reason = why; ;) {
      endsMs = [...endsMs.filter((ms) => ms > performance.now() - withinMs), performance.now()];
      if (endsMs.length > restartsMax) return giveUp(tooOften(child, reason));
      const waitMs = Math.min(backoffMs.max, backoffMs.first * 2 ** (endsMs.length - 1));
      await pause(waitMs, undefined, { signal: stopping.signal });
      try {
        child = await relaunch();
        report(why, startedMs);
        return true;
      } catch (error) {
        stopping.signal.throwIfAborted();
        reason = (error as Error).message;
      }
    }
  };
  const giveUp = (error: Error) => {
    killRequest?.reject(error);
    settings.onGivenUp(error);
    return false;
  };
  const report = (why: string, startedMs: number) => {
    const back = `back after ${secondsSince(startedMs)}`;
    if (killRequest === undefined) settings.log(`${name} ${why}, ${back}`);
    killRequest?.resolve(`killed ${name}, ${back}`);
    killRequest = undefined;
  };
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await child.exited;
      if (stopping.signal.aborted || !(await restart(child.exitReason() ?? 'ended'))) return;
    }
  };
  const watching = watch().catch(() => undefined);
  return {
    name,
    kill: () => {
      killRequest ??= Promise.withResolvers<string>();
      killRequest.promise.catch(() => undefined);
      child.process.kill('SIGKILL');
      return killRequest.promise;
    },
    stop: async (boundMs) => {
      stopping.abort(new Error(`${name} is stopped`));
      killRequest?.reject(stopping.signal.reason as Error);
      await child.stop(boundMs);
      await watching;
      await child.stop(boundMs);
    },
  };
}

function tooOften({ name, logFile }: Child, reason: string): Error {
  const log = logFile === undefined ? '' : `\n${lastLines(readFileSync(logFile, 'utf8'))}`;
  return new Error(`${name} does not stay up (${reason}).${log}`);
}
