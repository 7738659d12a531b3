import { AppError } from '@aeo/platform/errors';
import type { Arrangement } from '../../domain/arrangement/arrangement.ts';
import type { ListRow } from '../../domain/list/list.ts';
import { countAlarmingSuspensions } from '../../domain/list/removals.ts';
import { judgeList, type Judgement, type Verdict } from '../../domain/list/verify-list.ts';
import type { AcceptedList, ArrangementTransaction, Ports, SignedReceivedList } from '../../ports.ts';
import { publishChunk, type StatusContext } from '../publication/publish-owed.ts';
import { partitionCounts } from '../publication/status-events.ts';

export type ReceivingPorts = Pick<
  Ports,
  'arrangement' | 'epoch' | 'withArrangement' | 'onManySuspended' | 'now'
>;

/** Of lists that wait, the rows of so many are kept; older ones give way to what the partner sent since. */
const awaitingRowsKept = 3;

/**
 * Judges a list and keeps what it changes, with what is then owed to the status topic. The judgement, the state it is
 * based on and the effect are one transaction.
 *
 * @throws AppError `conflict` OUT_OF_ORDER while the list before is not in force yet
 */
export function receiveList(
  ports: ReceivingPorts,
  list: SignedReceivedList,
  actor: string,
): Promise<Verdict> {
  return ports.withArrangement(ports.arrangement.id, async (unit) => {
    const judgement = await judgeWithin(unit, list, ports);
    const { verdict, alarming } = judgement;
    if (alarming > 0) unit.afterCommit(() => ports.onManySuspended(alarming));
    if (verdict.kind === 'awaiting_approval')
      await unit.awaitingApproval.save({ list, removed: verdict.removed, pulledBy: actor }, awaitingRowsKept);
    if (verdict.kind === 'refused' && verdict.reason === 'EQUIVOCATION')
      await unit.accepted.saveEquivocation(list);
    await keepJudged(unit, list, judgement, ports);
    return verdict;
  });
}

/** @throws AppError `conflict` OUT_OF_ORDER while the list before is not in force yet */
export async function judgeWithin(
  { accepted, awaitingApproval, operators: store }: ArrangementTransaction,
  list: SignedReceivedList,
  { arrangement, now }: Pick<Ports, 'arrangement' | 'now'>,
): Promise<Judgement & { alarming: number }> {
  const lastAccepted = await accepted.findLast();
  // A third list would push the one in force out of the two slots that a border node knows.
  if (lastAccepted?.activated === false)
    throw new AppError('conflict', 'OUT_OF_ORDER', 'the list before is still being published');
  const operators = await store.all();
  const sameSequence = await awaitingApproval.findHeader(list.header.sequence);
  const judgement = judgeList(list, { lastAccepted, sameSequence, operators }, arrangement, now());
  return { ...judgement, alarming: countAlarmingSuspensions(judgement.changes, operators, arrangement) };
}

/** Keeps the state and what is owed for it; the first chunk of what is owed is published with the same commit. */
export async function keepJudged(
  unit: ArrangementTransaction,
  list: SignedReceivedList,
  { verdict, changes }: Judgement,
  context: StatusContext,
): Promise<void> {
  await unit.operators.saveChanges(changes);
  if (verdict.kind === 'accepted') {
    await unit.accepted.save(acceptedList(list, context.arrangement));
    await unit.awaitingApproval.dropRowsUpTo(list.header.sequence);
  }
  await publishChunk(unit, context);
}

/** Every row of an accepted list was found usable. */
function acceptedList(
  { header, signature, rows }: SignedReceivedList,
  arrangement: Arrangement,
): AcceptedList {
  const usable = rows as ListRow[];
  const recognised = usable.filter(
    ({ tier, status }) => status === 'active' && arrangement.recognisedTiers.includes(tier),
  );
  return {
    header,
    signature,
    rows: usable,
    recognised: recognised.length,
    partitionCounts: partitionCounts(usable, arrangement.id),
  };
}
