import type { Application, Appeal } from './application.ts';
import { programmeVersionFor, todayOf, type DecisionContext } from '../operator/decision.ts';
import type { AppliedFor, CriterionResult, StepTaken } from '../operator/event.ts';
import { openSteps } from './application-steps.ts';
import { clockRecordOf, clocksOf } from './application-clocks.ts';
import type { Operator } from '../operator/operator.ts';
import {
  clockOn,
  type ClockState,
  type Texts,
  type FactValue,
  type Actor,
  type Clock,
  type Step,
} from '@aeo/programmes';

type OpenStep = Pick<Step, 'id' | 'label' | 'kind' | 'outcomes'> & { actor: Actor };
type RunningClock = Pick<Clock, 'id' | 'label' | 'runsFor' | 'nature' | 'onExpiry'> & { state: ClockState };

/** Without the name of the person who took it, where the reader may not see it. */
type StepShown = Pick<StepTaken, 'step' | 'outcome' | 'on'> & Partial<StepTaken>;
type AppealShown = Omit<Appeal, 'by'> & Partial<Appeal>;

/** An application as it is shown: what it asks for, its results, its open steps and its clocks. */
export type ApplicationView = AppliedFor & {
  applicationId: string;
  operatorId: string;
  programmeId: string;
  programmeVersion: number | null;
  programmeName: Texts;
  status: Application['status'];
  revision: number;
  answers: Record<string, FactValue>;
  stepsTaken: StepShown[];
  stepsOpen: OpenStep[];
  clocks: RunningClock[];
  proposal: Application['proposal'];
  results: CriterionResult[];
  decidedBy: string[];
  certificateIds: string[];
  appeals: AppealShown[];
};

/**
 * What the authority or the applicant sees of an application. The applicant sees no officer's name, no note, and no
 * proposal before a second person has approved it.
 */
export function viewOf(
  named: { operatorId: string; applicationId: string },
  application: Application,
  state: Operator,
  { forAuthority, ...context }: DecisionContext & { forAuthority: boolean },
): ApplicationView {
  const { programmeId, programmeVersion, status, revision, tiers, roles, designatedFor, renewal } =
    application;
  const programme = programmeVersionFor(application, context);
  const isOpen = status === 'draft' || status === 'submitted';
  return {
    ...named,
    programmeId,
    programmeVersion: programmeVersion ?? null,
    status,
    revision,
    programmeName: programme?.name ?? {},
    tiers,
    roles,
    designatedFor,
    renewal,
    answers: application.answers,
    results: application.results,
    stepsTaken: application.taken.map((taken) => (forAuthority ? taken : withoutNames(taken))),
    stepsOpen: programme && isOpen ? openSteps(programme, application).map(stepOf) : [],
    clocks: clocksShown(application, state, context),
    proposal: forAuthority ? application.proposal : null,
    decidedBy: forAuthority ? application.decidedBy : [],
    certificateIds: application.certificateIds,
    appeals: forAuthority ? application.appeals : application.appeals.map(appealOf),
  };
}

function withoutNames({ step, outcome, on, agency }: StepTaken): StepShown {
  return { step, outcome, on, ...(agency === undefined ? {} : { agency }) };
}

function appealOf({ ground, openedAt, decided }: Appeal): AppealShown {
  return { ground, openedAt, decided: decided && { ...decided, by: '' } };
}

function stepOf({ id, label, kind, actor, outcomes }: Step): OpenStep {
  return { id, label, kind, actor, outcomes };
}

function clocksShown(application: Application, state: Operator, context: DecisionContext): RunningClock[] {
  const programme = programmeVersionFor(application, context);
  if (programme === undefined) return [];
  const record = clockRecordOf(programme, application);
  const today = todayOf(programme, context);
  const isWorkingDay = context.workingDaysOf(programme);
  return clocksOf(application, state, programme, context).map((clock) => {
    const { id, label, runsFor, nature, onExpiry } = clock;
    return { id, label, runsFor, nature, onExpiry, state: clockOn(clock, record, today, isWorkingDay) };
  });
}
