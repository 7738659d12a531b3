import { toAppError, type AppError } from '@aeo/platform/errors';
import type { BidiHandler } from '@aeo/platform/grpc';
import { withTrace } from '@aeo/platform/trace';
import { clearanceService } from '@aeo/proto';
import { assessMessage, type AssessPorts } from './assess.ts';
import { invalid } from '@aeo/platform/field-problems';

type StreamRequest = clearanceService.AssessStreamRequest;
type StreamResponse = clearanceService.AssessStreamResponse;

/** Messages of one stream that may wait for their answers; further ones are not read until one was answered. */
const unansweredMax = 1_000;

/** How long a message waits for its answer where it names no deadline, and at most. */
const deadlineMs = { usual: 1_000, max: 60_000 };

/** Decides a stream of declarations; answers come as they are ready, each naming its request, and none too late. */
export const assessStream =
  (ports: AssessPorts): BidiHandler<StreamRequest, StreamResponse> =>
  async ({ messages, send }) => {
    const unanswered = createSemaphore(unansweredMax);
    const failed: { with?: AppError } = {};
    for await (const message of messages) {
      await unanswered.acquire();
      if (failed.with !== undefined) throw failed.with;
      void withTrace(message.traceparent, () => resultOf(ports, message))
        .then((result) => send({ requestId: message.requestId, result }))
        .catch((error: unknown) => (failed.with = toAppError(error)))
        .finally(unanswered.release);
    }
    await unanswered.untilAllReleased();
    if (failed.with !== undefined) throw failed.with;
  };

async function resultOf(
  ports: AssessPorts,
  { assess, correlationId, deadlineMs: givenMs }: StreamRequest,
): Promise<NonNullable<StreamResponse['result']>> {
  try {
    if (givenMs < 0) throw invalid([{ path: 'deadlineMs', code: 'FIELD_RANGE' }]);
    const message = assess ?? clearanceService.AssessRequest.fromPartial({});
    const waitMs = Math.min(givenMs === 0 ? deadlineMs.usual : givenMs, deadlineMs.max);
    return { $case: 'assessed', value: await assessMessage(ports, message, correlationId, waitMs) };
  } catch (error) {
    const { code, reason, message, fields } = toAppError(error);
    const detail = code === 'internal' ? '' : message;
    return { $case: 'problem', value: { code, reason, detail, fields: [...fields] } };
  }
}

/** A counting semaphore for one waiter at a time. */
function createSemaphore(permits: number) {
  let taken = 0;
  let wake: () => void = () => undefined;
  const untilFewerThan = async (count: number) => {
    while (taken >= count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return {
    acquire: async () => {
      await untilFewerThan(permits);
      taken += 1;
    },
    release: () => {
      taken -= 1;
      wake();
    },
    untilAllReleased: () => untilFewerThan(1),
  };
}
