import type { Foundation } from '@aeo/platform/foundation';
import { aheadOf, nextEpoch, publishedVersions } from '@aeo/platform/kafka';
import type { Logger } from '@aeo/platform/logger';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Transaction } from '@aeo/platform/postgres';
import { registryStatus, topics, type common } from '@aeo/proto';
import { readEpoch } from './adapters/operator-store.postgres.ts';
import type { Operator } from './domain/operator.ts';
import { versionOf } from './own-status.ts';
import { registrySource, statusMessage } from './status-message.ts';

type Standing = Pick<Foundation, 'database' | 'kafka' | 'append'> & { logger: Pick<Logger, 'warn'> };

const topic = topics.operatorStatus.name;
const pageRows = 1_000;

/**
 * Compares the database with what it published. Where the topic holds a version that the database has not reached, the
 * database was set back (a restore, a standby that lacked the last commits): whatever it publishes next would count as
 * old, a suspension included. Then the epoch is raised above all that were published, every operator's status is
 * said again under it, and operators the database does not know any more lose theirs. All of it is one transaction,
 * before anything is published: no heartbeat can vouch for what was lost.
 */
export async function raiseEpochIfSetBack({ database, kafka, append, logger }: Standing): Promise<void> {
  const published = await publishedVersions(kafka, topic, versionOf);
  const rows = await database.transaction(async (transaction) => {
    // One instance at a time; whoever comes second finds the epoch raised.
    await transaction.query('LOCK TABLE epoch IN EXCLUSIVE MODE');
    const present = await readEpoch(transaction);
    const held = await heldVersions(transaction, [...published.keys()], present);
    const ahead = aheadOf(published, held, present);
    if (ahead.length === 0) return 0;
    const epoch = nextEpoch(present, published);
    await transaction.query('INSERT INTO epoch (number) VALUES ($1)', [String(epoch)]);
    // What waits there is of an epoch before.
    await transaction.query('DELETE FROM outbox WHERE topic = $1', [topic]);
    await sayAgain(transaction, append, epoch);
    const lost = ahead.filter((key) => !held.has(key));
    for (let start = 0; start < lost.length; start += pageRows)
      await append(
        transaction,
        lost.slice(start, start + pageRows).map((operatorId) => event(withdrawn(operatorId, epoch))),
      );
    return ahead.length;
  });
  if (rows > 0) logger.warn('the database was set back; its epoch is raised and all is said again', { rows });
}

async function heldVersions(
  transaction: Transaction,
  operatorIds: readonly string[],
  epoch: bigint,
): Promise<Map<string, common.StatusVersion>> {
  const held = new Map<string, common.StatusVersion>();
  for (let start = 0; start < operatorIds.length; start += pageRows) {
    const { rows } = await transaction.query<{ operator_id: string; version: bigint }>(
      'SELECT operator_id, version FROM operator WHERE operator_id = ANY($1::text[])',
      [operatorIds.slice(start, start + pageRows)],
    );
    for (const row of rows) held.set(row.operator_id, { epoch, number: row.version });
  }
  return held;
}

async function sayAgain(transaction: Transaction, append: AppendOutbox, epoch: bigint): Promise<void> {
  for (let after = ''; ;) {
    const { rows } = await transaction.query<{ operator_id: string; version: bigint; state: Operator }>(
      'SELECT operator_id, version, state FROM operator WHERE operator_id > $1 ORDER BY operator_id LIMIT $2',
      [after, pageRows],
    );
    const statuses = rows.map((row) =>
      statusMessage(row.operator_id, row.state, { epoch, number: row.version }),
    );
    await append(transaction, statuses.map(event));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = last.operator_id;
  }
}

/** Nothing is known of this operator any more: no identifier leads to it. */
function withdrawn(operatorId: string, epoch: bigint): registryStatus.OperatorStatus {
  const version = { epoch, number: 0n };
  return registryStatus.OperatorStatus.fromPartial({ source: registrySource, operatorId, version });
}

function event(status: registryStatus.OperatorStatus) {
  const value = registryStatus.OperatorStatus.encode(status).finish();
  return { topic, key: status.operatorId, value, eventType: 'StatusRepeated' };
}
