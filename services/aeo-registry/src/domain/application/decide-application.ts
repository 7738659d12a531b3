import type { Application } from './application.ts';
import type { ApplicationContext } from './application-context.ts';
import { clockRecordOf } from './application-clocks.ts';
import { endApplication } from './end-application.ts';
import { approve, propose } from './approval.ts';
import { reapplicationBar } from '../certificate/certificate-policy.ts';
import { continuesByRenewal } from '../certificate/certificate-dates.ts';
import type { ApplicationCommand } from '../operator/command.ts';
import {
  accepted,
  refused,
  programmeVersionFor,
  isEqual,
  todayOf,
  type Decision,
  type DecisionContext,
} from '../operator/decision.ts';
import type { AppliedFor, Event, StepTaken } from '../operator/event.ts';
import { decideReview } from './decide-review.ts';
import { factProblem } from '../operator/fact-problem.ts';
import { openSteps, stepsOf, submissionStepOf } from './application-steps.ts';
import { firmCaseOf, statementKey } from '../operator/firm-case.ts';
import { certificatesOf, lookUp, type Operator } from '../operator/operator.ts';
import { clockOn, programmeFor, type Day, type ProgrammeDefinition, hashOf } from '@aeo/programmes';

type Of<Type extends ApplicationCommand['type']> = ApplicationCommand & { type: Type };

const appliedForAll: AppliedFor = { tiers: [], roles: [], designatedFor: [], renewal: false };

/** Decides a command on one application of an operator. */
export function decideApplicationCommand(
  command: ApplicationCommand,
  state: Operator,
  context: DecisionContext,
): Decision {
  const application = lookUp(state.applications, command.applicationId);
  if (command.expectedRevision !== undefined && (application?.revision ?? 0) !== command.expectedRevision)
    return refused('PRECONDITION_FAILED');
  if (command.type === 'StartDraft') return startDraft(command, application, context);
  if (command.type === 'SubmitApplication') return submit(command, application, state, context);
  if (application === undefined) return refused('NOT_FOUND');
  const programme = programmeVersionFor(application, context);
  if (programme === undefined) return refused('NOT_FOUND');
  const applicationContext = { command, application, state, programme, context };
  switch (command.type) {
    case 'SaveDraft':
      return saveDraft(command, applicationContext);
    case 'TakeStep':
      return takeStep(command, applicationContext);
    case 'ExtendClock':
      return extendClock(command, applicationContext);
    case 'WithdrawApplication':
      return withdraw(command, applicationContext);
    case 'DecideApplication':
      return propose(command, applicationContext);
    case 'ApproveDecision':
      return approve(command, applicationContext);
    case 'RejectProposal':
    case 'OpenAppeal':
    case 'DecideAppeal':
      return decideReview(command, application, context);
  }
}

function startDraft(
  { applicationId, programmeId, applied }: Of<'StartDraft'>,
  earlier: Application | undefined,
  context: DecisionContext,
): Decision {
  const programme = context.programmes.inForce(programmeId, context.now);
  if (programme === undefined) return refused('NOT_FOUND', 'programmeId');
  const problem = appliedProblem(applied, programme);
  if (problem !== undefined) return problem;
  if (earlier !== undefined)
    return earlier.programmeId === programmeId && earlier.status === 'draft'
      ? accepted()
      : refused('KEY_REUSED');
  const { now: at, actor: by } = context;
  return accepted({ type: 'DraftStarted', at, applicationId, programmeId, by, ...applied });
}

function appliedProblem(
  applied: Partial<AppliedFor>,
  { tiers, roles }: ProgrammeDefinition,
): Decision | undefined {
  const unknown = (ids: readonly string[] | undefined, list: readonly { id: string }[], path: string) => {
    const index = (ids ?? []).findIndex((id) => !list.some((each) => each.id === id));
    return index < 0 ? undefined : refused('FIELD_UNKNOWN_VALUE', `${path}[${index}]`);
  };
  return (
    unknown(applied.tiers, tiers, 'tiers') ??
    unknown(applied.roles, roles, 'roles') ??
    unknown(applied.designatedFor, tiers, 'designatedFor')
  );
}

function saveDraft(
  { applicationId, applied, answers }: Of<'SaveDraft'>,
  applicationContext: ApplicationContext,
): Decision {
  const { application, programme, context } = applicationContext;
  if (application.status !== 'draft') return refused('OUT_OF_ORDER');
  const problem = appliedProblem(applied, programme) ?? answersProblem(answers, programme);
  return problem ?? accepted({ type: 'DraftSaved', at: context.now, applicationId, ...applied, answers });
}

function answersProblem(
  answers: Of<'SaveDraft'>['answers'],
  programme: ProgrammeDefinition,
): Decision | undefined {
  const factOf = (name: string) => programme.facts.find(({ id }) => id === name);
  for (const [name, value] of Object.entries(answers)) {
    const reason = value === null ? undefined : factProblem(factOf(name), value, 'applicant');
    if (reason !== undefined) return refused(reason, `answers.${name}`);
  }
  return undefined;
}

/** What is submitted: as the command says, else as the draft does. */
type Submission = {
  applicationId: string;
  programme: ProgrammeDefinition;
  applied: AppliedFor;
  answers: Application['answers'];
  taken: StepTaken[];
};

function submit(
  command: Of<'SubmitApplication'>,
  draft: Application | undefined,
  state: Operator,
  context: DecisionContext,
): Decision {
  const { applicationId, programmeId = draft?.programmeId } = command;
  if (programmeId === undefined) return refused('NOT_FOUND');
  const programme = context.programmes.inForce(programmeId, context.now);
  if (programme === undefined) return refused('NOT_FOUND', 'programmeId');
  if (draft !== undefined && draft.programmeId !== programmeId) return refused('KEY_REUSED');
  const drafted = draft && appliedOf(draft);
  const applied = command.applied ?? drafted ?? appliedForAll;
  if (draft !== undefined && draft.status !== 'draft')
    return isEqual(applied, drafted) ? accepted() : refused('KEY_REUSED');
  const { answers = {}, taken = [] } = draft ?? {};
  const submission = { applicationId, programme, applied, answers, taken };
  return (
    submissionProblem(submission, state, context) ?? accepted(...submissionEvents(submission, state, context))
  );
}

function submissionProblem(
  { programme, applied, taken }: Submission,
  state: Operator,
  { now }: DecisionContext,
): Decision | undefined {
  const problem = appliedProblem(applied, programme);
  if (problem !== undefined) return problem;
  const bar = reapplicationBar(programme, certificatesOf(state, programme.id), now, applied);
  if (bar !== undefined) return refused(bar);
  const step = submissionStepOf(programme);
  const isOpen = step === undefined || openSteps(programme, { tiers: applied.tiers, taken }).includes(step);
  return isOpen ? undefined : refused('STEP_NOT_OPEN');
}

function submissionEvents(submission: Submission, state: Operator, context: DecisionContext): Event[] {
  const { applicationId, programme, applied } = submission;
  const { id: programmeId, version: programmeVersion } = programme;
  const step = submissionStepOf(programme);
  const taken = step && takenBy(step.id, step.outcomes[0] ?? '', todayOf(programme, context), context);
  return [
    ...answersStated(submission, context),
    {
      type: 'ApplicationSubmitted',
      at: context.now,
      applicationId,
      programmeId,
      programmeVersion,
      programmeHash: hashOf(programme),
      applied,
      ...(taken && { taken }),
    },
    ...continuations(submission, state, context),
  ];
}

function appliedOf({ tiers, roles, designatedFor, renewal }: Application): AppliedFor {
  return { tiers, roles, designatedFor, renewal };
}

function takenBy(step: string, outcome: string, on: Day, { actor }: DecisionContext): StepTaken {
  return { step, outcome, on, by: actor };
}

/** The answers of a draft are statements of the operator from its submission on, for later applications too. */
function answersStated({ answers, programme }: Submission, { now: at }: DecisionContext): Event[] {
  const stated = Object.entries(answers).flatMap(([name, value]) => {
    const fact = programme.facts.find(({ id }) => id === name);
    return fact === undefined ? [] : [[statementKey(programme.id, fact), value] as const];
  });
  if (stated.length === 0) return [];
  const { id: programmeId } = programme;
  return [{ type: 'FactsRecorded', at, programmeId, origin: 'applicant', facts: Object.fromEntries(stated) }];
}

/** A renewal submitted in time keeps its certificates valid until it is decided. */
function continuations(
  { applicationId, programme, applied: { renewal, tiers } }: Submission,
  state: Operator,
  context: DecisionContext,
): Event[] {
  if (!renewal) return [];
  const { now: at } = context;
  return certificatesOf(state, programme.id)
    .filter((each) => tiers.length === 0 || tiers.includes(each.tier))
    .filter((each) => continuesByRenewal(programme, each, todayOf(programme, context)))
    .map(({ certificateId }) => ({ type: 'CertificateContinued', at, certificateId, applicationId }));
}

function takeStep(
  command: Of<'TakeStep'>,
  { application, programme, state, context }: ApplicationContext,
): Decision {
  const { applicationId, outcome, agency, favourable, note } = command;
  const step = stepsOf(programme, application).find(({ id }) => id === command.step);
  if (step === undefined) return refused('FIELD_UNKNOWN_VALUE', 'step');
  if (!step.outcomes.includes(outcome)) return refused('FIELD_UNKNOWN_VALUE', 'outcome');
  const isEarly = application.status === 'draft' && step.kind !== 'submit';
  if (application.status !== 'submitted' && !isEarly) return refused('OUT_OF_ORDER');
  if (step.kind === 'decide' || !openSteps(programme, application).includes(step))
    return refused('STEP_NOT_OPEN', 'step');
  const speaking = programme.agencies.filter(({ steps }) => steps.includes(step.id)).map(({ id }) => id);
  if (speaking.length > 0 && (agency === undefined || !speaking.includes(agency)))
    return refused(agency === undefined ? 'FIELD_REQUIRED' : 'FIELD_UNKNOWN_VALUE', 'agency');
  const taken = {
    ...takenBy(step.id, outcome, todayOf(programme, context), context),
    agency,
    favourable,
    note,
  };
  const end = step.ends?.find((each) => each.outcome === outcome);
  return accepted(
    { type: 'StepTaken', at: context.now, applicationId, taken },
    ...(end === undefined
      ? []
      : endApplication(
          applicationId,
          { as: end.as, reason: note ?? outcome, by: context.actor },
          state,
          context,
        )),
  );
}

function extendClock(
  command: Of<'ExtendClock'>,
  { application, programme, state, context }: ApplicationContext,
): Decision {
  const { applicationId, clock: id, reason } = command;
  if (application.status !== 'submitted') return refused('OUT_OF_ORDER');
  const on = todayOf(programme, context);
  const firm = firmCaseOf(state, programme, on, application);
  const own = programmeFor(programme, firm, application.tiers, context.evaluate);
  const clock = own.clocks.find((each) => each.id === id);
  if (clock === undefined) return refused('FIELD_UNKNOWN_VALUE', 'clock');
  if (clock.extension === undefined) return refused('EXTENSION_NOT_FORESEEN', 'clock');
  if (application.lengthenings.some((each) => each.clock === id)) return refused('OUT_OF_ORDER');
  const record = clockRecordOf(programme, application);
  const { status } = clockOn(clock, record, on, context.workingDaysOf(programme));
  if (status !== 'running' && status !== 'paused') return refused('OUT_OF_ORDER');
  return accepted({
    type: 'ClockExtended',
    at: context.now,
    applicationId,
    clock: id,
    on,
    reason,
    by: context.actor,
  });
}

function withdraw(
  { applicationId, reason }: Of<'WithdrawApplication'>,
  { application: { status }, state, context }: ApplicationContext,
): Decision {
  if (status === 'withdrawn') return accepted();
  if (status !== 'draft' && status !== 'submitted') return refused('OUT_OF_ORDER');
  return accepted(...endApplication(applicationId, { as: 'withdrawn', reason }, state, context));
}
