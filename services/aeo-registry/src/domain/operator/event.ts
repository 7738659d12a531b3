import type { Outcome, FactValue, FirmCase, Day, Clock, Transition } from '@aeo/programmes';
import type { Particular, ParticularKind } from './particulars.ts';

/** An instant as ISO 8601 text in UTC, so that states and events are plain JSON. */
export type Instant = string;

export type IdentifierClaim = {
  identifier: { scheme: string; country: string; value: string };
  validFrom: Instant | null;
  validUntil: Instant | null;
};

export type Profile = { name: string; identifiers: IdentifierClaim[]; sizeClass: string };

export type FactsOfPeriod = {
  from: Instant | null;
  until: Instant | null;
  declarations: number;
  controls: number;
  findings: number;
  criticalFindings: number;
};

export type ControlOutcome = 'conform' | 'finding' | 'critical_finding';

export type Granted = {
  certificateId: string;
  programmeId: string;
  programmeVersion: number;
  component: string;
  purposes: string[];
  tier: string;
  credits: Record<string, number>;
};

/** How a criterion of a tier came out, and what it requires. */
export type CriterionResult = {
  criterionId: string;
  tier: string;
  outcome: Outcome;
  factsRead: string[];
  text: string;
};

/** The inputs of a decision: with the version of the programme they replay to the same result. */
export type DecidedOn = { programmeId: string; programmeVersion: number; firm: FirmCase };

/** What an application asks for. Empty tiers: all that can be applied for; empty roles: all the programme has. */
export type AppliedFor = { tiers: string[]; roles: string[]; designatedFor: string[]; renewal: boolean };

/** One step of a file, as it was taken. `on` is the authority's calendar day. */
export type StepTaken = {
  step: string;
  outcome: string;
  on: Day;
  by: string;
  /** Which agency speaks, where the step is one of several agencies'. */
  agency?: string | undefined;
  favourable?: boolean | undefined;
  note?: string | undefined;
};

/** A document that proves something: its content is kept elsewhere, under its hash. */
export type Evidence = {
  programmeId: string;
  type: string;
  sha256: string;
  bytes: number;
  mediaType: string;
  issuedOn: Day | null;
  validUntil: Day | null;
  person: string | null;
};

export type FactOrigin = 'applicant' | 'authority' | 'auditor' | 'agency';

type At<Type extends string, Fields = unknown> = { type: Type; at: Instant } & Fields;

type OfApplication<Type extends string, Fields = unknown> = At<Type, { applicationId: string } & Fields>;

type OfCertificate<Type extends string, Fields = unknown> = At<Type, { certificateId: string } & Fields>;

export type ApplicationEvent =
  | OfApplication<'DraftStarted', AppliedFor & { programmeId: string; by: string }>
  | OfApplication<'DraftSaved', Partial<AppliedFor> & { answers: Record<string, FactValue | null> }>
  | OfApplication<
      'ApplicationSubmitted',
      {
        programmeId: string;
        programmeVersion?: number;
        /** Of the version's definition, so that a change of it is found. */
        programmeHash?: string;
        applied?: AppliedFor;
        taken?: StepTaken;
      }
    >
  | OfApplication<'StepTaken', { taken: StepTaken }>
  | OfApplication<'ClockExtended', { clock: string; on: Day; reason: string; by: string }>
  | OfApplication<'ClockExpired', { clock: string; dueOn: Day; action: Clock['onExpiry'] }>
  | OfApplication<'ApplicationWithdrawn', { reason: string }>
  | OfApplication<
      'ApplicationRefused',
      { results: CriterionResult[]; decidedOn?: DecidedOn; reason?: string; by?: string }
    >
  | OfApplication<
      'GrantProposed',
      { by: string; results: CriterionResult[]; tiers: Record<string, string | null> }
    >
  | OfApplication<'ProposalRejected', { by: string; reason: string }>
  | OfApplication<
      'ApplicationGranted',
      {
        results: CriterionResult[];
        decidedOn: DecidedOn;
        certificateIds: string[];
        proposedBy: string;
        approvedBy: string;
      }
    >
  | OfApplication<'AppealOpened', { ground: string; by: string }>
  | OfApplication<'AppealDecided', { upheld: boolean; note: string; by: string }>;

/** From before a grant was an event of its application, a certificate's grant held the decision. */
export type CertificateEvent =
  | OfApplication<
      'CertificateGranted',
      {
        granted: Granted;
        results?: CriterionResult[];
        decidedOn?: DecidedOn;
        effectiveFrom?: Instant;
        validUntil?: Instant | null;
      }
    >
  | OfCertificate<
      'CertificateTierChanged',
      {
        tier: string;
        credits: Record<string, number>;
        programmeVersion: number;
        direction: 'upgrade' | 'downgrade';
        effectiveFrom: Instant;
        validUntil: Instant | null;
        reason: string;
        reasonId?: string;
      }
    >
  | OfCertificate<'CertificateRenewed', { programmeVersion: number; validUntil: Instant | null }>
  | OfCertificate<'CertificateContinued', { applicationId: string }>
  | OfCertificate<'CertificateContinuationEnded'>
  | OfCertificate<
      'CertificateSuspended',
      { reason: string; reasonId?: string; effectiveFrom: Instant; notifiedAt?: Instant }
    >
  | OfCertificate<'CertificateReinstated', { reason: string }>
  | OfCertificate<
      'CertificateRevoked',
      { reason: string; reasonId?: string; effectiveFrom?: Instant; notifiedAt?: Instant }
    >
  | OfCertificate<'CertificateExpired', { effectiveFrom: Instant }>
  | OfCertificate<'CertificateHolderNotified', { notifiedAt: Instant }>
  | OfCertificate<
      'NoticeGiven',
      { act: Transition['on']; reasonId: string; reason: string; until: Day | null; notifiedAt: Instant }
    >
  | OfCertificate<'HearingHeld', { note: string }>
  | OfCertificate<'NoticeWithdrawn', { reason: string }>
  | OfCertificate<'DutyFulfilled', { form: string; dueOn: Day }>
  | OfCertificate<'DutyMissed', { form: string; dueOn: Day; action: string }>
  /** What a certificate rests on is not proven any more, or is again: a size class or a criterion. */
  | OfCertificate<'ProofLapsed', { of: string; on: Day }>
  | OfCertificate<'ProofRestored', { of: string; on: Day }>;

export type OperatorEvent =
  | At<'OperatorRegistered', { profile: Profile }>
  | At<'IdentifierClaimed', { claim: IdentifierClaim }>
  | At<'IdentifierEnded', { identifier: IdentifierClaim['identifier']; validUntil: Instant }>
  | At<'ComplianceFactsRecorded', { origin: string; facts: FactsOfPeriod }>
  | At<'ControlRecorded', { controlId: string; outcome: ControlOutcome; declaredOn: string }>
  | At<'FactsRecorded', { programmeId: string; origin: FactOrigin; facts: Record<string, FactValue> }>
  | At<'EvidenceRecorded', { evidenceId: string; evidence: Evidence }>
  | At<'ConsentRecorded', { programmeId: string; consentId: string; arrangement: string; given: boolean }>
  | At<'ParticularRecorded', { kind: ParticularKind; id: string; particular: Particular }>
  | At<'DelegationGranted', { adviser: string; until: Instant | null }>
  | At<'DelegationRevoked', { adviser: string }>;

/** What happened to an operator; each is one audit row. Rows from before a field was there lack it. */
export type Event = OperatorEvent | ApplicationEvent | CertificateEvent;
