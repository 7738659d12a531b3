import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@aeo/platform/errors';
import type { ArrangementTransaction, Ports, PublishedList } from '../../ports.ts';
import { activationEvents, membershipEvents, suspensionEvents } from './status-events.ts';

export type StatusContext = Pick<Ports, 'arrangement' | 'epoch'>;
export type PublicationPorts = StatusContext & Pick<Ports, 'withArrangement' | 'outbox'>;

/**
 * So many records go to the outbox at once, and more only when fewer than the bound wait there. Together they stay
 * below what the relay takes in one round: a full round sends no heartbeat, and a large list would make every status
 * of the exchange look stale.
 */
const chunkRows = 400;
const outboxRowsMax = 50;
const sentWaitMs = 60_000;

/**
 * Publishes what is owed, as it was stored, in chunks: suspensions, memberships, then the activation of the newest
 * list. Safe to run twice at once.
 *
 * @throws AppError `unavailable` where Kafka accepts nothing for long, or the signal aborts
 */
export async function publishOwed(ports: PublicationPorts, signal?: AbortSignal): Promise<void> {
  for (;;) {
    await waitUntil(signal, async () => !(await ports.outbox.holdsMoreThan(outboxRowsMax)));
    const { published, list } = await ports.withArrangement(ports.arrangement.id, async (unit) => {
      const published = await publishChunk(unit, ports);
      // Read under the same lock as "nothing is left", or it might be a list accepted since.
      return { published, list: published === 0 ? await unit.accepted.findOwedActivation() : undefined };
    });
    if (published > 0) continue;
    if (list !== undefined) await activate(ports, list, signal);
    return;
  }
}

/**
 * Appends one chunk of what is owed, suspensions first: they act at once, and what follows may be long.
 *
 * @returns how many records were appended
 */
export async function publishChunk(
  { operators, accepted, appendToOutbox }: ArrangementTransaction,
  context: StatusContext,
): Promise<number> {
  const suspensions = await operators.takeOwedSuspensions(chunkRows);
  const left = chunkRows - suspensions.length;
  const memberships = left > 0 ? await operators.takeOwedMemberships(left) : [];
  const sequences = new Set(memberships.flatMap(({ slots }) => slots.map(({ sequence }) => sequence)));
  const receivedAt = await accepted.receiptTimes([...sequences]);
  await appendToOutbox([
    ...suspensionEvents(suspensions, context),
    ...membershipEvents(memberships, receivedAt, context),
  ]);
  return suspensions.length + memberships.length;
}

/** The activation follows only when every membership before it has been acknowledged by Kafka. */
async function activate(
  ports: PublicationPorts,
  list: PublishedList,
  signal: AbortSignal | undefined,
): Promise<void> {
  await waitUntilSent(ports, signal);
  await ports.withArrangement(ports.arrangement.id, async ({ accepted, appendToOutbox }) => {
    if (!(await accepted.markActivated(list.header.sequence))) return;
    await appendToOutbox(activationEvents(list, ports));
  });
  await waitUntilSent(ports, signal);
}

async function waitUntilSent({ outbox }: PublicationPorts, signal: AbortSignal | undefined): Promise<void> {
  const newest = await outbox.newestId();
  await waitUntil(signal, async () => !(await outbox.holdsUpTo(newest)));
}

async function waitUntil(signal: AbortSignal | undefined, holds: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + sentWaitMs; !(await holds()); await pause(20)) {
    if (signal?.aborted === true || Date.now() > endMs)
      throw new AppError('unavailable', 'UNAVAILABLE', 'Kafka does not accept our records');
  }
}
