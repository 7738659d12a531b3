import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/stack/database.ts';
import { isFirstDelivery } from './inbox.ts';
import { connectPostgres, connectSession, postgresError } from './postgres.ts';

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
    await isFirstDelivery(transaction, 'test', 'rolled-back');
    transaction.afterCommit(() => (called = true));
    throw new Error('stop');
  });
  await expect(work).rejects.toThrow('stop');
  expect(called).toBe(false);
  const again = own.database.transaction((transaction) =>
    isFirstDelivery(transaction, 'test', 'rolled-back'),
  );
  expect(await again).toBe(true);
});

test('an event is new to a consumer once, and to each consumer', async () => {
  const see = (consumer: string) =>
    own.database.transaction((each) => isFirstDelivery(each, consumer, 'event-1'));
  expect([await see('a'), await see('a'), await see('b')]).toEqual([true, false, true]);
});

test('errors have the code of what the caller can do about them', async () => {
  await own.database.query('CREATE TABLE once (id int PRIMARY KEY)');
  await own.database.query('INSERT INTO once VALUES (1)');
  await expect(own.database.query('INSERT INTO once VALUES (1)')).rejects.toMatchObject({ code: 'conflict' });
  await expect(own.database.query('SELECT nothing')).rejects.toMatchObject({ code: 'internal' });
  const nowhere = connectPostgres({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'tests' });
  await expect(nowhere).rejects.toMatchObject({ code: 'unavailable' });
});

test('a connection whose server process hangs is closed, and the next statement uses another one', async () => {
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

test('a transaction whose statement got no answer ends at once, without waiting for a rollback', async () => {
  const settings = { url: own.url, applicationName: 'tests', connectionsMax: 1, statementTimeoutMs: 500 };
  const database = await connectPostgres(settings);
  let pid = 0;
  let hungMs = 0;
  const work = database.transaction(async (transaction) => {
    const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    pid = rows[0]!.pid;
    process.kill(pid, 'SIGSTOP');
    hungMs = performance.now();
    await transaction.query('SELECT 1');
  });
  try {
    await expect(work).rejects.toMatchObject({ code: 'unavailable' });
    // One bound of a second, where a rollback would wait for a second one.
    expect(performance.now() - hungMs).toBeLessThan(1_700);
    expect(await database.query('SELECT 2 AS two')).toMatchObject({ rows: [{ two: 2 }] });
  } finally {
    process.kill(pid, 'SIGCONT');
    await database.stop();
  }
});

test('a server that became read-only, or ended an idle transaction, is unavailable', async () => {
  const readOnly = own.database.transaction(async (transaction) => {
    await transaction.query('SET TRANSACTION READ ONLY');
    await transaction.query("INSERT INTO inbox (consumer, event_id) VALUES ('tests', 'read-only')");
  });
  await expect(readOnly).rejects.toMatchObject({ code: 'unavailable' });
  const idle = Object.assign(new Error('terminating connection'), { code: '25P03' });
  expect(postgresError(idle)).toMatchObject({ code: 'unavailable' });
});

test('a session with a server that accepts connections and does not answer is unavailable', async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as AddressInfo;
  const session = connectSession(`postgres://nobody@127.0.0.1:${port}/none`, 'tests');
  await expect(session).rejects.toMatchObject({ code: 'unavailable' });
  sockets.forEach((socket) => socket.destroy());
  mute.close();
});
