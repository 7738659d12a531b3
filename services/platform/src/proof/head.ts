import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** A sealer's statement about a stream: the number of leaves in this month's tree, its root, and the head before. */
export type HeadClaim = {
  stream: string;
  /** Year and month of sealing in UTC, as 2026-11. */
  month: string;
  /** From 1, without gaps, over all months of a stream. */
  number: bigint;
  /** Leaves in the tree of the month. */
  size: bigint;
  root: Buffer;
  /** Hash of the head before; empty for the first. */
  previousHash: Buffer;
  sealedAt: Date;
  keyId: string;
};

export type SealedHead = HeadClaim & { signature: Buffer };

/** SHA-256 over what was signed: the next head carries it. */
export function headHash(head: HeadClaim): Buffer {
  return createHash('sha256').update(headText(head)).digest();
}

/** Signs with Ed25519 (RFC 8032). */
export function signHead(claim: Omit<HeadClaim, 'keyId'>, key: KeyObject): SealedHead {
  const named = { ...claim, keyId: keyIdOf(createPublicKey(key)) };
  return { ...named, signature: sign(null, Buffer.from(headText(named)), key) };
}

export function isSignedBy(head: SealedHead, publicKey: KeyObject): boolean {
  return (
    head.keyId === keyIdOf(publicKey) && verify(null, Buffer.from(headText(head)), publicKey, head.signature)
  );
}

function headText({ stream, month, number, size, root, previousHash, sealedAt, keyId }: HeadClaim): string {
  const hashes = [root.toString('hex'), previousHash.toString('hex')];
  return JSON.stringify([
    'sealed head 1',
    stream,
    month,
    String(number),
    String(size),
    ...hashes,
    sealedAt.toISOString(),
    keyId,
  ]);
}

function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}
