import { createHash } from 'node:crypto';

/** The status of an operator in a list. */
export type RowStatus = 'active' | 'suspended' | 'revoked' | 'expired';

/** One operator of a list. Instants are ISO 8601 in UTC. */
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

/**
 * Rows in the order of their operator ids, each with its fields in one order, so that both sides hash the same. Rows
 * may be of any form: the digest is checked before the rows are.
 */
export function digestOf(rows: readonly unknown[]): string {
  return sha256(JSON.stringify(inOrder(rows).map(canonical)));
}

export function inOrder<Row>(rows: readonly Row[]): Row[] {
  const keyed = rows.map((row) => ({ row, key: String(fieldsOf(row).operatorId) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ row }) => row);
}

export function sameRow(one: ListRow, other: ListRow): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

function canonical(raw: unknown): unknown[] {
  const row = fieldsOf(raw);
  const identifiers = Array.isArray(row.identifiers) ? (row.identifiers as unknown[]) : [row.identifiers];
  return [
    row.operatorId,
    identifiers.map((each) => {
      const { scheme, country, value } = (each ?? {}) as Record<string, unknown>;
      return [scheme, country, value];
    }),
    row.tier,
    row.component,
    row.status,
    row.validFrom,
    row.validUntil,
    row.decidedAt,
    row.effectiveFrom,
  ];
}

function fieldsOf(raw: unknown): Partial<Record<keyof ListRow, unknown>> {
  return typeof raw === 'object' && raw !== null ? raw : {};
}

const dayMs = 86_400_000;

/**
 * The end of a list's validity: as stated, but no later than the arrangement allows from its issue, or from its receipt
 * where it claims to be issued later.
 */
export function listValidUntil(header: ListHeader, listValidDays: number, receivedAt: Date): Date {
  const startMs = listIssuedAt(header, receivedAt).getTime();
  return new Date(Math.min(Date.parse(header.validUntil), startMs + listValidDays * dayMs));
}

/** The stated time of issue; for a list that claims to be issued after its receipt, that of its receipt. */
export function listIssuedAt(header: Pick<ListHeader, 'issuedAt'>, receivedAt: Date): Date {
  return new Date(Math.min(Date.parse(header.issuedAt), receivedAt.getTime()));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
