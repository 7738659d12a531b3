import { common, type clearanceDecision, type exchangeStatus, type registryStatus } from '../vocabulary.ts';
import { registrySource } from './registry-claims.ts';
import { isNewer } from './version-fence.ts';

const { CertificateStatus } = common;

/** What takes benefits away: of a component, of a certificate, or of the operator where neither is named. */
type Bar = { component?: string; certificateId?: string; sinceMs: number; untilMs: number | undefined };

type Holder = { version: common.StatusVersion | undefined; bars: Map<string, Bar> };

/**
 * Suspensions and revocations, and from when on each must be seen: whatever a node makes of a status record, this is
 * kept apart from it, so that it can be held against what was recorded.
 */
export type SuspensionIndex = {
  /** @param occurredAt when the publisher wrote the record, by its database's clock, before it committed */
  noteOperator(status: registryStatus.OperatorStatus, occurredAt: Date): void;
  noteSuspension(suspension: exchangeStatus.PartnerSuspension, occurredAt: Date): void;
  operatorIds(): string[];
  /** Begins anew: everything will be told again. */
  forget(): void;
  /** The earliest time from which anything was barred that was noted since this was asked last. */
  takeEarliestMs(): number | undefined;
  /** True where the match must not have given anything in a decision of that time. */
  isBarred(match: Pick<clearanceDecision.PartyMatch, BarredBy>, decidedAt: Date): boolean;
};

type BarredBy = 'source' | 'operatorId' | 'component' | 'certificateId';

/** A suspension is written before it is committed and answered, by no more than this in anything but an outage. */
const answeredWithinMs = 1_000;

/** @param boundMs how long after it was answered, or took effect, a suspension may go unseen */
export function createSuspensionIndex(boundMs: number): SuspensionIndex {
  const held = new Map<string, Holder>();
  let earliestMs: number | undefined;

  const note = (
    holder: string,
    barred: Map<string, Bar>,
    { version, occurredAt }: { version: common.StatusVersion | undefined; occurredAt: Date },
  ) => {
    const known = held.get(holder);
    if (known !== undefined && !isNewer(version, known.version)) return;
    const before = known?.bars ?? new Map<string, Bar>();
    for (const [key, bar] of before)
      if (!barred.has(key) && bar.untilMs === undefined) bar.untilMs = occurredAt.getTime();
    for (const [key, bar] of barred) {
      const stands = before.has(key) && before.get(key)?.untilMs === undefined;
      if (stands) continue;
      before.set(key, bar);
      earliestMs = Math.min(earliestMs ?? bar.sinceMs, bar.sinceMs);
    }
    if (before.size > 0) held.set(holder, { version, bars: before });
  };
  const since = (occurredAt: Date, effectiveFrom: Date | undefined) =>
    Math.max(occurredAt.getTime() + answeredWithinMs, effectiveFrom?.getTime() ?? 0) + boundMs;

  return {
    noteOperator: (status, occurredAt) => {
      const barred = new Map<string, Bar>();
      for (const { status: standing, component, certificateId, times } of status.components) {
        const bar = { sinceMs: since(occurredAt, times?.effectiveFrom), untilMs: undefined };
        if (standing === CertificateStatus.SUSPENDED) barred.set(`c/${component}`, { ...bar, component });
        // Another certificate of the same component may stand.
        if (standing === CertificateStatus.REVOKED)
          barred.set(`r/${certificateId}`, { ...bar, certificateId });
      }
      note(`${registrySource}/${status.operatorId}`, barred, {
        version: status.version,
        occurredAt,
      });
    },
    noteSuspension: (suspension, occurredAt) => {
      const { status, arrangementId, partnerOperatorId, times } = suspension;
      const bar = { sinceMs: since(occurredAt, times?.effectiveFrom), untilMs: undefined };
      const stands = status === CertificateStatus.SUSPENDED || status === CertificateStatus.REVOKED;
      const barred = new Map<string, Bar>(stands ? [['all', bar]] : []);
      note(`${arrangementId}/${partnerOperatorId}`, barred, { version: suspension.version, occurredAt });
    },
    operatorIds: () => [...held.keys()].map((holder) => holder.slice(holder.indexOf('/') + 1)),
    forget: () => held.clear(),
    takeEarliestMs: () => {
      const taken = earliestMs;
      earliestMs = undefined;
      return taken;
    },
    isBarred: (match, decidedAt) => {
      const bars = held.get(`${match.source}/${match.operatorId}`)?.bars.values() ?? [];
      return [...bars].some((bar) => isWithin(bar, decidedAt.getTime()) && concerns(bar, match));
    },
  };
}

function isWithin({ sinceMs, untilMs }: Bar, atMs: number): boolean {
  return sinceMs <= atMs && (untilMs === undefined || atMs < untilMs);
}

function concerns(bar: Bar, match: { component: string; certificateId: string }): boolean {
  if (bar.component !== undefined) return bar.component === match.component;
  return bar.certificateId === undefined || bar.certificateId === match.certificateId;
}
