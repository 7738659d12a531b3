import type { Arrangement } from './arrangement.ts';
import { digestOf, headerHash, type ListHeader, type ListRow } from './list.ts';

/** The last list accepted from the partner. */
export type HeldList = { sequence: number; headerHash: string; listed: number };

export type ReceivedList = {
  header: ListHeader;
  rows: readonly ListRow[];
  /** Whether the partner's pinned key signed exactly this header. */
  signatureValid: boolean;
  /** Headers between the list held and this one, oldest first, whose signatures hold. */
  between: readonly ListHeader[];
};

export type RefusalReason =
  | 'PARTNER_UNKNOWN'
  | 'SIGNATURE_INVALID'
  | 'LIST_COUNT_MISMATCH'
  | 'LIST_DIGEST_MISMATCH'
  | 'SEQUENCE_REGRESSION'
  | 'EQUIVOCATION'
  | 'CHAIN_BROKEN'
  | 'FIELD_FORMAT'
  | 'STALE'
  | 'REMOVALS_NEED_APPROVAL';

export type Verdict =
  { kind: 'accepted' } | { kind: 'unchanged' } | { kind: 'refused'; reason: RefusalReason };

/**
 * Whether a list may replace the one held. Who signed it is asked first: nothing else a stranger says is looked at.
 *
 * @param listedNow the operators of the list held
 */
export function verifyList(
  received: ReceivedList,
  held: HeldList | undefined,
  listedNow: ReadonlySet<string>,
  arrangement: Arrangement,
  now: Date,
): Verdict {
  const { header, rows } = received;
  const refused = (reason: RefusalReason): Verdict => ({ kind: 'refused', reason });
  if (header.issuer !== arrangement.partner.administration || header.arrangement !== arrangement.id)
    return refused('PARTNER_UNKNOWN');
  if (!received.signatureValid) return refused('SIGNATURE_INVALID');
  if (held !== undefined) {
    if (header.sequence < held.sequence) return refused('SEQUENCE_REGRESSION');
    if (header.sequence === held.sequence)
      return headerHash(header) === held.headerHash ? { kind: 'unchanged' } : refused('EQUIVOCATION');
    if (!isLinked([...received.between, header], held)) return refused('CHAIN_BROKEN');
  }
  if (rows.length !== header.count) return refused('LIST_COUNT_MISMATCH');
  if (digestOf(rows) !== header.digest) return refused('LIST_DIGEST_MISMATCH');
  if (new Date(header.validUntil) <= now) return refused('STALE');
  if (!rows.every((row) => isUsable(row, arrangement)) || hasDuplicates(rows)) return refused('FIELD_FORMAT');
  if (removesTooMany(rows, listedNow, arrangement)) return refused('REMOVALS_NEED_APPROVAL');
  return { kind: 'accepted' };
}

function isLinked(headers: readonly ListHeader[], held: HeldList): boolean {
  let previous = { sequence: held.sequence, hash: held.headerHash };
  for (const header of headers) {
    if (header.sequence !== previous.sequence + 1 || header.previousHash !== previous.hash) return false;
    previous = { sequence: header.sequence, hash: headerHash(header) };
  }
  return true;
}

/** A partner speaks for identifiers of its own country alone. */
function isUsable(row: ListRow, { partner }: Arrangement): boolean {
  const identified = row.identifiers.every(
    ({ scheme, country, value }) =>
      /^[a-z][a-z0-9-]{1,39}$/.test(scheme) && country === partner.country && /^[A-Z0-9-]{1,35}$/.test(value),
  );
  return identified && row.identifiers.length > 0 && /^[A-Za-z0-9-]{1,80}$/.test(row.operatorId);
}

function hasDuplicates(rows: readonly ListRow[]): boolean {
  return new Set(rows.map(({ operatorId }) => operatorId)).size !== rows.length;
}

/** Absence is a removal: a partner's fault must not strip its traders, so many at once wait for a second person. */
function removesTooMany(
  rows: readonly ListRow[],
  listedNow: ReadonlySet<string>,
  { removals }: Arrangement,
): boolean {
  const kept = new Set(rows.map(({ operatorId }) => operatorId));
  const removed = [...listedNow].filter((operatorId) => !kept.has(operatorId)).length;
  return removed > Math.max(removals.rows, (listedNow.size * removals.permille) / 1000);
}
