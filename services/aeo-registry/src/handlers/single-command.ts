import { AppError, type ErrorCode } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { Ports } from '../ports.ts';
import { execute, executeOnce, type WireResult } from './execute.ts';
import type { WireCommand } from './read-command.ts';

type RequestOf<Case extends WireCommand['$case']> = Extract<WireCommand, { $case: Case }>['value'];
type ResponseOf<Case extends WireCommand['$case']> = Extract<WireResult, { $case: Case }>['value'];

/** The RPC of one command: the batch's handler with one command, its problem turned into a status. */
export const singleCommand =
  <Case extends WireCommand['$case']>(
    ports: Ports,
    $case: Case,
  ): UnaryHandler<RequestOf<Case>, ResponseOf<Case>> =>
  async (value, { actor, idempotencyKey }) => {
    const command = { $case, value } as WireCommand;
    const key = checkedKey(idempotencyKey);
    const result =
      key === undefined
        ? (await execute(ports, value.operatorId, [command], actor))[0]
        : await executeOnce(ports, value.operatorId, command, { actor, key });
    if (result?.$case === 'problem') {
      const { code, reason, detail, fields } = result.value;
      throw new AppError(code as ErrorCode, reason, detail, { fields });
    }
    return result?.value as ResponseOf<Case>;
  };

function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined || /^[\x21-\x7e]{1,120}$/.test(key)) return key;
  const fields = [{ path: 'idempotency-key', code: 'FIELD_FORMAT' }];
  throw new AppError('invalid', 'FIELD_FORMAT', 'a key has 1 to 120 visible characters', { fields });
}
