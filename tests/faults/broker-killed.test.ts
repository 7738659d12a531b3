import { readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { isFirstDelivery } from '@aeo/platform/inbox';
import { consumerOf, type Kafka } from '@aeo/platform/kafka';
import { startOutboxRelay } from '@aeo/platform/outbox';
import { common, heartbeatEventType, registryService, registryStatus, topics } from '@aeo/proto';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, waitForFault, testLimitMs } from '../setup/faults/fault-plan.ts';
import { connectTestKafka } from '../setup/stack/kafka.ts';
import {
  prematureHeartbeats,
  encodeHeartbeat,
  events,
  startOutboxTopic,
  unpublished,
  type OutboxTopic,
} from '../setup/kafka-and-outbox/outbox-topic.ts';
import { startOwnBroker, type OwnBroker } from '../setup/stack/own-broker.ts';
import { certified, startTestRegistry, suspension, type TestRegistry } from '../setup/registry/registry.ts';
import { startRelayProcess } from '../setup/kafka-and-outbox/relay-process.ts';

const { RegistryServiceService: service } = registryService;
let broker: OwnBroker;
let stack: ReturnType<typeof inject<'stack'>>;
let child: ChildProcess | undefined;

beforeAll(async () => {
  broker = await startOwnBroker({ 'log.cleaner.backoff.ms': 200 });
  stack = { ...inject('stack'), kafkaBrokers: broker.brokers };
});
afterEach(() => void child?.kill('SIGKILL'));
afterAll(() => broker.stop());

/** Full service is back this long after a fault has ended. */
const backMs = 30_000;

test(
  'a broker that is killed and restarted receives every committed event before any later heartbeat',
  async () => {
    const outbox = await startOutboxTopic(stack);
    await outbox.own.database.query('CREATE TABLE effect (value text NOT NULL)');
    const heartbeats = { topics: [events], encode: encodeHeartbeat };
    const relay = startOutboxRelay({
      databaseUrl: outbox.own.url,
      heartbeats,
      log: () => undefined,
      createProducer: () => outbox.kafka.producer(),
    });
    const consumers = [effectsOf(outbox)];
    const intake = await outbox.kafka.consume({ group: 'effects', consumers, sessionTimeoutMs: 6_000 });
    const writeSome = async (name: string, count: number) => {
      for (let index = 0; index < count; index += 1)
        await outbox.write(`key-${index % 8}`, `${name}-${String(index).padStart(2, '0')}`);
    };
    await writeSome('before', between(1, 40));
    await broker.kill();
    await writeSome('away', 40);
    await waitForFault(4_000);
    expect(await outbox.waiting()).toBeGreaterThanOrEqual(40);
    await broker.restart();
    await writeSome('back', 20);
    const values = outbox.written.map(({ value }) => value).toSorted();
    await eventually(async () => expect(await effects(outbox)).toEqual(values), { timeoutMs: backMs });
    await eventually(() => expect(unpublished(outbox)).toEqual({}), { timeoutMs: backMs });
    expect(prematureHeartbeats(outbox)).toEqual([]);
    expect(await outbox.waiting()).toBe(0);
    for (const part of [intake, relay, outbox]) await part.stop();
  },
  testLimitMs(180_000),
);

function effectsOf({ own }: OutboxTopic) {
  return consumerOf({
    topic: events.name,
    ignoredEventTypes: [heartbeatEventType],
    decode: (value) => Buffer.from(value).toString(),
    handle: (value, { eventId }) =>
      own.database.transaction(async (transaction) => {
        if (await isFirstDelivery(transaction, 'effects', eventId))
          await transaction.query('INSERT INTO effect VALUES ($1)', [value]);
      }),
  });
}

async function effects({ own }: OutboxTopic): Promise<string[]> {
  const { rows } = await own.database.query<{ value: string }>('SELECT value FROM effect');
  return rows.map(({ value }) => value).toSorted();
}

test('a status that a frozen relay publishes late is covered by the current one after compaction', async () => {
  const registry = await startTestRegistry(stack, { prepare: relayThatFreezes });
  const kafka = await connectTestKafka(stack.kafkaBrokers, { administration: registry.administration });
  const officer = registry.as('officer');
  const live = await readStatuses(kafka);
  const first = await certified(officer);
  await eventually(() => expect(isFrozen()).toBe(true));
  await officer.call(service.suspendCertificate, suspension(first));
  for (let index = 0; index < 3; index += 1) await certified(officer);
  const versions = () =>
    live.statuses.filter((each) => each.operatorId === first.operatorId).map(({ version }) => version);
  // The other relay has taken over.
  await eventually(() => expect(versions()).toEqual([1n, 2n]));
  child?.kill('SIGCONT');
  await eventually(() => expect(versions().slice(0, 3)).toEqual([1n, 2n, 1n]));
  await live.stop();
  // Compaction keeps one record of each operator, the last: a node that starts now sees these and no others.
  await eventually(async () => expect(await rebuilt(kafka)).toEqual(await stored(registry)), {
    timeoutMs: 30_000,
    everyMs: 500,
  });
  await expectSound({ boundMs: 2_000, administrations: [registry.source], transcripts: [] });
  await kafka.stop();
  await registry.stop();
}, 120_000);

/** The topic, as it is compacted after an hour elsewhere and at once here, and a relay before the service's own. */
async function relayThatFreezes(place: { administration: string; databaseUrl: string }): Promise<void> {
  const { administration } = place;
  const kafka = await connectTestKafka(stack.kafkaBrokers, { administration });
  const atOnce = { 'min.compaction.lag.ms': '0', 'min.cleanable.dirty.ratio': '0.01', 'segment.ms': '500' };
  await kafka.ensureTopics([{ ...topics.operatorStatus, config: atOnce }, topics.registryHead]);
  let beats = 0;
  const onRecord = () => void (beats += 1);
  const reader = await kafka.broadcast({ topics: [topics.operatorStatus.name], onRecord });
  const frozen = { topic: topics.operatorStatus, at: 'rows read', signal: 'SIGSTOP' } as const;
  child = startRelayProcess({ ...place, ...frozen, brokers: stack.kafkaBrokers });
  await eventually(() => expect(beats).toBeGreaterThan(0));
  await reader.stop();
  await kafka.stop();
}

/** The third field of the kernel's line on a process is its state; T is stopped. */
function isFrozen(): boolean {
  return readFileSync(`/proc/${child?.pid ?? 0}/stat`, 'utf8').includes(') T ');
}

type Said = { operatorId: string; version: bigint | undefined; statuses: common.CertificateStatus[] };

async function readStatuses(kafka: Kafka) {
  const statuses: Said[] = [];
  const reader = await kafka.broadcast({
    topics: [topics.operatorStatus.name],
    onRecord: ({ headers, value }) => {
      if (headers['event-type'] === heartbeatEventType) return;
      const { operatorId, version, components } = registryStatus.OperatorStatus.decode(value);
      statuses.push({ operatorId, version: version?.number, statuses: components.map((c) => c.status) });
    },
  });
  return { statuses, ready: reader.ready, stop: () => reader.stop() };
}

const byOperator = (a: Said, b: Said) => a.operatorId.localeCompare(b.operatorId);

async function rebuilt(kafka: Kafka): Promise<Said[]> {
  const { statuses, ready, stop } = await readStatuses(kafka);
  await ready;
  await stop();
  return statuses.toSorted(byOperator);
}

async function stored({ database }: TestRegistry): Promise<Said[]> {
  const { rows } = await database.query<{ operator_id: string; version: bigint; states: string[] }>(`
    SELECT operator_id, version, (SELECT array_agg(c->>'status') FROM jsonb_each(state->'certificates') AS e(k, c)) AS states
    FROM operator`);
  const codes: Record<string, common.CertificateStatus> = {
    active: common.CertificateStatus.ACTIVE,
    suspended: common.CertificateStatus.SUSPENDED,
  };
  return rows
    .map(({ operator_id: operatorId, version, states }) => ({
      operatorId,
      version,
      statuses: states.map((state) => codes[state]!),
    }))
    .toSorted(byOperator);
}
