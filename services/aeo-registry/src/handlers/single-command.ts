import { AppError, type ErrorCode } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { Ports } from '../ports.ts';
import { execute, type WireResult } from './execute.ts';
import type { WireCommand } from './read-command.ts';

type RequestOf<Case extends WireCommand['$case']> = Extract<WireCommand, { $case: Case }>['value'];
type ResponseOf<Case extends WireCommand['$case']> = Extract<WireResult, { $case: Case }>['value'];

/** The RPC of one command: the batch's handler with one command, its problem turned into a status. */
export const singleCommand =
  <Case extends WireCommand['$case']>(
    ports: Ports,
    $case: Case,
  ): UnaryHandler<RequestOf<Case>, ResponseOf<Case>> =>
  async (value, { actor }) => {
    const [result] = await execute(ports, value.operatorId, [{ $case, value } as WireCommand], actor);
    if (result?.$case === 'problem') {
      const { code, reason, detail, fields } = result.value;
      throw new AppError(code as ErrorCode, reason, detail, { fields });
    }
    return result?.value as ResponseOf<Case>;
  };
