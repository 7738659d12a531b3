import { AppError } from '@aeo/platform/errors';
import type { Batcher, Mode, Request, Result } from '../../ports.ts';

type Entry = { request: Request; mode: Mode; settle: (result: Result) => void };

const batchMax = 64;
const waitingMax = 5_000;

/**
 * Gathers requests into batches: a request that arrives while a batch is decided goes with the next one. Within a
 * batch each declaration version occurs once; a second request for it goes later and meets the record of the first.
 *
 * @param batchesAtOnce how many commits may be under way
 */
export function createBatcher(
  assessBatch: (requests: Request[], mode: Mode) => Promise<Result[]>,
  batchesAtOnce: number,
): Batcher {
  const waiting: Entry[] = [];
  let running = 0;
  let scheduled = false;
  const schedule = () => {
    if (scheduled || running >= batchesAtOnce || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      void run();
    });
  };
  const run = async () => {
    const batch = takeDistinct(waiting);
    if (batch.length === 0) return;
    running += 1;
    schedule();
    try {
      const mode = batch[0]?.mode ?? 'once';
      const results = await assessBatch(
        batch.map(({ request }) => request),
        mode,
      );
      batch.forEach(({ settle }, index) => settle(results[index] ?? fault()));
    } catch (error) {
      const failure = error instanceof AppError ? error : fault(error);
      batch.forEach(({ settle }) => settle(failure));
    } finally {
      running -= 1;
      schedule();
    }
  };
  return {
    assess: (request, mode = 'once') => {
      if (waiting.length >= waitingMax)
        return Promise.resolve(new AppError('unavailable', 'UNAVAILABLE', 'too many declarations wait'));
      return new Promise((settle) => {
        waiting.push({ request, mode, settle });
        schedule();
      });
    },
  };
}

/** The oldest entries of one mode with distinct declaration versions; the others keep their places. */
function takeDistinct(waiting: Entry[]): Entry[] {
  const mode = waiting[0]?.mode;
  const seen = new Set<string>();
  const taken: Entry[] = [];
  for (let index = 0; index < waiting.length && taken.length < batchMax;) {
    const entry = waiting[index]!;
    const { declarationId, version } = entry.request.declaration;
    const key = `${declarationId}/${version}`;
    if (entry.mode !== mode || seen.has(key)) {
      index += 1;
      continue;
    }
    seen.add(key);
    taken.push(entry);
    waiting.splice(index, 1);
  }
  return taken;
}

function fault(cause?: unknown): AppError {
  return new AppError('internal', 'INTERNAL', 'the declaration could not be decided', { cause });
}
