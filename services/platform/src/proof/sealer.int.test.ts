import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import type { Stoppable } from '../lifecycle.ts';
import { startSealer, verifyChain, type SealedHead } from '../proof.ts';
import { signHead } from './head.ts';
import type { Queryable } from '../postgres.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(key);
const proof = {
  stream: 'notes',
  source: 'SELECT id AS subject, note_commitment(note) AS commitment FROM note',
};
let own: TestDatabase;
let published: SealedHead[];
let sealers: Stoppable[];

beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl);
  published = [];
  sealers = [];
  await own.database.query('CREATE TABLE note (id text PRIMARY KEY, salt bytea, text text)');
  await own.database.query(
    `CREATE FUNCTION note_commitment(held note) RETURNS bytea LANGUAGE sql STABLE
     RETURN sha256(held.salt || convert_to(held.text, 'UTF8'))`,
  );
});
afterEach(async () => {
  for (const sealer of sealers) await sealer.stop();
  await own.drop();
});

const write = (queryable: Queryable, ids: string[]) =>
  queryable.query(
    `WITH kept AS (
       INSERT INTO note SELECT id, uuid_send(gen_random_uuid()), 'text of ' || id FROM unnest($1::text[]) AS id
       RETURNING id, note_commitment(note) AS commitment)
     INSERT INTO proof_pending (stream, subject, commitment) SELECT 'notes', id, commitment FROM kept`,
    [ids],
  );
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
const verify = () => verifyChain(own.database, proof, publicKey, published.at(-1));
const sealed = () => eventually(async () => expect((await verify()).problems).toEqual([]));

function seal(limit?: number): void {
  const sealer = startSealer({
    database: own.database,
    key,
    publish: (_, heads) => {
      published.push(...heads);
      return Promise.resolve();
    },
    everyMs: 20,
    ...(limit === undefined ? {} : { limit }),
    log: () => undefined,
  });
  sealers.push(sealer);
}

test('rows of several transactions are sealed under linked heads', async () => {
  seal(3);
  await write(own.database, ids('a', 7));
  await sealed();
  await write(own.database, ids('b', 2));
  await sealed();
  const report = await verify();
  expect(report).toMatchObject({ valid: true, leaves: 9n, heads: BigInt(published.length) });
  expect(published.map(({ number }) => number)).toEqual(published.map((_, index) => BigInt(index + 1)));
  expect(published.length).toBeGreaterThan(2);
});

test('a row that commits after later ones is sealed as well', async () => {
  seal();
  await own.database.transaction(async (late) => {
    await write(late, ['late']);
    await write(own.database, ['early']);
    await eventually(async () => {
      const { rows } = await own.database.query<{ subject: string }>('SELECT subject FROM proof_leaf');
      expect(rows.map(({ subject }) => subject)).toEqual(['early']);
    });
  });
  await sealed();
  expect((await verify()).leaves).toBe(2n);
});

test('two sealers on one database make one chain', async () => {
  seal(5);
  seal(5);
  for (let batch = 0; batch < 20; batch += 1) await write(own.database, ids(`batch-${batch}`, 6));
  await sealed();
  expect(await verify()).toMatchObject({ valid: true, leaves: 120n });
});

test.each([
  ['a changed row', "UPDATE note SET text = 'another' WHERE id = 'a-3'", 'a-3 is not as it was sealed'],
  ['a row gone', "DELETE FROM note WHERE id = 'a-3'", 'a-3 was sealed and is gone'],
  ['a row nobody committed to', "INSERT INTO note VALUES ('x', '', '')", 'x is not sealed'],
  [
    'a row and its leaf gone',
    "WITH one AS (DELETE FROM note WHERE id = 'a-9') DELETE FROM proof_leaf WHERE subject = 'a-9'",
    'head 1 counts 10 leaves where 9 are',
  ],
  [
    'a leaf made to fit a changed row',
    `WITH one AS (UPDATE note SET text = 'another' WHERE id = 'a-3' RETURNING note_commitment(note) AS commitment)
     UPDATE proof_leaf SET commitment = one.commitment FROM one WHERE subject = 'a-3'`,
    'head 1 has another root than its leaves',
  ],
  ['a head with another root', "UPDATE proof_head SET root = '\\x00'", 'head 1 is not signed by the key'],
  [
    'everything cut off at the end',
    'WITH one AS (DELETE FROM note), two AS (DELETE FROM proof_leaf) DELETE FROM proof_head',
    'heads after 0 are missing',
  ],
])('%s is found', async (_, tampering, problem) => {
  await write(own.database, ids('a', 10));
  seal();
  await sealed();
  await own.database.query(tampering);
  const report = await verify();
  expect(report.valid).toBe(false);
  expect(report.problems).toContain(problem);
});

test('a head signed again after a changed predecessor is found', async () => {
  seal(3);
  await write(own.database, ids('a', 7));
  await sealed();
  const { keyId, signature, ...claim } = published[1]!;
  const head = signHead({ ...claim, previousHash: Buffer.alloc(32) }, key);
  expect([head.keyId === keyId, head.signature.equals(signature)]).toEqual([true, false]);
  await own.database.query('UPDATE proof_head SET previous_hash = $1, signature = $2 WHERE number = 2', [
    head.previousHash,
    head.signature,
  ]);
  expect((await verify()).problems).toContain('head 2 does not link to the one before');
});
