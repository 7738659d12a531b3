import type { Actor } from './programme/procedure.ts';
import { heldUnder, type Instant, type Operator } from './operator.ts';

/** Whoever asks: a system by its certificate, or a person by what a token says of them. */
export type Asker = {
  kind: 'certificate' | 'token';
  subject: string;
  roles: readonly string[];
  operatorIds: readonly string[];
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

export function isOfAuthority({ kind, roles }: Pick<Asker, 'kind' | 'roles'>): boolean {
  return kind === 'certificate' || roles.some((role) => ofTheAuthority.includes(role));
}

/**
 * Whether somebody may see an operator and act for it: the authority any, a firm's own people theirs, an adviser those
 * that have delegated to it, for as long as that lasts. To anybody else the operator is not there.
 */
export function concerns(asker: Asker, operatorId: string, state: Operator, now: Instant): boolean {
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
export function mayActAs(actor: Actor, { kind, roles }: Pick<Asker, 'kind' | 'roles'>): boolean {
  if (kind === 'certificate') return true;
  const also = actor === 'applicant' ? rolesOf.customs : [];
  return roles.some((role) => rolesOf[actor].includes(role) || also.includes(role));
}
