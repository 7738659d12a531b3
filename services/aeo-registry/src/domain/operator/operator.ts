import { completeApplication, evolveApplication, type Application } from '../application/application.ts';
import { completeCertificate, evolveCertificate, type Certificate } from '../certificate/certificate.ts';
import type {
  ApplicationEvent,
  CertificateEvent,
  Event,
  Evidence,
  FactOrigin,
  FactsOfPeriod,
  Instant,
  OperatorEvent,
  Profile,
} from './event.ts';
import type { Particulars } from './particulars.ts';
import type { FactValue } from '@aeo/programmes';

export type * from './event.ts';
export type { Application, Certificate };

/** What is said of the operator under a fact of a programme, or under what several programmes share. */
type Statement = { value: FactValue; origin: FactOrigin; at: Instant };

type Consent = { given: boolean; at: Instant };

export type Operator = {
  profile: Profile;
  facts: Record<string, FactsOfPeriod>;
  applications: Record<string, Application>;
  certificates: Record<string, Certificate>;
  /** By programme and fact. */
  statements: Record<string, Statement>;
  evidence: Record<string, Evidence>;
  /** By programme, consent and, where it is given for each, arrangement. */
  consents: Record<string, Consent>;
  particulars: { [Kind in keyof Particulars]: Record<string, Particulars[Kind]> };
  /** Advisers who may act for the operator, with the end of that, if any. */
  delegations: Record<string, { until: Instant | null }>;
};

const nothing = {
  facts: {},
  applications: {},
  certificates: {},
  statements: {},
  evidence: {},
  consents: {},
  particulars: { site: {}, person: {}, groupFirm: {}, reliedUponParty: {} },
  delegations: {},
};

/** A state as it was stored, complete with what was not there yet at the time. */
export function completeOperator(stored: Partial<Operator> & Pick<Operator, 'profile'>): Operator {
  const each = <Value>(held: Record<string, Value> | undefined, complete: (value: Value) => Value) =>
    Object.fromEntries(Object.entries(held ?? {}).map(([id, value]) => [id, complete(value)]));
  return {
    ...nothing,
    ...stored,
    applications: each(stored.applications, completeApplication),
    certificates: each(stored.certificates, completeCertificate),
  };
}

/** The own value of a caller's key; inherited names such as `constructor` have none. */
export function lookUp<Value>(held: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(held, name) ? held[name] : undefined;
}

/** The operator's certificates under any version of a programme. */
export function certificatesOf({ certificates }: Operator, programmeId: string): Certificate[] {
  return Object.values(certificates).filter((each) => each.programmeId === programmeId);
}

const published = new Set<Event['type']>([
  'OperatorRegistered',
  'IdentifierClaimed',
  'IdentifierEnded',
  'ConsentRecorded',
]);

/** What a partner or border post sees changes with these and with nothing else. */
export function changesStatus({ type }: Event): boolean {
  return published.has(type) || type.startsWith('Certificate');
}

/** The state after an event. Only events that `decide` accepted are given to it. */
export function evolve(state: Operator | undefined, event: Event): Operator {
  if (event.type === 'OperatorRegistered') return completeOperator({ profile: event.profile });
  if (state === undefined) throw new Error(`${event.type} before OperatorRegistered`);
  if (isOfCertificate(event)) return withCertificateEvent(state, event);
  if (isOfApplication(event)) return withApplicationEvent(state, event);
  return withOperatorEvent(state, event);
}

function isOfCertificate(event: Event): event is CertificateEvent {
  return event.type.startsWith('Certificate') || 'certificateId' in event;
}

function isOfApplication(event: Event): event is ApplicationEvent {
  return 'applicationId' in event;
}

function withCertificateEvent(state: Operator, event: CertificateEvent): Operator {
  const id = event.type === 'CertificateGranted' ? event.granted.certificateId : event.certificateId;
  const certificate = evolveCertificate(lookUp(state.certificates, id), event);
  const next = { ...state, certificates: { ...state.certificates, [id]: certificate } };
  if (event.type !== 'CertificateGranted' || event.results === undefined) return next;
  // A row from before a grant was an event of its application.
  const { applicationId, results, decidedOn = null } = event;
  const before = lookUp(state.applications, applicationId);
  const application = completeApplication({
    ...before,
    programmeId: event.granted.programmeId,
    status: 'granted',
    results,
    decidedOn,
    certificateId: id,
    certificateIds: [id],
    revision: (before?.revision ?? 0) + 1,
  });
  return { ...next, applications: { ...state.applications, [applicationId]: application } };
}

function withApplicationEvent(state: Operator, event: ApplicationEvent): Operator {
  const { applicationId } = event;
  const application = evolveApplication(lookUp(state.applications, applicationId), event);
  return { ...state, applications: { ...state.applications, [applicationId]: application } };
}

function withOperatorEvent(
  state: Operator,
  event: Exclude<OperatorEvent, { type: 'OperatorRegistered' }>,
): Operator {
  switch (event.type) {
    case 'IdentifierClaimed':
      return withIdentifiers(state, [...state.profile.identifiers, event.claim]);
    case 'IdentifierEnded':
      return withIdentifiers(state, identifiersEnded(state, event));
    case 'ComplianceFactsRecorded':
      return { ...state, facts: { ...state.facts, [event.origin]: event.facts } };
    case 'ControlRecorded':
      return { ...state, facts: { ...state.facts, [controlsOrigin]: withControl(state, event) } };
    case 'FactsRecorded':
      return { ...state, statements: { ...state.statements, ...statementsOf(event) } };
    case 'EvidenceRecorded':
      return { ...state, evidence: { ...state.evidence, [event.evidenceId]: event.evidence } };
    case 'ConsentRecorded': {
      const { given, at } = event;
      return { ...state, consents: { ...state.consents, [consentKey(event)]: { given, at } } };
    }
    case 'ParticularRecorded': {
      const { kind, id, particular } = event;
      const ofKind = { ...state.particulars[kind], [id]: particular };
      return { ...state, particulars: { ...state.particulars, [kind]: ofKind } };
    }
    case 'DelegationGranted':
      return { ...state, delegations: { ...state.delegations, [event.adviser]: { until: event.until } } };
    case 'DelegationRevoked':
      return { ...state, delegations: { ...state.delegations, [event.adviser]: { until: event.at } } };
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

function statementsOf({ facts, origin, at }: Event & { type: 'FactsRecorded' }): Record<string, Statement> {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, { value, origin, at }]));
}

/** No id contains the separator. */
export function consentKey(of: { programmeId: string; consentId: string; arrangement: string }): string {
  return `${of.programmeId}/${of.consentId}/${of.arrangement}`;
}

function withIdentifiers(state: Operator, identifiers: Profile['identifiers']): Operator {
  return { ...state, profile: { ...state.profile, identifiers } };
}

function identifiersEnded(state: Operator, { identifier, validUntil }: Event & { type: 'IdentifierEnded' }) {
  return state.profile.identifiers.map((claim) =>
    sameIdentifier(claim.identifier, identifier) ? { ...claim, validUntil } : claim,
  );
}

type Identifier = Profile['identifiers'][number]['identifier'];

export function sameIdentifier(one: Identifier, other: Identifier): boolean {
  return one.scheme === other.scheme && one.country === other.country && one.value === other.value;
}
