import { revisionKey, type Chain, type ClearanceState, type TopicsState } from './audited-state.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';

export type LedgerRecords = {
  clearance: Pick<ClearanceState, 'decisions' | 'keys'> | undefined;
  topics: Pick<TopicsState, 'decisions'>;
  chains: readonly Chain[];
};

/**
 * I5: every decision key has its ledger row and the reverse, every ledger row its event with the same bytes and the
 * reverse, so that counts by day and lane agree; and rows are as they were sealed, the roots those that were signed.
 * Whether every row was sent to a client cannot be checked: a client may disconnect before its answer. That every
 * answer is in the ledger is compared under I4.
 */
export function ledgerIsDecisions({ clearance, topics, chains }: LedgerRecords): Finding {
  const found = startComparison('I5');
  if (clearance !== undefined) {
    const ledger = new Map(clearance.decisions.map((row) => [revisionKey(row), row]));
    const keys = new Set(clearance.keys.map(revisionKey));
    for (const key of keys) found.expect(ledger.has(key), 'a decision without ledger row', key);
    for (const key of ledger.keys()) found.expect(keys.has(key), 'a ledger row without decision', key);
    eventsAreRows(found, clearance.decisions, topics.decisions);
  }
  for (const { stream, leaves, heads, problems } of chains) {
    if (leaves === 0 && problems.length === 0) continue;
    found.expect(problems.length === 0, 'not as it was sealed', stream, { leaves, heads, problems });
  }
  return found.finding();
}

function eventsAreRows(
  found: Comparison,
  decisions: ClearanceState['decisions'],
  records: TopicsState['decisions'],
): void {
  const published = new Map(
    records.flatMap(({ value, hash }) => (value === undefined ? [] : [[revisionKey(value), hash] as const])),
  );
  const rows = new Set(decisions.map(revisionKey));
  for (const row of decisions) {
    const key = revisionKey(row);
    const hash = published.get(key);
    found.expect(hash !== undefined, 'a ledger row without event', key);
    if (hash !== undefined)
      found.expect(hash === row.hash, 'an event other than its ledger row', key, { row: row.hash, hash });
  }
  for (const key of published.keys()) found.expect(rows.has(key), 'an event without ledger row', key);
  const distinct = new Map(records.flatMap(({ value }) => (value ? [[revisionKey(value), value]] : [])));
  const perDay = countsOf(decisions);
  const perDayPublished = countsOf([...distinct.values()]);
  for (const day of new Set([...perDay.keys(), ...perDayPublished.keys()]))
    found.expect(perDay.get(day) === perDayPublished.get(day), 'counts of a day and lane differ', day, {
      ledger: perDay.get(day) ?? 0,
      events: perDayPublished.get(day) ?? 0,
    });
}

function countsOf(rows: Iterable<{ declaredOn: string; lane: number }>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { declaredOn, lane } of rows) {
    const key = `${declaredOn} lane ${lane}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
