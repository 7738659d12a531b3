import { dayIn, plusDays } from '../time/days.ts';
import type { Day } from './definition.ts';
import type { ProgrammeDefinition } from './programme.ts';

/** A day, or an instant as ISO 8601 text in UTC. */
type DayOrInstant = string;

export type Programmes = {
  all: readonly ProgrammeDefinition[];
  /** The version in force on a day, or at an instant by its authority's clocks; undefined where there was none. */
  inForce(id: string, when: DayOrInstant): ProgrammeDefinition | undefined;
  version(id: string, version: number): ProgrammeDefinition | undefined;
  /** Under which version a file that was begun under one goes on: with each later one that says so. */
  forApplication(id: string, begunUnder: number, when: DayOrInstant): ProgrammeDefinition | undefined;
};

/** @throws Error where two versions of a programme cannot be told apart, or follow on nothing */
export function programmesOf(all: readonly ProgrammeDefinition[]): Programmes {
  for (const each of all) assertConsistent(each, all);
  const versionsOf = (id: string) =>
    all.filter((each) => each.id === id).toSorted((a, b) => a.effectiveFrom.localeCompare(b.effectiveFrom));
  const inForce = (id: string, when: DayOrInstant) => {
    const versions = versionsOf(id);
    const begun = versions.filter(({ effectiveFrom, timeZone }) => effectiveFrom <= dayAt(when, timeZone));
    const isOn = ({ effectiveTo, timeZone }: ProgrammeDefinition) =>
      effectiveTo === null || dayAt(when, timeZone) <= effectiveTo;
    // Clocks of two versions may differ: until the next one has begun by its own, the one before it goes on.
    const last = begun.at(-1);
    const next = versions[begun.length];
    const goesOn = last?.effectiveTo != null && next?.effectiveFrom === plusDays(last.effectiveTo, 1);
    return begun.findLast(isOn) ?? (goesOn ? last : undefined);
  };
  const version = (id: string, number: number) => versionsOf(id).find((each) => each.version === number);
  return {
    all,
    inForce,
    version,
    forApplication: (id, begunUnder, when) => {
      const begun = version(id, begunUnder);
      if (begun === undefined) return undefined;
      // Whoever began under old rules is held to new ones only where the new ones say so.
      return versionsOf(id)
        .filter(({ effectiveFrom }) => effectiveFrom > begun.effectiveFrom)
        .filter(({ effectiveFrom, timeZone }) => effectiveFrom <= dayAt(when, timeZone))
        .reduce((present, next) => (next.filesInProgress === 'asSuperseded' ? next : present), begun);
    },
  };
}

function dayAt(when: DayOrInstant, timeZone: string | undefined): Day {
  return when.includes('T') ? dayIn(new Date(when), timeZone) : when;
}

function assertConsistent(
  { id, version, supersedes, effectiveFrom, effectiveTo }: ProgrammeDefinition,
  all: readonly ProgrammeDefinition[],
): void {
  const others = all.filter((each) => each.id === id);
  if (others.filter((each) => each.version === version).length > 1)
    throw new Error(`${id}: version ${version} is there twice`);
  if (others.filter((each) => each.effectiveFrom === effectiveFrom).length > 1)
    throw new Error(`${id}: two versions take effect on ${effectiveFrom}`);
  if (supersedes !== null && !others.some((each) => each.version === supersedes))
    throw new Error(`${id}: version ${version} supersedes ${supersedes}, which is not there`);
  const before = others.find((each) => each.version === supersedes);
  if (before !== undefined && before.effectiveFrom >= effectiveFrom)
    throw new Error(
      `${id}: version ${version} takes effect before version ${before.version}, which it supersedes`,
    );
  if (effectiveTo === null) return;
  const isCovered = others.some(
    (each) => each.effectiveFrom > effectiveFrom && each.effectiveFrom <= plusDays(effectiveTo, 1),
  );
  // Else the earlier one would come back.
  const open = others.find(
    (each) => each.effectiveFrom < effectiveFrom && (each.effectiveTo ?? '9') > effectiveTo && !isCovered,
  );
  if (open !== undefined)
    throw new Error(
      `${id}: version ${open.version} would be in force again after the end of version ${version}`,
    );
}
