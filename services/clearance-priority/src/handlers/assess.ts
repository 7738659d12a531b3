import { AppError } from '@aeo/platform/errors';
import type { BidiHandler, UnaryHandler } from '@aeo/platform/grpc';
import { withTrace } from '@aeo/platform/trace';
import { clearanceDecision, clearanceService } from '@aeo/proto';
import { toAppError } from '@aeo/platform/errors';
import type { Batcher } from '../batcher.ts';
import type { Knowledge } from '../knowledge.ts';
import type { DecisionStore, Recorded } from '../ports.ts';
import { bounds, isWithin } from './declaration-rules.ts';
import { fieldProblems } from './field-problems.ts';
import { demandVersion } from './min-version.ts';
import { readRequest } from './read-declaration.ts';

export type AssessPorts = { batcher: Batcher; knowledge: Knowledge; store: Pick<DecisionStore, 'find'> };

type AssessRequest = clearanceService.AssessRequest;
type AssessResponse = clearanceService.AssessResponse;

/** Decides one declaration, or answers with what is on record. */
export const assessOne =
  (ports: AssessPorts): UnaryHandler<AssessRequest, AssessResponse> =>
  (request, { correlationId }) =>
    answer(ports, request, correlationId);

async function answer(
  ports: AssessPorts,
  message: AssessRequest,
  correlationId: string,
): Promise<AssessResponse> {
  const request = readRequest(message, correlationId);
  const { check, refuseAny } = fieldProblems();
  check(isWithin(message.revision, bounds.revision), 'revision', 'FIELD_RANGE');
  refuseAny();
  if (message.revision !== 0) return namedRevision(ports, message);
  demandVersion(ports.knowledge, message.minVersion);
  const result = await ports.batcher.assess(request);
  if (result instanceof AppError) throw result;
  return responseOf(result);
}

async function namedRevision({ store }: AssessPorts, message: AssessRequest): Promise<AssessResponse> {
  const { declarationId = '', version = 0 } = message.declaration ?? {};
  const recorded = await store.find(declarationId, version, message.revision);
  if (recorded === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such revision');
  return responseOf(recorded);
}

export function responseOf({ record, decidedAt }: Recorded): AssessResponse {
  return clearanceService.AssessResponse.fromPartial({
    decision: clearanceDecision.Decision.decode(record),
    ...(decidedAt ? { decidedAt } : {}),
  });
}

const unansweredMax = 1_000;

/** Decides a stream of declarations; answers come as they are ready, each naming its request. */
export const assessStream =
  (
    ports: AssessPorts,
  ): BidiHandler<clearanceService.AssessStreamRequest, clearanceService.AssessStreamResponse> =>
  async ({ messages, send }) => {
    const underWay = new Set<Promise<void>>();
    for await (const message of messages) {
      const answered = withTrace(message.traceparent, () => resultOf(ports, message))
        .then((result) => send({ requestId: message.requestId, result }))
        .finally(() => underWay.delete(answered));
      underWay.add(answered);
      if (underWay.size >= unansweredMax) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  };

async function resultOf(
  ports: AssessPorts,
  { assess, correlationId }: clearanceService.AssessStreamRequest,
): Promise<NonNullable<clearanceService.AssessStreamResponse['result']>> {
  try {
    const message = assess ?? clearanceService.AssessRequest.fromPartial({});
    return { $case: 'assessed', value: await answer(ports, message, correlationId) };
  } catch (error) {
    const { code, reason, message, fields } = toAppError(error);
    const detail = code === 'internal' ? '' : message;
    return { $case: 'problem', value: { code, reason, detail, fields: [...fields] } };
  }
}
