import { AppError } from '../errors.ts';
import type { Principal, Role } from './principal.ts';

/** Who may call. A certificate is admitted by its name, a token by one of its roles; a part left out admits nobody. */
export type Rule = {
  /** Names of certificates; `any` is every certificate of our authority. */
  certificates?: 'any' | readonly string[];
  roles?: readonly Role[];
};

/**
 * Admits the callers that the rule names; without a rule, none.
 *
 * @returns the caller with only those roles of its token that the rule names, so that one role does not admit it to
 * what only another role may do
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
  // The empty name is a connection without a certificate, and no rule admits that.
  if (subject === '') return false;
  return rule.certificates === 'any' || rule.certificates?.includes(subject) === true;
}
