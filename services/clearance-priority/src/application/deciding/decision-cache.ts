import { AppError } from '@aeo/platform/errors';
import type { Cache } from '@aeo/platform/redis';
import { recordedFrom, type Recorded } from '../../domain/decision/recorded.ts';
import type { Mode, Request, Result } from '../../ports.ts';

type AssessBatch = (requests: Request[], mode: Mode) => Promise<Result[]>;

const keptSeconds = 600;
const hashBytes = 32;

/**
 * Answers retries of final decisions from a cache. A final decision is never followed by another revision, so that no
 * write, however late, can put an older answer in the place of a newer one; what may still change is not kept. Only the
 * same content under the same stage is answered; everything else, and all while the cache is unavailable, is assessed as usual.
 */
export function withDecisionCache(cache: Cache, assessBatch: AssessBatch): AssessBatch {
  return async (requests, mode) => {
    const held = mode === 'once' ? await cache.getMany(requests.map(keyOf)) : [];
    const answers = requests.map((request, index) => answerOf(held[index], request));
    const rest = requests.filter((_, index) => answers[index] === undefined);
    const decided = rest.length === 0 ? [] : await assessBatch(rest, mode);
    const results = new Map(rest.map((request, index) => [request, decided[index]!]));
    void cache.setMany(
      [...results].flatMap(([request, result]) => entryOf(request, result)),
      keptSeconds,
    );
    return requests.map((request, index) => answers[index] ?? results.get(request)!);
  };
}

function keyOf({ declaration: { declarationId, version }, stage }: Request): string {
  return `decision:${declarationId}:${version}:${stage}`;
}

/** Content hash, time of the commit, exact bytes of the record. */
function entryOf(request: Request, result: Result): [string, Buffer][] {
  if (result instanceof AppError || result.decidedAt === undefined) return [];
  if (result.decision.provisional) return [];
  const decidedAt = Buffer.alloc(8);
  decidedAt.writeBigInt64BE(BigInt(result.decidedAt.getTime()));
  return [[keyOf(request), Buffer.concat([request.contentHash, decidedAt, result.bytes])]];
}

function answerOf(entry: Buffer | undefined, { contentHash }: Request): Recorded | undefined {
  if (entry === undefined || entry.length <= hashBytes + 8) return undefined;
  if (!entry.subarray(0, hashBytes).equals(contentHash)) return undefined;
  const decidedAt = new Date(Number(entry.readBigInt64BE(hashBytes)));
  return recordedFrom(entry.subarray(hashBytes + 8), decidedAt);
}
