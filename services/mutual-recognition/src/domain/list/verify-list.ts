import type { Arrangement } from '../arrangement/arrangement.ts';
import { changesOf, suspensionsOf, type Changes, type PartnerOperator } from './changes.ts';
import { digestOf, headerHash, listValidUntil, type ListHeader, type ListRow } from './list.ts';
import { readRow } from './read-row.ts';

/** The last list accepted from the partner. */
export type LastAcceptedList = { sequence: number; headerHash: string; listed: number };

/** A list of the same sequence that waits, or waited, for a second person. */
export type SeenList = { headerHash: string; decision: 'released' | 'refused' | undefined };

export type ReceivedList = {
  header: ListHeader;
  /** As they came: nothing is said of their form yet. */
  rows: readonly unknown[];
  /** Whether the partner's pinned key signed exactly this header. */
  signatureValid: boolean;
  /** Headers between the list held and this one, oldest first, whose signatures hold. */
  between: readonly ListHeader[];
  /** A second person lets the absences pass. */
  approved?: boolean;
};

/** What we know of the partner when a list is judged. */
export type Known = {
  held: LastAcceptedList | undefined;
  seen: SeenList | undefined;
  operators: ReadonlyMap<string, PartnerOperator>;
};

export type RefusalReason =
  | 'PARTNER_UNKNOWN'
  | 'SIGNATURE_INVALID'
  | 'LIST_COUNT_MISMATCH'
  | 'LIST_DIGEST_MISMATCH'
  | 'SEQUENCE_REGRESSION'
  | 'EQUIVOCATION'
  | 'CHAIN_BROKEN'
  | 'LIST_ROW_UNUSABLE'
  | 'LIST_REJECTED'
  | 'STALE';

export type Verdict =
  | { kind: 'accepted' }
  | { kind: 'unchanged' }
  /** Waits for a second person: so many operators are absent. */
  | { kind: 'held'; reason: 'REMOVALS_NEED_APPROVAL'; removed: number }
  | { kind: 'refused'; reason: RefusalReason; path?: string };

export type Judged = { verdict: Verdict; changes: Changes };

/**
 * Whether a list may replace the one held, and what it changes. Who signed it is asked first: nothing else a stranger
 * says is looked at. Once signature, sequence, chain, count and digest hold, the suspensions and revocations of its
 * usable rows act, whatever becomes of the list. One unusable row refuses the list as a whole, so that no half of
 * a list is ever in force; the partner's next list is taken without it.
 */
export function judgeList(received: ReceivedList, known: Known, arrangement: Arrangement, now: Date): Judged {
  const early = doubtOf(received, known, arrangement);
  if (early !== undefined) return { verdict: early, changes: { memberships: [], suspensions: [] } };
  const { rows, path } = readRows(received.rows, arrangement.partner.country);
  const verdict = standingOf(received, { rows, path }, known, arrangement, now);
  const changes =
    verdict.kind === 'accepted'
      ? changesOf(known.operators, rows, received.header.sequence)
      : suspensionsOf(known.operators, rows);
  return { verdict, changes };
}

const refused = (reason: RefusalReason, path?: string): Verdict => ({
  kind: 'refused',
  reason,
  ...(path === undefined ? {} : { path }),
});

/** Anything that keeps us from taking the rows as the partner's word; undefined where nothing does. */
function doubtOf(
  received: ReceivedList,
  { held, seen }: Known,
  arrangement: Arrangement,
): Verdict | undefined {
  const { header, rows } = received;
  if (header.issuer !== arrangement.partner.administration || header.arrangement !== arrangement.id)
    return refused('PARTNER_UNKNOWN');
  if (!received.signatureValid) return refused('SIGNATURE_INVALID');
  const hash = headerHash(header);
  if (held !== undefined) {
    if (header.sequence < held.sequence) return refused('SEQUENCE_REGRESSION');
    if (header.sequence === held.sequence)
      return hash === held.headerHash ? { kind: 'unchanged' } : refused('EQUIVOCATION');
  }
  if (seen !== undefined && seen.headerHash !== hash) return refused('EQUIVOCATION');
  if (held !== undefined && !isLinked([...received.between, header], held)) return refused('CHAIN_BROKEN');
  if (rows.length !== header.count) return refused('LIST_COUNT_MISMATCH');
  if (digestOf(rows) !== header.digest) return refused('LIST_DIGEST_MISMATCH');
  return undefined;
}

function standingOf(
  { header, approved }: ReceivedList,
  { rows, path }: { rows: readonly ListRow[]; path: string | undefined },
  { seen, operators }: Known,
  arrangement: Arrangement,
  now: Date,
): Verdict {
  if (listValidUntil(header, arrangement.listValidDays, now) <= now) return refused('STALE');
  if (path !== undefined) return refused('LIST_ROW_UNUSABLE', path);
  if (seen?.decision === 'refused') return refused('LIST_REJECTED');
  const removed = removedBy(rows, operators);
  if (approved !== true && removed.count > removalsMost(arrangement, removed.of))
    return { kind: 'held', reason: 'REMOVALS_NEED_APPROVAL', removed: removed.count };
  return { kind: 'accepted' };
}

function isLinked(headers: readonly ListHeader[], held: LastAcceptedList): boolean {
  let previous = { sequence: held.sequence, hash: held.headerHash };
  for (const header of headers) {
    if (header.sequence !== previous.sequence + 1 || header.previousHash !== previous.hash) return false;
    previous = { sequence: header.sequence, hash: headerHash(header) };
  }
  return true;
}

/** The usable rows, and the path of the first thing that is not; an operator named twice is such a thing. */
function readRows(raw: readonly unknown[], country: string): { rows: ListRow[]; path: string | undefined } {
  const rows: ListRow[] = [];
  const named = new Set<string>();
  let path: string | undefined;
  for (const [index, each] of raw.entries()) {
    const read = readRow(each, country);
    if ('path' in read) path ??= read.path === '' ? `rows.${index}` : `rows.${index}.${read.path}`;
    else {
      if (named.has(read.row.operatorId)) path ??= `rows.${index}.operatorId`;
      named.add(read.row.operatorId);
      rows.push(read.row);
    }
  }
  return { rows, path };
}

/** Absence is a removal: a partner's fault must not strip its traders, so many at once wait for a second person. */
function removalsMost({ removals }: Arrangement, listed: number): number {
  return Math.max(removals.rows, (listed * removals.permille) / 1000);
}

/**
 * How many operators in good standing a list suspends or revokes, where that is more than the arrangement lets go
 * without a second person; they act all the same, but somebody should ask the partner. 0 otherwise.
 */
export function alarmingSuspensions(
  { suspensions }: Changes,
  operators: ReadonlyMap<string, PartnerOperator>,
  arrangement: Arrangement,
): number {
  const isStopped = ({ suspensionStatus }: PartnerOperator) =>
    suspensionStatus === 'suspended' || suspensionStatus === 'revoked';
  const count = suspensions.filter((after) => {
    const before = operators.get(after.operatorId);
    return before !== undefined && isStopped(after) && !isStopped(before);
  }).length;
  return count > removalsMost(arrangement, removedBy([], operators).of) ? count : 0;
}

function removedBy(rows: readonly ListRow[], operators: ReadonlyMap<string, PartnerOperator>) {
  const kept = new Set(rows.map(({ operatorId }) => operatorId));
  const listed = [...operators.values()].filter(({ slots }) => slots.at(-1)?.row != null);
  return { of: listed.length, count: listed.filter(({ operatorId }) => !kept.has(operatorId)).length };
}
