import type { IdentifierClaim } from './event.ts';

/**
 * How a number stands to the rule of its scheme. `checksum_failed`: it has the form, and a digit of it is wrong;
 * `checksum_warning`: the same in a scheme whose numbers in use are known to fail, so that it is taken all the same.
 * `unchecked`: no rule is known of this scheme.
 */
export type IdentifierStanding =
  ('valid' | 'checksum_failed' | 'checksum_warning') | ('format_invalid' | 'unchecked');

export type CheckIdentifier = (identifier: IdentifierClaim['identifier']) => IdentifierStanding;

/** Why an identifier is not taken; undefined where it is. What has no rule cannot be wrong by it. */
export function identifierProblem(
  identifier: IdentifierClaim['identifier'],
  checkIdentifier: CheckIdentifier,
): 'IDENTIFIER_CHECKSUM' | 'IDENTIFIER_FORMAT' | undefined {
  const standing = checkIdentifier(identifier);
  if (standing === 'checksum_failed') return 'IDENTIFIER_CHECKSUM';
  return standing === 'format_invalid' ? 'IDENTIFIER_FORMAT' : undefined;
}
