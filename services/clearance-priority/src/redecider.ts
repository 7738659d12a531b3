import { setTimeout as pause } from 'node:timers/promises';
import { AppError, toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Batcher } from './batcher.ts';
import { readRequest } from './handlers/read-declaration.ts';
import type { DecisionStore, ProvisionalRow, Spool } from './ports.ts';

export type RedeciderPorts = {
  batcher: Batcher;
  store: Pick<DecisionStore, 'provisional'>;
  spool: Spool;
  /** The database's time, undefined while it is unknown or a source is stale: then nothing would get better. */
  healthyNow: () => Date | undefined;
  /** Operators whose status changed; each leaves once the declarations it concerns were decided again. */
  changed: Set<string>;
  log: (message: string, fields: Record<string, unknown>) => void;
};

const everyMs = 500;
const rowsMax = 200;
// A degraded decision is given this long before it is made again, so that one stutter is not answered by another.
const restMs = 1_000;

/** Makes provisional decisions again: what was spooled, what a status change touches, what was degraded. */
export function startRedecider(ports: RedeciderPorts): Stoppable {
  const stopping = new AbortController();
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      try {
        await round(ports);
      } catch (error) {
        ports.log('deciding again has to wait', { reason: toAppError(error).reason });
      }
    }
  })();
  return {
    name: 'redecider',
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function round({ batcher, store, spool, healthyNow, changed }: RedeciderPorts): Promise<void> {
  const now = healthyNow();
  if (now === undefined) return;
  await spool.drain((rows) => decideAll(batcher, rows, 'once'));
  const operators = [...changed];
  const rows = await store.provisional(operators, new Date(now.getTime() - restMs), rowsMax);
  await decideAll(batcher, rows, 'again');
  // A full page means that more wait, so these operators are asked for once more.
  if (rows.length < rowsMax) for (const operator of operators) changed.delete(operator);
}

async function decideAll(
  batcher: Batcher,
  rows: readonly ProvisionalRow[],
  mode: 'once' | 'again',
): Promise<void> {
  const results = await Promise.all(rows.map((row) => batcher.assess(readRequest(row, ''), mode)));
  for (const result of results) {
    if (result instanceof AppError && result.code !== 'conflict') throw result;
    if (!(result instanceof AppError) && result.decidedAt === undefined)
      throw new AppError('unavailable', 'UNAVAILABLE', 'the ledger is away');
  }
}
