import type { ExchangeState, ReceivedRow } from './audited-state.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';

/**
 * I8: count and digest in a signed header are those of the rows, as far as rows are kept: those of the lists sent last,
 * and of the list received last by its current rows. A list that waited for a second person is in force only where
 * another person than the one who received it released it. How many operators were absent from lists that were not
 * held cannot be checked afterwards, nor the content of a refused list.
 */
export function listsAreSane(
  exchange: Pick<ExchangeState, 'received' | 'issued' | 'held' | 'partners'>,
): Finding {
  const found = startComparison('I8');
  for (const { arrangementId, sequence, kept, count, digest, hash, storedHash } of exchange.issued) {
    const key = `issued ${arrangementId}/${sequence}`;
    found.expect(hash === storedHash, 'a header that is not what was signed', key);
    if (kept === undefined) continue;
    found.expect(kept.count === count, 'a list of another count than its header', key, { kept, count });
    found.expect(kept.digest === digest, 'a list of another digest than its header', key, { kept, digest });
  }
  for (const row of exchange.received) receivedIsSane(found, row);
  const newest = new Map(exchange.received.map((row) => [row.arrangementId, row]));
  for (const row of newest.values()) currentListEquals(found, row, exchange.partners);
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

function receivedIsSane(found: Comparison, row: ReceivedRow): void {
  const { arrangementId, sequence, count, listed, placed, hash, storedHash } = row;
  const key = `received ${arrangementId}/${sequence}`;
  found.expect(hash === storedHash, 'a header that is not what was signed', key);
  const same = count === listed && count === placed;
  found.expect(same, 'a list of another count than its header', key, { count, listed, placed });
}

/** Every row of an accepted list is usable, so the newest list is the current one. */
function currentListEquals(found: Comparison, row: ReceivedRow, partners: ExchangeState['partners']): void {
  const current = partners.filter(
    ({ arrangementId, slots }) => arrangementId === row.arrangementId && (slots.at(-1)?.row ?? null) !== null,
  );
  const key = `received ${row.arrangementId}/${row.sequence}`;
  const listed = current.length;
  found.expect(listed === row.count, 'other operators than the list in force has', key, {
    listed,
    count: row.count,
  });
}
