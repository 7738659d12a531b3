import type { Problem } from './problem.ts';
import type { Step } from '../definition/procedure.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** Steps that name outcomes nobody has, that wait for each other, or that end in no decision. */
export function stepProblems({ steps }: Pick<ProgrammeDefinition, 'steps'>): Problem[] {
  return [
    ...steps.flatMap((step) => outcomeProblems(step, steps)),
    ...unreachableSteps(steps),
    ...(steps.some(({ kind }) => kind === 'decide')
      ? []
      : [problem('UNREACHABLE_STEP', 'steps', 'none of the kind decide')]),
  ];
}

function outcomeProblems(
  { id, outcomes, passes = [], opensOn = [], ends = [], needs }: Step,
  steps: readonly Step[],
) {
  const unknown = (place: string, named: readonly string[], known: readonly string[], whose: string) =>
    named
      .filter((outcome) => !known.includes(outcome))
      .map((outcome) =>
        problem('UNKNOWN_REFERENCE', `steps.${id}.${place}`, `${outcome} is no outcome of ${whose}`),
      );
  const before = steps.filter((each) => needs.includes(each.id)).flatMap((each) => each.outcomes);
  return [
    ...unknown('passes', passes, outcomes, 'it'),
    ...unknown(
      'ends',
      ends.map(({ outcome }) => outcome),
      outcomes,
      'it',
    ),
    ...unknown('opensOn', opensOn, before, 'the steps it needs'),
  ];
}

/** Step by step from those that need nothing; what is left waits for itself. */
function unreachableSteps(steps: readonly Step[]): Problem[] {
  const reached = new Set<string>();
  for (let before = -1; before < reached.size;) {
    before = reached.size;
    for (const { id, needs } of steps) if (needs.every((each) => reached.has(each))) reached.add(id);
  }
  return steps
    .filter(({ id }) => !reached.has(id))
    .map(({ id }) => problem('UNREACHABLE_STEP', `steps.${id}`, 'waits for a step that waits for it'));
}

function problem(code: Problem['code'], path: string, message: string): Problem {
  return { code, path, message };
}
