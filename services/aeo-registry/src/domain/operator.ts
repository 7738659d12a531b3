import type { FirmCase, Outcome } from './programme/firm-case.ts';

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

/** What a decision was made on: with the programme's version it can be made again, and comes out the same. */
export type DecidedOn = { programmeId: string; programmeVersion: number; firm: FirmCase };

/** What happened to an operator; each is one audit row. Rows from before a field was there lack it. */
export type Event =
  | { type: 'OperatorRegistered'; at: Instant; profile: Profile }
  | { type: 'ComplianceFactsRecorded'; at: Instant; origin: string; facts: FactsOfPeriod }
  | { type: 'ControlRecorded'; at: Instant; controlId: string; outcome: ControlOutcome; declaredOn: string }
  | {
      type: 'ApplicationSubmitted';
      at: Instant;
      applicationId: string;
      programmeId: string;
      programmeVersion?: number;
    }
  | {
      type: 'ApplicationRefused';
      at: Instant;
      applicationId: string;
      results: CriterionResult[];
      decidedOn?: DecidedOn;
    }
  | {
      type: 'CertificateGranted';
      at: Instant;
      applicationId: string;
      results: CriterionResult[];
      decidedOn?: DecidedOn;
      granted: Granted;
    }
  | {
      type: 'CertificateSuspended';
      at: Instant;
      certificateId: string;
      reason: string;
      effectiveFrom: Instant;
    }
  | { type: 'CertificateReinstated'; at: Instant; certificateId: string; reason: string }
  | { type: 'CertificateRevoked'; at: Instant; certificateId: string; reason: string };

export type Application =
  | { status: 'submitted'; programmeId: string; programmeVersion?: number }
  | { status: 'refused'; programmeId: string; results: CriterionResult[] }
  | { status: 'granted'; programmeId: string; results: CriterionResult[]; certificateId: string };

export type Certificate = Granted & {
  status: 'active' | 'suspended' | 'revoked';
  grantedAt: Instant;
  decidedAt: Instant;
  effectiveFrom: Instant;
};

export type Operator = {
  profile: Profile;
  facts: Record<string, FactsOfPeriod>;
  applications: Record<string, Application>;
  certificates: Record<string, Certificate>;
};

/** What is held under a caller's name for it; names such as `constructor` mean nothing unless somebody used them. */
export function heldUnder<Value>(held: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(held, name) ? held[name] : undefined;
}

/** What a partner or border post sees changes with these and with nothing else. */
export function changesStatus(event: Event): boolean {
  return event.type === 'OperatorRegistered' || event.type.startsWith('Certificate');
}

/** The state after an event. Only events that `decide` accepted are given to it. */
export function evolve(state: Operator | undefined, event: Event): Operator {
  if (event.type === 'OperatorRegistered')
    return { profile: event.profile, facts: {}, applications: {}, certificates: {} };
  if (state === undefined) throw new Error(`${event.type} before OperatorRegistered`);
  switch (event.type) {
    case 'ComplianceFactsRecorded':
      return { ...state, facts: { ...state.facts, [event.origin]: event.facts } };
    case 'ControlRecorded':
      return { ...state, facts: { ...state.facts, [controlsOrigin]: withControl(state, event) } };
    case 'ApplicationSubmitted':
      return withApplication(state, event.applicationId, {
        status: 'submitted',
        programmeId: event.programmeId,
        ...(event.programmeVersion === undefined ? {} : { programmeVersion: event.programmeVersion }),
      });
    case 'ApplicationRefused':
      return withApplication(state, event.applicationId, {
        status: 'refused',
        programmeId: programmeOf(state, event.applicationId),
        results: event.results,
      });
    case 'CertificateGranted':
      return withCertificate(
        withApplication(state, event.applicationId, {
          status: 'granted',
          programmeId: event.granted.programmeId,
          results: event.results,
          certificateId: event.granted.certificateId,
        }),
        {
          ...event.granted,
          status: 'active',
          grantedAt: event.at,
          decidedAt: event.at,
          effectiveFrom: event.at,
        },
      );
    case 'CertificateSuspended':
      return changed(state, event.certificateId, 'suspended', event.at, event.effectiveFrom);
    case 'CertificateReinstated':
      return changed(state, event.certificateId, 'active', event.at, event.at);
    case 'CertificateRevoked':
      return changed(state, event.certificateId, 'revoked', event.at, event.at);
  }
}

/** Facts of this origin grow control by control; those of any other replace each other. */
export const controlsOrigin = 'controls';

const dayMs = 86_400_000;

function withControl(state: Operator, { outcome, declaredOn }: Event & { type: 'ControlRecorded' }) {
  const from = `${declaredOn}T00:00:00.000Z`;
  const until = new Date(Date.parse(from) + dayMs).toISOString();
  const before = state.facts[controlsOrigin];
  return {
    from: before?.from != null && before.from < from ? before.from : from,
    until: before?.until != null && before.until > until ? before.until : until,
    declarations: before?.declarations ?? 0,
    controls: (before?.controls ?? 0) + 1,
    findings: (before?.findings ?? 0) + Number(outcome !== 'conform'),
    criticalFindings: (before?.criticalFindings ?? 0) + Number(outcome === 'critical_finding'),
  };
}

function programmeOf(state: Operator, applicationId: string): string {
  return heldUnder(state.applications, applicationId)?.programmeId ?? '';
}

function withApplication(state: Operator, applicationId: string, application: Application): Operator {
  return { ...state, applications: { ...state.applications, [applicationId]: application } };
}

function withCertificate(state: Operator, certificate: Certificate): Operator {
  return { ...state, certificates: { ...state.certificates, [certificate.certificateId]: certificate } };
}

function changed(
  state: Operator,
  certificateId: string,
  status: Certificate['status'],
  decidedAt: Instant,
  effectiveFrom: Instant,
): Operator {
  const certificate = heldUnder(state.certificates, certificateId);
  if (certificate === undefined) throw new Error('a change of a certificate that was never granted');
  return withCertificate(state, { ...certificate, status, decidedAt, effectiveFrom });
}
