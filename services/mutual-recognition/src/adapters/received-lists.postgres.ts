import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@aeo/platform/errors';
import { partitionOf } from '@aeo/platform/kafka';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Database, Queryable, Transaction } from '@aeo/platform/postgres';
import { exchangeStatus, topics } from '@aeo/proto';
import type { JSONWebKeySet } from 'jose';
import type { Arrangement } from '../domain/arrangement.ts';
import type { Changes, PartnerOperator, Slot } from '../domain/changes.ts';
import { headerHash, type ListHeader, type ListRow, type RowStatus } from '../domain/list.ts';
import type { ReceivedLists, ReceivedSummary, SignedList } from '../ports.ts';
import {
  activatedKey,
  activatedMessage,
  membershipKey,
  membershipMessage,
  suspensionKey,
  suspensionMessage,
} from '../status-messages.ts';

type Settings = { database: Database; append: AppendOutbox; arrangement: Arrangement; epoch: bigint };

const { name: topic, partitions } = topics.partnerStatus;

/** The partner's lists in Postgres, and what they change on the status topic. */
export function postgresReceivedLists(settings: Settings): ReceivedLists {
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
    held: () => newest(database, id),
    accept: (list, judge, changes) =>
      database.transaction(async (transaction) => {
        await transaction.query('SELECT 1 FROM arrangement WHERE arrangement_id = $1 FOR UPDATE', [id]);
        const held = await newest(transaction, id);
        const operators = await readOperators(transaction, id);
        const listedNow = [...operators.values()].filter(({ slots }) => slots.at(-1)?.row != null);
        const judgement = judge(held, new Set(listedNow.map(({ operatorId }) => operatorId)));
        if (judgement.kind === 'accepted') await apply(settings, transaction, list, changes(operators));
        return judgement;
      }),
    activate: () => activate(settings),
    refuse: async (code, sequence) => {
      await database.query('INSERT INTO list_refusal (arrangement_id, code, sequence) VALUES ($1, $2, $3)', [
        id,
        code,
        sequence ?? null,
      ]);
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

type NewestRow = {
  sequence: bigint;
  header_hash: string;
  listed: number;
  recognised: number;
  received_at: Date;
  activated_at: Date | null;
};

async function newest(queryable: Queryable, id: string): Promise<ReceivedSummary | undefined> {
  const { rows } = await queryable.query<NewestRow>(
    `SELECT sequence, header_hash, listed, recognised, received_at, activated_at FROM list_received
     WHERE arrangement_id = $1 ORDER BY sequence DESC LIMIT 1`,
    [id],
  );
  const row = rows[0];
  return (
    row && {
      sequence: Number(row.sequence),
      headerHash: row.header_hash,
      listed: row.listed,
      recognised: row.recognised,
      receivedAt: row.received_at,
      activated: row.activated_at !== null,
    }
  );
}

type OperatorRow = {
  partner_operator_id: string;
  version: bigint;
  slots: Slot[];
  suspension_version: bigint;
  suspension_status: RowStatus;
};

async function readOperators(transaction: Transaction, id: string): Promise<Map<string, PartnerOperator>> {
  const { rows } = await transaction.query<OperatorRow>(
    `SELECT partner_operator_id, version, slots, suspension_version, suspension_status
     FROM partner_operator WHERE arrangement_id = $1`,
    [id],
  );
  return new Map(
    rows.map((row) => [
      row.partner_operator_id,
      {
        operatorId: row.partner_operator_id,
        version: row.version,
        slots: row.slots,
        suspensionVersion: row.suspension_version,
        suspensionStatus: row.suspension_status,
      },
    ]),
  );
}

/** Suspensions go first: they act at once, and what follows may be long. */
async function apply(
  { append, arrangement, epoch }: Settings,
  transaction: Transaction,
  list: SignedList,
  { memberships, suspensions }: Changes,
): Promise<void> {
  const { id } = arrangement;
  const { rows } = await transaction.query<{ received_at: Date }>(
    `WITH received AS (
       INSERT INTO list_received (arrangement_id, sequence, header, signature, header_hash, listed, recognised,
         partition_counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       RETURNING received_at, list_received_commitment(list_received) AS commitment),
     committed AS (
       INSERT INTO proof_pending (stream, subject, commitment)
       SELECT 'lists', 'received/' || $1 || '/' || $2, commitment FROM received)
     SELECT received_at FROM received`,
    [
      ...[id, list.header.sequence, JSON.stringify(list.header), list.signature, headerHash(list.header)],
      ...[list.rows.length, recognisedOf(list.rows, arrangement), countsOf(list.rows, id)],
    ],
  );
  const known = { arrangementId: id, epoch, receivedAt: rows[0]?.received_at ?? new Date(0) };
  await storeOperators(transaction, id, memberships);
  const event = (key: string, message: exchangeStatus.PartnerStatus, eventType: string) => ({
    ...{ topic, key, eventType },
    value: exchangeStatus.PartnerStatus.encode(message).finish(),
  });
  await append(transaction, [
    ...suspensions.map((each) =>
      event(suspensionKey(id, each.operatorId), suspensionMessage(each, known), 'PartnerSuspensionChanged'),
    ),
    ...memberships.map((each) =>
      event(membershipKey(id, each.operatorId), membershipMessage(each, known), 'PartnerMembershipChanged'),
    ),
  ]);
}

async function storeOperators(
  transaction: Transaction,
  id: string,
  operators: PartnerOperator[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO partner_operator (arrangement_id, partner_operator_id, version, row, slots, suspension_version,
       suspension_status)
     SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::jsonb[], $5::jsonb[], $6::bigint[], $7::text[])
     ON CONFLICT (arrangement_id, partner_operator_id) DO UPDATE SET version = excluded.version,
       row = excluded.row, slots = excluded.slots, suspension_version = excluded.suspension_version,
       suspension_status = excluded.suspension_status`,
    [
      id,
      operators.map(({ operatorId }) => operatorId),
      operators.map(({ version }) => String(version)),
      operators.map(({ slots }) => JSON.stringify(slots.at(-1)?.row ?? null)),
      operators.map(({ slots }) => JSON.stringify(slots)),
      operators.map(({ suspensionVersion }) => String(suspensionVersion)),
      operators.map(({ suspensionStatus }) => suspensionStatus),
    ],
  );
}

function recognisedOf(rows: readonly ListRow[], { recognisedTiers }: Arrangement): number {
  return rows.filter(({ tier, status }) => status === 'active' && recognisedTiers.includes(tier)).length;
}

/** How many listed operators' membership records fall on each partition, by the hash of their keys. */
function countsOf(rows: readonly ListRow[], id: string): number[] {
  const counts = new Array<number>(partitions).fill(0);
  for (const { operatorId } of rows) {
    const partition = partitionOf(membershipKey(id, operatorId), partitions);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  return counts;
}

const sentWaitMs = 60_000;

/** The activation follows only when every membership before it has been acknowledged by Kafka. */
async function activate(settings: Settings): Promise<void> {
  const { database, append, arrangement, epoch } = settings;
  const owed = await database.query<{ sequence: bigint; header: ListHeader; partition_counts: number[] }>(
    `SELECT sequence, header, partition_counts FROM list_received
     WHERE arrangement_id = $1 AND activated_at IS NULL ORDER BY sequence DESC LIMIT 1`,
    [arrangement.id],
  );
  const list = owed.rows[0];
  if (list === undefined) return;
  await untilSent(database);
  await database.transaction(async (transaction) => {
    const { rowCount } = await transaction.query(
      `UPDATE list_received SET activated_at = clock_timestamp()
       WHERE arrangement_id = $1 AND sequence <= $2 AND activated_at IS NULL`,
      [arrangement.id, String(list.sequence)],
    );
    if (rowCount === 0) return;
    const events = list.partition_counts.map((count, partition) => ({
      topic,
      partition,
      key: activatedKey(arrangement.id, partition),
      eventType: 'PartnerListActivated',
      value: exchangeStatus.PartnerStatus.encode(
        activatedMessage(list.header, count, epoch, arrangement),
      ).finish(),
    }));
    await append(transaction, events);
  });
  await untilSent(database);
}

/** The relay deletes a row once it is acknowledged. */
async function untilSent(database: Database): Promise<void> {
  const { rows } = await database.query<{ last: bigint | null }>('SELECT max(id) AS last FROM outbox');
  const last = String(rows[0]?.last ?? 0n);
  for (const endMs = Date.now() + sentWaitMs; ; await pause(20)) {
    const waiting = await database.query('SELECT 1 FROM outbox WHERE id <= $1 LIMIT 1', [last]);
    if (waiting.rowCount === 0) return;
    if (Date.now() > endMs)
      throw new AppError('unavailable', 'UNAVAILABLE', 'Kafka does not take our records');
  }
}

/** Raised by a restore, so that records published after it stand above all published before. */
export async function readEpoch(database: Database): Promise<bigint> {
  const { rows } = await database.query<{ number: bigint }>('SELECT max(number) AS number FROM epoch');
  return rows[0]?.number ?? 1n;
}
