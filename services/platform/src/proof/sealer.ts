import type { KeyObject } from 'node:crypto';
import { toAppError } from '../errors.ts';
import type { Stoppable } from '../lifecycle.ts';
import { startPeriodic } from '../periodic.ts';
import type { Database, Transaction } from '../postgres.ts';
import { headHash, signHead, type SealedHead } from './head.ts';
import { appendLeaf, emptyFrontier, merkleRoot } from './merkle.ts';
import { readHeads, writeHead, writeLeaves, type Leaf } from './store.ts';

export type SealerOptions = {
  database: Database;
  key: KeyObject;
  /** Publishes the heads, in the sealer's own transaction. */
  publish: (transaction: Transaction, heads: SealedHead[]) => Promise<void>;
  everyMs?: number;
  limit?: number;
  log(message: string, fields: Record<string, unknown>): void;
};

/** Seals what writers committed to, once a second, until stopped; a last time when it is stopped. */
export function startSealer(options: SealerOptions): Stoppable {
  const limit = options.limit ?? 5_000;
  const sealAll = async () => {
    while ((await sealOnce(options, limit)) >= limit);
  };
  const logFailure = (error: unknown) =>
    options.log('sealing failed and is retried', { reason: toAppError(error).reason });
  const sealing = startPeriodic({
    name: 'sealer',
    everyMs: options.everyMs ?? 1_000,
    firstMs: 0,
    retryMaxMs: options.everyMs ?? 1_000,
    round: sealAll,
    onError: logFailure,
  });
  return {
    name: sealing.name,
    stop: async () => {
      await sealing.stop();
      await sealAll().catch(logFailure);
    },
  };
}

type Pending = Leaf & { stream: string };

/** Takes rows, numbers leaves, signs and publishes heads, in one transaction. Returns the number of rows. */
function sealOnce({ database, key, publish }: SealerOptions, limit: number): Promise<number> {
  return database.transaction(async (transaction) => {
    const lock = await transaction.query<{ held: boolean; now: Date }>(
      "SELECT pg_try_advisory_xact_lock(hashtext('aeo sealer')) AS held, clock_timestamp() AS now",
    );
    const [locked] = lock.rows;
    if (locked?.held !== true) return 0;
    const { rows } = await transaction.query<Pending>(
      `WITH taken AS (
         DELETE FROM proof_pending WHERE id IN (SELECT id FROM proof_pending ORDER BY id LIMIT $1) RETURNING *)
       SELECT stream, subject, commitment FROM taken ORDER BY id`,
      [limit],
    );
    const heads: SealedHead[] = [];
    for (const [stream, leaves] of Map.groupBy(rows, (row) => row.stream))
      heads.push(await seal(transaction, stream, leaves, locked.now, key));
    if (heads.length > 0) await publish(transaction, heads);
    return rows.length;
  });
}

async function seal(
  transaction: Transaction,
  stream: string,
  leaves: Leaf[],
  sealedAt: Date,
  key: KeyObject,
): Promise<SealedHead> {
  const [before] = await readHeads(transaction, stream);
  const now = sealedAt.toISOString().slice(0, 7);
  // A clock that was set back must not reopen a month.
  const month = before !== undefined && before.month > now ? before.month : now;
  const start = before?.month === month ? { size: before.size, nodes: before.frontier } : emptyFrontier;
  const frontier = leaves.reduce((grown, { commitment }) => appendLeaf(grown, commitment), start);
  const claim = {
    stream,
    month,
    sealedAt,
    size: frontier.size,
    root: merkleRoot(frontier),
    number: (before?.number ?? 0n) + 1n,
    previousHash: before === undefined ? Buffer.alloc(0) : headHash(before),
  };
  const head = signHead(claim, key);
  await writeLeaves(transaction, head, start.size, leaves);
  await writeHead(transaction, head, frontier);
  return head;
}
