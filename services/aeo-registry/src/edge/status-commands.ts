import { createHash } from 'node:crypto';
import { isAppError, type AppError } from '@aeo/platform/errors';
import { registryService } from '@aeo/proto';
import type { AnswerFormat, Caller, CommandRequest } from '../application/command-outcome.ts';
import { handleCommands } from '../application/handle-commands.ts';
import type { Command } from '../domain/operator/decide.ts';
import type { Ports } from '../ports.ts';
import { answeredAt, resultOf, type CommandResult } from './command-results.ts';
import { outcomeError } from './refusals.ts';

export type CommandMessage = NonNullable<registryService.RegistryCommand['command']>;

/** A command of the gRPC contract, as gRPC and REST both have it. */
export type StatusCommand = {
  $case: CommandMessage['$case'];
  command: Command;
  key: string | undefined;
  /** The person or system the command comes from. */
  actor: string;
  /** As a message of the contract: what earlier versions hashed. */
  message: () => CommandMessage;
};

/** Handles commands on one operator, in order; each has a result or the error that refuses it. */
export async function handleStatusCommands(
  ports: Pick<Ports, 'withOperator' | 'rules' | 'epoch' | 'databaseNow'>,
  operatorId: string,
  commands: readonly StatusCommand[],
  caller: Caller,
): Promise<(CommandResult | AppError)[]> {
  const formats = commands.map((each) => formatOf(each, operatorId));
  const requests = commands.map(({ command, actor, key }, index): CommandRequest<CommandResult> => {
    const format = formats[index]!;
    return { command, actor, idempotency: key === undefined ? undefined : { key, format } };
  });
  const outcomes = await handleCommands(ports, { operatorId, caller, requests });
  // Read after the commit has returned and before the caller is answered: bounds count from here.
  const time = await ports.databaseNow();
  return outcomes.map((outcome, index) => {
    if (outcome.kind === 'accepted') return answeredAt(formats[index]!.answerOf(outcome), time);
    return outcome.kind === 'repeated' ? answeredAt(outcome.answer, time) : outcomeError(outcome);
  });
}

/** The result of one command. @throws AppError where it is refused */
export async function handleStatusCommand(
  ports: Parameters<typeof handleStatusCommands>[0],
  operatorId: string,
  command: StatusCommand,
  caller: Caller,
): Promise<CommandResult> {
  const [result] = await handleStatusCommands(ports, operatorId, [command], caller);
  if (result === undefined || isAppError(result)) throw result ?? new Error('a command without a result');
  return result;
}

const { RegistryCommand, RegistryCommandResult } = registryService;

function formatOf(
  { $case, command, message }: StatusCommand,
  operatorId: string,
): AnswerFormat<CommandResult> {
  return {
    name: 'result',
    answerOf: (accepted) => resultOf({ $case, command, operatorId }, accepted),
    toJson: (result) => RegistryCommandResult.toJSON({ result }),
    fromJson: (json) => resultIn(RegistryCommandResult.fromJSON(json)),
    storedEarlier: () => ({
      requestHash: messageHash(message()),
      read: (answer) => resultIn(RegistryCommandResult.decode(answer)),
    }),
  };
}

function messageHash(command: CommandMessage): Buffer {
  const bytes = RegistryCommand.encode({ command, idempotencyKey: '', actor: '' }).finish();
  return createHash('sha256').update(bytes).digest();
}

function resultIn({ result }: registryService.RegistryCommandResult): CommandResult {
  if (result === undefined) throw new Error('a stored answer without a result');
  return result;
}
