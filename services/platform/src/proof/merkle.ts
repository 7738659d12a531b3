import { createHash } from 'node:crypto';

/**
 * A Merkle tree that only grows (RFC 6962, section 2.1), stored as the roots of its complete subtrees, largest first.
 * They suffice to add leaves and to compute the root.
 */
export type MerkleFrontier = { size: bigint; nodes: readonly Buffer[] };

export const emptyFrontier: MerkleFrontier = { size: 0n, nodes: [] };

/** Adds one leaf. @param data what the leaf stands for, here a commitment of 32 bytes */
export function appendLeaf({ size, nodes }: MerkleFrontier, data: Uint8Array): MerkleFrontier {
  const grown = [...nodes];
  let node = hash(leafPrefix, data);
  for (let rest = size; rest % 2n === 1n; rest /= 2n) node = hash(nodePrefix, grown.pop() ?? empty, node);
  return { size: size + 1n, nodes: [...grown, node] };
}

/** The root; that of no leaves is the hash of nothing. */
export function merkleRoot({ nodes }: MerkleFrontier): Buffer {
  if (nodes.length === 0) return hash();
  return nodes.reduceRight((right, left) => hash(nodePrefix, left, right));
}

const empty = Buffer.alloc(0);
const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

function hash(...parts: Uint8Array[]): Buffer {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest();
}
