import type { Command } from './command.ts';
import { decideApplicationCommand } from '../application/decide-application.ts';
import { decideCertificateCommand } from '../certificate/decide-certificate.ts';
import { decideOperatorCommand } from './decide-operator.ts';
import { accepted, refused, same, type Decision, type World } from './decision.ts';
import type { Profile } from './event.ts';
import { problemOfIdentifier } from './identifier.ts';
import { processDeadlines } from '../deadlines/process-deadlines.ts';
import type { Operator } from './operator.ts';

export type { Command } from './command.ts';
export type { Decision, RefusalReason, World } from './decision.ts';

/** Pure: the same command, state and world give the same decision. */
export function decide(command: Command, state: Operator | undefined, world: World): Decision {
  if (command.type === 'RegisterOperator') {
    if (state === undefined) return register(command.profile, world);
    return same(state.profile, command.profile) ? accepted() : refused('KEY_REUSED');
  }
  if (state === undefined) return refused('NOT_FOUND');
  if ('applicationId' in command) return decideApplicationCommand(command, state, world);
  if ('certificateId' in command) return decideCertificateCommand(command, state, world);
  return command.type === 'ProcessDeadlines'
    ? accepted(...processDeadlines(state, world))
    : decideOperatorCommand(command, state, world);
}

function register(profile: Profile, { now: at, checkIdentifier }: World): Decision {
  for (const [index, { identifier }] of profile.identifiers.entries()) {
    const problem = problemOfIdentifier(identifier, checkIdentifier);
    if (problem !== undefined) return refused(problem, `identifiers[${index}].identifier`);
  }
  return accepted({ type: 'OperatorRegistered', at, profile });
}
