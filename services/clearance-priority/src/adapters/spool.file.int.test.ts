import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { common, declaration } from '@aeo/proto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProvisionalRow, Request } from '../ports.ts';
import { fileSpool } from './spool.file.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'spool-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function requestOf(declarationId: string): Request {
  const declared = declaration.Declaration.fromPartial({ declarationId, version: 1 });
  const rest = { stage: common.Stage.PRESENTATION, probe: true, correlationId: '' };
  return { declaration: declared, contentHash: Buffer.alloc(32), inTrace: (work) => work(), ...rest };
}

const acceptedAt = new Date('2026-03-01T23:59:59.900Z');
const batch = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => requestOf(`D${from + n}`));

/** A taker that remembers, and fails when told to. */
function taker(failAt = Infinity) {
  const chunks: string[][] = [];
  const state = { torn: 0 };
  const take = (rows: ProvisionalRow[], torn: number) => {
    if (chunks.length === failAt) return Promise.reject(new Error('away'));
    chunks.push(rows.map((row) => row.declaration.declarationId));
    state.torn += torn;
    return Promise.resolve();
  };
  return { chunks, state, take };
}

const spoolFiles = () => readdirSync(directory).filter((name) => name.endsWith('.bin'));

test('a long spool is drained in order and in chunks, each deleted once it is taken', async () => {
  const spool = fileSpool(directory);
  for (let from = 0; from < 6_400; from += 64) await spool.keep(batch(from, 64), acceptedAt);
  const first = taker(3);
  await expect(spool.drain(first.take)).rejects.toThrow('away');
  const rest = taker();
  for (let drains = 0; drains < 5; drains += 1) await spool.drain(rest.take);
  const all = [...first.chunks, ...rest.chunks];
  expect(all.flat()).toEqual(batch(0, 6_400).map((request) => request.declaration.declarationId));
  expect(Math.max(...all.map((chunk) => chunk.length))).toBeLessThanOrEqual(200);
  expect(spoolFiles()).toEqual([]);
});

test('a write cut short costs its own row alone, and is counted', async () => {
  const spool = fileSpool(directory);
  await spool.keep([requestOf('D1'), requestOf('D2')], acceptedAt);
  const [file = ''] = spoolFiles();
  const whole = readFileSync(join(directory, file));
  writeFileSync(join(directory, file), whole.subarray(0, whole.length - 3));
  await spool.keep([requestOf('D3')], acceptedAt);
  appendFileSync(join(directory, file), whole.subarray(0, 9));
  const { chunks, state, take } = taker();
  await spool.drain(take);
  expect(chunks).toEqual([['D1', 'D3']]);
  expect(state.torn).toBe(2);
});

test('entries of an earlier process are drained, whatever bytes follow them', async () => {
  await fileSpool(directory).keep([requestOf('D1')], acceptedAt);
  const later = fileSpool(directory);
  await later.keep([requestOf('D2')], acceptedAt);
  const { chunks, take } = taker();
  await later.drain(take);
  expect(chunks).toEqual([['D1'], ['D2']]);
});

test('a failed write is reported, and the next one is stored', async () => {
  const spool = fileSpool(join(directory, 'gone'));
  rmSync(join(directory, 'gone'), { recursive: true });
  await expect(spool.keep([requestOf('D1')], acceptedAt)).rejects.toThrow('ENOENT');
  fileSpool(join(directory, 'gone'));
  await spool.keep([requestOf('D2')], acceptedAt);
  const { chunks, take } = taker();
  await spool.drain(take);
  expect(chunks).toEqual([['D2']]);
});

test('concurrent requests are spooled in few writes, each request once', async () => {
  const spool = fileSpool(directory);
  const requests = batch(0, 450);
  await Promise.all([...requests, ...requests].map((request) => spool.keep([request], acceptedAt)));
  await spool.keep(requests.slice(0, 3), acceptedAt);
  const { chunks, take } = taker();
  await spool.drain(take);
  expect(chunks.flat()).toEqual(requests.map((request) => request.declaration.declarationId));
  expect(chunks.length).toBeLessThanOrEqual(4);
});

test('an entry keeps the time of its first answer', async () => {
  const spool = fileSpool(directory);
  const request = requestOf('D1');
  await spool.keep([request], acceptedAt);
  await spool.keep([request], new Date());
  await spool.keep([{ ...requestOf('D2'), acceptedAt }], new Date());
  const times: (Date | undefined)[] = [];
  await spool.drain((rows) => Promise.resolve(void times.push(...rows.map((row) => row.acceptedAt))));
  expect(times).toEqual([acceptedAt, acceptedAt]);
});

test('a row that is set aside twice is stored once, with its reason', async () => {
  const spool = fileSpool(directory);
  const row = requestOf('D1');
  expect([await spool.setAside(row, 'year 0000'), await spool.setAside(row, 'year 0000')]).toEqual([
    true,
    false,
  ]);
  const lines = readFileSync(join(directory, 'set-aside.jsonl'), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    reason: 'year 0000',
    message: { declaration: { declarationId: 'D1' } },
  });
});
