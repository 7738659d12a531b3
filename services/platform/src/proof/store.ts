import type { Queryable } from '../postgres.ts';
import type { SealedHead } from './head.ts';
import type { MerkleFrontier } from './merkle.ts';

export type StoredHead = SealedHead & { frontier: readonly Buffer[] };

export type Leaf = { subject: string; commitment: Buffer };

type HeadRow = {
  stream: string;
  number: bigint;
  month: string;
  size: bigint;
  root: Buffer;
  previous_hash: Buffer;
  sealed_at: Date;
  key_id: string;
  signature: Buffer;
  frontier: Buffer[];
};

/** Heads of a stream after a number, in order; the newest alone where no number is given. */
export async function readHeads(queryable: Queryable, stream: string, after?: bigint): Promise<StoredHead[]> {
  const { rows } = await queryable.query<HeadRow>(
    after === undefined
      ? 'SELECT * FROM proof_head WHERE stream = $1 ORDER BY number DESC LIMIT 1'
      : 'SELECT * FROM proof_head WHERE stream = $1 AND number > $2 ORDER BY number LIMIT 1000',
    after === undefined ? [stream] : [stream, String(after)],
  );
  return rows.map(({ previous_hash, sealed_at, key_id, ...row }) => ({
    ...row,
    previousHash: previous_hash,
    sealedAt: sealed_at,
    keyId: key_id,
  }));
}

export async function writeHead(
  queryable: Queryable,
  head: SealedHead,
  { nodes }: MerkleFrontier,
): Promise<void> {
  await queryable.query(
    `INSERT INTO proof_head (stream, number, month, size, root, previous_hash, sealed_at, key_id, signature, frontier)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      head.stream,
      String(head.number),
      head.month,
      String(head.size),
      head.root,
      head.previousHash,
      head.sealedAt,
      head.keyId,
      head.signature,
      nodes,
    ],
  );
}

export async function writeLeaves(
  queryable: Queryable,
  { stream, month }: SealedHead,
  first: bigint,
  leaves: readonly Leaf[],
): Promise<void> {
  await queryable.query(
    `INSERT INTO proof_leaf (stream, month, position, subject, commitment)
     SELECT $1, $2, $3::bigint + ordinal - 1, subject, commitment
     FROM unnest($4::text[], $5::bytea[]) WITH ORDINALITY AS leaf (subject, commitment, ordinal)`,
    [
      stream,
      month,
      String(first),
      leaves.map(({ subject }) => subject),
      leaves.map(({ commitment }) => commitment),
    ],
  );
}

/** Leaves of a month from a position on, in order. */
export async function readLeaves(
  queryable: Queryable,
  stream: string,
  month: string,
  from: bigint,
  limit: number,
): Promise<Leaf[]> {
  const { rows } = await queryable.query<Leaf>(
    `SELECT subject, commitment FROM proof_leaf
     WHERE stream = $1 AND month = $2 AND position >= $3 ORDER BY position LIMIT $4`,
    [stream, month, String(from), limit],
  );
  return rows;
}
