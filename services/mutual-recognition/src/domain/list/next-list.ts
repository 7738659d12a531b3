import type { Arrangement } from '../arrangement/arrangement.ts';
import { digestOf, headerHash, type ListHeader, type ListRow } from './list.ts';

const dayMs = 86_400_000;

/**
 * The header of the list to issue after `last`. Undefined while `last` still serves: its rows are the same and more
 * than half of its validity is left, so that a partner that pulls daily always has a valid list.
 */
export function nextHeader(
  last: ListHeader | undefined,
  rows: readonly ListRow[],
  arrangement: Arrangement,
  now: Date,
): ListHeader | undefined {
  const digest = digestOf(rows);
  const validMs = arrangement.listValidDays * dayMs;
  const leftMs = last === undefined ? 0 : Date.parse(last.validUntil) - now.getTime();
  if (last?.digest === digest && leftMs > validMs / 2) return undefined;
  return {
    issuer: arrangement.own.administration,
    arrangement: arrangement.id,
    sequence: (last?.sequence ?? 0) + 1,
    previousHash: last === undefined ? '' : headerHash(last),
    count: rows.length,
    digest,
    issuedAt: now.toISOString(),
    validUntil: new Date(now.getTime() + validMs).toISOString(),
  };
}
