import type { Arrangement } from '../arrangement/arrangement.ts';
import { changesOf, suspensionsOf, type Changes, type PartnerOperator } from './changes.ts';
import { digestOf, headerHash, listValidUntil, type ListHeader, type ListRow } from './list.ts';
import { readRows } from './read-row.ts';
import { countRemovals, removalsMost } from './removals.ts';

/** The last list accepted from the partner. */
export type LastAcceptedList = { sequence: number; headerHash: string; listed: number };

/** A list of the same sequence that waits, or waited, for a second person. */
export type ListOfSameSequence = { headerHash: string; decision: 'released' | 'refused' | undefined };

export type ReceivedList = {
  header: ListHeader;
  /** As they came: their form has not been checked yet. */
  rows: readonly unknown[];
  /** Whether the partner's pinned key signed exactly this header. */
  signatureValid: boolean;
  /** Headers between the list accepted last and this one, oldest first, whose signatures hold. */
  headersBetween: readonly ListHeader[];
  /** A second person lets the absences pass. */
  approved?: boolean;
};

/** What we know of the partner when a list is judged. */
export type PartnerState = {
  lastAccepted: LastAcceptedList | undefined;
  sameSequence: ListOfSameSequence | undefined;
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
  /** A second person decides: so many operators are absent. */
  | { kind: 'awaiting_approval'; reason: 'REMOVALS_NEED_APPROVAL'; removed: number }
  | Refused;

type Refused = { kind: 'refused'; reason: RefusalReason; path?: string };

export type Judgement = { verdict: Verdict; changes: Changes };

/**
 * Whether a list may replace the one accepted last, and what it changes. The signature is checked first: nothing else
 * that a stranger sends is looked at. Once signature, sequence, chain, count and digest hold, the suspensions and
 * revocations of its usable rows act, whatever becomes of the list. One unusable row refuses the list as a whole, so
 * that no half of a list is ever in force; the partner's next list is accepted without it.
 */
export function judgeList(
  received: ReceivedList,
  known: PartnerState,
  arrangement: Arrangement,
  now: Date,
): Judgement {
  const early =
    signatureProblem(received, arrangement) ?? sequenceVerdict(received, known) ?? contentProblem(received);
  if (early !== undefined) return { verdict: early, changes: { memberships: [], suspensions: [] } };
  const { rows, path } = readRows(received.rows, arrangement.partner.country);
  const verdict =
    validityProblem(received, path, known, arrangement, now) ??
    removalVerdict(received, rows, known, arrangement);
  const changes =
    verdict.kind === 'accepted'
      ? changesOf(known.operators, rows, received.header.sequence)
      : suspensionsOf(known.operators, rows);
  return { verdict, changes };
}

const refused = (reason: RefusalReason): Refused => ({ kind: 'refused', reason });

function signatureProblem(
  { header, signatureValid }: ReceivedList,
  arrangement: Arrangement,
): Refused | undefined {
  if (header.issuer !== arrangement.partner.administration || header.arrangement !== arrangement.id)
    return refused('PARTNER_UNKNOWN');
  return signatureValid ? undefined : refused('SIGNATURE_INVALID');
}

/** Undefined where the list follows on the one accepted last. */
function sequenceVerdict(
  { header, headersBetween }: ReceivedList,
  { lastAccepted, sameSequence }: PartnerState,
): Verdict | undefined {
  const hash = headerHash(header);
  if (lastAccepted !== undefined) {
    if (header.sequence < lastAccepted.sequence) return refused('SEQUENCE_REGRESSION');
    if (header.sequence === lastAccepted.sequence)
      return hash === lastAccepted.headerHash ? { kind: 'unchanged' } : refused('EQUIVOCATION');
  }
  if (sameSequence !== undefined && sameSequence.headerHash !== hash) return refused('EQUIVOCATION');
  if (lastAccepted !== undefined && !isLinked([...headersBetween, header], lastAccepted))
    return refused('CHAIN_BROKEN');
  return undefined;
}

function contentProblem({ header, rows }: ReceivedList): Refused | undefined {
  if (rows.length !== header.count) return refused('LIST_COUNT_MISMATCH');
  if (digestOf(rows) !== header.digest) return refused('LIST_DIGEST_MISMATCH');
  return undefined;
}

function validityProblem(
  { header }: ReceivedList,
  unusablePath: string | undefined,
  { sameSequence }: PartnerState,
  arrangement: Arrangement,
  now: Date,
): Refused | undefined {
  if (listValidUntil(header, arrangement.listValidDays, now) <= now) return refused('STALE');
  if (unusablePath !== undefined) return { ...refused('LIST_ROW_UNUSABLE'), path: unusablePath };
  return sameSequence?.decision === 'refused' ? refused('LIST_REJECTED') : undefined;
}

function removalVerdict(
  { approved }: ReceivedList,
  rows: readonly ListRow[],
  { operators }: PartnerState,
  arrangement: Arrangement,
): Verdict {
  const { listed, removed } = countRemovals(rows, operators);
  if (approved !== true && removed > removalsMost(arrangement, listed))
    return { kind: 'awaiting_approval', reason: 'REMOVALS_NEED_APPROVAL', removed };
  return { kind: 'accepted' };
}

function isLinked(headers: readonly ListHeader[], last: LastAcceptedList): boolean {
  let previous = { sequence: last.sequence, hash: last.headerHash };
  for (const header of headers) {
    if (header.sequence !== previous.sequence + 1 || header.previousHash !== previous.hash) return false;
    previous = { sequence: header.sequence, hash: headerHash(header) };
  }
  return true;
}
