import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka } from '../../../../tests/setup/stack/kafka.ts';
import { startLoopbackProxy, type LoopbackProxy } from '../../../../tests/setup/faults/loopback-proxy.ts';
import {
  encodeHeartbeat,
  startOutboxTopic,
  unpublished,
  valuesOf,
  type OutboxTopic,
} from '../../../../tests/setup/kafka-and-outbox/outbox-topic.ts';
import type { Kafka } from '../kafka.ts';
import { startOutboxRelay, type OutboxRelay } from './relay.ts';

const distant = inject('distant');
let proxy: LoopbackProxy;
let outbox: OutboxTopic;
let kafka: Kafka;
let relay: OutboxRelay | undefined;

beforeEach(async () => {
  proxy = await startLoopbackProxy(distant.listens, distant.advertised);
  outbox = await startOutboxTopic(inject('stack'));
  const { administration } = outbox;
  kafka = await connectTestKafka(`127.0.0.1:${distant.advertised}`, { administration });
});
afterEach(async () => {
  await relay?.stop();
  await kafka.stop();
  await outbox.stop();
  await proxy.stop();
});

test('after a record without an acknowledgement a new producer sends it again, and those after it', async () => {
  relay = startOutboxRelay({
    databaseUrl: outbox.own.url,
    createProducer: () => kafka.producer(),
    log: () => undefined,
    // Without heartbeats, so that nothing but the rows uses the numbers of a sequence.
    heartbeats: { topics: [], encode: encodeHeartbeat },
  });
  await outbox.write('key', 'answered');
  await eventually(() => expect(valuesOf(outbox, 'key')).toEqual(['answered']));
  await eventually(async () => expect(await outbox.waiting()).toBe(0));
  proxy.mute();
  await outbox.write('key', 'unanswered');
  await eventually(() => expect(valuesOf(outbox, 'key')).toEqual(['answered', 'unanswered']));
  // A batch that begins with what the broker has, and goes on: to the same producer it is out of sequence for ever.
  await outbox.write('key', 'behind it');
  proxy.cut();
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(await outbox.waiting()).toBe(2);
  proxy.heal();
  await eventually(() => expect(unpublished(outbox)).toEqual({}), { timeoutMs: 30_000 });
  expect(valuesOf(outbox, 'key')).toEqual(['answered', 'unanswered', 'unanswered', 'behind it']);
});
