import type { ArrangementTransaction, Ports } from '../../ports.ts';
import { publishChunk, type StatusContext } from './publish-owed.ts';
import { activationEvents, withdrawnListEvents, withdrawnMemberEvent } from './status-events.ts';

/**
 * Publishes the present status under a key again, under the arrangement's lock, so that no version published after
 * this one can be an older one.
 */
export function republishStatus(
  ports: StatusContext & Pick<Ports, 'withArrangement'>,
  key: string,
): Promise<void> {
  const [kind = '', arrangementId, ...rest] = key.split('/');
  const id = rest.join('/');
  return ports.withArrangement(ports.arrangement.id, async (unit) => {
    if (arrangementId !== ports.arrangement.id) return;
    if (kind === 'activated') return republishActivation(unit, ports, Number(rest[0]));
    if (kind === 'membership') await unit.operators.oweMembership(id);
    else if (kind === 'suspension') await unit.operators.oweSuspension(id);
    else return;
    await publishChunk(unit, ports);
  });
}

/**
 * Publishes everything again under the epoch of the context: suspensions, memberships, the activation of the list in
 * force. Members that the database does not know any more leave every list; a suspension that it does not know stands,
 * until the partner's next list lifts it.
 *
 * @param unknown keys on the topic that the database does not know
 */
export async function republishEverything(
  unit: ArrangementTransaction,
  context: StatusContext,
  unknown: readonly string[],
): Promise<void> {
  await unit.operators.oweEverything();
  while ((await publishChunk(unit, context)) > 0);
  const list = await unit.accepted.findInForce();
  const gone = unknown
    .filter((key) => key.startsWith('membership/'))
    .map((key) => withdrawnMemberEvent(key, list?.header.sequence ?? 0, context));
  for (let start = 0; start < gone.length; start += pageRows)
    await unit.appendToOutbox(gone.slice(start, start + pageRows));
  await unit.appendToOutbox(
    list === undefined
      ? withdrawnListEvents(unknown, context)
      : activationEvents(list, context, 'StatusRepeated'),
  );
}

const pageRows = 1_000;

/** Publishes for one partition which list is in force. */
async function republishActivation(
  { accepted, appendToOutbox }: ArrangementTransaction,
  context: StatusContext,
  partition: number,
): Promise<void> {
  const list = await accepted.findInForce();
  if (list === undefined) return;
  const events = activationEvents(list, context, 'StatusRepeated');
  await appendToOutbox(events.filter((event) => event.partition === partition));
}
