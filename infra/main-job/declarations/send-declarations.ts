import { clearanceService, common } from '@aeo/proto';
import { AssessLine, type AssessChannel, type LineSettings } from './assess-line.ts';
import { declarationOf } from './declaration-message.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';

type Request = clearanceService.AssessStreamRequest;
type Response = clearanceService.AssessStreamResponse;

/** What the stream's client measured. Latencies are counted from the intended time of sending. */
export type SendingResult = {
  sent: number;
  decided: number;
  refused: { declarationId: string; code: string }[];
  latenciesMs: number[];
  /** Streams opened after the first one. */
  reconnects: number;
  seconds: number;
};

export type SendOptions = LineSettings & {
  perSecond: number;
  /** At most this many declarations wait for their answer. */
  unansweredMax: number;
  deadlineMs: number;
  /** Called with each decision in the order of the answers. */
  onDecision(row: DeclarationRow, response: clearanceService.AssessResponse): void;
  progress(decided: number): void;
};

const attemptsMax = 20;
const retryMs = 200;
const retriedCodes = new Set(['unavailable']);

type Pending = { row: DeclarationRow; intendedMs: number; attempts: number };

/**
 * Sends rows on an open-loop schedule and waits for every answer, over a stream that is opened again when it ends.
 * A declaration that is refused as `unavailable` is sent again with a new request id; any other refusal is final.
 *
 * @throws Error when the streams bring no more answers
 */
export async function sendDeclarations(
  open: () => AssessChannel,
  rows: DeclarationRow[],
  options: SendOptions,
): Promise<SendingResult> {
  const seen = { sent: 0, decided: 0, reconnects: 0, seconds: 0 };
  const transcript: SendingResult = { ...seen, refused: [], latenciesMs: [] };
  const pending = new Map<string, Pending>();
  const finished = Promise.withResolvers<void>();
  const startedMs = performance.now();
  const line = new AssessLine(open, options, (answer) => {
    const request = pending.get(answer.requestId);
    if (request === undefined) return;
    pending.delete(answer.requestId);
    if (!settle(answer, request, transcript, options))
      setTimeout(() => void send({ ...request, attempts: request.attempts + 1 }), retryMs);
    else if (transcript.decided + transcript.refused.length === rows.length) finished.resolve();
  });
  const send = (asked: Pending) => {
    const requestId = `${asked.row.declarationId}/${asked.attempts}`;
    pending.set(requestId, asked);
    return line.send(requestOf(asked.row, requestId, options.deadlineMs));
  };
  const sendAll = async () => {
    for (const [index, row] of rows.entries()) {
      const intendedMs = startedMs + (index * 1000) / options.perSecond;
      await pause(intendedMs - performance.now());
      while (line.waiting >= options.unansweredMax) await pause(2);
      transcript.sent += 1;
      await send({ row, intendedMs, attempts: 0 });
    }
    if (rows.length > 0) await finished.promise;
  };
  try {
    await Promise.race([sendAll(), line.failed]);
    return { ...transcript, reconnects: line.reconnects, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    await line.close();
  }
}

/** False where the declaration must be sent again. */
function settle(
  answer: Response,
  pending: Pending,
  transcript: SendingResult,
  options: SendOptions,
): boolean {
  if (answer.result?.$case === 'assessed') {
    transcript.latenciesMs.push(performance.now() - pending.intendedMs);
    transcript.decided += 1;
    options.onDecision(pending.row, answer.result.value);
    options.progress(transcript.decided);
    return true;
  }
  const code = answer.result?.value.code ?? 'internal';
  if (retriedCodes.has(code) && pending.attempts < attemptsMax) return false;
  transcript.refused.push({
    declarationId: pending.row.declarationId,
    code: answer.result?.value.reason ?? code,
  });
  return true;
}

function requestOf(row: DeclarationRow, requestId: string, deadlineMs: number): Request {
  return clearanceService.AssessStreamRequest.fromPartial({
    requestId,
    deadlineMs,
    correlationId: row.declarationId,
    assess: { declaration: declarationOf(row), stage: common.Stage.PRESENTATION },
  });
}

function pause(ms: number): Promise<void> | undefined {
  return ms < 1 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));
}
