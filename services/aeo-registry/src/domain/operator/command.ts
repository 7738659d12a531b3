import type {
  AppliedFor,
  ControlOutcome,
  Evidence,
  FactOrigin,
  FactsOfPeriod,
  IdentifierClaim,
  Instant,
  Profile,
} from './event.ts';
import type { Particulars } from './particulars.ts';
import type { FactValue } from '@aeo/programmes';

/** A command on an application; with a revision it is refused if the application has changed since. */
type OfApplication<Type extends string, Fields = unknown> = {
  type: Type;
  applicationId: string;
  expectedRevision?: number | undefined;
} & Fields;

export type ApplicationCommand =
  | OfApplication<'StartDraft', { programmeId: string; applied: AppliedFor }>
  | OfApplication<'SaveDraft', { applied: Partial<AppliedFor>; answers: Record<string, FactValue | null> }>
  /** A draft's programme is known; without a draft it is submitted as it stands here. */
  | OfApplication<'SubmitApplication', { programmeId?: string | undefined; applied?: AppliedFor | undefined }>
  | OfApplication<
      'TakeStep',
      {
        step: string;
        outcome: string;
        agency?: string | undefined;
        favourable?: boolean | undefined;
        note?: string | undefined;
      }
    >
  | OfApplication<'ExtendClock', { clock: string; reason: string }>
  | OfApplication<'WithdrawApplication', { reason: string }>
  /** By the programme: what grants nothing is refused at once, a grant is proposed to a second person. */
  | OfApplication<'DecideApplication', { certificateId: string }>
  | OfApplication<'ApproveDecision', { certificateId: string }>
  | OfApplication<'RejectProposal', { reason: string }>
  | OfApplication<'OpenAppeal', { ground: string }>
  | OfApplication<'DecideAppeal', { upheld: boolean; note: string }>;

type OfCertificate<Type extends string, Fields = unknown> = { type: Type; certificateId: string } & Fields;

export type CertificateCommand =
  | OfCertificate<'GiveNotice', { act: 'suspend' | 'revoke' | 'downgrade'; reasonId: string; reason: string }>
  | OfCertificate<'WithdrawNotice', { reason: string }>
  | OfCertificate<'HoldHearing', { note: string }>
  | OfCertificate<
      'SuspendCertificate',
      { reason: string; effectiveFrom: Instant | null; reasonId?: string | undefined }
    >
  | OfCertificate<'ReinstateCertificate', { reason: string }>
  | OfCertificate<'RevokeCertificate', { reason: string; reasonId?: string | undefined }>
  | OfCertificate<'DowngradeCertificate', { tier: string; reason: string; reasonId?: string | undefined }>
  | OfCertificate<'NotifyHolder', { notifiedAt: Instant | null }>
  | OfCertificate<'FulfilDuty', { form: string }>;

export type OperatorCommand =
  | { type: 'RegisterOperator'; profile: Profile }
  | { type: 'ClaimIdentifier'; claim: IdentifierClaim }
  | { type: 'EndIdentifier'; identifier: IdentifierClaim['identifier']; validUntil: Instant | null }
  | { type: 'RecordComplianceFacts'; origin: string; facts: FactsOfPeriod }
  | { type: 'RecordControl'; controlId: string; outcome: ControlOutcome; declaredOn: string }
  | { type: 'RecordFacts'; programmeId: string; origin: FactOrigin; facts: Record<string, FactValue> }
  | { type: 'RecordEvidence'; evidenceId: string; evidence: Evidence }
  | { type: 'RecordConsent'; programmeId: string; consentId: string; arrangement: string; given: boolean }
  | {
      [Kind in keyof Particulars]: {
        type: 'RecordParticular';
        kind: Kind;
        id: string;
        particular: Particulars[Kind];
      };
    }[keyof Particulars]
  /** Suspends whatever the programme takes away when this criterion is not met any more. */
  | { type: 'ReportFailedCriterion'; programmeId: string; criterion: string; reason: string }
  | { type: 'GrantDelegation'; adviser: string; until: Instant | null }
  | { type: 'RevokeDelegation'; adviser: string }
  /** Acts on every deadline that has passed. Nobody asks for it but the clock. */
  | { type: 'ProcessDeadlines' };

export type Command = OperatorCommand | ApplicationCommand | CertificateCommand;
