import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import type { Database, Queryable, Transaction } from '@aeo/platform/postgres';
import type { EvidenceDescription, EvidenceStore, EvidenceStored } from '../ports.ts';
import { evidenceDamaged } from './evidence-damaged.ts';
import { isSha256, receiveEvidence } from './evidence-intake.ts';

const describe = {
  name: 'evidence-describe',
  text: `SELECT content_id AS "contentId", bytes, media_type AS "mediaType" FROM evidence WHERE sha256 = $1`,
};
const lock = { name: 'evidence-lock', text: `${describe.text} FOR UPDATE` };
const insert = {
  name: 'evidence-insert',
  text: `INSERT INTO evidence (sha256, content_id, bytes, media_type) VALUES ($1, $2, $3, $4)
         ON CONFLICT (sha256) DO NOTHING`,
};
const replace = {
  name: 'evidence-replace',
  text: 'UPDATE evidence SET content_id = $2, bytes = $3, media_type = $4 WHERE sha256 = $1',
};
const insertChunk = {
  name: 'evidence-insert-chunk',
  text: 'INSERT INTO evidence_chunk (content_id, position, content) VALUES ($1, $2, $3)',
};
const deleteChunks = {
  name: 'evidence-delete-chunks',
  text: 'DELETE FROM evidence_chunk WHERE content_id = $1',
};
const readChunk = {
  name: 'evidence-read-chunk',
  text: 'SELECT content FROM evidence_chunk WHERE content_id = $1 AND position = $2',
};

type Row = { contentId: string; bytes: bigint; mediaType: string };

/** An upload holds a connection until its sender is done; the other connections are for decisions. */
const putsMax = 4;

/** Evidence in the database of the service: shared by every instance, and part of each backup. */
export function postgresEvidenceStore(database: Pick<Database, 'query' | 'transaction'>): EvidenceStore {
  let puts = 0;
  return {
    put: async (content, limits) => {
      if (puts >= putsMax)
        throw new AppError('unavailable', 'UNAVAILABLE', `${putsMax} files are being stored already`);
      puts += 1;
      try {
        return await database.transaction((transaction) => store(transaction, content, limits));
      } finally {
        puts -= 1;
      }
    },
    open: async (sha256) => {
      const found = await find(database, sha256);
      if (found === undefined) return undefined;
      if (!(await isIntact(database, found.contentId, sha256))) throw evidenceDamaged(sha256);
      return bytesOf(database, found.contentId, sha256);
    },
    has: (sha256) => find(database, sha256).then((found) => found && descriptionOf(found)),
  };
}

async function find(database: Queryable, sha256: string): Promise<Row | undefined> {
  if (!isSha256(sha256)) return undefined;
  const { rows } = await database.query<Row>(describe, [Buffer.from(sha256, 'hex')]);
  return rows[0];
}

function descriptionOf({ bytes, mediaType }: Row): EvidenceDescription {
  return { bytes: Number(bytes), mediaType };
}

async function store(
  transaction: Transaction,
  ...[content, limits]: Parameters<EvidenceStore['put']>
): ReturnType<EvidenceStore['put']> {
  const contentId = randomUUID();
  const received = await receiveEvidence(content, limits, async (chunk, position) => {
    await transaction.query(insertChunk, [contentId, position, chunk]);
  });
  if (received.kind === 'stored') await nameContent(transaction, contentId, received);
  // The chunks written before the refusal.
  else await transaction.query(deleteChunks, [contentId]);
  return received;
}

/** Gives stored bytes their name. Where the name is in use, the new bytes are deleted, or replace damaged ones. */
async function nameContent(
  transaction: Transaction,
  contentId: string,
  stored: EvidenceStored,
): Promise<void> {
  const { sha256, bytes, mediaType } = stored;
  const values = [Buffer.from(sha256, 'hex'), contentId, bytes, mediaType];
  if ((await transaction.query(insert, values)).rowCount === 1) return;
  const [held] = (await transaction.query<Row>(lock, values.slice(0, 1))).rows;
  if (held === undefined) throw new AppError('conflict', 'VERSION_CONFLICT', 'the file was just removed');
  const intact = await isIntact(transaction, held.contentId, sha256);
  if (!intact) await transaction.query(replace, values);
  await transaction.query(deleteChunks, [intact ? contentId : held.contentId]);
}

async function isIntact(database: Queryable, contentId: string, sha256: string): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(database, contentId)) hash.update(chunk);
  return hash.digest('hex') === sha256;
}

/** Holds no connection while a slow reader reads; a file damaged meanwhile ends with an error. */
async function* bytesOf(database: Queryable, contentId: string, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(database, contentId)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256) throw evidenceDamaged(sha256);
}

async function* chunksOf(database: Queryable, contentId: string): AsyncGenerator<Buffer> {
  for (let position = 0; ; position += 1) {
    const { rows } = await database.query<{ content: Buffer }>(readChunk, [contentId, position]);
    if (rows[0] === undefined) return;
    yield rows[0].content;
  }
}
