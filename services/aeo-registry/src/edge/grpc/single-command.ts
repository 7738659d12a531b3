import { AppError, type ErrorCode } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { keyPattern } from '@aeo/platform/field-formats';
import type { Ports } from '../../ports.ts';
import { callerOf } from './caller.ts';
import { execute } from './execute.ts';
import { refuseFields } from './fields.ts';
import type { WireCommand } from './read-command.ts';
import type { WireResult } from './results.ts';

type RequestOf<Case extends WireCommand['$case']> = Extract<WireCommand, { $case: Case }>['value'];
type ResponseOf<Case extends WireCommand['$case']> = Extract<WireResult, { $case: Case }>['value'];

/** The RPC of one command: the batch's handler with one command, its problem turned into a status. */
export const singleCommand =
  <Case extends WireCommand['$case']>(
    ports: Ports,
    $case: Case,
  ): UnaryHandler<RequestOf<Case>, ResponseOf<Case>> =>
  async (value, context) => {
    const wire = { $case, value } as WireCommand;
    const { idempotencyKey: key } = context;
    if (key !== undefined && !keyPattern.test(key))
      refuseFields([{ path: 'idempotency-key', code: 'FIELD_FORMAT' }]);
    const caller = callerOf(context);
    const asked = [{ wire, key, actor: caller.actor }];
    const [result] = await execute(ports, value.operatorId, asked, caller);
    if (result?.$case === 'problem') {
      const { code, reason, detail, fields } = result.value;
      throw new AppError(code as ErrorCode, reason, detail, { fields });
    }
    return result?.value as ResponseOf<Case>;
  };
