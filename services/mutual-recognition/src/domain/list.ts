import { createHash } from 'node:crypto';

/** The standing of an operator in a list. */
export type RowStatus = 'active' | 'suspended' | 'revoked' | 'expired';

/** One operator as a list tells of it. Instants are ISO 8601 in UTC. */
export type ListRow = {
  operatorId: string;
  identifiers: { scheme: string; country: string; value: string }[];
  tier: string;
  component: string;
  status: RowStatus;
  validFrom: string | null;
  validUntil: string | null;
  decidedAt: string | null;
  effectiveFrom: string | null;
};

/** What is signed. The digest covers the rows, the previous hash links to the list before. */
export type ListHeader = {
  issuer: string;
  arrangement: string;
  sequence: number;
  previousHash: string;
  count: number;
  digest: string;
  issuedAt: string;
  validUntil: string;
};

/** The text of a header that is signed and hashed: its fields in this order, no spaces. */
export function headerText(header: ListHeader): string {
  const { issuer, arrangement, sequence, previousHash, count, digest, issuedAt, validUntil } = header;
  return JSON.stringify({ issuer, arrangement, sequence, previousHash, count, digest, issuedAt, validUntil });
}

export function headerHash(header: ListHeader): string {
  return sha256(headerText(header));
}

/** Rows in the order of their operator ids, each with its fields in one order, so that both sides hash the same. */
export function digestOf(rows: readonly ListRow[]): string {
  return sha256(JSON.stringify(inOrder(rows).map(canonical)));
}

export function inOrder(rows: readonly ListRow[]): ListRow[] {
  return rows.toSorted((a, b) => (a.operatorId < b.operatorId ? -1 : a.operatorId > b.operatorId ? 1 : 0));
}

export function sameRow(one: ListRow, other: ListRow): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

function canonical(row: ListRow): unknown[] {
  return [
    row.operatorId,
    row.identifiers.map(({ scheme, country, value }) => [scheme, country, value]),
    ...[row.tier, row.component, row.status],
    ...[row.validFrom, row.validUntil, row.decidedAt, row.effectiveFrom],
  ];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
