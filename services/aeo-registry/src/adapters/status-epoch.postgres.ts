import { raiseEpochAfterRestore } from '@aeo/platform/epoch';
import type { Infrastructure } from '@aeo/platform/infrastructure';
import type { Logger } from '@aeo/platform/logger';
import type { AppendOutbox } from '@aeo/platform/outbox';
import type { Transaction } from '@aeo/platform/postgres';
import { registryStatus, topics, type common } from '@aeo/proto';
import { completeOperator, type Operator } from '../domain/operator/operator.ts';
import { versionOf } from './published-status.kafka.ts';
import {
  registrySource,
  statusMessage,
  type SharingRules,
} from '../application/publication/status-message.ts';

type Settings = Pick<Infrastructure, 'database' | 'kafka' | 'append'> & {
  logger: Pick<Logger, 'warn'>;
  programmes: SharingRules;
};

const topic = topics.operatorStatus.name;
const pageRows = 1_000;

/**
 * After a restore of the database to before its last publication: raises the epoch, publishes every operator's status
 * under it, and withdraws the status of operators that the database does not have any more.
 */
export function raiseOperatorStatusEpoch({ append, programmes, ...settings }: Settings): Promise<void> {
  return raiseEpochAfterRestore({
    ...settings,
    topic,
    versionOf,
    held: heldVersions,
    republish: async (transaction, epoch, unknown) => {
      await republishStatuses(transaction, append, epoch, programmes);
      for (let start = 0; start < unknown.length; start += pageRows)
        await append(
          transaction,
          unknown.slice(start, start + pageRows).map((operatorId) => event(withdrawn(operatorId, epoch))),
        );
    },
  });
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

async function republishStatuses(
  transaction: Transaction,
  append: AppendOutbox,
  epoch: bigint,
  programmes: SharingRules,
): Promise<void> {
  for (let after = ''; ;) {
    const { rows } = await transaction.query<{ operator_id: string; version: bigint; state: Operator }>(
      'SELECT operator_id, version, state FROM operator WHERE operator_id > $1 ORDER BY operator_id LIMIT $2',
      [after, pageRows],
    );
    const statuses = rows.map((row) => {
      const version = { epoch, number: row.version };
      return statusMessage(row.operator_id, completeOperator(row.state), version, programmes);
    });
    await append(transaction, statuses.map(event));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = last.operator_id;
  }
}

/** The status of an operator that the database does not have any more: it has no identifier. */
function withdrawn(operatorId: string, epoch: bigint): registryStatus.OperatorStatus {
  const version = { epoch, number: 0n };
  return registryStatus.OperatorStatus.fromPartial({ source: registrySource, operatorId, version });
}

function event(status: registryStatus.OperatorStatus) {
  const value = registryStatus.OperatorStatus.encode(status).finish();
  return { topic, key: status.operatorId, value, eventType: 'StatusRepeated' };
}
