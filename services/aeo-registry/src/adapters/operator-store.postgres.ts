import { AppError, toAppError } from '@aeo/platform/errors';
import { onceOnly } from '@aeo/platform/inbox';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { registryStatus, topics } from '@aeo/proto';
import { changesStatus, type Event, type Operator } from '../domain/operator.ts';
import { idempotency } from './idempotency.postgres.ts';
import { statusMessage } from '../status-message.ts';
import type { Author, ListedCertificate, Ports, StoredOperator, Unit } from '../ports.ts';

type Row = { version: bigint; state: Operator };

const read = 'SELECT version, state FROM operator WHERE operator_id = $1';
/** The clock is read outside the locking part, so that it is later than any wait for the lock. */
const lock = {
  name: 'operator-lock',
  text: `WITH held AS MATERIALIZED (${read} FOR UPDATE)
         SELECT held.version, held.state, clock_timestamp() AS now
         FROM (VALUES (1)) AS always LEFT JOIN held ON true`,
};
const write = {
  name: 'operator-write',
  text: `WITH audited AS (
           INSERT INTO audit (operator_id, version, actor, caller, event)
           SELECT $1, $2::bigint, $4, $7::text, event FROM jsonb_array_elements($5::jsonb) AS event
           RETURNING id, audit_commitment(audit) AS commitment),
         committed AS (
           INSERT INTO proof_pending (stream, subject, commitment)
           SELECT 'audit', id::text, commitment FROM audited ORDER BY id)
         INSERT INTO operator (operator_id, version, state) VALUES ($1, $2::bigint, $3::jsonb)
         ON CONFLICT (operator_id) DO UPDATE SET version = excluded.version, state = excluded.state
         WHERE $6::boolean`,
};

const list = {
  name: 'certificate-list',
  text: `SELECT operator_id AS "operatorId", state->'profile'->>'sizeClass' AS "sizeClass", held.value AS certificate
         FROM operator, jsonb_each(state->'certificates') AS held
         WHERE held.key > $1 ORDER BY held.key LIMIT $2`,
};

export function postgresOperatorStore(
  database: Database,
  append: AppendOutbox,
  epoch: bigint,
): Pick<Ports, 'withOperator' | 'findOperator' | 'listCertificates' | 'databaseNow'> {
  return {
    withOperator: (operatorId, work) =>
      againOnConflict(() =>
        database.transaction(async (transaction) => {
          const { operator, now } = await lockOperator(transaction, operatorId);
          return work({
            ...{ operator, now },
            save: (state, events, author) => save(transaction, operator, state, events, author),
            firstSeen: (eventId) => onceOnly(transaction, 'aeo-registry', eventId),
            ...idempotency(transaction),
          });
        }),
      ),
    findOperator: async (operatorId) => {
      const { rows } = await database.query<Row>({ name: 'operator-read', text: read }, [operatorId]);
      return rows[0] && { operatorId, ...rows[0] };
    },
    listCertificates: async (after, limit) => {
      const { rows } = await database.query<ListedCertificate>(list, [after, limit]);
      return rows;
    },
    databaseNow: async () => {
      const { rows } = await database.query<{ now: Date }>({
        name: 'now',
        text: 'SELECT clock_timestamp() AS now',
      });
      return rows[0]?.now ?? new Date(Number.NaN);
    },
  };

  async function save(
    transaction: Transaction,
    before: StoredOperator,
    state: Operator,
    events: Event[],
    { actor, caller }: Author,
  ): Promise<bigint> {
    const publishes = events.some(changesStatus);
    const version = before.version + (publishes ? 1n : 0n);
    const values = [before.operatorId, String(version), JSON.stringify(state), actor, JSON.stringify(events)];
    const { rowCount } = await transaction.query(write, [...values, before.state !== undefined, caller]);
    // Two first registrations at once: the row of the other was not there to be locked.
    if (rowCount === 0)
      throw new AppError('conflict', 'VERSION_CONFLICT', 'somebody else registered this operator');
    if (publishes) {
      const message = statusMessage(before.operatorId, state, { epoch, number: version });
      const value = registryStatus.OperatorStatus.encode(message).finish();
      const eventType = events.findLast(changesStatus)?.type ?? '';
      await append(transaction, [
        { topic: topics.operatorStatus.name, key: before.operatorId, value, eventType },
      ]);
    }
    return version;
  }
}

async function againOnConflict<T>(work: () => Promise<T>): Promise<T> {
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
): Promise<Pick<Unit, 'operator' | 'now'>> {
  const { rows } = await transaction.query<LockedRow>(lock, [operatorId]);
  const [row] = rows;
  if (row === undefined) throw new Error('the database did not tell the time');
  return {
    operator: { operatorId, version: row.version ?? 0n, state: row.state ?? undefined },
    now: row.now,
  };
}
