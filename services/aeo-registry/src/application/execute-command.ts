import { createHash } from 'node:crypto';
import { AppError } from '@aeo/platform/errors';
import type { CallContext } from '@aeo/platform/grpc';
import { authorizationProblem, concerns } from '../domain/operator/access.ts';
import { decide, type Command, type World } from '../domain/operator/decide.ts';
import { keyPattern } from '@aeo/platform/field-formats';
import { evolve, type Operator } from '../domain/operator/operator.ts';
import type { Ports, OperatorTransaction } from '../ports.ts';
import { statusToken } from './publication/status-message.ts';
import { callerOf, type Caller } from '../edge/grpc/caller.ts';
import { refuseFields } from '../edge/grpc/fields.ts';
import { errorOf } from '../edge/grpc/results.ts';

/** What is asked of an operator on record, by somebody it concerns. */
export type Asking = {
  operatorId: string;
  command: Command;
  /** What else has to hold, on the state that is changed. @throws AppError where it does not */
  require?: (state: Operator) => void;
  /** What is answered once it is done. */
  answer: (state: Operator, world: World) => Record<string, unknown>;
};

/**
 * Carries out one command and answers with what it led to. A key used before is answered as then, for the same command,
 * and nothing is done again.
 *
 * @throws AppError `not_found` NOT_FOUND also where the operator is somebody else's; `conflict` KEY_REUSED for a key of
 * another command; the reason of the refusal, with the path of the field, where the command does not fit
 */
export async function executeCommand(
  ports: Ports,
  asking: Asking,
  context: CallContext,
): Promise<Record<string, unknown>> {
  const { idempotencyKey: key } = context;
  if (key !== undefined && !keyPattern.test(key))
    refuseFields([{ path: 'idempotency-key', code: 'FIELD_FORMAT' }]);
  const caller = callerOf(context);
  const answer = await ports.withOperator(asking.operatorId, (unit) =>
    carryOut(ports, unit, asking, { ...context, caller }),
  );
  return { ...answer, answeredAt: (await ports.databaseNow()).toISOString() };
}

type Asker = Pick<CallContext, 'principal' | 'idempotencyKey'> & { caller: Caller };

async function carryOut(
  { rules, epoch }: Ports,
  {
    operator,
    now,
    save,
    findIdempotentAnswers: recall,
    saveIdempotentAnswers: remember,
  }: OperatorTransaction,
  { operatorId, command, require, answer }: Asking,
  { caller, principal, idempotencyKey: key }: Asker,
): Promise<Record<string, unknown>> {
  const world = { ...rules, now: now.toISOString(), actor: caller.actor };
  const before = operator.state;
  if (before === undefined || !concerns(principal, operatorId, before, world.now)) throw notThere();
  const requestHash = hashOf(operatorId, command);
  const [kept] = key === undefined ? [] : await recall(caller.name, [key]);
  if (kept !== undefined) return keptAnswer(kept, requestHash);
  require?.(before);
  const odd = authorizationProblem(command, principal, before, world);
  if (odd !== undefined) throw errorOf(odd.reason, odd.path);
  const decision = decide(command, before, world);
  if (decision.kind === 'refused') throw errorOf(decision.reason, decision.path);
  const state = decision.events.reduce<Operator>(evolve, before);
  const events = decision.events.map((event) => ({ event, actor: caller.actor }));
  const number = events.length > 0 ? await save(state, events, caller.name) : operator.version;
  const minVersion = statusToken(operatorId, { epoch, number });
  const answered = { ...answer(state, world), minVersion };
  if (key !== undefined)
    await remember(caller.name, [{ key, requestHash, answer: Buffer.from(JSON.stringify(answered)) }]);
  return answered;
}

/** Whoever may not know of something is told the same as where it is not. */
export function notThere(path?: string): AppError {
  const fields = path === undefined ? [] : [{ path, code: 'NOT_FOUND' }];
  return new AppError('not_found', 'NOT_FOUND', 'there is nothing under this name', { fields });
}

/** No command of another contract has this hash. */
function hashOf(operatorId: string, command: Command): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(['asked', operatorId, command]))
    .digest();
}

function keptAnswer(
  { requestHash, answer }: { requestHash: Buffer; answer: Buffer },
  asked: Buffer,
): Record<string, unknown> {
  if (!requestHash.equals(asked)) throw errorOf('KEY_REUSED');
  return JSON.parse(answer.toString()) as Record<string, unknown>;
}
