import { fileURLToPath } from 'node:url';
import type { Kafka } from '@aeo/platform/kafka';
import { outboxWriter } from '@aeo/platform/outbox';
import { exchangeStatus, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { connectTestKafka } from '../../../../tests/setup/stack/kafka.ts';
import { loadArrangement } from './arrangement-file.ts';
import { raisePartnerStatusEpoch } from './status-epoch.postgres.ts';

const stack = inject('stack');
const arrangement = loadArrangement(
  fileURLToPath(new URL('../../arrangements', import.meta.url)),
  'demonstration',
  'home',
);
const { id } = arrangement;
const append = outboxWriter([topics.partnerStatus], 'tests');
const log: unknown[] = [];
let own: TestDatabase;
let kafka: Kafka;

beforeAll(async () => {
  own = await createTestDatabase(
    stack.postgresUrl,
    fileURLToPath(new URL('../../migrations', import.meta.url)),
  );
  await own.database.query('INSERT INTO arrangement (arrangement_id) VALUES ($1)', [id]);
});
afterAll(() => own.drop());

type Published = Parameters<typeof exchangeStatus.PartnerStatus.fromPartial>[0]['record'];

async function publish(records: Record<string, Published>): Promise<void> {
  kafka = await connectTestKafka(stack.kafkaBrokers);
  await kafka.ensureTopics([topics.partnerStatus]);
  const producer = await kafka.producer();
  await producer.send(
    Object.entries(records).map(([key, record]) => {
      const value = exchangeStatus.PartnerStatus.encode(exchangeStatus.PartnerStatus.fromPartial({ record }));
      return { topic: topics.partnerStatus.name, key, value: value.finish(), headers: {} };
    }),
  );
  await producer.stop();
}

const version = (number: bigint, epoch = 1n) => ({ epoch, number });
const member = (partnerOperatorId: string, number: bigint): Published => ({
  $case: 'membership',
  value: { arrangementId: id, partnerOperatorId, version: version(number) },
});
const marker = (sequence: bigint, epoch = 1n): Published => ({
  $case: 'activated',
  value: { arrangementId: id, sequence, version: version(sequence, epoch) },
});

async function enter(operator: string, number: bigint, suspension: bigint): Promise<void> {
  await own.database.query(
    `INSERT INTO partner_operator (arrangement_id, partner_operator_id, version, slots, suspension_version,
       suspension_status) VALUES ($1, $2, $3, '[{"sequence":3,"row":null}]', $4, 'suspended')`,
    [id, operator, String(number), String(suspension)],
  );
}

/** Compares, and returns what then waits to be published. */
async function start() {
  const { database } = own;
  const logger = { warn: (_message: string, fields: unknown) => void log.push(fields) };
  await raisePartnerStatusEpoch({ database, kafka, append, arrangement, logger });
  const { rows } = await database.query<{ key: string; value: Buffer; partition: number }>(
    'SELECT key, value, partition FROM outbox ORDER BY id',
  );
  return rows.map(({ key, value, partition }) => ({
    key,
    partition,
    record: exchangeStatus.PartnerStatus.decode(value).record,
  }));
}

test('an exchange that was set back publishes everything again under the next epoch, once', async () => {
  await publish({
    [`membership/${id}/known`]: member('known', 2n),
    [`membership/${id}/lost`]: member('lost', 1n),
    [`activated/${id}/0`]: marker(4n),
    'membership/another/x': member('x', 9n),
  });
  await enter('known', 2n, 1n);
  await own.database.query(
    `INSERT INTO list_received (arrangement_id, sequence, header, signature, header_hash, listed, recognised,
       partition_counts, activated_at) VALUES ($1, 3, $2, '', '', 1, 1, '{0,1,0,0}', now())`,
    [
      id,
      JSON.stringify({
        sequence: 3,
        count: 1,
        digest: '',
        issuedAt: '2026-01-01T00:00:00Z',
        validUntil: '2030-01-01T00:00:00Z',
      }),
    ],
  );
  await own.database.transaction((transaction) =>
    append(transaction, [
      { topic: topics.partnerStatus.name, key: 'waiting', value: Buffer.alloc(0), eventType: 'Leftover' },
    ]),
  );
  const republished = await start();
  expect(log).toEqual([{ rows: 2 }]);
  const keys = ['suspension', 'membership'].map((kind) => `${kind}/${id}/known`);
  const markers = [0, 1, 2, 3].map((partition) => `activated/${id}/${partition}`);
  expect(republished.map(({ key }) => key)).toEqual([...keys, `membership/${id}/lost`, ...markers]);
  expect(republished.map(({ record }) => record?.value.version?.epoch)).toEqual(republished.map(() => 2n));
  expect(republished[2]?.record).toMatchObject({
    value: { version: { number: 0n }, slots: [{ sequence: 3n, listed: false }] },
  });
  expect(republished.slice(3)).toMatchObject(
    [0, 1, 0, 0].map((partitionCount, partition) => ({
      partition,
      record: { value: { sequence: 3n, partitionCount: BigInt(partitionCount) } },
    })),
  );
  expect(await start()).toEqual(republished);
  await kafka.stop();
});

test('without a list in force the arrangement gives nothing until one is', async () => {
  await own.database.query('DELETE FROM list_received');
  await own.database.query('DELETE FROM outbox');
  await publish({ [`activated/${id}/0`]: marker(1n, 7n) });
  const republished = await start();
  expect(republished.at(-1)?.record).toMatchObject({
    value: { sequence: 0n, version: { epoch: 8n, number: 0n }, terms: { live: false } },
  });
  await kafka.stop();
});
