import { setTimeout as pause } from 'node:timers/promises';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import {
  prematureHeartbeats,
  encodeHeartbeat,
  events,
  heartbeatsOf,
  startOutboxTopic,
  unpublished,
  type OutboxTopic,
} from '../../../../tests/setup/kafka-and-outbox/outbox-topic.ts';
import { startRelayProcess, type RelayStep } from '../../../../tests/setup/kafka-and-outbox/relay-process.ts';
import { startStatementProxy } from '../../../../tests/setup/faults/statement-proxy.ts';
import { startOutboxRelay, type OutboxRelay } from './relay.ts';

const stack = inject('stack');
let outbox: OutboxTopic;
const relays: OutboxRelay[] = [];

beforeEach(async () => void (outbox = await startOutboxTopic(stack)));
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop();
  await outbox.stop();
});

function relay(databaseUrl = outbox.own.url): void {
  relays.push(
    startOutboxRelay({
      databaseUrl,
      heartbeats: { topics: [events], encode: encodeHeartbeat },
      heartbeatMs: 50,
      createProducer: () => outbox.kafka.producer(),
      log: () => undefined,
    }),
  );
}

const full = process.env['FAULT_TIMES'] === 'full';
const rows = 6;
const sent = Array.from({ length: rows - 1 }, (_, index): RelayStep => `${index + 1} sent`);
const steps: RelayStep[] = [
  'lock held',
  'rows read',
  ...(full ? sent : [sent[0]!, sent.at(-1)!]),
  'all acknowledged',
  'rows deleted',
  'heartbeat sent',
];

test.each(steps)('a relay killed at "%s" has lost nothing and claimed nothing', async (at) => {
  for (let index = 0; index < rows; index += 1) await outbox.write(`key-${index % 2}`, `before-${index}`);
  const { administration } = outbox;
  const child = startRelayProcess({
    databaseUrl: outbox.own.url,
    brokers: stack.kafkaBrokers,
    administration,
    at,
  });
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  await outbox.write('key-0', 'after');
  relay();
  await eventually(() => expect(unpublished(outbox)).toEqual({}));
  await eventually(async () => expect(await outbox.waiting()).toBe(0));
  const beats = heartbeatsOf(outbox).length;
  await eventually(() => expect(heartbeatsOf(outbox).length).toBeGreaterThan(beats));
  expect(prematureHeartbeats(outbox)).toEqual([]);
});

test('a row committed between the reads of clock and rows is published before a heartbeat states that time', async () => {
  let commits = 0;
  const proxy = await startStatementProxy(outbox.own.url, async (text) => {
    // Before the clock is read, between the two, and before the next round: each gap gets its commit.
    if (commits < 40 && /clock|outbox-rows/.test(text)) {
      commits += 1;
      await outbox.write(`key-${commits % 8}`, `between-${commits}`);
      // Times of heartbeats are whole milliseconds: one that is read after this commit must say a later one.
      await pause(5);
    }
  });
  relay(proxy.url);
  await eventually(() => expect(outbox.written).toHaveLength(40));
  await eventually(() => expect(unpublished(outbox)).toEqual({}));
  const beats = heartbeatsOf(outbox).length;
  await eventually(() => expect(heartbeatsOf(outbox).length).toBeGreaterThan(beats));
  expect(prematureHeartbeats(outbox)).toEqual([]);
  for (const each of relays.splice(0)) await each.stop();
  await proxy.stop();
});
