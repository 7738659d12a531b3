import { AppError, toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { startPeriodic } from '@aeo/platform/periodic';
import { readRequest } from '../declaration/read-request.ts';
import type { Batcher, DecisionStore, Mode, Place, ProvisionalRow, Spool } from '../../ports.ts';
import { createStatusChanges } from './status-changes.ts';

export type ReassessmentPorts = {
  batcher: Batcher;
  store: Pick<DecisionStore, 'concerned' | 'degraded'>;
  spool: Pick<Spool, 'drain' | 'setAside'>;
  /** The database's time, undefined while it is unknown. */
  databaseNow: () => Date | undefined;
  /** Without a fresh registry a re-evaluation could only take benefits away. */
  registryFresh: () => boolean;
  /** Operators whose status changed since the last round, which empties it. */
  changed: Set<string>;
  logger: Pick<Logger, 'warn' | 'error'>;
};

const everyMs = 500;
const rowsMax = 200;
// A degraded decision is not re-evaluated before this time, since a short fault may last for a few decisions.
const restMs = 1_000;

/** Records spooled declarations, and re-evaluates open decisions that a status change concerns or that were degraded. */
export function startReassessment(ports: ReassessmentPorts): Stoppable {
  return startPeriodic({
    name: 'reassessment',
    everyMs,
    round: createRound(ports),
    onError: (error) => logFailure(ports, error),
  });
}

/** One round at a time; none of its three parts keeps the others from running. */
export function createRound(ports: ReassessmentPorts): () => Promise<void> {
  const concerned = concernedPart(ports);
  const degraded = degradedPart(ports);
  const attempt = async (part: (now: Date) => Promise<void>, now: Date) => {
    try {
      await part(now);
    } catch (error) {
      logFailure(ports, error);
    }
  };
  return async () => {
    const now = ports.databaseNow();
    if (now === undefined) return;
    await attempt(() => drain(ports), now);
    if (!ports.registryFresh()) return;
    await attempt(concerned, now);
    await attempt(degraded, now);
  };
}

function logFailure({ logger }: ReassessmentPorts, error: unknown): void {
  logger.warn('the re-evaluation of decisions is postponed', { reason: toAppError(error).reason });
}

async function drain(ports: ReassessmentPorts): Promise<void> {
  await ports.spool.drain(async (rows, torn) => {
    await decideAll(ports, rows, 'record');
    if (torn > 0) ports.logger.error('what was spooled cannot all be read', { rows: torn });
  });
}

function concernedPart(ports: ReassessmentPorts): (now: Date) => Promise<void> {
  const { store, changed } = ports;
  const statusChanges = createStatusChanges();
  return async (now) => {
    statusChanges.note(changed, now);
    changed.clear();
    const page = statusChanges.next(now);
    if (page === undefined) return;
    const rows = await store.concerned(page.changes, page.after, rowsMax);
    await decideAll(ports, rows, 'again');
    statusChanges.done(endOf(rows));
  };
}

/** Page after page, then from the start: rows that stay degraded do not block the rows after them. */
function degradedPart(ports: ReassessmentPorts): (now: Date) => Promise<void> {
  let after: Place | undefined;
  return async (now) => {
    const rows = await ports.store.degraded(new Date(now.getTime() - restMs), after, rowsMax);
    await decideAll(ports, rows, 'again');
    after = endOf(rows);
  };
}

/** The last row of a full page; undefined where nothing follows. */
function endOf(rows: readonly ProvisionalRow[]): Place | undefined {
  return rows.length < rowsMax ? undefined : rows.at(-1)?.declaration;
}

/**
 * Decides all rows; those that cannot be decided for a reason of their own are set aside, and logged once.
 *
 * @throws AppError `unavailable` when any of them has to wait
 */
async function decideAll(
  ports: ReassessmentPorts,
  rows: readonly ProvisionalRow[],
  mode: Exclude<Mode, 'once'>,
): Promise<void> {
  const failures = await Promise.all(rows.map((row) => failureOf(ports.batcher, row, mode)));
  for (const [index, failure] of failures.entries()) {
    if (failure === undefined || failure.code === 'unavailable') continue;
    const { code, reason, message } = failure;
    if (await ports.spool.setAside(rows[index]!, `${reason}: ${message}`))
      ports.logger.error('a declaration cannot be recorded and was set aside', { code, reason });
  }
  const waiting = failures.find((failure) => failure?.code === 'unavailable');
  if (waiting !== undefined) throw waiting;
}

async function failureOf(batcher: Batcher, row: ProvisionalRow, mode: Mode): Promise<AppError | undefined> {
  try {
    const result = await batcher.assess({ ...readRequest(row, ''), acceptedAt: row.acceptedAt }, mode);
    return result instanceof AppError ? result : undefined;
  } catch (error) {
    return toAppError(error);
  }
}
