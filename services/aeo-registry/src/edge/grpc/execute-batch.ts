import { AppError, toAppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { registryService } from '@aeo/proto';
import type { Ports } from '../../ports.ts';
import { isPersonName } from '@aeo/platform/field-formats';
import { callerOf, type Caller } from './caller.ts';
import { execute } from './execute.ts';
import { refuseFields } from './fields.ts';
import type { Asked } from './read-request.ts';
import { problemOf, type WireResult } from './results.ts';

const commandsMax = 500;
const operatorsAtOnce = 6;

type Numbered = { index: number; asked: Asked };
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
    const numbered = commands.map((command, index) => ({ index, asked: askedOf(command, index, caller) }));
    const groups = [...Map.groupBy(numbered, ({ asked }) => asked.wire.value.operatorId)];
    const results: { result: WireResult }[] = [];
    const worker = async () => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        const answers = await resultsOf(ports, group[0], group[1], caller);
        group[1].forEach(({ index }, place) => (results[index] = { result: answers[place] ?? unanswered() }));
      }
    };
    await Promise.all(Array.from({ length: operatorsAtOnce }, worker));
    return { results };
  };

function askedOf(
  { command, idempotencyKey, actor }: registryService.RegistryCommand,
  index: number,
  caller: Caller,
): Asked {
  if (command !== undefined)
    return {
      wire: command,
      key: idempotencyKey === '' ? undefined : idempotencyKey,
      actor: actor === '' ? caller.actor : namedBy(caller, actor, index),
    };
  const fields = [{ path: `commands[${index}]`, code: 'FIELD_REQUIRED' }];
  throw new AppError('invalid', 'FIELD_REQUIRED', 'an empty command', { fields });
}

/** A system says whom a command comes from; whoever shows a token is that person and nobody else. */
function namedBy({ principal }: Caller, actor: string, index: number): string {
  if (principal.kind === 'token')
    throw new AppError('denied', 'NOT_ALLOWED', 'a token speaks for the person it names alone');
  if (!isPersonName(actor)) refuseFields([{ path: `commands[${index}].actor`, code: 'FIELD_FORMAT' }]);
  return actor;
}

async function resultsOf(
  ports: Ports,
  operatorId: string,
  group: readonly Numbered[],
  caller: Caller,
): Promise<WireResult[]> {
  const asked = group.map((each) => each.asked);
  try {
    return await execute(ports, operatorId, asked, caller);
  } catch (error) {
    return group.map(() => problemOf(toAppError(error)));
  }
}

function unanswered(): WireResult {
  return problemOf(new AppError('internal', 'INTERNAL', 'a command without a result'));
}
