import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupListens, listenersOn } from './listeners.ts';
import { choosePort, withPorts } from './ports.ts';
import { listening, startReady } from './readiness.ts';

let server: Server;
let port = 0;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  delete process.env['REDIS_PORT'];
  server.close();
});

test('a port that a setting names is used; without a setting a free port is chosen', async () => {
  server.close();
  await once(server, 'close');
  process.env['REDIS_PORT'] = String(port);
  expect(await choosePort('REDIS_PORT')).toBe(port);
  process.env['REDIS_PORT'] = '';
  expect(await choosePort('REDIS_PORT')).toBeGreaterThan(0);
});

test('the error for a port that is taken names its process and the commands that mend it', async () => {
  process.env['REDIS_PORT'] = String(port);
  await expect(choosePort('REDIS_PORT')).rejects.toThrow(
    new RegExp(
      `^REDIS_PORT: port ${port} is taken by process ${process.pid} \\(.+\\)\\. Stop that one: kill ${process.pid}\\. ` +
        'Take any free port: env -u REDIS_PORT npm start$',
    ),
  );
});

test.each(['0', '65536', 'http', '-1', '6379.5'])('%s is rejected as a port', async (text) => {
  process.env['REDIS_PORT'] = text;
  await expect(choosePort('REDIS_PORT')).rejects.toThrow(
    `REDIS_PORT takes a port from 1 to 65535, not "${text}".`,
  );
});

test('a program whose port is taken is started on another one, three times at most', async () => {
  const taken = () => Promise.reject(new Error('redis did not start: bind: Address already in use'));
  let calls = 0;
  const second = () => ((calls += 1), calls === 1 ? taken() : Promise.resolve('up'));
  expect(await withPorts(second)).toBe('up');
  calls = 0;
  await expect(withPorts(() => ((calls += 1), taken()))).rejects.toThrow('Address already in use');
  expect(calls).toBe(3);
  calls = 0;
  await expect(withPorts(() => ((calls += 1), Promise.reject(new Error('other'))))).rejects.toThrow('other');
  expect(calls).toBe(1);
});

test('the process that listens on a port is found, also in the group of a child', async () => {
  expect(listenersOn(port).map(({ pid }) => pid)).toEqual([process.pid]);
  expect(groupListens(process.pid, port)).toBe(true);
  const script =
    'require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })';
  const child = spawn('sh', ['-c', `${process.execPath} -e '${script}'; true`], { detached: true });
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  expect(groupListens(child.pid ?? 0, Number(printed))).toBe(true);
  expect(groupListens(child.pid ?? 0, port)).toBe(false);
  process.kill(-(child.pid ?? 0), 'SIGKILL');
});

test('another process on the port of a child is not taken for the child', async () => {
  const child = {
    name: 'part',
    command: 'sh',
    args: ['-c', 'sleep 0.2; echo address already in use; exit 1'],
  };
  await expect(startReady(child, listening(port), { boundMs: 5_000 })).rejects.toThrow(
    'part did not start (ended with 1)',
  );
});
