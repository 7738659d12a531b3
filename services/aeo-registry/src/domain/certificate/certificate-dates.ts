import type { Certificate } from './certificate.ts';
import type { Instant } from '../operator/event.ts';
import {
  dayIn,
  plusDays,
  plusMonths,
  type Day,
  type Validity,
  type ProgrammeDefinition,
} from '@aeo/programmes';

export function validityOf(
  { validity }: Pick<ProgrammeDefinition, 'validity'>,
  tier: string,
): Validity | undefined {
  return validity.find(({ tiers }) => tiers.includes(tier));
}

/**
 * The end of a term that begins on a day, as the first instant after it; null where the programme sets none, or nobody
 * knows it.
 */
export function endOfTerm(
  programme: Pick<ProgrammeDefinition, 'validity' | 'timeZone'>,
  tier: string,
  from: Day,
): Instant | null {
  const validity = validityOf(programme, tier);
  if (validity?.mode !== 'fixedTerm') return null;
  const { term } = validity;
  if (term === undefined || term === 'unknown') return null;
  return startOf(plusMonths(from, term.unit === 'year' ? 12 * term.n : term.n), programme.timeZone);
}

/** Whether a renewal lodged on this day keeps the certificate going until it is decided. */
export function continuesByRenewal(
  programme: Pick<ProgrammeDefinition, 'validity' | 'timeZone'>,
  { tier, validUntil, status }: Certificate,
  on: Day,
): boolean {
  const validity = validityOf(programme, tier);
  if (status !== 'active' || validUntil === null || validity?.continuesWhileRenewalPending !== true)
    return false;
  const closes = validity.renewWindow?.closesDays;
  return (
    on <= plusDays(dayIn(new Date(validUntil), programme.timeZone), typeof closes === 'number' ? -closes : -1)
  );
}

/** The window of a periodic duty that ended last before a day, if the tier was held through all of it. */
export function lastEndedDuty(
  programme: Pick<ProgrammeDefinition, 'validity' | 'timeZone'>,
  { tier, tierSince }: Certificate,
  today: Day,
): { form: string; dueOn: Day; action: string } | undefined {
  const { periodicDuty, onMissedDuty } = validityOf(programme, tier) ?? {};
  if (periodicDuty === undefined) return undefined;
  const year = Number(today.slice(0, 4));
  const ends = [year - 1, year].map((each) => `${each}-${periodicDuty.to}`).filter((end) => end < today);
  const dueOn = ends.at(-1);
  if (dueOn === undefined) return undefined;
  const opensOn = opening(periodicDuty, dueOn);
  if (dayIn(new Date(tierSince), programme.timeZone) > opensOn) return undefined;
  return { form: periodicDuty.form, dueOn, action: onMissedDuty ?? 'unknown' };
}

/** The window of a periodic duty that is open on a day. */
export function openDuty(
  programme: Pick<ProgrammeDefinition, 'validity'>,
  tier: string,
  today: Day,
): { form: string; dueOn: Day } | undefined {
  const { periodicDuty } = validityOf(programme, tier) ?? {};
  if (periodicDuty === undefined) return undefined;
  const year = Number(today.slice(0, 4));
  const dueOn = [year, year + 1]
    .map((each) => `${each}-${periodicDuty.to}`)
    .find((end) => end >= today && opening(periodicDuty, end) <= today);
  return dueOn === undefined ? undefined : { form: periodicDuty.form, dueOn };
}

function opening({ from, to }: { from: string; to: string }, end: Day): Day {
  const year = Number(end.slice(0, 4));
  return `${from <= to ? year : year - 1}-${from}`;
}

const quarterMs = 900_000;
/** No clocks are further from UTC than these, in quarters of an hour. */
const quarters = { ahead: 14 * 4, apart: 26 * 4 };

/** The first instant of a day by the clocks of a time zone; offsets are whole quarters of an hour. */
export function startOf(day: Day, timeZone = 'UTC'): Instant {
  const midnight = Date.parse(`${day}T00:00:00.000Z`);
  if (timeZone === 'UTC') return new Date(midnight).toISOString();
  const earliest = midnight - quarters.ahead * quarterMs;
  for (let quarter = 0; quarter < quarters.apart; quarter += 1) {
    const instant = new Date(earliest + quarter * quarterMs);
    if (dayIn(instant, timeZone) >= day) return instant.toISOString();
  }
  return new Date(midnight).toISOString();
}
