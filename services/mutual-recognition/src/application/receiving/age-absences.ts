import { toAppError } from '@aeo/platform/errors';
import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { startPeriodic } from '@aeo/platform/periodic';
import { changedAbsenceMarks } from '../../domain/list/list-awaiting-approval.ts';
import type { ArrangementTransaction } from '../../ports.ts';
import { publishChunk, publishOwed, type PublicationPorts } from '../publication/publish-owed.ts';

/**
 * Marks the operators whose absence waits for a second person for too long, removes the mark where that is no longer
 * so, and publishes the first of them; the rest is owed. While a list is being published nothing is marked: the marks
 * belong to the list in force.
 *
 * @returns how many operators changed
 */
export function ageAbsences(ports: PublicationPorts, now: Date): Promise<number> {
  return ports.withArrangement(ports.arrangement.id, async (unit) => {
    const last = await unit.accepted.findLast();
    if (last?.activated !== true) return 0;
    const changed = await changedMarks(unit, now);
    if (changed.length === 0) return 0;
    await unit.operators.toggleAbsenceUnanswered(changed);
    await publishChunk(unit, ports);
    return changed.length;
  });
}

async function changedMarks({ awaitingApproval, operators }: ArrangementTransaction, now: Date) {
  const waiting = await awaitingApproval.members();
  if (waiting.length === 0 && !(await operators.anyAbsenceUnanswered())) return [];
  return changedAbsenceMarks((await operators.all()).values(), waiting, now);
}

export type AgeingPorts = PublicationPorts & {
  /** The database's clock. */
  databaseNow: () => Promise<Date>;
  everyMs: number;
  logger: Pick<Logger, 'warn' | 'error'>;
};

/** Marks unanswered absences regularly, and publishes what that changes. */
export function startAgeing(ports: AgeingPorts): Stoppable {
  return startPeriodic({
    name: 'unanswered absences',
    everyMs: ports.everyMs,
    round: (signal) => age(ports, signal),
    onError: (error) =>
      ports.logger.warn('unanswered absences cannot be determined', {
        reason: toAppError(error).reason,
      }),
  });
}

async function age(ports: AgeingPorts, signal: AbortSignal): Promise<void> {
  const rows = await ageAbsences(ports, await ports.databaseNow());
  if (rows === 0) return;
  ports.logger.error('absences from a partner’s list have waited for too long, or were answered after all', {
    rows,
  });
  await publishOwed(ports, signal);
}
