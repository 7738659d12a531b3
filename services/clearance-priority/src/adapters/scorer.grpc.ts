import type { GrpcClient } from '@aeo/platform/grpc';
import { newId } from '@aeo/platform/ids';
import type { Stoppable } from '@aeo/platform/lifecycle';
import { traceparent } from '@aeo/platform/trace';
import { riskService } from '@aeo/proto';
import type { Request, Scorer } from '../ports.ts';
import { packItems } from './score-messages.ts';

type Waiting = { settle: (score: riskService.Score | undefined) => void };
type Stream = ReturnType<GrpcClient['stream']>;

const reconnectMs = 100;
const waitingMax = 4_096;

/**
 * Scores over one long-lived stream, in messages the server takes. A declaration too large for any message goes
 * without a score. When the stream breaks, everything that waits goes without at once, and a new stream is opened.
 */
export function grpcScorer(client: GrpcClient): Scorer & Stoppable {
  const waiting = new Map<string, Waiting>();
  let stream: Stream | undefined;
  let stopped = false;
  const failAll = () => {
    for (const { settle } of waiting.values()) settle(undefined);
    waiting.clear();
  };
  const open = () => {
    if (stopped) return;
    const opened = client.stream(riskService.RiskServiceService.scoreStream);
    stream = opened;
    opened.onMessage(({ answers }) => {
      for (const { requestId, result } of answers)
        waiting.get(requestId)?.settle(result?.$case === 'score' ? result.value : undefined);
    });
    const again = () => {
      stream = undefined;
      failAll();
      setTimeout(open, reconnectMs).unref();
    };
    opened.closed.then(again, again);
  };
  open();
  return {
    name: 'scorer',
    score: async (requests, timeoutMs) => {
      const current = stream;
      if (current === undefined || waiting.size > waitingMax) return requests.map(() => undefined);
      const items = requests.map((request) => itemOf(request, timeoutMs));
      const answers = items.map(({ requestId }) => answerWithin(waiting, requestId, timeoutMs));
      const { messages, tooLarge } = packItems(items);
      for (const { requestId } of tooLarge) waiting.get(requestId)?.settle(undefined);
      for (const message of messages) current.write({ items: message }).catch(failAll);
      return Promise.all(answers);
    },
    stop: () => {
      stopped = true;
      stream?.end();
      return Promise.resolve();
    },
  };
}

function itemOf(
  { declaration, correlationId, inTrace, probe }: Request,
  deadlineMs: number,
): riskService.ScoreItem {
  return riskService.ScoreItem.fromPartial({
    requestId: newId(),
    deadlineMs: Math.ceil(deadlineMs),
    traceparent: inTrace(traceparent),
    correlationId,
    declaration,
    probe,
  });
}

function answerWithin(
  waiting: Map<string, Waiting>,
  requestId: string,
  timeoutMs: number,
): Promise<riskService.Score | undefined> {
  return new Promise((resolve) => {
    const settle = (score: riskService.Score | undefined) => {
      clearTimeout(timer);
      waiting.delete(requestId);
      resolve(score);
    };
    const timer = setTimeout(() => settle(undefined), timeoutMs);
    waiting.set(requestId, { settle });
  });
}
