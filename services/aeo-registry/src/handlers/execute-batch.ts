import { AppError, toAppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { registryService } from '@aeo/proto';
import type { Ports } from '../ports.ts';
import { execute, type WireResult } from './execute.ts';
import type { WireCommand } from './read-command.ts';

const commandsMax = 500;
const operatorsAtOnce = 6;

type Numbered = { index: number; command: WireCommand };
type Handler = UnaryHandler<registryService.ExecuteBatchRequest, registryService.ExecuteBatchResponse>;

/** One transaction for each operator; what fails for one does not touch the others. */
export const executeBatch =
  (ports: Ports): Handler =>
  async ({ commands }, { actor }) => {
    if (commands.length > commandsMax) {
      const fields = [{ path: 'commands', code: 'BATCH_TOO_LARGE' }];
      throw new AppError('invalid', 'BATCH_TOO_LARGE', `at most ${commandsMax} commands a call`, { fields });
    }
    const numbered = commands.map(({ command }, index) => ({ index, command: required(command, index) }));
    const groups = [...Map.groupBy(numbered, ({ command }) => command.value.operatorId)];
    const results: { result: WireResult }[] = [];
    const worker = async () => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        const answers = await resultsOf(ports, group[0], group[1], actor);
        group[1].forEach(({ index }, place) => (results[index] = { result: answers[place] ?? unanswered() }));
      }
    };
    await Promise.all(Array.from({ length: operatorsAtOnce }, worker));
    return { results };
  };

function required(command: WireCommand | undefined, index: number): WireCommand {
  if (command !== undefined) return command;
  const fields = [{ path: `commands[${index}]`, code: 'FIELD_REQUIRED' }];
  throw new AppError('invalid', 'FIELD_REQUIRED', 'an empty command', { fields });
}

async function resultsOf(
  ports: Ports,
  operatorId: string,
  group: Numbered[],
  actor: string,
): Promise<WireResult[]> {
  try {
    return await execute(
      ports,
      operatorId,
      group.map(({ command }) => command),
      actor,
    );
  } catch (error) {
    const { code, reason } = toAppError(error);
    return group.map(() => ({ $case: 'problem', value: { code, reason, detail: '', fields: [] } }));
  }
}

function unanswered(): WireResult {
  return { $case: 'problem', value: { code: 'internal', reason: 'INTERNAL', detail: '', fields: [] } };
}
