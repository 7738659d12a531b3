import type { ProgrammeDefinition } from '@aeo/programmes';
import type { DecisionContext } from '../operator/decision.ts';
import type { Operator } from '../operator/operator.ts';
import type { Application } from './application.ts';

/** An application with its operator and programme: what each decision about it is made on. */
export type ApplicationContext = {
  application: Application;
  state: Operator;
  programme: ProgrammeDefinition;
  context: DecisionContext;
};
