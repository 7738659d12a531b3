import { programmeFor, type Clock, type ClockRecord, type ProgrammeDefinition } from '@aeo/programmes';
import { todayOf, type DecisionContext } from '../operator/decision.ts';
import { firmCaseOf } from '../operator/firm-case.ts';
import type { Operator } from '../operator/operator.ts';
import { stepOutcomesOf } from './application-steps.ts';
import type { Application } from './application.ts';

/** The clocks of every tier and of the tiers that the application asks for, as its overlays have them. */
export function clocksOf(
  application: Application,
  state: Operator,
  programme: ProgrammeDefinition,
  context: DecisionContext,
): Clock[] {
  const { tiers } = application;
  const firm = firmCaseOf(state, programme, todayOf(programme, context), application);
  return programmeFor(programme, firm, tiers, context.evaluate).clocks.filter(
    (clock) =>
      clock.tiers === undefined || tiers.length === 0 || clock.tiers.some((id) => tiers.includes(id)),
  );
}

/** What has happened to an application that starts, stops, pauses or extends its clocks. */
export function clockRecordOf(programme: ProgrammeDefinition, application: Application): ClockRecord {
  return { outcomes: stepOutcomesOf(programme, application), extensions: application.lengthenings };
}
