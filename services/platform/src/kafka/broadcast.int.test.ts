import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/kafka.ts';
import type { Kafka, Position, Producer } from '../kafka.ts';

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

async function read(name: string, from: Position[] = []) {
  const values: string[] = [];
  const onRecord = ({ value }: { value: Uint8Array }) => void values.push(Buffer.from(value).toString());
  const reader = await kafka.broadcast({ topics: [name], from, onRecord });
  return { values, reader };
}

function send(name: string, values: string[]) {
  const records = values.map((value) => ({
    topic: name,
    key: value,
    value: Buffer.from(value),
    headers: {},
  }));
  return producer.send(records);
}

test('every reader gets every record of every partition and knows when it has caught up', async () => {
  await kafka.ensureTopics([topic('status')]);
  const sent = Array.from({ length: 40 }, (_, index) => `v${index}`);
  await send('status', sent);
  const readers = await Promise.all([read('status'), read('status')]);
  for (const { reader, values } of readers) {
    await reader.ready;
    expect(values.toSorted()).toEqual(sent.toSorted());
    await reader.stop();
  }
});

test('a reader goes on from the offsets of a snapshot', async () => {
  await kafka.ensureTopics([topic('snapshot')]);
  await send('snapshot', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  const first = await read('snapshot');
  await first.reader.ready;
  const positions = first.reader.positions();
  await first.reader.stop();
  await send('snapshot', ['later']);
  const second = await read('snapshot', positions);
  await eventually(() => expect(second.values).toEqual(['later']));
  await second.reader.stop();
});

test('an empty topic is caught up at once', async () => {
  await kafka.ensureTopics([topic('empty')]);
  const { reader, values } = await read('empty');
  await reader.ready;
  expect(values).toEqual([]);
  await reader.stop();
});
