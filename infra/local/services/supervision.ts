import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from '../processes/child-process.ts';
import { lastWords } from '../processes/readiness.ts';
import type { Relaunched } from './service-process.ts';
import { secondsSince } from '../processes/seconds-since.ts';

/** A process that is started again when it ends unasked, with the ports and settings it had. */
export type Supervised = {
  name: string;
  /** Ends it with SIGKILL; fulfilled when it answers again, with a line that says after how long. */
  kill(): Promise<string>;
  /** Ends it for good, also where it is just being started again. */
  stop(boundMs: number): Promise<void>;
};

export type SupervisionSettings = {
  /** Takes a line for the reader for each start again that nobody asked for. */
  log: (line: string) => void;
  /** Told once, when the process ends too often. */
  giveUp: (reason: Error) => void;
  restartsMax?: number;
  withinMs?: number;
  backoffMs?: { first: number; max: number };
};

const defaults = { restartsMax: 5, withinMs: 60_000, backoffMs: { first: 100, max: 5_000 } };

/**
 * Watches a child from its start on. Between its ends within a minute the wait doubles; one more than the bound within
 * that time, starts that fail among them, and it is given up with the reason and the end of its log.
 */
export function supervise({ child: first, relaunch }: Relaunched, settings: SupervisionSettings): Supervised {
  const { restartsMax, withinMs, backoffMs } = { ...defaults, ...settings };
  const { name } = first;
  const stopping = new AbortController();
  let child = first;
  let asked: PromiseWithResolvers<string> | undefined;
  let endsMs: number[] = [];

  const startAgain = async (why: string): Promise<boolean> => {
    const startedMs = performance.now();
    for (let reason = why; ;) {
      endsMs = [...endsMs.filter((ms) => ms > performance.now() - withinMs), performance.now()];
      if (endsMs.length > restartsMax) return refuse(tooOften(child, reason));
      const waitMs = Math.min(backoffMs.max, backoffMs.first * 2 ** (endsMs.length - 1));
      await pause(waitMs, undefined, { signal: stopping.signal });
      try {
        child = await relaunch();
        tell(why, startedMs);
        return true;
      } catch (error) {
        stopping.signal.throwIfAborted();
        reason = (error as Error).message;
      }
    }
  };
  const refuse = (error: Error) => {
    asked?.reject(error);
    settings.giveUp(error);
    return false;
  };
  const tell = (why: string, startedMs: number) => {
    const back = `back after ${secondsSince(startedMs)}`;
    if (asked === undefined) settings.log(`${name} ${why}, ${back}`);
    asked?.resolve(`killed ${name}, ${back}`);
    asked = undefined;
  };
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await child.exited;
      if (stopping.signal.aborted || !(await startAgain(child.ending() ?? 'ended'))) return;
    }
  };
  const watching = watch().catch(() => undefined);
  return {
    name,
    kill: () => {
      asked ??= Promise.withResolvers<string>();
      asked.promise.catch(() => undefined);
      child.process.kill('SIGKILL');
      return asked.promise;
    },
    stop: async (boundMs) => {
      stopping.abort(new Error(`${name} is stopped`));
      asked?.reject(stopping.signal.reason as Error);
      await child.stop(boundMs);
      await watching;
      await child.stop(boundMs);
    },
  };
}

function tooOften({ name, logFile }: Child, reason: string): Error {
  const words = logFile === undefined ? '' : `\n${lastWords(readFileSync(logFile, 'utf8'))}`;
  return new Error(`${name} does not stay up (${reason}).${words}`);
}
