import { AppError, toAppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { clearanceService } from '@aeo/proto';
import type { NodeState } from '../../application/status-view/node-state.ts';
import { decideDeclaration, requireSameDeclaration } from '../../application/deciding/decide-declaration.ts';
import type { Recorded } from '../../domain/decision/recorded.ts';
import type { Batcher, DecisionStore, Request } from '../../ports.ts';
import { bounds, isWithin } from '../../application/declaration/declaration-rules.ts';
import { invalid } from '@aeo/platform/field-problems';
import { demandVersion } from '../min-version.ts';
import { readRequest } from '../../application/declaration/read-request.ts';

export type AssessPorts = {
  batcher: Batcher;
  nodeState: NodeState;
  store: Pick<DecisionStore, 'find'>;
  /** A decision on what this node knows, without benefits and without a record; the declaration is spooled. */
  withoutRecord: (request: Request) => Promise<Recorded>;
  /** Called for each answer that is on no record. */
  onAnsweredWithoutRecord: () => void;
};

type AssessRequest = clearanceService.AssessRequest;
type AssessResponse = clearanceService.AssessResponse;

/** Decides one declaration, or answers with what is on record. */
export const assessOne =
  (ports: AssessPorts): UnaryHandler<AssessRequest, AssessResponse> =>
  (request, { correlationId, deadline }) =>
    assessMessage(ports, request, correlationId, deadline.getTime() - Date.now() - onTheWayMs);

/** An answer needs this long to be at the caller's before the caller gives up. */
const onTheWayMs = 100;

/**
 * Decides a declaration, or answers with what is on record. A declaration is not blocked by our faults: where neither
 * is there in time, it is decided without benefits, provisionally, and spooled. What was under way goes on and is
 * recorded, so that a retry finds it.
 *
 * @param waitMs how long the record is waited for
 * @throws AppError `invalid`, `conflict` KEY_REUSED, `not_found` for a revision that is not on record
 */
export async function assessMessage(
  ports: AssessPorts,
  message: AssessRequest,
  correlationId: string,
  waitMs: number,
): Promise<AssessResponse> {
  const request = readRequest(message, correlationId);
  if (!isWithin(message.revision, bounds.revision))
    throw invalid([{ path: 'revision', code: 'FIELD_RANGE' }]);
  if (message.revision !== 0) return namedRevision(ports, request, message.revision);
  demandVersion(ports.nodeState, message.minVersion);
  const work = decideDeclaration(ports.batcher, request);
  const decided = await within(waitMs, work, () => ports.withoutRecord(request));
  if (decided.decidedAt === undefined) ports.onAnsweredWithoutRecord();
  return responseOf(decided);
}

const waitMaxMs = 60_000;

function within<T>(waitMs: number, work: Promise<T>, late: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const answerLate = () => late().then(resolve, (error: unknown) => reject(toAppError(error)));
    const timer = setTimeout(() => void answerLate(), Math.min(waitMs, waitMaxMs));
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function namedRevision(
  { store }: AssessPorts,
  request: Request,
  revision: number,
): Promise<AssessResponse> {
  const { declarationId, version } = request.declaration;
  const recorded = await store.find(declarationId, version, revision);
  if (recorded === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no such revision');
  requireSameDeclaration(request, recorded);
  return responseOf(recorded);
}

function responseOf({ decision, decidedAt }: Recorded): AssessResponse {
  return clearanceService.AssessResponse.fromPartial(decidedAt ? { decision, decidedAt } : { decision });
}
