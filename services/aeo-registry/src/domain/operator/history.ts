import { evolveCertificate, type Certificate } from '../certificate/certificate.ts';
import type { CertificateEvent, Event, Instant } from './event.ts';

/** An event as it was recorded: when the registry came to know it, and from whom. */
export type Recorded = { recordedAt: Instant; actor: string; event: Event };

export type HistoryEntry = {
  type: Event['type'];
  decidedAt: Instant;
  notifiedAt: Instant | null;
  effectiveFrom: Instant;
  /** When the registry's record was written: nobody could know before. */
  recordedAt: Instant;
  by: string;
  reason: string | null;
  /** The programme's reason for the act; null where none was named. */
  reasonId: string | null;
};

export type CertificateHistory = {
  /** As it stood at an instant; undefined where it was not there yet. */
  certificate: Certificate | undefined;
  entries: HistoryEntry[];
};

/**
 * A certificate as of one instant, as it was known at another: what was recorded later is left out of both, and what
 * takes effect later does not change how it stood.
 *
 * @param recorded the rows of its operator, in the order in which they were recorded, up to when it was known
 */
export function historyOf(
  recorded: readonly Recorded[],
  certificateId: string,
  asOf: Instant,
): CertificateHistory {
  const own = recorded.flatMap(({ event, ...about }) =>
    isOf(event, certificateId) ? [{ event, ...about }] : [],
  );
  const inEffect = own.filter(({ event }) => effectOf(event) <= asOf);
  const held = inEffect.reduce<Certificate | undefined>(
    (before, { event }) => (hasBegun(before, event) ? evolveCertificate(before, event) : before),
    undefined,
  );
  return { certificate: held && endedBy(held, asOf), entries: own.map(entryOf) };
}

function isOf(event: Event, id: string): event is CertificateEvent {
  if (event.type === 'CertificateGranted') return event.granted.certificateId === id;
  return 'certificateId' in event && event.certificateId === id;
}

function effectOf(event: CertificateEvent): Instant {
  return ('effectiveFrom' in event ? event.effectiveFrom : undefined) ?? event.at;
}

function hasBegun(before: Certificate | undefined, event: CertificateEvent): boolean {
  return before !== undefined || event.type === 'CertificateGranted';
}

/** Its end may lie between the last record and the instant asked for. */
function endedBy(held: Certificate, asOf: Instant): Certificate {
  const { status, validUntil, continuesFor } = held;
  const isOver = validUntil !== null && validUntil <= asOf && continuesFor === null;
  if (!isOver || status === 'revoked' || status === 'expired') return held;
  return { ...held, status: 'expired', effectiveFrom: validUntil };
}

function entryOf({ recordedAt, actor, event }: Recorded & { event: CertificateEvent }): HistoryEntry {
  return {
    type: event.type,
    decidedAt: event.at,
    effectiveFrom: effectOf(event),
    recordedAt,
    by: actor,
    notifiedAt: ('notifiedAt' in event ? event.notifiedAt : undefined) ?? null,
    reason: 'reason' in event ? event.reason : null,
    reasonId: ('reasonId' in event ? event.reasonId : undefined) ?? null,
  };
}
