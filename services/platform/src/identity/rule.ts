import { AppError } from '../errors.ts';
import type { Principal, Role } from './principal.ts';

/** Who may call. A certificate is let in by its name, a token by a role it holds; what is left out lets nobody in. */
export type Rule = {
  /** Names of certificates; `any` is every certificate of our authority. */
  certificates?: 'any' | readonly string[];
  roles?: readonly Role[];
};

/**
 * Lets pass whom the rule names; without a rule, nobody.
 *
 * @returns the caller as what it was let in: of the roles of a token those alone that the rule names, so that one role
 * does not open a door for what another may do behind it
 * @throws AppError `denied` NOT_ALLOWED
 */
export function requireAllowed(principal: Principal, rule: Rule | undefined): Principal {
  if (rule !== undefined && isNamed(principal, rule)) {
    if (principal.kind === 'certificate') return principal;
    return { ...principal, roles: principal.roles.filter((role) => rule.roles?.includes(role) === true) };
  }
  throw new AppError('denied', 'NOT_ALLOWED', 'this caller may not do this');
}

function isNamed({ kind, subject, roles }: Principal, rule: Rule): boolean {
  if (kind === 'token') return roles.some((role) => rule.roles?.includes(role) === true);
  // The empty name is a connection without a certificate, and no rule lets that in.
  if (subject === '') return false;
  return rule.certificates === 'any' || rule.certificates?.includes(subject) === true;
}
