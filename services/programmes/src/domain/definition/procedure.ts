import type { Sourced, Texts, Unknown } from './definition.ts';

export type Actor = 'applicant' | 'customs' | 'auditor' | 'agency' | 'coach';

/** A step of a file on its way; `outcomes` are the events it may end in, which start and stop clocks. */
export type Step = Sourced & {
  id: string;
  label: Texts;
  actor: Actor;
  kind:
    | ('precheck' | 'coaching' | 'submit' | 'completeness' | 'desk' | 'siteVisit' | 'test')
    | ('externalAudit' | 'joint' | 'decide' | 'appeal');
  needs: string[];
  outcomes: string[];
  /** Outcomes after which the steps that need this one may begin; absent: the first one. */
  passes?: string[] | undefined;
  /** Outcomes of the steps it needs that open it: it answers something asked for. Absent: it opens once they are passed. */
  opensOn?: string[] | undefined;
  /** Outcomes with which the whole file is over. */
  ends?: { outcome: string; as: 'refused' | 'withdrawn' }[] | undefined;
  tiers?: string[] | undefined;
};

export type Length = { n: number; unit: 'calendarDay' | 'workingDay' | 'month' };

export type Clock = Sourced & {
  id: string;
  label: Texts;
  tiers?: string[] | undefined;
  /** Whose time it is: an authority's to decide, an applicant's to do something. */
  runsFor: 'authority' | 'applicant';
  startsOn: string;
  stopsOn: string[];
  limit: Length | Unknown;
  nature: 'statutory' | 'target';
  pauses: { from: string; until: string }[];
  extension?: { by: Length; who: string; reasonRequired: boolean } | undefined;
  onExpiry: 'escalate' | 'deemedRefused' | 'deemedGranted' | 'deemedWithdrawn' | 'none';
};

export type Validity = Sourced & {
  tiers: string[];
  mode: 'fixedTerm' | 'unlimitedWithReview' | 'rollingDeclaration' | Unknown;
  term?: { n: number; unit: 'month' | 'year' } | Unknown | undefined;
  /** In days before the end of the term. */
  renewWindow?: { opensDays: number | Unknown; closesDays: number | Unknown } | undefined;
  continuesWhileRenewalPending: boolean | Unknown;
  /** Month and day, both included. */
  periodicDuty?: { from: string; to: string; form: string } | undefined;
  onMissedDuty?: 'review' | 'suspend' | 'lapse' | Unknown | undefined;
};

export type Benefit = Sourced & {
  id: string;
  label: Texts;
  tiers: string[];
  scope: 'domestic' | 'mraPartner' | 'agency';
  kind: 'inspectionRate' | 'amountFactor' | 'timeTarget' | 'priority' | 'access' | 'fee';
  metric: {
    name: string;
    comparator: 'ratioToBaseline' | 'absolute' | 'boolean';
    value: number | boolean | Unknown;
    baseline?: string | undefined;
    unit?: string | undefined;
  };
  guaranteed: boolean | Unknown;
  /** Which of the seven measures of article 7.7.3 of the WTO Trade Facilitation Agreement it is, a to g. */
  tfa77?: string | undefined;
  /** What the declaration must say for it. */
  activation?: Texts | undefined;
};

export type Obligation = Sourced & {
  id: string;
  label: Texts;
  trigger: string;
  due: Length | Unknown;
  form: string;
};

export type Transition = Sourced & {
  id: string;
  label: Texts;
  on: 'suspend' | 'reinstate' | 'revoke' | 'downgrade' | 'upgrade' | 'expire' | 'repair';
  tiers: string[];
  reasons: { id: string; label: Texts; failedCriteria?: string[] | undefined }[];
  notice?: Length | Unknown | undefined;
  hearing?: boolean | Unknown | undefined;
  remedy?: Length | Unknown | undefined;
  /** For how long an operator that lost the status may not apply for it again. */
  bar?: { n: number; unit: 'month' | 'year' } | Unknown | undefined;
  effective?: 'decision' | 'notification' | 'dayAfterNotification' | Unknown | undefined;
};

export type Consent = Sourced & {
  id: string;
  label: Texts;
  purpose: string;
  mode: 'general' | 'perArrangement';
  withdrawable: boolean | Unknown;
};

export type Support = Sourced & {
  kind: 'helpdesk' | 'training' | 'coaching' | 'accountManager' | 'template' | 'subsidy';
  label: Texts;
  channel: string;
  languages: string[];
};

export type Fee = Sourced & {
  event: string;
  amount: number | Unknown;
  currency: string;
};

export type Agency = Sourced & {
  id: string;
  label: Texts;
  steps: string[];
  sharesEvidence: boolean | Unknown;
};
