import type { Stoppable } from '@aeo/platform/lifecycle';
import type { Logger } from '@aeo/platform/logger';
import { startPeriodic } from '@aeo/platform/periodic';
import type { Ports } from '../ports.ts';
import { handleCommands, type CommandPorts } from './handle-commands.ts';

/** The actor of audit rows of deadlines that passed. */
export const deadlineActor = 'clock';

const everyMs = 1_000;
const operatorsMax = 100;

type DeadlinePorts = CommandPorts & Pick<Ports, 'operatorsDue'>;

/**
 * Acts on deadlines as they pass, each second, in any instance. An act is part of the operator's state and is saved under
 * its lock, so that two instances at once, or one that was killed, do not act twice.
 */
export function startDeadlineScheduler(ports: DeadlinePorts, logger: Pick<Logger, 'warn'>): Stoppable {
  return startPeriodic({
    name: 'deadline scheduler',
    everyMs,
    round: (signal) => processDue(ports, signal),
    // One operator's failure must not delay the deadlines of the others.
    retryMaxMs: everyMs,
    onError: (error) => logger.warn('deadlines could not be processed', { error: String(error) }),
  });
}

/** One operator after the other; a failure of one does not stop the others. */
async function processDue(ports: DeadlinePorts, signal: AbortSignal): Promise<number | undefined> {
  const due = await ports.operatorsDue(operatorsMax);
  const failures: unknown[] = [];
  for (const operatorId of due) {
    if (signal.aborted) return undefined;
    await processDeadlinesOf(ports, operatorId).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, `of ${failures.length} operators`);
  // Where more may be due, the next round follows at once.
  return due.length < operatorsMax ? undefined : 0;
}

/** Acts on the deadlines of an operator that have passed, and saves the next one. */
async function processDeadlinesOf(ports: DeadlinePorts, operatorId: string): Promise<void> {
  const command = { type: 'ProcessDeadlines' as const };
  await handleCommands(ports, { operatorId, caller: null, requests: [{ command, actor: deadlineActor }] });
}
