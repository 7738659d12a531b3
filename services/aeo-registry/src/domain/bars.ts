import type { Certificate, Instant } from './operator.ts';
import type { Programme } from './programme.ts';

const dayMs = 86_400_000;

/**
 * What stands against granting this programme's component now; undefined where nothing does. Whoever holds a
 * certificate of the component, suspended or not, gets its benefits back by reinstatement alone; after a revocation
 * the programme's bar runs from the instant at which the revocation took effect.
 */
export function barAgainst(
  programme: Pick<Programme, 'component' | 'reapplicationBarDays'>,
  certificates: readonly Certificate[],
  now: Instant,
): 'CERTIFICATE_EXISTS' | 'REAPPLICATION_BARRED' | undefined {
  const ofComponent = certificates.filter(({ component }) => component === programme.component);
  if (ofComponent.some(({ status }) => status !== 'revoked')) return 'CERTIFICATE_EXISTS';
  const barMs = programme.reapplicationBarDays * dayMs;
  const barred = ofComponent.some(({ effectiveFrom }) => Date.parse(effectiveFrom) + barMs > Date.parse(now));
  return barred ? 'REAPPLICATION_BARRED' : undefined;
}
