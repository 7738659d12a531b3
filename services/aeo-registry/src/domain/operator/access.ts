import type { Command } from './command.ts';
import { programmeVersionFor, type DecisionContext } from './decision.ts';
import type { FactOrigin } from './event.ts';
import { lookUp, type Instant, type Operator } from './operator.ts';
import type { Actor, ProgrammeDefinition } from '@aeo/programmes';

/** The caller: a system by its certificate, or a person by the claims of a token. */
export type Principal = {
  kind: 'certificate' | 'token';
  subject: string;
  roles: readonly string[];
  operatorIds: readonly string[];
  agencies: readonly string[];
};

/** Roles that see the files of every firm. Systems with a certificate are the authority's own. */
const ofTheAuthority: readonly string[] = ['officer', 'seniorOfficer', 'agency', 'auditor'];

const rolesOf: Readonly<Record<Actor, readonly string[]>> = {
  applicant: ['applicant', 'adviser'],
  customs: ['officer', 'seniorOfficer'],
  auditor: ['auditor'],
  agency: ['agency'],
  // Coaches are officers that do not decide; no identity provider tells them apart.
  coach: ['officer', 'seniorOfficer'],
};

export function isOfAuthority({ kind, roles }: Pick<Principal, 'kind' | 'roles'>): boolean {
  return kind === 'certificate' || roles.some((role) => ofTheAuthority.includes(role));
}

/**
 * Whether a caller may see an operator and act for it: the authority any, a firm's own people theirs, an adviser those
 * that have delegated to it, while the delegation lasts. For other callers the operator does not exist.
 */
export function mayAccess(principal: Principal, operatorId: string, state: Operator, now: Instant): boolean {
  if (isOfAuthority(principal)) return true;
  if (principal.roles.includes('applicant') && principal.operatorIds.includes(operatorId)) return true;
  if (!principal.roles.includes('adviser')) return false;
  const delegation = lookUp(state.delegations, principal.subject);
  return delegation !== undefined && (delegation.until === null || delegation.until > now);
}

/**
 * Whether a caller may act as an actor that a programme's steps name. An officer may also act for an applicant who
 * comes on paper.
 */
function mayActAs(actor: Actor, { kind, roles }: Pick<Principal, 'kind' | 'roles'>): boolean {
  if (kind === 'certificate') return true;
  const also = actor === 'applicant' ? rolesOf.customs : [];
  return roles.some((role) => rolesOf[actor].includes(role) || also.includes(role));
}

/**
 * Whether a caller who sees a firm may read its documents of a programme: an agency only where the programme is known
 * to share them with it.
 */
export function mayReadEvidence(
  programme: Pick<ProgrammeDefinition, 'agencies'> | undefined,
  { kind, roles, agencies }: Principal,
): boolean {
  if (kind === 'certificate' || roles.some((role) => role !== 'agency')) return true;
  return (programme?.agencies ?? []).some(
    ({ id, sharesEvidence }) => sharesEvidence === true && agencies.includes(id),
  );
}

/** The origins for which each role may state facts; an officer also records what a firm states at the counter. */
const originsOf: Readonly<Record<string, readonly FactOrigin[]>> = {
  officer: ['authority', 'applicant'],
  seniorOfficer: ['authority', 'applicant'],
  auditor: ['auditor'],
  agency: ['agency'],
};

type Refusal = { reason: 'NOT_ALLOWED' | 'FACT_ORIGIN' | 'FIELD_REQUIRED'; path: string };

/** Commands of which each is one person's part of a decision by two: a system names the person that acts. */
const byPersons: ReadonlySet<Command['type']> = new Set<Command['type']>([
  'DecideApplication',
  'ApproveDecision',
  'RejectProposal',
  'DecideAppeal',
]);

/**
 * Why a caller may not give a command: a tier for which only customs designates, facts or a step that are for others
 * to state. Systems with a certificate are the authority's own and forward what others state, but name the person
 * where two persons decide. What does not exist is for the decision to refuse.
 */
export function authorizationProblem(
  command: Command,
  principal: Principal,
  state: Operator | undefined,
  context: DecisionContext,
): Refusal | undefined {
  if (principal.kind === 'certificate') return personProblem(command, principal, context);
  if ('applied' in command && (command.applied?.designatedFor ?? []).length > 0 && !isCustoms(principal))
    return { reason: 'NOT_ALLOWED', path: 'designatedFor' };
  if (command.type === 'RecordFacts') return originProblem(command, principal);
  return command.type === 'TakeStep' ? stepProblem(command, principal, state, context) : undefined;
}

function personProblem(
  { type }: Command,
  { subject }: Principal,
  { actor }: DecisionContext,
): Refusal | undefined {
  return byPersons.has(type) && actor === subject ? { reason: 'FIELD_REQUIRED', path: 'actor' } : undefined;
}

function isCustoms({ roles }: Principal): boolean {
  return roles.some((role) => rolesOf.customs.includes(role));
}

function originProblem(
  { origin }: Command & { type: 'RecordFacts' },
  { roles }: Principal,
): Refusal | undefined {
  const mayState = roles.some((role) => originsOf[role]?.includes(origin) === true);
  return mayState ? undefined : { reason: 'FACT_ORIGIN', path: 'origin' };
}

function stepProblem(
  command: Command & { type: 'TakeStep' },
  principal: Principal,
  state: Operator | undefined,
  context: DecisionContext,
): Refusal | undefined {
  const application = state && lookUp(state.applications, command.applicationId);
  const step =
    application && programmeVersionFor(application, context)?.steps.find(({ id }) => id === command.step);
  if (step === undefined) return undefined;
  if (!mayActAs(step.actor, principal)) return { reason: 'NOT_ALLOWED', path: 'step' };
  const isOfOtherAgency =
    step.actor === 'agency' && command.agency !== undefined && !principal.agencies.includes(command.agency);
  return isOfOtherAgency ? { reason: 'NOT_ALLOWED', path: 'agency' } : undefined;
}
