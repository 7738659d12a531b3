import type { Instant } from '../domain/operator/event.ts';

/** What fields may be, over gRPC and REST alike. */

export const lengthsMax = { name: 200, reason: 500, text: 1_000, note: 2_000 };

export const countsMax = { ids: 50, identifiers: 50, facts: 200, items: 1_000 };

/** The accepted years: from the first one to before the end. */
export const years = { first: '1990', end: '2200' };

export function isInRange(date: Date): boolean {
  return date >= new Date(`${years.first}-01-01`) && date < new Date(`${years.end}-01-01`);
}

/** Whether a period, open where a date is absent, is in range and ends after it begins. */
export function isPeriod(from: Date | undefined, until: Date | undefined): boolean {
  if ([from, until].some((date) => date !== undefined && !isInRange(date))) return false;
  return from === undefined || until === undefined || from < until;
}

/** Null for a date that is absent or no date at all; the latter is refused by the checks. */
export function instantOf(date: Date | undefined): Instant | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
