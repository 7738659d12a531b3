import type { Application } from './application.ts';
import type { StepTaken } from '../operator/event.ts';
import type { StepOutcome, Step, ProgrammeDefinition } from '@aeo/programmes';

type Procedure = Pick<ProgrammeDefinition, 'steps' | 'agencies'>;
type StepProgress = Pick<Application, 'tiers' | 'taken'>;

/** The steps of a file: those of every tier, and those of the tiers it asks for. */
export function stepsOf({ steps }: Procedure, { tiers }: StepProgress): Step[] {
  return steps.filter(
    (step) => step.tiers === undefined || tiers.length === 0 || step.tiers.some((id) => tiers.includes(id)),
  );
}

/** The step by which a file comes in: the first that submits. */
export function submissionStepOf({ steps }: Procedure): Step | undefined {
  return steps.find(({ kind }) => kind === 'submit');
}

export function decisionStepOf({ steps }: Procedure): Step | undefined {
  return steps.find(({ kind }) => kind === 'decide');
}

/** Steps that can be taken now. Several at once may run side by side, by different actors. */
export function openSteps(procedure: Procedure, file: StepProgress): Step[] {
  return stepsOf(procedure, file).filter((step) => isOpen(step, procedure, file));
}

function isOpen(step: Step, procedure: Procedure, file: StepProgress): boolean {
  if (step.kind === 'appeal') return false;
  if (step.opensOn !== undefined) return isAskedFor(step, file);
  if (isPassed(step, procedure, file)) return false;
  const needed = stepsOf(procedure, file).filter(({ id }) => step.needs.includes(id));
  return needed.every((each) => isPassed(each, procedure, file));
}

/** Whether a step has come to an end that lets others begin; one of several agencies', once each of them has. */
export function isPassed(step: Step, { agencies }: Procedure, { taken }: StepProgress): boolean {
  const own = taken.filter((each) => each.step === step.id);
  const passes = (found: StepTaken | undefined) =>
    found !== undefined && (step.passes ?? step.outcomes.slice(0, 1)).includes(found.outcome);
  const speaking = agencies.filter(({ steps }) => steps.includes(step.id));
  if (speaking.length === 0) return passes(own.at(-1));
  return speaking.every(({ id }) => passes(own.findLast(({ agency }) => agency === id)));
}

/** What was asked for last is answered once. */
function isAskedFor({ id, needs, opensOn = [] }: Step, { taken }: StepProgress): boolean {
  const asked = taken.findLastIndex(({ step }) => needs.includes(step));
  const last = taken[asked];
  if (last === undefined || !opensOn.includes(last.outcome)) return false;
  return !taken.slice(asked + 1).some(({ step }) => step === id);
}

/**
 * What has happened to a file, for its clocks. Where several agencies speak in a step, its outcome has happened when the
 * last of them has spoken.
 */
export function stepOutcomesOf(procedure: Procedure, { taken, tiers }: StepProgress): StepOutcome[] {
  return taken.flatMap(({ step: id, outcome, on }, index) => {
    const step = procedure.steps.find((each) => each.id === id);
    const isShared = procedure.agencies.some(({ steps }) => steps.includes(id));
    const soFar = { tiers, taken: taken.slice(0, index + 1) };
    if (step !== undefined && isShared && !isPassed(step, procedure, soFar)) return [];
    return [{ event: outcome, on }];
  });
}
