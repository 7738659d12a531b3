import type { Day } from './definition.ts';
import type { ProgrammeDefinition } from './programme.ts';

export type Programmes = {
  all: readonly ProgrammeDefinition[];
  /** The version in force on a day; undefined where there was none. */
  inForce(id: string, day: Day): ProgrammeDefinition | undefined;
  version(id: string, version: number): ProgrammeDefinition | undefined;
  /** Under which version a file that was begun under one goes on, on a day. */
  forFile(id: string, begunUnder: number, day: Day): ProgrammeDefinition | undefined;
};

/** @throws Error where two versions of a programme cannot be told apart, or follow on nothing */
export function programmesOf(all: readonly ProgrammeDefinition[]): Programmes {
  for (const each of all) refuseClash(each, all);
  const versionsOf = (id: string) =>
    all.filter((each) => each.id === id).toSorted((a, b) => a.effectiveFrom.localeCompare(b.effectiveFrom));
  const inForce = (id: string, day: Day) =>
    versionsOf(id).findLast(
      ({ effectiveFrom, effectiveTo }) =>
        effectiveFrom <= day && (effectiveTo === null || day <= effectiveTo),
    );
  const version = (id: string, number: number) => versionsOf(id).find((each) => each.version === number);
  return {
    all,
    inForce,
    version,
    forFile: (id, begunUnder, day) => {
      const present = inForce(id, day);
      // Whoever began under old rules is held to new ones only where the new ones say so.
      return present?.filesInProgress === 'asSuperseded' && present.version > begunUnder
        ? present
        : version(id, begunUnder);
    },
  };
}

function refuseClash(
  { id, version, supersedes, effectiveFrom }: ProgrammeDefinition,
  all: readonly ProgrammeDefinition[],
): void {
  const others = all.filter((each) => each.id === id);
  if (others.filter((each) => each.version === version).length > 1)
    throw new Error(`${id}: version ${version} is there twice`);
  if (others.filter((each) => each.effectiveFrom === effectiveFrom).length > 1)
    throw new Error(`${id}: two versions take effect on ${effectiveFrom}`);
  if (supersedes !== null && !others.some((each) => each.version === supersedes))
    throw new Error(`${id}: version ${version} supersedes ${supersedes}, which is not there`);
}
