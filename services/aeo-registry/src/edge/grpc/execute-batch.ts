import { AppError, isAppError, toAppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { registryService } from '@aeo/proto';
import { isPersonName, keyPattern } from '@aeo/platform/field-formats';
import type { Caller } from '../../application/command-outcome.ts';
import type { Ports } from '../../ports.ts';
import { callerOf } from '../caller.ts';
import { problemOf, type CommandResult } from '../command-results.ts';
import { refuseFields } from '../refusals.ts';
import { handleStatusCommands, type CommandMessage, type StatusCommand } from '../status-commands.ts';
import { readCommand } from './read-command.ts';

const commandsMax = 500;
const operatorsAtOnce = 6;

/** A command of the batch at its place, or what is wrong with its fields. */
type Item = { index: number; operatorId: string; command: StatusCommand | AppError };
type Handler = UnaryHandler<registryService.ExecuteBatchRequest, registryService.ExecuteBatchResponse>;

/** One transaction for each operator; what fails for one does not touch the others. */
export const executeBatch =
  (ports: Ports): Handler =>
  async ({ commands }, context) => {
    if (commands.length > commandsMax) refuseFields([{ path: 'commands', code: 'BATCH_TOO_LARGE' }]);
    // A key for the whole would not say which of its transactions it stands for.
    if (context.idempotencyKey !== undefined)
      refuseFields([{ path: 'idempotency-key', code: 'FIELD_UNKNOWN' }]);
    const caller = callerOf(context);
    const items = commands.map((command, index) => readItem(command, index, caller));
    const groups = [...Map.groupBy(items, ({ operatorId }) => operatorId)];
    const results: { result: CommandResult }[] = [];
    const worker = async () => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift())
        for (const [index, result] of await resultsOf(ports, group, caller)) results[index] = { result };
    };
    await Promise.all(Array.from({ length: operatorsAtOnce }, worker));
    return { results };
  };

function readItem(
  { command: message, idempotencyKey, actor: named }: registryService.RegistryCommand,
  index: number,
  caller: Caller,
): Item {
  if (message === undefined) {
    const fields = [{ path: `commands[${index}]`, code: 'FIELD_REQUIRED' }];
    throw new AppError('invalid', 'FIELD_REQUIRED', 'an empty command', { fields });
  }
  const actor = named === '' ? caller.actor : personOf(caller, named, index);
  const key = idempotencyKey === '' ? undefined : idempotencyKey;
  return { index, operatorId: message.value.operatorId, command: readStatusCommand(message, key, actor) };
}

/** A system names the person a command comes from; the caller with a token is that person. */
function personOf({ principal }: Caller, actor: string, index: number): string {
  if (principal.kind === 'token')
    throw new AppError('denied', 'NOT_ALLOWED', 'a token speaks for the person it names alone');
  if (!isPersonName(actor)) refuseFields([{ path: `commands[${index}].actor`, code: 'FIELD_FORMAT' }]);
  return actor;
}

function readStatusCommand(
  message: CommandMessage,
  key: string | undefined,
  actor: string,
): StatusCommand | AppError {
  try {
    if (key !== undefined && !keyPattern.test(key))
      refuseFields([{ path: 'idempotencyKey', code: 'FIELD_FORMAT' }]);
    return { $case: message.$case, command: readCommand(message), key, actor, message: () => message };
  } catch (error) {
    return toAppError(error);
  }
}

/** The results of the commands on one operator, by their places in the batch. */
async function resultsOf(
  ports: Ports,
  [operatorId, items]: readonly [string, readonly Item[]],
  caller: Caller,
): Promise<[number, CommandResult][]> {
  const commands = items.flatMap(({ command }) => (isAppError(command) ? [] : [command]));
  // The operator id of commands that cannot be read need not be one.
  const handled = commands.length === 0 ? [] : await handleAll(ports, operatorId, commands, caller);
  const answers = handled.values();
  return items.map(({ index, command }) => {
    const answer = isAppError(command) ? command : answers.next().value!;
    return [index, isAppError(answer) ? problemOf(answer) : answer];
  });
}

/** What fails for the whole operator is the answer to each of its commands. */
function handleAll(...[ports, operatorId, commands, caller]: Parameters<typeof handleStatusCommands>) {
  return handleStatusCommands(ports, operatorId, commands, caller).catch((error: unknown) =>
    commands.map(() => toAppError(error)),
  );
}
