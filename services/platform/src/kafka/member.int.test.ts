import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import {
  startConsumerProcess,
  type ConsumerMoment,
  type ConsumerProcessSettings,
} from '../../../../tests/setup/kafka-and-outbox/consumer-process.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { connectTestKafka, topic } from '../../../../tests/setup/stack/kafka.ts';
import type { Kafka } from '../kafka.ts';

const brokers = inject('stack').kafkaBrokers;
const full = process.env['FAULT_TIMES'] === 'full';
const moments: ConsumerMoment[] = ['before', 'inside', 'after'];
let administration: string;
let own: TestDatabase;
let kafka: Kafka;
const members: ChildProcess[] = [];

beforeEach(async () => {
  administration = `test-${randomUUID()}`;
  own = await createTestDatabase(inject('stack').postgresUrl);
  await own.database.query('CREATE TABLE effect (value text NOT NULL, member integer NOT NULL)');
  await own.database.query('CREATE TABLE latest (key text PRIMARY KEY, value text NOT NULL)');
  kafka = await connectTestKafka(brokers, { administration });
  await kafka.ensureTopics([topic('work', 2)]);
});
afterEach(async () => {
  for (const member of members.splice(0)) member.kill('SIGKILL');
  await kafka.stop();
  await own.drop();
});

function member(settings: Pick<ConsumerProcessSettings, 'at' | 'signal'> = {}): ChildProcess {
  const place = { databaseUrl: own.url, brokers, administration, topic: 'work', group: 'members' };
  const started = startConsumerProcess({ ...place, ...settings });
  members.push(started);
  return started;
}

/** Values of two keys, each with a partition of its own. */
async function send(name: string, count: number): Promise<string[]> {
  const producer = await kafka.producer();
  const values = Array.from({ length: count }, (_, index) => `${name}-${String(index).padStart(4, '0')}`);
  await producer.send(
    values.map((value, index) => ({
      topic: 'work',
      key: `key-${index % 2}`,
      value: Buffer.from(value),
      partition: index % 2,
      headers: { 'event-id': value },
    })),
  );
  await producer.stop();
  return values;
}

async function effects(): Promise<{ value: string; member: number }[]> {
  const { rows } = await own.database.query<{ value: string; member: number }>(
    'SELECT value, member FROM effect ORDER BY value',
  );
  return rows;
}

const values = async () => (await effects()).map(({ value }) => value);

async function latest(): Promise<Record<string, string>> {
  const { rows } = await own.database.query<{ key: string; value: string }>('SELECT key, value FROM latest');
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

test.each(moments)(
  'a member killed %s the commit of an effect leaves one effect of every record',
  async (moment) => {
    const sent = await send('work', 20);
    const killed = member({ at: `${moment} work-0006` });
    await once(killed, 'exit');
    expect(killed.signalCode).toBe('SIGKILL');
    member();
    await eventually(async () => expect(await values()).toEqual(sent), { timeoutMs: 30_000 });
    expect(await latest()).toEqual({ 'key-0': 'work-0018', 'key-1': 'work-0019' });
    // Had the broken-off batch come again only now, its effects would have been seen twice.
    const later = await send('later', 4);
    await eventually(async () => expect((await values()).slice(0, 4)).toEqual(later), { timeoutMs: 30_000 });
    expect((await values()).slice(4)).toEqual(sent);
  },
);

test.each(moments)(
  'a member frozen %s the commit of an effect, while another takes over, changes nothing when it thaws',
  async (moment) => {
    const sent = await send('work', 20);
    const frozen = member({ at: `${moment} work-0006`, signal: 'SIGSTOP' });
    await eventually(() => expect(isFrozen(frozen)).toBe(true));
    member();
    await eventually(async () => expect(await values()).toEqual(sent), { timeoutMs: 40_000 });
    const more = await send('x-more', 10);
    await eventually(async () => expect(await values()).toEqual([...sent, ...more]), { timeoutMs: 30_000 });
    const before = { effects: await effects(), latest: await latest() };
    frozen.kill('SIGCONT');
    // It is alive again once it is a member: with two members each has a partition, so it has effects of its own.
    let count = 0;
    await eventually(
      async () => {
        count += 1;
        await send(`y-${String(count).padStart(3, '0')}`, 2);
        expect((await effects()).some((each) => each.member === frozen.pid && each.value > 'y')).toBe(true);
      },
      { timeoutMs: 40_000, everyMs: 500 },
    );
    expect((await effects()).filter(({ value }) => value < 'y')).toEqual(before.effects);
    expect(before.latest).toEqual({ 'key-0': 'x-more-0008', 'key-1': 'x-more-0009' });
    expect(Object.values(await latest()).every((value) => value > 'y')).toBe(true);
  },
  120_000,
);

test('members that join and leave while they process a backlog have one effect of every record, and the newest remains', async () => {
  const sent = await send('work', full ? 6_000 : 1_200);
  const until = Date.now() + (full ? 60_000 : 9_000);
  member();
  while (Date.now() < until) {
    const visitor = member();
    await pause(full ? 4_000 : 2_500);
    visitor.kill(members.length % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
  }
  await eventually(async () => expect(await values()).toEqual(sent), { timeoutMs: 60_000 });
  expect(await latest()).toEqual({ 'key-0': sent.at(-2), 'key-1': sent.at(-1) });
}, 180_000);

function isFrozen({ pid }: ChildProcess): boolean {
  return readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8').includes(') T ');
}
