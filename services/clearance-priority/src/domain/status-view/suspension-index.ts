import { common, type clearanceDecision, type exchangeStatus, type registryStatus } from '../vocabulary.ts';
import { registrySource } from './registry-claims.ts';
import { isNewer } from './version-fence.ts';

const { CertificateStatus } = common;

/** A suspension or revocation: of a component, of a certificate, or of the operator where neither is named. */
type Suspension = {
  component?: string;
  certificateId?: string;
  sinceMs: number;
  untilMs: number | undefined;
};

type Suspensions = Map<string, Suspension>;

/** One operator of one source, with the version that its suspensions were last read from. */
type Holder = { version: common.StatusVersion | undefined; suspensions: Suspensions };

/**
 * Suspensions and revocations, and from when on each must be seen. It is kept apart from the status view, so that a
 * fault of the view is found when recorded decisions are compared with it.
 */
export type SuspensionIndex = {
  /** @param occurredAt when the publisher wrote the record, by its database's clock, before it committed */
  noteOperator(status: registryStatus.OperatorStatus, occurredAt: Date): void;
  noteSuspension(suspension: exchangeStatus.PartnerSuspension, occurredAt: Date): void;
  operatorIds(): string[];
  /** Drops everything: all records will be read again. */
  forget(): void;
  /** The earliest beginning of the suspensions that were noted since the last call. */
  takeEarliestMs(): number | undefined;
  /** True where the match must not have given a benefit in a decision of that time. */
  isSuspended(match: Pick<clearanceDecision.PartyMatch, MatchFields>, decidedAt: Date): boolean;
};

type MatchFields = 'source' | 'operatorId' | 'component' | 'certificateId';

/** A suspension is written before it is committed and answered, by no more than this in anything but an outage. */
const answeredWithinMs = 1_000;

/** @param boundMs how long after it was answered, or took effect, a suspension may go unseen */
export function createSuspensionIndex(boundMs: number): SuspensionIndex {
  const holders = new Map<string, Holder>();
  let earliestMs: number | undefined;

  const note = (
    key: string,
    suspended: Suspensions,
    { version, occurredAt }: { version: common.StatusVersion | undefined; occurredAt: Date },
  ) => {
    const known = holders.get(key);
    if (known !== undefined && !isNewer(version, known.version)) return;
    const suspensions = known?.suspensions ?? new Map<string, Suspension>();
    for (const { sinceMs } of update(suspensions, suspended, occurredAt.getTime()))
      earliestMs = Math.min(earliestMs ?? sinceMs, sinceMs);
    if (suspensions.size > 0) holders.set(key, { version, suspensions });
  };
  const sinceMs = (occurredAt: Date, effectiveFrom: Date | undefined) =>
    Math.max(occurredAt.getTime() + answeredWithinMs, effectiveFrom?.getTime() ?? 0) + boundMs;

  return {
    noteOperator: (status, occurredAt) => {
      const suspended = suspendedComponents(status, (from) => sinceMs(occurredAt, from));
      note(`${registrySource}/${status.operatorId}`, suspended, { version: status.version, occurredAt });
    },
    noteSuspension: ({ status, arrangementId, partnerOperatorId, times, version }, occurredAt) => {
      const whole = { sinceMs: sinceMs(occurredAt, times?.effectiveFrom), untilMs: undefined };
      const stands = status === CertificateStatus.SUSPENDED || status === CertificateStatus.REVOKED;
      const suspended: Suspensions = new Map(stands ? [['all', whole]] : []);
      note(`${arrangementId}/${partnerOperatorId}`, suspended, { version, occurredAt });
    },
    operatorIds: () => [...holders.keys()].map((holder) => holder.slice(holder.indexOf('/') + 1)),
    forget: () => holders.clear(),
    takeEarliestMs: () => {
      const taken = earliestMs;
      earliestMs = undefined;
      return taken;
    },
    isSuspended: (match, decidedAt) => {
      const suspensions = holders.get(`${match.source}/${match.operatorId}`)?.suspensions.values() ?? [];
      return [...suspensions].some((each) => isWithin(each, decidedAt.getTime()) && concerns(each, match));
    },
  };
}

function suspendedComponents(
  { components }: registryStatus.OperatorStatus,
  sinceMs: (effectiveFrom: Date | undefined) => number,
): Suspensions {
  const suspended: Suspensions = new Map();
  for (const { status, component, certificateId, times } of components) {
    const about = { sinceMs: sinceMs(times?.effectiveFrom), untilMs: undefined };
    if (status === CertificateStatus.SUSPENDED) suspended.set(`c/${component}`, { ...about, component });
    // Another certificate of the same component may stand.
    if (status === CertificateStatus.REVOKED)
      suspended.set(`r/${certificateId}`, { ...about, certificateId });
  }
  return suspended;
}

/** Ends the suspensions that a newer status does not have any more and adds its new ones, which are returned. */
function update(held: Suspensions, suspended: Suspensions, atMs: number): Suspension[] {
  for (const [key, suspension] of held) if (!suspended.has(key)) suspension.untilMs ??= atMs;
  const begun = [...suspended].filter(([key]) => !isRunning(held.get(key)));
  for (const [key, suspension] of begun) held.set(key, suspension);
  return begun.map(([, suspension]) => suspension);
}

function isRunning(suspension: Suspension | undefined): boolean {
  return suspension !== undefined && suspension.untilMs === undefined;
}

function isWithin({ sinceMs, untilMs }: Suspension, atMs: number): boolean {
  return sinceMs <= atMs && (untilMs === undefined || atMs < untilMs);
}

function concerns(suspension: Suspension, match: { component: string; certificateId: string }): boolean {
  if (suspension.component !== undefined) return suspension.component === match.component;
  return suspension.certificateId === undefined || suspension.certificateId === match.certificateId;
}
