import { barAgainst } from './bars.ts';
import { firmOf } from './firm-of.ts';
import { heldUnder } from './operator.ts';
import type { Certificate, ControlOutcome, Event, FactsOfPeriod, Operator, Profile } from './operator.ts';
import { decideCase, type CaseDecision } from './programme/decide-case.ts';
import type { Evaluate } from './programme/firm-case.ts';
import type { ProgrammeDefinition } from './programme/programme.ts';
import type { Programmes } from './programme/programmes.ts';
import { resultsOf } from './results-of.ts';

export type Command =
  | { type: 'RegisterOperator'; profile: Profile }
  | { type: 'RecordComplianceFacts'; origin: string; facts: FactsOfPeriod }
  | { type: 'RecordControl'; controlId: string; outcome: ControlOutcome; declaredOn: string }
  | { type: 'SubmitApplication'; applicationId: string; programmeId: string }
  | { type: 'DecideApplication'; applicationId: string; certificateId: string }
  | { type: 'SuspendCertificate'; certificateId: string; reason: string; effectiveFrom: string | null }
  | { type: 'ReinstateCertificate'; certificateId: string; reason: string }
  | { type: 'RevokeCertificate'; certificateId: string; reason: string };

export type RefusalReason =
  'KEY_REUSED' | 'NOT_FOUND' | 'OUT_OF_ORDER' | 'CERTIFICATE_EXISTS' | 'REAPPLICATION_BARRED';

/** No events: the command was carried out before, and the answer is the same as then. */
export type Decision = { kind: 'accepted'; events: Event[] } | { kind: 'refused'; reason: RefusalReason };

export type World = { programmes: Programmes; evaluate: Evaluate; now: string };

/** Pure: the same command, state and world give the same decision. */
export function decide(command: Command, state: Operator | undefined, world: World): Decision {
  if (command.type === 'RegisterOperator') {
    if (state === undefined)
      return accepted({ type: 'OperatorRegistered', at: world.now, profile: command.profile });
    return same(state.profile, command.profile) ? accepted() : refused('KEY_REUSED');
  }
  if (state === undefined) return refused('NOT_FOUND');
  switch (command.type) {
    case 'RecordComplianceFacts': {
      const { origin, facts } = command;
      if (same(heldUnder(state.facts, origin), facts)) return accepted();
      return accepted({ type: 'ComplianceFactsRecorded', at: world.now, origin, facts });
    }
    case 'RecordControl': {
      const { controlId, outcome, declaredOn } = command;
      return accepted({ type: 'ControlRecorded', at: world.now, controlId, outcome, declaredOn });
    }
    case 'SubmitApplication':
      return submit(command, state, world);
    case 'DecideApplication':
      return decideApplication(command, state, world);
    case 'SuspendCertificate':
    case 'ReinstateCertificate':
    case 'RevokeCertificate':
      return changeCertificate(command, heldUnder(state.certificates, command.certificateId), world.now);
  }
}

const dayOf = (instant: string) => instant.slice(0, 10);

function submit(command: Command & { type: 'SubmitApplication' }, state: Operator, world: World): Decision {
  const { applicationId, programmeId } = command;
  const programme = world.programmes.inForce(programmeId, dayOf(world.now));
  if (programme === undefined) return refused('NOT_FOUND');
  const earlier = heldUnder(state.applications, applicationId);
  if (earlier !== undefined) return earlier.programmeId === programmeId ? accepted() : refused('KEY_REUSED');
  const bar = barAgainst(programme, Object.values(state.certificates), world.now);
  if (bar !== undefined) return refused(bar);
  const { version: programmeVersion } = programme;
  const submitted = { applicationId, programmeId, programmeVersion };
  return accepted({ type: 'ApplicationSubmitted', at: world.now, ...submitted });
}

function decideApplication(
  command: Command & { type: 'DecideApplication' },
  state: Operator,
  world: World,
): Decision {
  const { applicationId, certificateId } = command;
  const application = heldUnder(state.applications, applicationId);
  if (application === undefined) return refused('NOT_FOUND');
  if (application.status !== 'submitted') return accepted();
  const programme = programmeFor(application, world);
  if (programme === undefined) return refused('NOT_FOUND');
  // Another application may have been granted, and its certificate suspended or revoked, since this one came in.
  const bar = barAgainst(programme, Object.values(state.certificates), world.now);
  if (bar !== undefined) return refused(bar);
  const firm = firmOf(state, programme, dayOf(world.now));
  const decision = decideCase(programme, firm, world.evaluate);
  const decided = {
    ...{ at: world.now, applicationId, results: resultsOf(decision) },
    decidedOn: { programmeId: programme.id, programmeVersion: programme.version, firm },
  };
  const granted = grantedBy(programme, decision, certificateId);
  return granted === undefined
    ? accepted({ type: 'ApplicationRefused', ...decided })
    : accepted({ type: 'CertificateGranted', ...decided, granted });
}

/** Applications from before their version was noted go by the one in force. */
function programmeFor(
  { programmeId, programmeVersion }: { programmeId: string; programmeVersion?: number },
  { programmes, now }: World,
): ProgrammeDefinition | undefined {
  return programmeVersion === undefined
    ? programmes.inForce(programmeId, dayOf(now))
    : programmes.forFile(programmeId, programmeVersion, dayOf(now));
}

/** The certificate of the first component in which a tier was reached; undefined where there is none. */
function grantedBy(
  { id, version, components, tiers }: ProgrammeDefinition,
  decision: CaseDecision,
  certificateId: string,
) {
  for (const { id: component, purposes } of components) {
    const tier = tiers.find((each) => each.id === decision.tiers[component] && each.polarity === 'granted');
    if (tier !== undefined)
      return {
        ...{ certificateId, programmeId: id, programmeVersion: version, component, purposes },
        ...{ tier: tier.id, credits: tier.credits },
      };
  }
  return undefined;
}

type Change = Command & { type: 'SuspendCertificate' | 'ReinstateCertificate' | 'RevokeCertificate' };

function changeCertificate(command: Change, certificate: Certificate | undefined, now: string): Decision {
  if (certificate === undefined) return refused('NOT_FOUND');
  const { certificateId, reason } = command;
  switch (command.type) {
    case 'SuspendCertificate': {
      if (certificate.status !== 'active') return refused('OUT_OF_ORDER');
      // A past date takes effect now: what was decided before stays decided.
      const asked = command.effectiveFrom ?? now;
      const effectiveFrom = asked < now ? now : asked;
      return accepted({ type: 'CertificateSuspended', at: now, certificateId, reason, effectiveFrom });
    }
    case 'ReinstateCertificate':
      if (certificate.status !== 'suspended') return refused('OUT_OF_ORDER');
      return accepted({ type: 'CertificateReinstated', at: now, certificateId, reason });
    case 'RevokeCertificate':
      if (certificate.status === 'revoked') return refused('OUT_OF_ORDER');
      return accepted({ type: 'CertificateRevoked', at: now, certificateId, reason });
  }
}

function accepted(...events: Event[]): Decision {
  return { kind: 'accepted', events };
}

function refused(reason: RefusalReason): Decision {
  return { kind: 'refused', reason };
}

function same(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

/** Key order does not matter: stored JSON comes back in another order than it was written. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
