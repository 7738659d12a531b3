import type { exchangeStatus } from '@aeo/proto';
import {
  revisionKey,
  type DecisionRow,
  type ExchangeState,
  type TopicRecord,
  type SignedRow,
} from './audited-state.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';

export type ListRecords = {
  boundMs: number;
  decisions: readonly DecisionRow[];
  partners: readonly TopicRecord<exchangeStatus.PartnerStatus>[];
  exchange: Pick<ExchangeState, 'received' | 'issued'> | undefined;
};

/**
 * I7: a decision rests on one list of an arrangement, one that was put in force, and a benefit on none that another had
 * replaced for longer than T. The sequences of received and sent lists rise, and each list links to the one before. A
 * list received after a gap links to a header that is not stored: then only the sequence is compared.
 */
export function listsAreWhole({ boundMs, decisions, partners, exchange }: ListRecords): Finding {
  const found = startComparison('I7');
  const activations = activationsOf(partners);
  for (const decision of decisions) checkDecision(found, decision, activations, boundMs);
  for (const [, rows] of Map.groupBy(exchange?.received ?? [], ({ arrangementId }) => arrangementId))
    chainHolds(found, 'received', rows);
  for (const [, rows] of Map.groupBy(exchange?.issued ?? [], ({ arrangementId }) => arrangementId)) {
    chainHolds(found, 'issued', rows);
    const whole = rows.every(({ sequence }, index) => sequence === (rows[0]?.sequence ?? 0) + index);
    found.expect(whole, 'a list sent that left one out', rows[0]?.arrangementId ?? '');
  }
  return found.finding();
}

/** By arrangement and sequence, when the activation of the list reached the last partition. */
type Activations = Map<string, Map<number, number>>;

function activationsOf(partners: ListRecords['partners']): Activations {
  const activations: Activations = new Map();
  for (const { value, sentAt } of partners) {
    if (value?.record?.$case !== 'activated') continue;
    const { arrangementId, sequence } = value.record.value;
    const lists = activations.get(arrangementId) ?? new Map<number, number>();
    activations.set(arrangementId, lists);
    lists.set(Number(sequence), Math.max(sentAt, lists.get(Number(sequence)) ?? 0));
  }
  return activations;
}

function checkDecision(
  found: Comparison,
  decision: DecisionRow,
  activations: Activations,
  boundMs: number,
): void {
  const abroad = decision.matched.filter(({ source }) => source !== 'registry');
  const key = revisionKey(decision);
  for (const [source, matches] of Map.groupBy(abroad, (match) => match.source)) {
    const sequences = [...new Set(matches.map(({ listSequence }) => listSequence))];
    found.expect(sequences.length === 1, 'a decision on two lists', key, { source, sequences });
    const [sequence = 0] = sequences;
    const lists = activations.get(source) ?? new Map<number, number>();
    if (sequence > 0)
      found.expect(lists.has(sequence), 'a list that was never in force', key, { source, sequence });
    if (!decision.credits.some((credit) => credit.source === source)) continue;
    const next = [...lists].filter(([number]) => number > sequence).map(([, at]) => at);
    const inTime = decision.decidedAt < Math.min(Infinity, ...next) + boundMs;
    found.expect(inTime, 'a benefit of a list that had been replaced', key, { source, sequence });
  }
}

function chainHolds(found: Comparison, kind: string, rows: readonly SignedRow[]): void {
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    const key = `${kind} ${row.arrangementId}/${row.sequence}`;
    found.expect(row.named === row.sequence, 'a list under another sequence than its own', key, row);
    if (before === undefined) continue;
    found.expect(row.sequence > before.sequence, 'a sequence that does not rise', key);
    if (row.sequence === before.sequence + 1)
      found.expect(row.previousHash === before.hash, 'a list that does not link to the one before', key);
  }
}
