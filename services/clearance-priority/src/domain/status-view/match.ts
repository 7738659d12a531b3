import { common, type clearanceDecision } from '../vocabulary.ts';

/** A match as records hold it, and how long the status is valid, which only priority answers carry. */
export type PartyMatch = clearanceDecision.PartyMatch & { validity?: common.Validity | undefined };

/** What a benefit depends on besides the party itself. */
export type Scope = {
  direction: common.Direction;
  transportMode: common.TransportMode;
};

/** One declared party, as far as matching needs it. */
export type MatchedParty = {
  role: common.PartyRole;
  identifier: common.Identifier | undefined;
  /** The declaration says that the party's status is to be used. */
  activationDeclared?: boolean;
};

/** A match with everything empty that its outcome does not know. */
export function partyMatch(
  party: MatchedParty,
  outcome: common.MatchOutcome,
  known: Partial<Omit<PartyMatch, 'role' | 'identifier' | 'outcome'>> = {},
): PartyMatch {
  return {
    role: party.role,
    identifier: party.identifier,
    source: '',
    outcome,
    operatorId: '',
    version: undefined,
    programmeId: '',
    programmeVersion: 0,
    component: '',
    tier: '',
    certificateId: '',
    listSequence: 0n,
    credits: [],
    sizeClass: common.SizeClass.UNSPECIFIED,
    unmetConditions: [],
    ...known,
  };
}

/** True while the instant lies in the half-open interval. An absent interval or end is open. */
export function covers(validity: common.Validity | undefined, at: Date): boolean {
  return !startsLater(validity, at) && !hasEnded(validity, at);
}

function startsLater(validity: common.Validity | undefined, at: Date): boolean {
  return validity?.validFrom !== undefined && validity.validFrom > at;
}

function hasEnded(validity: common.Validity | undefined, at: Date): boolean {
  return validity?.validUntil !== undefined && validity.validUntil <= at;
}

/**
 * The outcome of a status with its dates. A suspension that has not taken legal effect yet leaves the status
 * active until then; a revocation may follow a suspension, so it never turns back into active.
 */
export function standingOf(
  status: common.CertificateStatus,
  validity: common.Validity | undefined,
  times: common.LegalTimes | undefined,
  at: Date,
): common.MatchOutcome {
  const { CertificateStatus, MatchOutcome } = common;
  const pending = times?.effectiveFrom !== undefined && times.effectiveFrom > at;
  if (status === CertificateStatus.REVOKED) return MatchOutcome.REVOKED;
  if (status === CertificateStatus.SUSPENDED && !pending) return MatchOutcome.SUSPENDED;
  if (status === CertificateStatus.EXPIRED || hasEnded(validity, at)) return MatchOutcome.EXPIRED;
  if (startsLater(validity, at)) return MatchOutcome.NOT_YET_EFFECTIVE;
  if (status === CertificateStatus.SUSPENDED) return MatchOutcome.MATCHED;
  if (status !== CertificateStatus.ACTIVE) return MatchOutcome.NOT_ON_LIST;
  return pending ? MatchOutcome.NOT_YET_EFFECTIVE : MatchOutcome.MATCHED;
}

/** Credits a party may use: those of its role, for purposes the component or arrangement names. */
export function creditsFor(
  role: common.PartyRole,
  credits: readonly common.Credit[],
  purposes: readonly common.Purpose[],
): common.Credit[] {
  return credits.filter((credit) => credit.role === role && purposes.includes(credit.purpose));
}
