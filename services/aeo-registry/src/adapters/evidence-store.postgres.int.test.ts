import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import {
  evidenceContract,
  inPieces,
  limits,
  megabyte,
  pdf,
  sha256Of,
  wholeOf,
  type TestEvidenceStore,
} from '../../../../tests/setup/registry/evidence-contract.ts';
import { postgresEvidenceStore } from './evidence-store.postgres.ts';

let own: TestDatabase;
let other: Database;
let store: TestEvidenceStore['store'];

beforeAll(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, 'services/aeo-registry/migrations');
  other = await connectPostgres({ url: own.url, applicationName: 'another instance' });
  store = postgresEvidenceStore(own.database);
});
afterAll(async () => {
  await other.stop();
  await own.drop();
});

async function contents(): Promise<number> {
  const { rows } = await own.database.query<{ count: bigint }>(
    'SELECT count(DISTINCT content_id) AS count FROM evidence_chunk',
  );
  return Number(rows[0]!.count);
}

async function damage(sha256: string): Promise<void> {
  const { rowCount } = await own.database.query(
    `UPDATE evidence_chunk SET content = set_byte(content, 100, get_byte(content, 100) # 1)
     WHERE position = 1 AND content_id = (SELECT content_id FROM evidence WHERE sha256 = $1)`,
    [Buffer.from(sha256, 'hex')],
  );
  expect(rowCount).toBe(1);
}

describe('as every store does', () => evidenceContract(() => ({ store, contents, damage })));

test('a document stored by one instance is read by another', async () => {
  const content = pdf(megabyte, 10);
  await store.put(inPieces(content), limits);
  expect((await wholeOf(await postgresEvidenceStore(other).open(sha256Of(content)))).equals(content)).toBe(
    true,
  );
});

test('a file without one of its chunks is damaged', async () => {
  const content = pdf(megabyte, 11);
  const sha256 = sha256Of(content);
  await store.put(inPieces(content), limits);
  await own.database.query(
    `DELETE FROM evidence_chunk
     WHERE position = 2 AND content_id = (SELECT content_id FROM evidence WHERE sha256 = $1)`,
    [Buffer.from(sha256, 'hex')],
  );
  await expect(store.open(sha256)).rejects.toMatchObject({ reason: 'EVIDENCE_DAMAGED' });
});

test('a file changed while it is read ends with an error', async () => {
  const content = pdf(megabyte, 12);
  await store.put(inPieces(content), limits);
  const opened = await store.open(sha256Of(content));
  await damage(sha256Of(content));
  await expect(wholeOf(opened)).rejects.toMatchObject({ reason: 'EVIDENCE_DAMAGED' });
});

test('two uploads of a damaged file at the same time both repair it', async () => {
  const content = pdf(megabyte, 13);
  await store.put(inPieces(content), limits);
  const before = await contents();
  await damage(sha256Of(content));
  await Promise.all([
    store.put(inPieces(content), limits),
    postgresEvidenceStore(other).put(inPieces(content), limits),
  ]);
  expect((await wholeOf(await store.open(sha256Of(content)))).equals(content)).toBe(true);
  expect(await contents()).toBe(before);
});

const program = fileURLToPath(new URL('../../../../tests/setup/registry/evidence-main.ts', import.meta.url));

test.each([
  ['its first chunk was written', 'evidence-insert-chunk', 1],
  ['its last chunk was written', 'evidence-insert-chunk', 4],
  ['it had its name', 'evidence-insert', 1],
])('a process killed when %s leaves nothing', async (_, statement, times) => {
  const before = await contents();
  const child = spawn(process.execPath, [program, own.url, statement, String(times)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  // The server ends what the process had begun.
  await eventually(async () => {
    const { rows } = await own.database.query(
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'killed'",
    );
    expect(rows).toEqual([]);
  });
  expect(await contents()).toBe(before);
  expect(await store.has(sha256Of(pdf(megabyte, 9)))).toBeUndefined();
});

test('slow uploads leave connections to others', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = Array.from({ length: 4 }, async function* (_, index) {
    yield pdf(100, 20 + index);
    await gate.promise;
  } as (_: unknown, index: number) => AsyncGenerator<Buffer>);
  const puts = slow.map((content) => store.put(content, limits));
  await expect(store.put(inPieces(pdf(100, 30)), limits)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await store.has('0'.repeat(64))).toBeUndefined();
  gate.resolve();
  expect((await Promise.all(puts)).map(({ kind }) => kind)).toEqual(Array(4).fill('stored'));
  expect(await store.put(inPieces(pdf(100, 30)), limits)).toMatchObject({ kind: 'stored' });
});
