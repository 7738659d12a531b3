import { connectKafka } from '@aeo/platform/kafka';
import type { Database } from '@aeo/platform/postgres';
import { heartbeatEventType, registryStatus, topics } from '@aeo/proto';
import { expect } from 'vitest';
import { nextDeadline } from '../../../services/aeo-registry/src/domain/deadlines/process-deadlines.ts';
import {
  completeOperator,
  evolve,
  type Event,
  type Operator,
} from '../../../services/aeo-registry/src/domain/operator/operator.ts';
import { loadRules } from '../../../services/aeo-registry/src/adapters/rules-files.ts';
import type { StoredAnswer } from './application-commands.ts';
import type { RegistryProcesses } from './registry-processes.ts';

/** Everything a registry has committed of one operator. */
export type OperatorRecord = {
  state: Operator | undefined;
  /** Of the status published last; 0 before the first. */
  version: number;
  nextDeadlineAt: string | null;
  events: Event[];
  /** What callers' keys were answered, by key. */
  answers: StoredAnswer[];
};

const rules = loadRules();

/** @param prefix of the keys whose answers are asked for */
export async function readOperatorRecord(
  database: Database,
  operatorId: string,
  prefix = operatorId,
): Promise<OperatorRecord> {
  const { rows } = await database.query<{ state: Operator; version: bigint; look_at: Date | null }>(
    'SELECT state, version, look_at FROM operator WHERE operator_id = $1',
    [operatorId],
  );
  const audit = await database.query<{ event: Event }>(
    'SELECT event FROM audit WHERE operator_id = $1 ORDER BY id',
    [operatorId],
  );
  const kept = await database.query<StoredAnswer>(
    'SELECT key, answer AS bytes FROM idempotency WHERE starts_with(key, $1) ORDER BY key',
    [prefix],
  );
  const [row] = rows;
  return {
    state: row?.state,
    version: Number(row?.version ?? 0n),
    nextDeadlineAt: row?.look_at?.toISOString() ?? null,
    events: audit.rows.map(({ event }) => event),
    answers: kept.rows,
  };
}

/** The stored state equals the fold of the events, and its next deadline is the stored one. */
export function expectConsistent({ state, events, nextDeadlineAt: lookAt }: OperatorRecord, now: Date): void {
  const folded = events.reduce<Operator | undefined>(evolve, undefined);
  expect(plain(folded)).toEqual(plain(state));
  if (state === undefined) return;
  const context = { ...rules, now: now.toISOString(), actor: 'a test' };
  expect(lookAt).toBe(nextDeadline(completeOperator(state), context));
}

/** As it is stored: without what JSON does not hold. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** The statuses of each operator in the order in which they were published. */
export async function publishedStatuses({
  administration,
  source,
}: Pick<RegistryProcesses, 'administration' | 'source'>): Promise<
  Map<string, registryStatus.OperatorStatus[]>
> {
  const kafka = await connectKafka({
    brokers: source.kafkaBrokers.split(','),
    administration,
    clientId: 'tests',
    log: () => undefined,
  });
  const statuses: registryStatus.OperatorStatus[] = [];
  const reader = await kafka.broadcast({
    topics: [topics.operatorStatus.name],
    onRecord: ({ headers, value }) => {
      if (headers['event-type'] !== heartbeatEventType)
        statuses.push(registryStatus.OperatorStatus.decode(value));
    },
  });
  await reader.ready;
  await reader.stop();
  await kafka.stop();
  return Map.groupBy(statuses, ({ operatorId }) => operatorId);
}

/** At least once and in order: each version for the first time behind the one before it, and the last one last. */
export function expectInOrder(statuses: readonly registryStatus.OperatorStatus[], version: number): void {
  const versions = statuses.map((status) => Number(status.version?.number));
  expect([...new Set(versions)]).toEqual(Array.from({ length: version }, (_, index) => index + 1));
  expect(versions.at(-1)).toBe(version);
}
