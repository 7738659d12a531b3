import { referenceProblems } from './check-references.ts';
import { ruleProblems } from './check-rules.ts';
import { consistencyProblems } from './check-consistency.ts';
import { stepProblems } from './check-steps.ts';
import { textProblems } from './check-texts.ts';
import type { Overlay } from '../definition/definition.ts';
import { patchable, patchedBy, valueAt } from '../deciding/overlay.ts';
import type { Clock } from '../definition/procedure.ts';
import type { CalendarReader, PredicateReader, Problem, Readers } from './problem.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** Everything that is wrong with a programme whose layout is right. Empty where it can be used. */
export function checkProgramme(definition: ProgrammeDefinition, readers: Readers): Problem[] {
  const { predicates, knowsCalendar } = readers;
  const problems = [
    ...problemsWithin(definition, predicates),
    ...dateProblems(definition),
    ...calendarProblems(definition, knowsCalendar),
    ...unreachableTierProblems(definition),
    ...overlayProblems(definition),
    ...consistencyProblems(definition),
  ];
  if (problems.length > 0) return problems;
  return overlaysTogether(definition, predicates).flatMap((overlays) =>
    patchProblems(definition, overlays, readers),
  );
}

/**
 * Each overlay by itself, and pairs that a firm may come under at once. Of conditions that read something in common nobody
 * knows here whether both can hold: a small firm is no medium one.
 */
function overlaysTogether({ overlays }: ProgrammeDefinition, reader: PredicateReader): Overlay[][] {
  const readOf = ({ when }: Overlay) => [
    ...reader.factsNamedIn(when),
    ...['sizeClass', 'roles', 'asOf'].filter((name) => reader.readsVariable(when, name)),
  ];
  const pairs = overlays.flatMap((one, index) =>
    overlays
      .slice(index + 1)
      .filter((other) => !readOf(one).some((each) => readOf(other).includes(each)))
      .map((other) => [one, other]),
  );
  return [...overlays.map((each) => [each]), ...pairs];
}

/** What overlays make of a programme has to be one as well. */
function patchProblems(
  definition: ProgrammeDefinition,
  overlays: readonly Overlay[],
  { predicates, layoutOf }: Readers,
): Problem[] {
  const names = overlays.map(({ id }) => id).join(' and ');
  const { patched, astray } = patchedBy(definition, overlays);
  if (astray.length > 0)
    return astray.map(({ id, index, path }) => ({
      code: 'OVERLAY_PATCHES_NOTHING',
      path: `overlays.${id}.patch.${index}`,
      message: `${path} leads nowhere${overlays.length > 1 ? ` where ${names} apply together` : ''}`,
    }));
  const layout = layoutOf(patched);
  const found = layout.length > 0 ? layout : problemsWithin(patched, predicates);
  return found
    .filter(({ code }) => code !== 'NOT_USED')
    .map((each) => ({ ...each, path: `overlays.${names} → ${each.path}` }));
}

function problemsWithin(definition: ProgrammeDefinition, reader: PredicateReader): Problem[] {
  return [
    ...referenceProblems(definition),
    ...stepProblems(definition),
    ...textProblems(definition),
    ...ruleProblems(definition, reader),
    ...endlessClockProblems(definition),
  ];
}

function dateProblems({ effectiveFrom, effectiveTo, version, supersedes }: ProgrammeDefinition): Problem[] {
  const problems: Problem[] = [];
  if (effectiveTo !== null && effectiveTo < effectiveFrom)
    problems.push({ code: 'DATES_INVERTED', path: 'effectiveTo', message: `is before ${effectiveFrom}` });
  if (supersedes !== null && supersedes >= version)
    problems.push({
      code: 'DATES_INVERTED',
      path: 'supersedes',
      message: `is not before version ${version}`,
    });
  return problems;
}

function calendarProblems({ calendar }: ProgrammeDefinition, knowsCalendar: CalendarReader): Problem[] {
  if (knowsCalendar(calendar)) return [];
  return [{ code: 'UNKNOWN_CALENDAR', path: 'calendar', message: `no holidays are known of ${calendar}` }];
}

/** Tiers nobody can come to hold: prerequisites in a ring, no criteria, or a higher one that asks for no more. */
function unreachableTierProblems({ tiers }: ProgrammeDefinition): Problem[] {
  return tiers.flatMap((tier): Problem[] => {
    const path = `tiers.${tier.id}`;
    const problemAt = (message: string): Problem[] => [{ code: 'UNREACHABLE_TIER', path, message }];
    if (hasCircularPrerequisites(tier.id, tiers)) return problemAt('its prerequisites lead back to itself');
    if (tier.polarity !== 'default' && tier.criteria.length === 0) return problemAt('has no criterion');
    if (tier.sizeClasses?.length === 0) return problemAt('is for no size class');
    if (tier.polarity !== 'granted') return [];
    const above = tiers.find(
      (other) =>
        other.component === tier.component &&
        other.rank > tier.rank &&
        other.polarity === 'granted' &&
        other.entry === tier.entry &&
        other.sizeClasses === undefined &&
        tier.roles.every((role) => other.roles.includes(role)) &&
        other.criteria.every((id) => tier.criteria.includes(id)),
    );
    return above === undefined ? [] : problemAt(`every firm that reaches it reaches ${above.id} as well`);
  });
}

function hasCircularPrerequisites(id: string, tiers: ProgrammeDefinition['tiers']): boolean {
  const seen = new Set<string>();
  for (let next = tiers.find((tier) => tier.id === id)?.prerequisite; next !== undefined;) {
    if (next === id) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    const current: string = next;
    next = tiers.find((tier) => tier.id === current)?.prerequisite;
  }
  return false;
}

/** Clocks that no outcome of any step starts or stops, or that never run on after a pause. */
function endlessClockProblems({ clocks, steps }: ProgrammeDefinition): Problem[] {
  const events = new Set(steps.flatMap(({ outcomes }) => outcomes));
  return clocks.flatMap(({ id, startsOn, stopsOn, pauses }: Clock): Problem[] => {
    const unknown = [startsOn, ...stopsOn, ...pauses.flatMap(({ from, until }) => [from, until])].filter(
      (event) => !events.has(event),
    );
    if (stopsOn.length === 0) unknown.push('stopsOn is empty');
    return unknown.map((event) => ({
      code: 'CLOCK_WITHOUT_END',
      path: `clocks.${id}`,
      message: stopsOn.length === 0 ? event : `no step has the outcome ${event}`,
    }));
  });
}

function overlayProblems(definition: ProgrammeDefinition): Problem[] {
  return definition.overlays.flatMap(({ id, patch }) =>
    (patch.length === 0 ? [{ path: '', value: undefined }] : patch).flatMap(
      ({ path, value }, index): Problem[] => {
        const place = `overlays.${id}.patch.${index}`;
        const before = valueAt(definition, path);
        if (path === '' || before === undefined || JSON.stringify(before) === JSON.stringify(value))
          return [{ code: 'OVERLAY_PATCHES_NOTHING', path: place, message: whyNot(path, before) }];
        if (!patchable.some((list) => path.startsWith(`${list}.`)) || /\.(id|sources)$/.test(path))
          return [{ code: 'OVERLAY_NOT_ALLOWED', path: place, message: `${path} may not be patched` }];
        return [];
      },
    ),
  );
}

function whyNot(path: string, before: unknown): string {
  if (path === '') return 'has no patch';
  return before === undefined ? `${path} leads nowhere` : `${path} has this value already`;
}
