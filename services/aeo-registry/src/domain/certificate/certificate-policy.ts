import type { Certificate } from './certificate.ts';
import type { AppliedFor, Instant } from '../operator/event.ts';
import { dayIn, plusDays, plusMonths, type Tier, type ProgrammeDefinition } from '@aeo/programmes';
import { validityOf } from './certificate-dates.ts';

type Rules = Pick<ProgrammeDefinition, 'components' | 'tiers' | 'transitions' | 'validity' | 'timeZone'>;
export type Bar = 'CERTIFICATE_EXISTS' | 'REAPPLICATION_BARRED' | 'RENEWAL_NOT_OPEN';

/**
 * Why what is applied for may not be granted now; undefined where it may. The holder of a certificate may apply for a
 * higher tier of its component or, in its window, for its renewal; a suspended certificate is only reinstated. After a
 * revocation the programme's bar runs from the instant at which the revocation took effect.
 */
export function reapplicationBar(
  programme: Rules,
  certificates: readonly Certificate[],
  now: Instant,
  applied: Applied = { tiers: [], designatedFor: [], renewal: false },
): Bar | undefined {
  const { tiers, held, ofComponents } = concernedBy(programme, certificates, applied);
  if (applied.renewal) return renewalBar(programme, held, now);
  const areUpgraded =
    held.length === 0 ||
    (applied.tiers.length > 0 &&
      held.every(({ status }) => status === 'active') &&
      tiers.every((tier) => isAboveHeld(tier, held, programme)));
  if (!areUpgraded) return 'CERTIFICATE_EXISTS';
  return ofComponents.some((each) => isBarred(each, programme, now)) ? 'REAPPLICATION_BARRED' : undefined;
}

/** Why a renewal that was submitted in its window may not be granted: its certificate was lost since then. */
export function renewedCertificateBar(
  programme: Rules,
  certificates: readonly Certificate[],
  now: Instant,
  applied: Pick<Applied, 'tiers' | 'designatedFor'>,
): Bar | undefined {
  const { held, ofComponents } = concernedBy(programme, certificates, applied);
  if (ofComponents.some((each) => isBarred(each, programme, now))) return 'REAPPLICATION_BARRED';
  return held.length > 0 ? undefined : 'RENEWAL_NOT_OPEN';
}

type Applied = Pick<AppliedFor, 'tiers' | 'designatedFor' | 'renewal'>;

/** The tiers applied for, and the certificates of their components: all, and those that are held. */
type Concerned = { tiers: Tier[]; ofComponents: Certificate[]; held: Certificate[] };

function concernedBy(
  programme: Rules,
  certificates: readonly Certificate[],
  applied: Pick<Applied, 'tiers' | 'designatedFor'>,
): Concerned {
  const ids = [...applied.tiers, ...applied.designatedFor];
  const tiers = programme.tiers.filter(({ id }) => applied.tiers.length === 0 || ids.includes(id));
  const components = new Set(tiers.map(({ component }) => component));
  const ofComponents = certificates.filter(({ component }) => components.has(component));
  const held = ofComponents.filter(({ status }) => status === 'active' || status === 'suspended');
  return { tiers, ofComponents, held };
}

function isAboveHeld({ component, rank }: Tier, held: readonly Certificate[], programme: Rules): boolean {
  return held.every((each) => each.component !== component || isAbove(rank, each, programme));
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
      // The length is unknown: the bar holds until a version states it.
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
