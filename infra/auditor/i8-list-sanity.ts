import type { ExchangeState, ReceivedRow } from './history.ts';
import { comparing, type Comparing, type Finding } from './report.ts';

/**
 * I8: count and digest in a signed header are those of the rows, as far as rows are kept: those of the lists sent last,
 * and of the list received last by what is listed now. A list that waited for a second person is in force only where
 * another one than who took it in released it. How many were absent from lists that nobody held cannot be told
 * afterwards, nor what a refused list said.
 */
export function listsAreSane(
  exchange: Pick<ExchangeState, 'received' | 'issued' | 'held' | 'partners'>,
): Finding {
  const found = comparing('I8');
  for (const { arrangementId, sequence, kept, count, digest, hash, storedHash } of exchange.issued) {
    const key = `issued ${arrangementId}/${sequence}`;
    found.expect(hash === storedHash, 'a header that is not what was signed', key);
    if (kept === undefined) continue;
    found.expect(kept.count === count, 'a list of another count than its header', key, { kept, count });
    found.expect(kept.digest === digest, 'a list of another digest than its header', key, { kept, digest });
  }
  for (const row of exchange.received) receivedIsSane(found, row);
  const newest = new Map(exchange.received.map((row) => [row.arrangementId, row]));
  for (const row of newest.values()) standsAsReceived(found, row, exchange.partners);
  const accepted = new Set(
    exchange.received.map(({ arrangementId, sequence }) => `${arrangementId}/${sequence}`),
  );
  for (const { arrangementId, sequence, heldBy, decision, decidedBy } of exchange.held) {
    const key = `${arrangementId}/${sequence}`;
    const released = decision === 'released' && decidedBy !== heldBy;
    const evidence = { heldBy, decision, decidedBy };
    found.expect(!accepted.has(key) || released, 'absences that no second person released', key, evidence);
  }
  return found.finding();
}

function receivedIsSane(found: Comparing, row: ReceivedRow): void {
  const { arrangementId, sequence, count, listed, placed, hash, storedHash } = row;
  const key = `received ${arrangementId}/${sequence}`;
  found.expect(hash === storedHash, 'a header that is not what was signed', key);
  const same = count === listed && count === placed;
  found.expect(same, 'a list of another count than its header', key, { count, listed, placed });
}

/** Every row of an accepted list is usable, so the newest list is what stands now. */
function standsAsReceived(found: Comparing, row: ReceivedRow, partners: ExchangeState['partners']): void {
  const standing = partners.filter(
    ({ arrangementId, slots }) => arrangementId === row.arrangementId && (slots.at(-1)?.row ?? null) !== null,
  );
  const key = `received ${row.arrangementId}/${row.sequence}`;
  const listed = standing.length;
  found.expect(listed === row.count, 'other operators than the list in force has', key, {
    listed,
    count: row.count,
  });
}
