import { openSteps, type StepTaken } from '@aeo/aeo-registry';
import { type ProgrammeDefinition } from '@aeo/programmes';

export type PlannedStep = Pick<StepTaken, 'step' | 'outcome' | 'agency'>;

/**
 * The steps from the submission of an application to its decision, each with the first outcome that passes; a step of
 * several agencies is taken once by each. Steps that only answer a question are left out, since no question is put.
 *
 * @throws Error where the programme's steps do not lead to a decision
 */
export function stepsToDecision(
  programme: Pick<ProgrammeDefinition, 'id' | 'steps' | 'agencies'>,
  tiers: string[],
): PlannedStep[] {
  const submission = programme.steps.find(({ kind }) => kind === 'submit');
  if (submission !== undefined && submission.needs.length > 0)
    throw new Error(`${programme.id}: has steps before its submission, which are not walked here`);
  const taken: StepTaken[] = [];
  const take = (step: PlannedStep) => taken.push({ ...step, on: '', by: '' });
  if (submission) take({ step: submission.id, outcome: submission.outcomes[0] ?? '' });
  for (let left = programme.steps.length; left > 0; left -= 1) {
    const open = openSteps(programme, { tiers, taken }).filter(({ opensOn }) => opensOn === undefined);
    if (open.some(({ kind }) => kind === 'decide'))
      return taken.slice(submission ? 1 : 0).map(({ step, outcome, agency }) => ({
        step,
        outcome,
        ...(agency === undefined ? {} : { agency }),
      }));
    for (const { id: step, passes, outcomes } of open) {
      const outcome = (passes ?? outcomes)[0] ?? '';
      const responsible = programme.agencies.filter(({ steps }) => steps.includes(step));
      if (responsible.length === 0) take({ step, outcome });
      for (const { id: agency } of responsible) take({ step, outcome, agency });
    }
  }
  throw new Error(`${programme.id}: no way leads to a decision on ${tiers.join(', ') || 'any tier'}`);
}
