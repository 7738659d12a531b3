import { AppError } from './errors.ts';
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
 * @throws AppError `denied` NOT_ALLOWED
 */
export function requireAllowed(principal: Principal, rule: Rule | undefined): void {
  if (rule !== undefined && isNamed(principal, rule)) return;
  throw new AppError('denied', 'NOT_ALLOWED', 'this caller may not do this');
}

function isNamed({ kind, subject, roles }: Principal, rule: Rule): boolean {
  if (kind === 'token') return roles.some((role) => rule.roles?.includes(role) === true);
  // The empty name is a connection without a certificate, and no rule lets that in.
  if (subject === '') return false;
  return rule.certificates === 'any' || rule.certificates?.includes(subject) === true;
}
