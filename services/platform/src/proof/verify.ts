import type { KeyObject } from 'node:crypto';
import type { Database } from '../postgres.ts';
import { headHash, isSignedBy, type SealedHead } from './head.ts';
import { appendLeaf, emptyFrontier, merkleRoot, type MerkleFrontier } from './merkle.ts';
import { readHeads, readLeaves } from './store.ts';

export type ChainProof = {
  stream: string;
  /** A query that gives the `subject` and `commitment` of every row the stream covers, as the rows are now. */
  source: string;
};

export type ChainReport = { valid: boolean; leaves: bigint; heads: bigint; problems: string[] };

const problemsMax = 20;

/**
 * Proves a stream from its rows up: each row has the leaf its present content commits to, the leaves make the roots,
 * and the heads are signed, linked and without gaps. A row that is not sealed yet counts as a problem.
 *
 * @param publicKey without it no signature is checked; rows, roots and links are verified all the same
 * @param anchor the newest head known from outside, by which a chain that lost its end is found
 */
export async function verifyChain(
  database: Database,
  proof: ChainProof,
  publicKey: KeyObject | undefined,
  anchor?: SealedHead,
): Promise<ChainReport> {
  const problems = await rowProblems(database, proof);
  const walk = { before: undefined as SealedHead | undefined, leaves: 0n, heads: 0n };
  let frontier: MerkleFrontier = emptyFrontier;
  for (;;) {
    const heads = await readHeads(database, proof.stream, walk.before?.number ?? 0n);
    if (heads.length === 0) break;
    for (const head of heads) {
      if (head.month !== walk.before?.month) frontier = emptyFrontier;
      const size = frontier.size;
      frontier = await grow(database, head, frontier);
      problems.push(...headProblems(head, walk.before, frontier, publicKey));
      if (anchor?.number === head.number && !headHash(anchor).equals(headHash(head)))
        problems.push(`head ${head.number} is not the one that was published`);
      walk.leaves += frontier.size - size;
      walk.heads += 1n;
      walk.before = head;
    }
  }
  if (anchor !== undefined && (walk.before?.number ?? 0n) < anchor.number)
    problems.push(`heads after ${walk.before?.number ?? 0n} are missing`);
  problems.push(...(await leafProblems(database, proof.stream, walk.leaves)));
  const { leaves, heads } = walk;
  return { valid: problems.length === 0, leaves, heads, problems: problems.slice(0, problemsMax) };
}

async function rowProblems(database: Database, { stream, source }: ChainProof): Promise<string[]> {
  const { rows } = await database.query<{ subject: string; sealed: boolean; held: boolean }>(
    `SELECT coalesce(leaf.subject, held.subject) AS subject, leaf.subject IS NOT NULL AS sealed,
            held.subject IS NOT NULL AS held
     FROM (SELECT subject, commitment FROM proof_leaf WHERE stream = $1) AS leaf
     FULL JOIN (${source}) AS held USING (subject)
     WHERE leaf.commitment IS DISTINCT FROM held.commitment
     ORDER BY 1 LIMIT ${problemsMax}`,
    [stream],
  );
  return rows.map(({ subject, sealed, held }) => {
    if (!held) return `${subject} was sealed and is gone`;
    return sealed ? `${subject} is not as it was sealed` : `${subject} is not sealed`;
  });
}

const pageSize = 5_000;

async function grow(database: Database, head: SealedHead, from: MerkleFrontier): Promise<MerkleFrontier> {
  let frontier = from;
  while (frontier.size < head.size) {
    const missing = Number(head.size - frontier.size);
    const limit = Math.min(pageSize, missing);
    const leaves = await readLeaves(database, head.stream, head.month, frontier.size, limit);
    if (leaves.length === 0) break;
    frontier = leaves.reduce((grown, { commitment }) => appendLeaf(grown, commitment), frontier);
  }
  return frontier;
}

function headProblems(
  head: SealedHead,
  before: SealedHead | undefined,
  frontier: MerkleFrontier,
  publicKey: KeyObject | undefined,
): string[] {
  const named = `head ${head.number}`;
  const previous = before === undefined ? Buffer.alloc(0) : headHash(before);
  const checks: [holds: boolean, problem: string][] = [
    [publicKey === undefined || isSignedBy(head, publicKey), `${named} is not signed by the key`],
    [head.number === (before?.number ?? 0n) + 1n, `${named} does not follow ${before?.number ?? 0n}`],
    [head.previousHash.equals(previous), `${named} does not link to the one before`],
    [before === undefined || head.month >= before.month, `${named} is of an earlier month`],
    [frontier.size === head.size, `${named} counts ${head.size} leaves where ${frontier.size} are`],
    [merkleRoot(frontier).equals(head.root), `${named} has another root than its leaves`],
  ];
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem);
}

async function leafProblems(database: Database, stream: string, covered: bigint): Promise<string[]> {
  const { rows } = await database.query<{ n: bigint }>(
    'SELECT count(*) AS n FROM proof_leaf WHERE stream = $1',
    [stream],
  );
  const held = rows[0]?.n ?? 0n;
  return held === covered ? [] : [`${held} leaves where heads cover ${covered}`];
}
