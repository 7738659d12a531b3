import type { Certificate } from './certificate.ts';
import type { Day } from '@aeo/programmes';

/** What a person has to look into: proofs a certificate rests on that have lapsed, by the day that was found, and duties missed. */
export type Review = { lapsedProofs: Record<string, Day>; missedDuties: Day[] };

/** Undefined where there is nothing to look into; what has ended is nobody's concern. */
export function reviewOf({ status, lapsedProofs, duties }: Certificate): Review | undefined {
  if (status !== 'active' && status !== 'suspended') return undefined;
  const missedDuties = Object.keys(duties).filter((dueOn) => duties[dueOn] === 'missed');
  if (Object.keys(lapsedProofs).length === 0 && missedDuties.length === 0) return undefined;
  return { lapsedProofs, missedDuties };
}
