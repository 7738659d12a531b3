import type { Certificate, Instant } from './operator.ts';
import { plusMonths } from './programme/days.ts';
import type { ProgrammeDefinition } from './programme/programme.ts';

/**
 * What stands against granting a certificate of this programme now; undefined where nothing does. Whoever holds a
 * certificate of a component, suspended or not, gets its benefits back by reinstatement alone; after a revocation the
 * programme's bar runs from the instant at which the revocation took effect.
 */
export function barAgainst(
  { components, tiers, transitions }: Pick<ProgrammeDefinition, 'components' | 'tiers' | 'transitions'>,
  certificates: readonly Certificate[],
  now: Instant,
): 'CERTIFICATE_EXISTS' | 'REAPPLICATION_BARRED' | undefined {
  const ours = certificates.filter(({ component }) => components.some(({ id }) => id === component));
  if (ours.some(({ status }) => status !== 'revoked')) return 'CERTIFICATE_EXISTS';
  const barred = ours.some((certificate) => {
    const lost = lostWith(certificate, tiers);
    return transitions.some(
      ({ on, tiers: of, bar }) =>
        on === 'revoke' &&
        of.some((id) => lost.includes(id)) &&
        // For how long is not known: then until somebody finds out.
        (bar === 'unknown' || (bar !== undefined && endOf(bar, certificate.effectiveFrom) > now)),
    );
  });
  return barred ? 'REAPPLICATION_BARRED' : undefined;
}

/** The tier that was lost; where another version of the programme had it, whatever the component has now. */
function lostWith({ component, tier }: Certificate, tiers: ProgrammeDefinition['tiers']): string[] {
  if (tiers.some(({ id }) => id === tier)) return [tier];
  return tiers.filter((each) => each.component === component).map(({ id }) => id);
}

function endOf({ n, unit }: { n: number; unit: 'month' | 'year' }, from: Instant): Instant {
  return `${plusMonths(from.slice(0, 10), unit === 'year' ? 12 * n : n)}${from.slice(10)}`;
}
