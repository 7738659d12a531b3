import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import { watchOwnTopic, type Kafka, type Producer } from '../kafka.ts';

let kafka: Kafka;
let producer: Producer;
beforeAll(async () => {
  kafka = await connectTestKafka(inject('stack').kafkaBrokers);
  producer = await kafka.producer();
});
afterAll(async () => {
  await producer.stop();
  await kafka.stop();
});

async function publish(name: string, key: string, ...numbers: number[]): Promise<void> {
  const value = (number: number) => Buffer.from(String(number));
  await producer.send(numbers.map((number) => ({ topic: name, key, value: value(number), headers: {} })));
}

async function watch(name: string, presentNumber: number) {
  const repeated: string[] = [];
  const watcher = await watchOwnTopic(kafka, {
    topic: name,
    versionOf: ({ value }) => ({ epoch: 1n, number: BigInt(Buffer.from(value).toString()) }),
    republish: async (key) => {
      repeated.push(key);
      await publish(name, key, presentNumber);
    },
    log: () => undefined,
  });
  return { watcher, repeated };
}

test('a version that goes backwards is followed by the present one, once', async () => {
  await kafka.ensureTopics([topic('backwards')]);
  const { watcher, repeated } = await watch('backwards', 3);
  await publish('backwards', 'a', 1, 2, 3);
  await publish('backwards', 'b', 1, 2, 2);
  await publish('backwards', 'a', 2);
  await eventually(() => expect(repeated).toEqual(['a']));
  await publish('backwards', 'b', 1);
  await eventually(() => expect(repeated).toEqual(['a', 'b']));
  await watcher.stop();
});

test('a key repaired before the start is left, and another is repaired', async () => {
  await kafka.ensureTopics([topic('past')]);
  await publish('past', 'mended', 3, 2, 3);
  await publish('past', 'behind', 3, 2);
  const { watcher, repeated } = await watch('past', 3);
  await eventually(() => expect(repeated).toEqual(['behind']));
  await watcher.stop();
});
