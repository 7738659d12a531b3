import { AppError, toAppError } from '@aeo/platform/errors';
import { isFirstDelivery } from '@aeo/platform/inbox';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { registryStatus, topics } from '@aeo/proto';
import { changesStatus, completeOperator, type Operator } from '../domain/operator/operator.ts';
import { idempotency } from './idempotency.postgres.ts';
import { statusMessage, type SharingRules } from '../application/publication/status-message.ts';
import type { AuthoredEvent, Ports, StoredOperator, OperatorTransaction } from '../ports.ts';
import { listChanges } from './list-changes.ts';
import { operatorReading, readOperator, type OperatorReading } from './operator-reading.postgres.ts';

/** The oldest deadlines first. */
const due = {
  name: 'operators-due',
  text: `SELECT operator_id AS "operatorId" FROM operator WHERE look_at <= clock_timestamp()
         ORDER BY look_at LIMIT $1`,
};

/** The clock is read outside the locking part, so that it is later than any wait for the lock. */
const lock = {
  name: 'operator-lock',
  text: `WITH held AS MATERIALIZED (${readOperator} FOR UPDATE)
         SELECT held.version, held.state, clock_timestamp() AS now
         FROM (VALUES (1)) AS always LEFT JOIN held ON true`,
};
const write = {
  name: 'operator-write',
  text: `WITH audited AS (
           INSERT INTO audit (operator_id, version, actor, caller, event)
           SELECT $1, $2::bigint, given->>'actor', $6::text, given->'event'
           FROM jsonb_array_elements($4::jsonb) AS given
           RETURNING id, audit_commitment(audit) AS commitment),
         committed AS (
           INSERT INTO proof_pending (stream, subject, commitment)
           SELECT 'audit', id::text, commitment FROM audited ORDER BY id),
         applications AS (
           INSERT INTO application_listed (operator_id, application_id, programme_id, status)
           SELECT $1, given->>'id', given->>'programmeId', given->>'status'
           FROM jsonb_array_elements($8::jsonb->'applications') AS given
           ON CONFLICT (operator_id, application_id) DO UPDATE SET status = excluded.status),
         certificates AS (
           INSERT INTO certificate_listed (certificate_id, operator_id, to_review)
           SELECT given->>'id', $1, (given->>'toReview')::boolean
           FROM jsonb_array_elements($8::jsonb->'certificates') AS given
           ON CONFLICT (certificate_id, operator_id) DO UPDATE SET to_review = excluded.to_review)
         INSERT INTO operator (operator_id, version, state, look_at)
         VALUES ($1, $2::bigint, $3::jsonb, $7::timestamptz)
         ON CONFLICT (operator_id)
         DO UPDATE SET version = excluded.version, state = excluded.state, look_at = excluded.look_at
         WHERE $5::boolean`,
};

/** The next deadline of an operator; null for none. */
type NextDeadline = (state: Operator, now: string) => string | null;

/** What is derived from a state when it is saved: its next deadline, and with whom its status may be shared. */
export type StoreRules = { nextDeadline: NextDeadline; programmes: SharingRules };

type OperatorStore = Pick<Ports, 'withOperator' | 'operatorsDue'> & OperatorReading;

export function postgresOperatorStore(
  database: Database,
  append: AppendOutbox,
  epoch: bigint,
  { nextDeadline, programmes }: StoreRules,
): OperatorStore {
  return {
    withOperator: (operatorId, work) =>
      retryOnConflict(() =>
        database.transaction(async (transaction) => {
          const { operator, now } = await lockOperator(transaction, operatorId);
          return work({
            operator,
            now,
            save: (state, events, caller) =>
              save(transaction, { before: operator, now }, state, events, caller),
            firstSeen: (eventId) => isFirstDelivery(transaction, 'aeo-registry', eventId),
            ...idempotency(transaction),
          });
        }),
      ),
    operatorsDue: async (limit) => {
      const { rows } = await database.query<{ operatorId: string }>(due, [limit]);
      return rows.map(({ operatorId }) => operatorId);
    },
    ...operatorReading(database),
  };

  async function save(
    transaction: Transaction,
    { before, now }: { before: StoredOperator; now: Date },
    state: Operator,
    events: readonly AuthoredEvent[],
    caller: string | null,
  ): Promise<bigint> {
    const publishing = events.map(({ event }) => event).findLast(changesStatus);
    const publishes = publishing !== undefined;
    const version = before.version + (publishes ? 1n : 0n);
    const values = [before.operatorId, String(version), JSON.stringify(state), JSON.stringify(events)];
    const lookAt = nextDeadline(state, now.toISOString());
    const listed = JSON.stringify(listChanges(before.state, state));
    const { rowCount } = await transaction.query(write, [
      ...values,
      before.state !== undefined,
      caller,
      lookAt,
      listed,
    ]);
    // Two concurrent registrations: there was no row yet to lock.
    if (rowCount === 0)
      throw new AppError('conflict', 'VERSION_CONFLICT', 'another transaction registered this operator');
    if (publishes) {
      const message = statusMessage(before.operatorId, state, { epoch, number: version }, programmes);
      const value = registryStatus.OperatorStatus.encode(message).finish();
      await append(transaction, [
        { topic: topics.operatorStatus.name, key: before.operatorId, value, eventType: publishing.type },
      ]);
    }
    return version;
  }
}

async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (toAppError(error).reason !== 'VERSION_CONFLICT') throw error;
    return work();
  }
}

type LockedRow = { version: bigint | null; state: Operator | null; now: Date };

async function lockOperator(
  transaction: Transaction,
  operatorId: string,
): Promise<Pick<OperatorTransaction, 'operator' | 'now'>> {
  const { rows } = await transaction.query<LockedRow>(lock, [operatorId]);
  const [row] = rows;
  if (row === undefined) throw new Error('the database returned no time');
  return {
    operator: {
      operatorId,
      version: row.version ?? 0n,
      state: row.state === null ? undefined : completeOperator(row.state),
    },
    now: row.now,
  };
}
