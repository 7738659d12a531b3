import { AppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import type { clearanceService } from '@aeo/proto';
import type { Batcher } from '../batcher.ts';
import type { Knowledge } from '../knowledge.ts';
import type { DecisionStore, Request } from '../ports.ts';
import { decided, responseTo } from './decided.ts';
import { bounds, isWithin } from './declaration-rules.ts';
import { invalid } from './field-problems.ts';
import { demandVersion } from './min-version.ts';
import { readRequest } from './read-declaration.ts';

export type AssessPorts = { batcher: Batcher; knowledge: Knowledge; store: Pick<DecisionStore, 'find'> };

type AssessRequest = clearanceService.AssessRequest;
type AssessResponse = clearanceService.AssessResponse;

/** Decides one declaration, or answers with what is on record. */
export const assessOne =
  (ports: AssessPorts): UnaryHandler<AssessRequest, AssessResponse> =>
  (request, { correlationId }) =>
    assessMessage(ports, request, correlationId);

/** @throws AppError `invalid`, `conflict` KEY_REUSED, `not_found` for a revision that is not on record */
export async function assessMessage(
  ports: AssessPorts,
  message: AssessRequest,
  correlationId: string,
): Promise<AssessResponse> {
  const request = readRequest(message, correlationId);
  if (!isWithin(message.revision, bounds.revision))
    throw invalid([{ path: 'revision', code: 'FIELD_RANGE' }]);
  if (message.revision !== 0) return namedRevision(ports, request, message.revision);
  demandVersion(ports.knowledge, message.minVersion);
  return decided(ports.batcher, request);
}

async function namedRevision(
  { store }: AssessPorts,
  request: Request,
  revision: number,
): Promise<AssessResponse> {
  const { declarationId, version } = request.declaration;
  const recorded = await store.find(declarationId, version, revision);
  if (recorded === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such revision');
  return responseTo(request, recorded);
}
