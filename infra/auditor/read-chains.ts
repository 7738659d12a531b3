import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Database } from '@aeo/platform/postgres';
import { verifyChain, type ChainProof, type SealedHead } from '@aeo/platform/proof';
import type { Chain, Waiting } from './audited-state.ts';

/** The newest head of a stream that was published, as an anchor outside the database. */
export type AnchorOf = (stream: string) => SealedHead | undefined;

/** Verifies a stream from its rows; signatures only where the key is available. */
export async function chainOf(
  database: Database,
  proof: ChainProof,
  keyFile: string | undefined,
  anchorOf: AnchorOf,
): Promise<Chain> {
  const key = keyFile === undefined ? undefined : createPublicKey(readFileSync(keyFile));
  const report = await verifyChain(database, proof, key, anchorOf(proof.stream));
  const { stream } = proof;
  return { stream, leaves: Number(report.leaves), heads: Number(report.heads), problems: report.problems };
}

export async function waitingIn(database: Database): Promise<Waiting> {
  const { rows } = await database.query<{ outbox: bigint; unsealed: bigint }>(
    'SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM proof_pending) AS unsealed',
  );
  return { outbox: Number(rows[0]?.outbox ?? 0n), unsealed: Number(rows[0]?.unsealed ?? 0n) };
}
