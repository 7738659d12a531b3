import type { Command } from './command.ts';
import { decideApplicationCommand } from '../application/decide-application.ts';
import { decideCertificateCommand } from '../certificate/decide-certificate.ts';
import { decideOperatorCommand } from './decide-operator.ts';
import { accepted, refused, isEqual, type Decision, type DecisionContext } from './decision.ts';
import type { Profile } from './event.ts';
import { identifierProblem } from './identifier.ts';
import { processDeadlines } from '../deadlines/process-deadlines.ts';
import type { Operator } from './operator.ts';

export type { Command } from './command.ts';
export type { Decision, RefusalReason, DecisionContext } from './decision.ts';

/** Pure: the same command, state and context give the same decision. */
export function decide(command: Command, state: Operator | undefined, context: DecisionContext): Decision {
  if (command.type === 'RegisterOperator') {
    if (state === undefined) return register(command.profile, context);
    return isEqual(state.profile, command.profile) ? accepted() : refused('KEY_REUSED');
  }
  if (state === undefined) return refused('NOT_FOUND');
  if ('applicationId' in command) return decideApplicationCommand(command, state, context);
  if ('certificateId' in command) return decideCertificateCommand(command, state, context);
  return command.type === 'ProcessDeadlines'
    ? accepted(...processDeadlines(state, context))
    : decideOperatorCommand(command, state, context);
}

function register(profile: Profile, { now: at, checkIdentifier }: DecisionContext): Decision {
  for (const [index, { identifier }] of profile.identifiers.entries()) {
    const problem = identifierProblem(identifier, checkIdentifier);
    if (problem !== undefined) return refused(problem, `identifiers[${index}].identifier`);
  }
  return accepted({ type: 'OperatorRegistered', at, profile });
}
