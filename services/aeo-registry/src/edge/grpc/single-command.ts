import type { UnaryHandler } from '@aeo/platform/grpc';
import type { Ports } from '../../ports.ts';
import { callerOf, idempotencyKeyOf } from '../caller.ts';
import type { CommandResult } from '../command-results.ts';
import { handleStatusCommand, type CommandMessage } from '../status-commands.ts';
import { readCommand } from './read-command.ts';

type RequestOf<Case extends CommandMessage['$case']> = Extract<CommandMessage, { $case: Case }>['value'];
type ResponseOf<Case extends CommandMessage['$case']> = Extract<CommandResult, { $case: Case }>['value'];

/** The RPC of one command. */
export const singleCommand =
  <Case extends CommandMessage['$case']>(
    ports: Ports,
    $case: Case,
  ): UnaryHandler<RequestOf<Case>, ResponseOf<Case>> =>
  async (value, context) => {
    const message = { $case, value } as CommandMessage;
    const key = idempotencyKeyOf(context);
    const caller = callerOf(context);
    const command = {
      $case,
      command: readCommand(message),
      key,
      actor: caller.actor,
      message: () => message,
    };
    const result = await handleStatusCommand(ports, value.operatorId, command, caller);
    return result.value as ResponseOf<Case>;
  };
