import { withETag } from '@aeo/platform/http';
import type { CallContext } from '@aeo/platform/grpc';
import { requireMatch } from '@aeo/platform/preconditions';
import type { AnswerFormat } from '../../application/command-outcome.ts';
import { handleCommands } from '../../application/handle-commands.ts';
import { statusToken } from '../../application/publication/status-message.ts';
import { isOfAuthority } from '../../domain/operator/access.ts';
import type { Command, DecisionContext } from '../../domain/operator/decide.ts';
import { viewOf } from '../../domain/application/application-view.ts';
import { lookUp, type Operator } from '../../domain/operator/operator.ts';
import type { Ports } from '../../ports.ts';
import { callerOf, idempotencyKeyOf } from '../caller.ts';
import { notFound, outcomeError } from '../refusals.ts';

type Answer = Record<string, unknown>;

type OperatorCommand = {
  operatorId: string;
  command: Command;
  /** What else must hold of the operator before it is changed. @throws AppError where it does not */
  precondition?: (state: Operator) => void;
  /** What is answered of the state after the command. */
  answer: (state: Operator, decisionContext: DecisionContext) => Answer;
};

/**
 * Executes one command on an operator on record, and answers with what the command changed.
 *
 * @throws AppError `not_found` NOT_FOUND also where the caller may not see the operator; `conflict` KEY_REUSED for a key
 * of another command; the reason of the refusal, with the path of the field, where the command does not fit
 */
async function executeCommand(
  ports: Ports,
  { operatorId, command, precondition, answer }: OperatorCommand,
  context: CallContext,
): Promise<Answer> {
  const key = idempotencyKeyOf(context);
  const caller = callerOf(context);
  const { actor } = caller;
  const format: AnswerFormat<Answer> = {
    name: 'asked',
    answerOf: ({ state, version, now }) => ({
      ...answer(state, { ...ports.rules, now, actor }),
      minVersion: statusToken(operatorId, version),
    }),
    toJson: (json) => json,
    fromJson: (json) => json as Answer,
  };
  const request = {
    command,
    actor,
    idempotency: key === undefined ? undefined : { key, format },
    precondition: (state: Operator | undefined) => {
      if (state === undefined) throw notFound();
      precondition?.(state);
    },
  };
  const [outcome] = await handleCommands(ports, { operatorId, caller, requests: [request] });
  if (outcome === undefined) throw new Error('a command without an outcome');
  if (outcome.kind !== 'accepted' && outcome.kind !== 'repeated') throw outcomeError(outcome);
  const given = outcome.kind === 'repeated' ? outcome.answer : format.answerOf(outcome);
  return { ...given, answeredAt: (await ports.databaseNow()).toISOString() };
}

type ApplicationId = { operatorId: string; applicationId: string };

/**
 * Executes a command on an application, and answers with the application and its revision as the ETag. With If-Match it
 * is refused where the application has changed since.
 */
export async function executeOnApplication(
  ports: Ports,
  { operatorId, applicationId }: ApplicationId,
  command: Command,
  context: CallContext,
) {
  const forAuthority = isOfAuthority(context.principal);
  const operatorCommand: OperatorCommand = {
    operatorId,
    command,
    precondition: (state) => {
      if (context.ifMatch !== undefined)
        requireMatch(context.ifMatch, String(lookUp(state.applications, applicationId)?.revision ?? 0));
    },
    answer: (state, decisionContext) => {
      const application = lookUp(state.applications, applicationId);
      if (application === undefined) throw notFound();
      return {
        ...viewOf({ operatorId, applicationId }, application, state, { ...decisionContext, forAuthority }),
      };
    },
  };
  const answer = await executeCommand(ports, operatorCommand, context);
  return withETag(answer, String(answer['revision']));
}

/** Executes a command on a certificate, and answers with the certificate. */
export function executeOnCertificate(
  ports: Ports,
  operatorId: string,
  command: Command & { certificateId: string },
  context: CallContext,
) {
  const answer = ({ certificates }: Operator) => ({
    operatorId,
    ...lookUp(certificates, command.certificateId),
  });
  return executeCommand(ports, { operatorId, command, answer }, context);
}

/** Executes a command on an operator's record, and answers with a part of the record. */
export function executeOnRecord(
  ports: Ports,
  operatorId: string,
  command: Command,
  context: CallContext,
  partOf: (state: Operator) => Answer,
) {
  const answer = (state: Operator) => ({ operatorId, ...partOf(state) });
  return executeCommand(ports, { operatorId, command, answer }, context);
}
