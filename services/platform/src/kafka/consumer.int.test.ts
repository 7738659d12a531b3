import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import { AppError } from '../errors.ts';
import { presentCorrelation, type Correlation } from '../correlation.ts';
import { consumerOf, type Kafka, type Producer, type Subscription } from '../kafka.ts';

let kafka: Kafka;
let producer: Producer;
const running: Subscription[] = [];

beforeAll(async () => {
  kafka = await connectTestKafka(inject('stack').kafkaBrokers);
  producer = await kafka.producer();
});
afterEach(async () => {
  for (const subscription of running.splice(0)) await subscription.stop();
});
afterAll(async () => {
  await producer.stop();
  await kafka.stop();
});

const decode = (value: Uint8Array) => Buffer.from(value).toString();

async function read(name: string, handle: (message: string) => Promise<void>, group = `group-${name}`) {
  const subscription = await kafka.consume({
    group,
    consumers: [consumerOf({ topic: name, decode, handle })],
  });
  running.push(subscription);
  return subscription;
}

function send(name: string, messages: string[], headers: Record<string, string> = {}) {
  return producer.send(
    messages.map((value) => ({ topic: name, key: 'k', value: Buffer.from(value), headers })),
  );
}

test('a poison message becomes a dead letter with its reason, and later messages are handled', async () => {
  await kafka.ensureTopics([topic('poison')]);
  const seen: string[] = [];
  await send('poison', ['one', 'bad', 'two'], { 'event-id': 'e-1' });
  const subscription = await read('poison', (message) => {
    if (message === 'bad') throw new AppError('invalid', 'FIELD_FORMAT', 'bad');
    return Promise.resolve(void seen.push(message));
  });
  await eventually(() => expect(seen).toEqual(['one', 'two']));
  const aside: Record<string, string>[] = [];
  const reader = await kafka.broadcast({
    topics: ['poison.dlq'],
    onRecord: ({ headers }) => void aside.push(headers),
  });
  await eventually(() => expect(aside).toHaveLength(1));
  await reader.stop();
  await eventually(() => expect([...subscription.deadLetters()]).toEqual([['poison', 1]]));
  expect(aside[0]).toMatchObject({ 'dlq-reason': 'FIELD_FORMAT', 'dlq-topic': 'poison', 'event-id': 'e-1' });
});

test('an unavailable dependency loses no record, makes no dead letter and keeps the order', async () => {
  await kafka.ensureTopics([topic('outage')]);
  await send('outage', ['1', '2', '3', '4']);
  const seen: string[] = [];
  let refusals = 0;
  await read('outage', (message) => {
    if (message === '2' && refusals < 4) {
      refusals += 1;
      throw new AppError('unavailable', 'UNAVAILABLE', 'database away');
    }
    return Promise.resolve(void seen.push(message));
  });
  await eventually(() => expect(seen).toEqual(['1', '2', '3', '4']));
  expect(refusals).toBe(4);
});

test('a conflict is tried five times and then becomes a dead letter', async () => {
  await kafka.ensureTopics([topic('conflict')]);
  await send('conflict', ['x', 'after']);
  const attempts: string[] = [];
  await read('conflict', (message) => {
    attempts.push(message);
    if (message === 'x') throw new AppError('conflict', 'VERSION_CONFLICT', 'changed');
    return Promise.resolve();
  });
  await eventually(() => expect(attempts).toEqual(['x', 'x', 'x', 'x', 'x', 'after']));
});

test('a consumer that stops before its effect receives the message again', async () => {
  await kafka.ensureTopics([topic('again')]);
  await send('again', ['only']);
  let first = true;
  const effects: string[] = [];
  const one = await read('again', () => {
    if (first) throw new AppError('unavailable', 'UNAVAILABLE', 'killed before the effect');
    return Promise.resolve();
  });
  await eventually(() => expect(one.lagSeconds()).toBeGreaterThan(0));
  await one.stop();
  running.splice(0);
  first = false;
  await read('again', (message) => Promise.resolve(void effects.push(message)));
  await eventually(() => expect(effects).toEqual(['only']));
});

test('events that a handler publishes carry the correlation of the event it handles', async () => {
  await kafka.ensureTopics([topic('caused', 1)]);
  const told: Correlation[] = [];
  await read('caused', () => Promise.resolve(void told.push(presentCorrelation())));
  await send('caused', ['x'], { 'event-id': 'e-1', 'correlation-id': 'c-1' });
  await send('caused', ['y'], { 'event-id': 'e-2' });
  await eventually(() =>
    expect(told).toEqual([
      { correlationId: 'c-1', causationId: 'e-1' },
      { correlationId: 'e-2', causationId: 'e-2' },
    ]),
  );
});

test('a record that cannot be written to the dead-letter topic is not skipped', async () => {
  // Where dead letters lie is a topic like any other; its own dead letters have no place yet.
  await kafka.ensureTopics([topic('stuck')]);
  await send('stuck.dlq', ['bad', 'after']);
  const seen: string[] = [];
  await read('stuck.dlq', (message) => {
    seen.push(message);
    if (message === 'bad') throw new AppError('invalid', 'FIELD_FORMAT', 'bad');
    return Promise.resolve();
  });
  await eventually(() => expect(seen.length).toBeGreaterThan(1));
  expect(seen).not.toContain('after');
  await kafka.ensureTopics([topic('stuck.dlq', 1)]);
  await eventually(() => expect(seen).toContain('after'));
  const aside: string[] = [];
  const reader = await kafka.broadcast({
    topics: ['stuck.dlq.dlq'],
    onRecord: ({ value }) => void aside.push(decode(value)),
  });
  await eventually(() => expect(aside).toEqual(['bad']));
  await reader.stop();
});
