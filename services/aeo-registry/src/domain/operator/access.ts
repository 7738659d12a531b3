import type { Command } from './command.ts';
import { rulesFor, type DecisionContext } from './decision.ts';
import type { FactOrigin } from './event.ts';
import { heldUnder, type Instant, type Operator } from './operator.ts';
import type { Actor, ProgrammeDefinition } from '@aeo/programmes';

/** Whoever asks: a system by its certificate, or a person by what a token says of them. */
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
 * Whether somebody may see an operator and act for it: the authority any, a firm's own people theirs, an adviser those
 * that have delegated to it, for as long as that lasts. To anybody else the operator is not there.
 */
export function mayAccess(asker: Principal, operatorId: string, state: Operator, now: Instant): boolean {
  if (isOfAuthority(asker)) return true;
  if (asker.roles.includes('applicant') && asker.operatorIds.includes(operatorId)) return true;
  if (!asker.roles.includes('adviser')) return false;
  const delegation = heldUnder(state.delegations, asker.subject);
  return delegation !== undefined && (delegation.until === null || delegation.until > now);
}

/**
 * Whether somebody may act as one of those that a programme's steps name. An officer does on paper what a firm asks it
 * to, so that nobody is shut out who has no computer.
 */
function mayActAs(actor: Actor, { kind, roles }: Pick<Principal, 'kind' | 'roles'>): boolean {
  if (kind === 'certificate') return true;
  const also = actor === 'applicant' ? rolesOf.customs : [];
  return roles.some((role) => rolesOf[actor].includes(role) || also.includes(role));
}

/**
 * Whether somebody who sees a firm may read its documents of a programme: an agency those of programmes that share them
 * with it; where nobody knows whether they do, they are not shared.
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

/** Facts are for whoever finds them to say; what a firm tells at the counter an officer records. */
const originsOf: Readonly<Record<string, readonly FactOrigin[]>> = {
  officer: ['authority', 'applicant'],
  seniorOfficer: ['authority', 'applicant'],
  auditor: ['auditor'],
  agency: ['agency'],
};

type Refusal = { reason: 'NOT_ALLOWED' | 'FACT_ORIGIN' | 'FIELD_REQUIRED'; path: string };

/** What two persons have a part in: a system says which person it is that acts. */
const byPersons: ReadonlySet<Command['type']> = new Set<Command['type']>([
  ...(['DecideApplication', 'ApproveDecision', 'RejectProposal', 'DecideAppeal'] as const),
]);

/**
 * What of a command is for somebody else to say: a step that is another's, what another authority has to say in one, facts
 * that another finds, a tier for which customs designates. Systems with a certificate are the authority's own, and carry
 * what others told it, but where two persons decide they say who it is. What is not there is for the decision to refuse.
 */
export function authorizationProblem(
  command: Command,
  asker: Principal,
  state: Operator | undefined,
  context: DecisionContext,
): Refusal | undefined {
  if (asker.kind === 'certificate')
    return byPersons.has(command.type) && context.actor === asker.subject
      ? { reason: 'FIELD_REQUIRED', path: 'actor' }
      : undefined;
  const isCustoms = asker.roles.some((role) => rolesOf.customs.includes(role));
  if ('applied' in command && (command.applied?.designatedFor ?? []).length > 0 && !isCustoms)
    return { reason: 'NOT_ALLOWED', path: 'designatedFor' };
  if (command.type === 'RecordFacts')
    return asker.roles.some((role) => originsOf[role]?.includes(command.origin) === true)
      ? undefined
      : { reason: 'FACT_ORIGIN', path: 'origin' };
  if (command.type !== 'TakeStep') return undefined;
  const application = state && heldUnder(state.applications, command.applicationId);
  const step = application && rulesFor(application, context)?.steps.find(({ id }) => id === command.step);
  if (step === undefined) return undefined;
  if (!mayActAs(step.actor, asker)) return { reason: 'NOT_ALLOWED', path: 'step' };
  const isAnothers =
    step.actor === 'agency' && command.agency !== undefined && !asker.agencies.includes(command.agency);
  return isAnothers ? { reason: 'NOT_ALLOWED', path: 'agency' } : undefined;
}
