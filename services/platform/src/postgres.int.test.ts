import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/database.ts';
import { onceOnly } from './inbox.ts';
import { connectPostgres } from './postgres.ts';

let own: TestDatabase;
beforeAll(async () => void (own = await createTestDatabase(inject('stack').postgresUrl)));
afterAll(() => own.drop());

test('64-bit integers keep every digit', async () => {
  const { rows } = await own.database.query<{ n: bigint }>('SELECT 9007199254740993::bigint AS n');
  expect(rows).toEqual([{ n: 9_007_199_254_740_993n }]);
});

test('an error rolls everything back and no callback runs', async () => {
  let called = false;
  const work = own.database.transaction(async (transaction) => {
    await onceOnly(transaction, 'test', 'rolled-back');
    transaction.afterCommit(() => (called = true));
    throw new Error('stop');
  });
  await expect(work).rejects.toThrow('stop');
  expect(called).toBe(false);
  const again = own.database.transaction((transaction) => onceOnly(transaction, 'test', 'rolled-back'));
  expect(await again).toBe(true);
});

test('an event is new to a consumer once, and to each consumer', async () => {
  const see = (consumer: string) => own.database.transaction((each) => onceOnly(each, consumer, 'event-1'));
  expect([await see('a'), await see('a'), await see('b')]).toEqual([true, false, true]);
});

test('errors are named by what the caller can do about them', async () => {
  await own.database.query('CREATE TABLE once (id int PRIMARY KEY)');
  await own.database.query('INSERT INTO once VALUES (1)');
  await expect(own.database.query('INSERT INTO once VALUES (1)')).rejects.toMatchObject({ code: 'conflict' });
  await expect(own.database.query('SELECT nothing')).rejects.toMatchObject({ code: 'internal' });
  const nowhere = connectPostgres({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'tests' });
  await expect(nowhere).rejects.toMatchObject({ code: 'unavailable' });
});

test('a server process that hangs is given up, and the next statement has another one', async () => {
  const settings = { url: own.url, applicationName: 'tests', connectionsMax: 1, statementTimeoutMs: 200 };
  const database = await connectPostgres(settings);
  const { rows } = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]!.pid;
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await database.query('SELECT 2 AS two')).toMatchObject({ rows: [{ two: 2 }] });
  } finally {
    process.kill(pid, 'SIGCONT');
    await database.stop();
  }
});
