import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChildOptions } from './child-process.ts';
import { identityOf, readIdentity } from './pid-files.ts';
import { runToEnd, startReady } from './readiness.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'children-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const shell = (script: string): ChildOptions => ({
  name: 'part',
  command: 'sh',
  args: ['-c', script],
  logFile: join(folder, 'part.log'),
  pidFolder: join(folder, 'run'),
});
const never = () => Promise.resolve(false);
const pid = () => readIdentity(join(folder, 'run/part.pid'))?.pid ?? 0;
const pidFiles = () => (existsSync(join(folder, 'run')) ? readdirSync(join(folder, 'run')) : []);

test('a child that does not answer in time is stopped, also one that ignores the signal', async () => {
  let seen = 0;
  const answers = () => ((seen = pid()), never());
  const starting = startReady(shell('trap "" TERM; echo still here; sleep 60 & wait'), answers, {
    boundMs: 200,
  });
  await expect(starting).rejects.toThrow(/part did not start \(no answer in 200 ms\).*still here/s);
  expect(identityOf(seen)).toBeUndefined();
  expect(pidFiles()).toEqual([]);
});

test('the error for a child that ends before it answers quotes the end of its log without colours', async () => {
  const coloured = String.raw`printf '\033[1mno such\033[0m setting\n'; exit 3`;
  const starting = startReady(shell(coloured), never, { boundMs: 5_000 });
  await expect(starting).rejects.toThrow(/ended with 3.*no such setting/s);
});

test('a program that does not exist cannot be started', async () => {
  const starting = startReady({ ...shell(''), command: 'no-such-program' }, never, { boundMs: 5_000 });
  await expect(starting).rejects.toThrow(/ENOENT/);
});

test('a start that is cancelled leaves no child', async () => {
  const shutdown = new AbortController();
  let seen = 0;
  const answers = () => ((seen = pid()), shutdown.abort(new Error('stopped by SIGINT')), never());
  const starting = startReady(shell('sleep 60'), answers, { boundMs: 5_000, shutdown: shutdown.signal });
  await expect(starting).rejects.toThrow('stopped by SIGINT');
  expect(identityOf(seen)).toBeUndefined();
});

test('stopping a child ends the processes that it left running', async () => {
  const file = join(folder, 'grandchild');
  const child = await startReady(
    shell(`(trap "" TERM; exec sleep 60) & echo $! > ${file}; wait`),
    () => Promise.resolve(existsSync(file) && readFileSync(file, 'utf8') !== ''),
    { boundMs: 5_000 },
  );
  await child.stop(5_000);
  await expect.poll(() => identityOf(Number(readFileSync(file, 'utf8')))).toBeUndefined();
});

test('a program that is run to its end is done, failed with the end of its log, or not on this machine', async () => {
  const { signal } = new AbortController();
  expect(await runToEnd(shell('exit 0'), signal)).toEqual({ kind: 'done' });
  expect(await runToEnd({ ...shell(''), command: 'no-such-program' }, signal)).toEqual({ kind: 'absent' });
  expect(await runToEnd(shell('echo disk full; exit 1'), signal)).toMatchObject({
    kind: 'failed',
    why: expect.stringMatching(/sh ended with 1.*disk full/s) as string,
  });
  expect(pidFiles()).toEqual([]);
});

test('a program that is cancelled has ended when the call returns', async () => {
  const shutdown = new AbortController();
  const running = runToEnd(shell('sleep 60'), shutdown.signal);
  const seen = pid();
  shutdown.abort(new Error('stopped by SIGTERM'));
  await expect(running).rejects.toThrow('stopped by SIGTERM');
  expect(identityOf(seen)).toBeUndefined();
});
