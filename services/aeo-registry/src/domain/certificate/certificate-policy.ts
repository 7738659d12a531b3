import type { Certificate } from './certificate.ts';
import type { AppliedFor, Instant } from '../operator/event.ts';
import { dayIn, plusDays, plusMonths, type Tier, type ProgrammeDefinition } from '@aeo/programmes';
import { validityOf } from './certificate-dates.ts';

type Rules = Pick<ProgrammeDefinition, 'components' | 'tiers' | 'transitions' | 'validity' | 'timeZone'>;
export type Bar = 'CERTIFICATE_EXISTS' | 'REAPPLICATION_BARRED' | 'RENEWAL_NOT_OPEN';

/**
 * What stands against granting what is asked for now; undefined where nothing does. Whoever holds a certificate of a
 * component may ask for a higher tier of it or, in its window, for its renewal; a suspended one comes back by
 * reinstatement alone. After a revocation the programme's bar runs from the instant at which the revocation took effect.
 */
export function reapplicationBar(
  programme: Rules,
  certificates: readonly Certificate[],
  now: Instant,
  applied: Asked = { tiers: [], designatedFor: [], renewal: false },
): Bar | undefined {
  const asked = askedOf(programme, applied);
  const ours = certificates.filter(({ component }) => asked.some((tier) => tier.component === component));
  const held = ours.filter(({ status }) => status === 'active' || status === 'suspended');
  if (applied.renewal) return renewalBar(programme, held, now);
  const isUpgrade = (certificate: Certificate) =>
    certificate.status === 'active' &&
    applied.tiers.length > 0 &&
    asked.every(
      (tier) => tier.component !== certificate.component || isAbove(tier.rank, certificate, programme),
    );
  if (!held.every(isUpgrade)) return 'CERTIFICATE_EXISTS';
  return ours.some((certificate) => isBarred(certificate, programme, now))
    ? 'REAPPLICATION_BARRED'
    : undefined;
}

type Asked = Pick<AppliedFor, 'tiers' | 'designatedFor' | 'renewal'>;

function askedOf({ tiers }: Rules, applied: Pick<Asked, 'tiers' | 'designatedFor'>): Tier[] {
  const ids = [...applied.tiers, ...applied.designatedFor];
  return tiers.filter(({ id }) => applied.tiers.length === 0 || ids.includes(id));
}

/** What stands against granting a renewal that was lodged in its window: what it renews was lost since then. */
export function renewedCertificateBar(
  programme: Rules,
  certificates: readonly Certificate[],
  now: Instant,
  applied: Pick<Asked, 'tiers' | 'designatedFor'>,
): Bar | undefined {
  const asked = askedOf(programme, applied);
  const ours = certificates.filter(({ component }) => asked.some((tier) => tier.component === component));
  if (ours.some((each) => isBarred(each, programme, now))) return 'REAPPLICATION_BARRED';
  return ours.some(({ status }) => status === 'active' || status === 'suspended')
    ? undefined
    : 'RENEWAL_NOT_OPEN';
}

function isAbove(rank: number, { tier }: Certificate, { tiers }: Rules): boolean {
  const held = tiers.find(({ id }) => id === tier);
  return held !== undefined && rank > held.rank;
}

function renewalBar(
  { validity, timeZone }: Rules,
  held: readonly Certificate[],
  now: Instant,
): 'RENEWAL_NOT_OPEN' | undefined {
  if (held.length === 0) return 'RENEWAL_NOT_OPEN';
  const dayAt = (instant: Instant) => dayIn(new Date(instant), timeZone);
  const isOpen = held.every(({ status, tier, validUntil }) => {
    if (status !== 'active' || validUntil === null) return false;
    const opens = validityOf({ validity }, tier)?.renewWindow?.opensDays;
    return typeof opens !== 'number' || plusDays(dayAt(validUntil), -opens) <= dayAt(now);
  });
  return isOpen ? undefined : 'RENEWAL_NOT_OPEN';
}

function isBarred(certificate: Certificate, { tiers, transitions }: Rules, now: Instant): boolean {
  if (certificate.status !== 'revoked') return false;
  const lost = lostWith(certificate, tiers);
  return transitions.some(
    ({ on, tiers: of, bar }) =>
      on === 'revoke' &&
      of.some((id) => lost.includes(id)) &&
      // For how long is not known: then until somebody finds out.
      (bar === 'unknown' || (bar !== undefined && endOf(bar, certificate.effectiveFrom) > now)),
  );
}

/** The tier that was lost; where another version of the programme had it, whatever the component has now. */
function lostWith({ component, tier }: Certificate, tiers: ProgrammeDefinition['tiers']): string[] {
  if (tiers.some(({ id }) => id === tier)) return [tier];
  return tiers.filter((each) => each.component === component).map(({ id }) => id);
}

function endOf({ n, unit }: { n: number; unit: 'month' | 'year' }, from: Instant): Instant {
  return `${plusMonths(from.slice(0, 10), unit === 'year' ? 12 * n : n)}${from.slice(10)}`;
}
