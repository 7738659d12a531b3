import type { ProgrammeDefinition } from '../definition/programme.ts';
import type { Problem } from './problem.ts';

/** The lists whose members have ids. */
type ListName = {
  [Name in keyof ProgrammeDefinition]-?: ProgrammeDefinition[Name] extends { id: string }[] ? Name : never;
}[keyof ProgrammeDefinition];

type Member = { id?: string; sources?: string[] };

/** Everything that stands in a list of the file, with its place. */
function membersOf(definition: ProgrammeDefinition): { path: string; member: Member }[] {
  return Object.entries(definition).flatMap(([list, value]: [string, unknown]) =>
    (Array.isArray(value) ? (value as unknown[]) : []).flatMap((member, index) =>
      typeof member === 'object' && member !== null
        ? [{ path: `${list}.${(member as Member).id ?? index}`, member: member }]
        : [],
    ),
  );
}

/** Ids that are there twice, and ids of things that are not there. */
export function referenceProblems(definition: ProgrammeDefinition): Problem[] {
  return [
    ...duplicateIdProblems(definition),
    ...unknownReferenceProblems(definition),
    ...missingSourceProblems(definition),
    ...unusedProblems(definition),
  ];
}

function duplicateIdProblems(definition: ProgrammeDefinition): Problem[] {
  const seen = new Set<string>();
  return membersOf(definition).flatMap(({ path, member: { id } }) => {
    if (id === undefined || !seen.has(path)) return (seen.add(path), []);
    return [problem('DUPLICATE_ID', path, `there is another ${id} before it`)];
  });
}

type Reference = { path: string; to: ListName; ids: readonly (string | undefined | null)[] };

function unknownReferenceProblems(definition: ProgrammeDefinition): Problem[] {
  return referencesIn(definition).flatMap(({ path, to, ids }) =>
    ids.flatMap((id) =>
      id === undefined || id === null || definition[to].some((each) => each.id === id)
        ? []
        : [problem('UNKNOWN_REFERENCE', path, `there is no ${id} in ${to}`)],
    ),
  );
}

function referencesIn(definition: ProgrammeDefinition): Reference[] {
  const { roles, sizeClasses, tiers, combinations, criteria, questions, overlays, gradings, agencies } =
    definition;
  return [
    ...roles.map((role) => at(`roles.${role.id}.reliesOn`, 'roles', role.reliesOn)),
    ...sizeClasses.flatMap((size) => [
      at(`sizeClasses.${size.id}.proof`, 'evidenceTypes', [size.proof]),
      at(`sizeClasses.${size.id}.questions`, 'questions', size.questions),
    ]),
    ...tiers.flatMap((tier) => [
      at(`tiers.${tier.id}.component`, 'components', [tier.component]),
      at(`tiers.${tier.id}.roles`, 'roles', tier.roles),
      at(`tiers.${tier.id}.sizeClasses`, 'sizeClasses', tier.sizeClasses),
      at(`tiers.${tier.id}.prerequisite`, 'tiers', [tier.prerequisite]),
      at(`tiers.${tier.id}.criteria`, 'criteria', tier.criteria),
    ]),
    ...combinations.map((each) => at(`combinations.${each.id}.of`, 'tiers', each.of)),
    ...criteria.flatMap((criterion) => [
      at(`criteria.${criterion.id}.questions`, 'questions', criterion.questions),
      ...criterion.evidence.map((way) =>
        at(`criteria.${criterion.id}.evidence.${way.id}.all`, 'evidenceTypes', way.all),
      ),
    ]),
    ...questions.map((question) => at(`questions.${question.id}.fact`, 'facts', [question.fact])),
    ...overlays.map((overlay) => at(`overlays.${overlay.id}.tiers`, 'tiers', overlay.tiers)),
    ...gradings.flatMap((grading, index) => [
      at(`gradings.${index}.tier`, 'tiers', [grading.tier]),
      at(`gradings.${index}.fact`, 'facts', [grading.fact]),
    ]),
    ...agencies.map((agency) => at(`agencies.${agency.id}.steps`, 'steps', agency.steps)),
    ...referencesOfProcedure(definition),
  ];
}

function referencesOfProcedure({
  steps,
  clocks,
  validity,
  benefits,
  transitions,
}: ProgrammeDefinition): Reference[] {
  return [
    ...steps.flatMap((step) => [
      at(`steps.${step.id}.needs`, 'steps', step.needs),
      at(`steps.${step.id}.tiers`, 'tiers', step.tiers),
    ]),
    ...clocks.map((clock) => at(`clocks.${clock.id}.tiers`, 'tiers', clock.tiers)),
    ...validity.map((each, index) => at(`validity.${index}.tiers`, 'tiers', each.tiers)),
    ...benefits.map((benefit) => at(`benefits.${benefit.id}.tiers`, 'tiers', benefit.tiers)),
    ...transitions.flatMap((transition) => [
      at(`transitions.${transition.id}.tiers`, 'tiers', transition.tiers),
      ...transition.reasons.map((reason) =>
        at(`transitions.${transition.id}.reasons.${reason.id}`, 'criteria', reason.failedCriteria),
      ),
    ]),
  ];
}

function at(path: string, to: ListName, ids: Reference['ids'] = []): Reference {
  return { path, to, ids };
}

/** Every value says where it comes from. */
function missingSourceProblems(definition: ProgrammeDefinition): Problem[] {
  return membersOf(definition).flatMap(({ path, member: { sources } }) => {
    const place = `${path}.sources`;
    if (sources?.length === 0) return [problem('UNKNOWN_REFERENCE', place, 'names no source')];
    return (sources ?? [])
      .filter((id) => !definition.sources.some((source) => source.id === id))
      .map((id) => problem('UNKNOWN_REFERENCE', place, `there is no ${id} in sources`));
  });
}

/** What nothing leads to is a mistake of the file: somebody expects it to have an effect. */
function unusedProblems(definition: ProgrammeDefinition): Problem[] {
  const { tiers, criteria, questions, evidenceTypes, sizeClasses, overlays, sources } = definition;
  const patched = overlays.flatMap(({ patch }) => patch.map(({ value }) => JSON.stringify(value))).join();
  const isIn = (lists: readonly (readonly string[])[], id: string) =>
    lists.some((list) => list.includes(id)) || patched.includes(`"${id}"`);
  const alternatives = criteria.flatMap(({ evidence }) => evidence.map(({ all }) => all));
  const proofs = sizeClasses.flatMap(({ proof }) => (proof === null ? [] : [proof]));
  const named = membersOf(definition).map(({ member }) => member.sources ?? []);
  const missing = (list: ListName, ids: readonly { id: string }[], within: readonly (readonly string[])[]) =>
    ids
      .filter(({ id }) => !isIn(within, id))
      .map(({ id }) => problem('NOT_USED', `${list}.${id}`, 'nothing names it'));
  return [
    ...missing(
      'criteria',
      criteria,
      tiers.map((tier) => tier.criteria),
    ),
    ...missing(
      'questions',
      questions,
      [...criteria, ...sizeClasses].map((each) => each.questions),
    ),
    ...missing('evidenceTypes', evidenceTypes, [...alternatives, proofs]),
    ...missing('sources', sources, named),
  ];
}

function problem(code: Problem['code'], path: string, message: string): Problem {
  return { code, path, message };
}
