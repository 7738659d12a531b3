import type { Certificate } from './certificate.ts';
import type { Day } from '@aeo/programmes';

/** What a person has to look into: evidence of a certificate that has expired, by the day of the finding, and missed duties. */
export type Review = { lapsedProofs: Record<string, Day>; missedDuties: Day[] };

/** Undefined where there is nothing to look into; an ended certificate needs no review. */
export function reviewOf({ status, lapsedProofs, duties }: Certificate): Review | undefined {
  if (status !== 'active' && status !== 'suspended') return undefined;
  const missedDuties = Object.keys(duties).filter((dueOn) => duties[dueOn] === 'missed');
  if (Object.keys(lapsedProofs).length === 0 && missedDuties.length === 0) return undefined;
  return { lapsedProofs, missedDuties };
}
