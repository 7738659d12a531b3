import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import type { Kafka, Position, Producer } from '../kafka.ts';

const administration = `test-${randomUUID()}`;
const brokers = inject('stack').kafkaBrokers;
const client = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
const admin = client.admin();
let kafka: Kafka;
let producer: Producer;
beforeAll(async () => {
  await admin.connect();
  kafka = await connectTestKafka(brokers, { administration });
  producer = await kafka.producer();
});
afterAll(async () => {
  await admin.disconnect();
  await producer.stop();
  await kafka.stop();
});

async function read(name: string, from: Position[] = [], through = kafka) {
  const values: string[] = [];
  const onRecord = ({ value }: { value: Uint8Array }) => void values.push(Buffer.from(value).toString());
  const reader = await through.broadcast({ topics: [name], from, onRecord });
  return { values, reader };
}

function send(name: string, values: string[], by = producer) {
  const records = values.map((value) => ({
    topic: name,
    key: value,
    value: Buffer.from(value),
    headers: {},
  }));
  return by.send(records);
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

test('a second node of the same service takes no partition from the first', async () => {
  await kafka.ensureTopics([topic('shared')]);
  const nodes = [await read('shared'), await read('shared')];
  const sent = Array.from({ length: 20 }, (_, index) => `v${index}`);
  await send('shared', sent);
  for (const { reader, values } of nodes) {
    await eventually(() => expect(values.toSorted()).toEqual(sent.toSorted()));
    await reader.stop();
  }
});

test('a reader continues from the offsets of a snapshot', async () => {
  await kafka.ensureTopics([topic('snapshot')]);
  await send('snapshot', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  const first = await read('snapshot');
  await first.reader.ready;
  const positions = first.reader.positions();
  await first.reader.stop();
  await send('snapshot', ['later']);
  const second = await read('snapshot', positions);
  await eventually(() => expect(second.values).toEqual(['later']));
  expect(second.reader.rebuilt).toBe(false);
  await second.reader.stop();
});

async function snapshotOf(name: string, through = kafka) {
  const { reader } = await read(name, [], through);
  await reader.ready;
  const positions = reader.positions();
  await reader.stop();
  return positions;
}

/** A connection of its own, since kafkajs trips over a topic it once knew and that is gone. */
async function withOwnConnection<T>(work: (through: Kafka, by: Producer) => Promise<T>): Promise<T> {
  const through = await connectTestKafka(brokers, { administration });
  const by = await through.producer();
  try {
    return await work(through, by);
  } finally {
    await by.stop();
    await through.stop();
  }
}

async function deleteTopic(name: string) {
  const full = `${administration}.${name}`;
  await admin.deleteTopics({ topics: [full] });
  await eventually(async () => expect(await admin.listTopics()).not.toContain(full));
}

test.each([
  ['shorter than the snapshot', 'anew-short', 2],
  ['longer than the snapshot', 'anew-long', 60],
])('a topic created again and %s is read from the beginning', async (_, name, count) => {
  const numbered = (word: string, length: number) => Array.from({ length }, (__, index) => `${word}${index}`);
  const positions = await withOwnConnection(async (through, by) => {
    await through.ensureTopics([topic(name)]);
    await send(name, numbered('old', 20), by);
    return snapshotOf(name, through);
  });
  await deleteTopic(name);
  await withOwnConnection(async (through, by) => {
    await through.ensureTopics([topic(name)]);
    await send(name, numbered('new', count), by);
    const { reader, values } = await read(name, positions, through);
    await reader.ready;
    expect(reader.rebuilt).toBe(true);
    expect(values.toSorted()).toEqual(numbered('new', count).toSorted());
    await reader.stop();
  });
});

test('a snapshot of another cluster is not continued', async () => {
  await kafka.ensureTopics([topic('elsewhere')]);
  await send('elsewhere', ['a', 'b', 'c', 'd']);
  const positions = (await snapshotOf('elsewhere')).map((each) => ({ ...each, clusterId: 'another' }));
  const { reader, values } = await read('elsewhere', positions);
  await reader.ready;
  expect(reader.rebuilt).toBe(true);
  expect(values.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  await reader.stop();
});

test('a reader that loses its place in the group continues where it was', async () => {
  await kafka.ensureTopics([topic('rejoin')]);
  const { reader, values } = await read('rejoin');
  await send('rejoin', ['a', 'b', 'c', 'd', 'e', 'f']);
  await eventually(() => expect(values).toHaveLength(6));
  await disturb(await groupOfReader());
  await send('rejoin', ['g', 'h', 'i', 'j']);
  await eventually(() => expect(values).toContain('j'));
  await eventually(() => expect(values.toSorted()).toEqual([...'abcdefghij']));
  await reader.stop();
});

/** The only group of this administration that has a member. */
async function groupOfReader(): Promise<string> {
  const listed = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  const { groups } = await admin.describeGroups(listed.filter((id) => id.startsWith(administration)));
  const [group, ...others] = groups.filter(({ members }) => members.length > 0);
  expect(others).toEqual([]);
  return group?.groupId ?? '';
}

/** A second member makes the group hand out its partitions anew, and once more when it leaves. */
async function disturb(groupId: string): Promise<void> {
  const intruder = client.consumer({ groupId, sessionTimeout: 6_000 });
  await intruder.connect();
  await intruder.subscribe({ topics: [`${administration}.rejoin`] });
  await intruder.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
  await intruder.disconnect();
}

test('a reader that fails is reported as down and continues where it was', async () => {
  await kafka.ensureTopics([topic('failing', 1)]);
  const values: string[] = [];
  let fails = true;
  const reader = await kafka.broadcast({
    topics: ['failing'],
    onRecord: ({ value }) => {
      const text = Buffer.from(value).toString();
      if (text === 'b' && fails) {
        fails = false;
        throw new TypeError('a fault of ours');
      }
      values.push(text);
    },
  });
  await send('failing', ['a', 'b', 'c']);
  await eventually(() => expect(reader.downSeconds()).toBeGreaterThan(0), { everyMs: 5 });
  expect(kafka.unready()).toEqual(['broadcast failing does not read']);
  await eventually(() => expect(values).toEqual(['a', 'b', 'c']));
  expect(kafka.unready()).toEqual([]);
  await reader.stop();
});

test('an empty topic is caught up at once', async () => {
  await kafka.ensureTopics([topic('empty')]);
  const { reader, values } = await read('empty');
  await reader.ready;
  expect(values).toEqual([]);
  await reader.stop();
});
