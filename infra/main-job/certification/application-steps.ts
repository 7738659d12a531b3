import { openSteps, type StepTaken } from '@aeo/aeo-registry';
import { type ProgrammeDefinition } from '@aeo/programmes';

export type PlannedStep = Pick<StepTaken, 'step' | 'outcome' | 'agency'>;

/**
 * The steps that lead a file from its submission to where it can be decided, each with the first outcome that passes;
 * one of several agencies' is taken once by each. Whatever only answers a question is left out, since nothing is asked.
 *
 * @throws Error where the programme leaves no way to a decision
 */
export function stepsToDecision(
  programme: Pick<ProgrammeDefinition, 'id' | 'steps' | 'agencies'>,
  tiers: string[],
): PlannedStep[] {
  const submission = programme.steps.find(({ kind }) => kind === 'submit');
  if (submission !== undefined && submission.needs.length > 0)
    throw new Error(`${programme.id}: has steps before its submission, which are not walked here`);
  const taken: StepTaken[] = [];
  const take = (walked: PlannedStep) => taken.push({ ...walked, on: '', by: '' });
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
      const speaking = programme.agencies.filter(({ steps }) => steps.includes(step));
      if (speaking.length === 0) take({ step, outcome });
      for (const { id: agency } of speaking) take({ step, outcome, agency });
    }
  }
  throw new Error(`${programme.id}: no way leads to a decision on ${tiers.join(', ') || 'any tier'}`);
}
