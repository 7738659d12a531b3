import { AppError } from '@aeo/platform/errors';
import type { Transaction } from '@aeo/platform/postgres';
import type { JSONWebKeySet } from 'jose';
import { objectionTo } from '../domain/list/list-awaiting-approval.ts';
import type { ListRow } from '../domain/list/list.ts';
import {
  alarmingSuspensions,
  type Judged,
  type ReceivedList,
  type Verdict,
} from '../domain/list/verify-list.ts';
import type { Decided, HeldListDecision, Judge, ReceivedLists } from '../ports.ts';
import {
  dropHeldRows,
  findHeld,
  findSeen,
  storeDecision,
  storeEquivocation,
  storeHeld,
  waitingLists,
} from './lists-awaiting-approval.postgres.ts';
import { lockArrangement, publishChunk, publishOwed, type Publication } from './list-publication.postgres.ts';
import { markUnansweredAbsences } from './unanswered-absences.postgres.ts';
import { newestList, readOperators, storeChanges, storeList } from './received-rows.postgres.ts';

type Signed = ReceivedList & { signature: string };

export type ReceivingSettings = Publication & {
  /** Told after a list was taken that suspends very many operators at once. */
  onManySuspended?: (operators: number) => void;
};

/** The partner's lists in Postgres, and what they change on the status topic. */
export function postgresReceivedLists(settings: ReceivingSettings): ReceivedLists {
  const { database, arrangement } = settings;
  const { id } = arrangement;
  return {
    pinnedKeys: async () => {
      const { rows } = await database.query<{ partner_keys: JSONWebKeySet | null }>(
        'SELECT partner_keys FROM arrangement WHERE arrangement_id = $1',
        [id],
      );
      return rows[0]?.partner_keys ?? undefined;
    },
    pinKeys: async (keys) => {
      await database.query(
        'UPDATE arrangement SET partner_keys = $2 WHERE arrangement_id = $1 AND partner_keys IS NULL',
        [id, JSON.stringify(keys)],
      );
    },
    held: () => newestList(database, id),
    waiting: () => waitingLists(database, id),
    receive: (received, judge, actor) =>
      database.transaction(async (transaction) => {
        await lockArrangement(transaction, id);
        return receive(settings, transaction, received, judge, actor);
      }),
    decide: (decision, judge) =>
      database.transaction(async (transaction) => {
        await lockArrangement(transaction, id);
        return decide(settings, transaction, decision, judge);
      }),
    activate: (signal) => publishOwed(settings, signal),
    ageAbsences: (now) => markUnansweredAbsences(settings, now),
    refuse: async (code, { sequence, digest }) => {
      await database.query(
        'INSERT INTO list_refusal (arrangement_id, code, sequence, digest) VALUES ($1, $2, $3, $4)',
        [id, code, sequence ?? null, digest ?? null],
      );
    },
    refusals: async () => {
      const { rows } = await database.query<{ code: string; count: bigint }>(
        'SELECT code, count(*) AS count FROM list_refusal WHERE arrangement_id = $1 GROUP BY code ORDER BY code',
        [id],
      );
      return rows;
    },
  };
}

async function receive(
  settings: ReceivingSettings,
  transaction: Transaction,
  received: Signed,
  judge: Judge,
  actor: string,
): Promise<Verdict> {
  const { id } = settings.arrangement;
  const judged = await judgeNow(settings, transaction, received, judge);
  const { verdict, suspended } = judged;
  if (suspended > 0) transaction.afterCommit(() => settings.onManySuspended?.(suspended));
  if (verdict.kind === 'held') await storeHeld(transaction, id, received, verdict.removed, actor);
  if (verdict.kind === 'refused' && verdict.reason === 'EQUIVOCATION')
    await storeEquivocation(transaction, id, received);
  await keep(settings, transaction, received, judged);
  return verdict;
}

async function decide(
  settings: Publication,
  transaction: Transaction,
  decision: HeldListDecision,
  judge: Judge,
): Promise<Decided> {
  const { id } = settings.arrangement;
  const waiting = await findHeld(transaction, id, decision.sequence);
  const objection = objectionTo(waiting, decision.decidedBy);
  if (objection !== undefined || waiting === undefined)
    return { kind: 'objection', reason: objection ?? 'NOT_FOUND' };
  if (decision.decision === 'released') {
    const received = { ...waiting.received, approved: true };
    const judged = await judgeNow(settings, transaction, received, judge);
    if (judged.verdict.kind === 'refused') return { kind: 'refused', reason: judged.verdict.reason };
    await keep(settings, transaction, received, judged);
  }
  await storeDecision(transaction, id, decision);
  return { kind: 'decided', heldBy: waiting.heldBy };
}

async function judgeNow(
  { arrangement }: Publication,
  transaction: Transaction,
  received: Signed,
  judge: Judge,
): Promise<Judged & { suspended: number }> {
  const { id } = arrangement;
  const held = await newestList(transaction, id);
  // A third list would push the one in force out of the two slots that a border node knows.
  if (held?.activated === false)
    throw new AppError('conflict', 'OUT_OF_ORDER', 'the list before is still being published');
  const operators = await readOperators(transaction, id);
  const seen = await findSeen(transaction, id, received.header.sequence);
  const judged = judge(received, { held, seen, operators });
  return { ...judged, suspended: alarmingSuspensions(judged.changes, operators, arrangement) };
}

/** State and what is owed for it; the first of what is owed goes out with the same commit. */
async function keep(
  settings: Publication,
  transaction: Transaction,
  received: Signed,
  { verdict, changes }: Judged,
): Promise<void> {
  const { arrangement } = settings;
  await storeChanges(transaction, arrangement.id, changes);
  if (verdict.kind === 'accepted') {
    await storeList(transaction, arrangement, received, received.rows as ListRow[]);
    await dropHeldRows(transaction, arrangement.id, received.header.sequence);
  }
  await publishChunk(settings, transaction);
}
