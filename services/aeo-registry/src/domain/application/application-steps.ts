import type { Application } from './application.ts';
import type { StepTaken } from '../operator/event.ts';
import type { StepOutcome, Step, ProgrammeDefinition } from '@aeo/programmes';

type Procedure = Pick<ProgrammeDefinition, 'steps' | 'agencies'>;
type StepProgress = Pick<Application, 'tiers' | 'taken'>;

/** The steps of every tier and of the tiers that an application asks for. */
export function stepsOf({ steps }: Procedure, { tiers }: StepProgress): Step[] {
  return steps.filter(
    (step) => step.tiers === undefined || tiers.length === 0 || step.tiers.some((id) => tiers.includes(id)),
  );
}

/** The step by which an application is submitted: the first of its kind. */
export function submissionStepOf({ steps }: Procedure): Step | undefined {
  return steps.find(({ kind }) => kind === 'submit');
}

export function decisionStepOf({ steps }: Procedure): Step | undefined {
  return steps.find(({ kind }) => kind === 'decide');
}

/** Steps that can be taken now. Several at once may run side by side, by different actors. */
export function openSteps(procedure: Procedure, progress: StepProgress): Step[] {
  return stepsOf(procedure, progress).filter((step) => isOpen(step, procedure, progress));
}

function isOpen(step: Step, procedure: Procedure, progress: StepProgress): boolean {
  if (step.kind === 'appeal') return false;
  if (step.opensOn !== undefined) return isRequested(step, progress);
  if (isPassed(step, procedure, progress)) return false;
  const needed = stepsOf(procedure, progress).filter(({ id }) => step.needs.includes(id));
  return needed.every((each) => isPassed(each, procedure, progress));
}

/** Whether a step has an outcome after which others may begin; a step of several agencies, once each has one. */
export function isPassed(step: Step, { agencies }: Procedure, { taken }: StepProgress): boolean {
  const own = taken.filter((each) => each.step === step.id);
  const passes = (found: StepTaken | undefined) =>
    found !== undefined && (step.passes ?? step.outcomes.slice(0, 1)).includes(found.outcome);
  const speaking = agencies.filter(({ steps }) => steps.includes(step.id));
  if (speaking.length === 0) return passes(own.at(-1));
  return speaking.every(({ id }) => passes(own.findLast(({ agency }) => agency === id)));
}

/** Each request is answered once. */
function isRequested({ id, needs, opensOn = [] }: Step, { taken }: StepProgress): boolean {
  const requestIndex = taken.findLastIndex(({ step }) => needs.includes(step));
  const last = taken[requestIndex];
  if (last === undefined || !opensOn.includes(last.outcome)) return false;
  return !taken.slice(requestIndex + 1).some(({ step }) => step === id);
}

/**
 * The outcomes of the steps taken, for clocks. Where several agencies speak in a step, its outcome counts when the last
 * of them has spoken.
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
