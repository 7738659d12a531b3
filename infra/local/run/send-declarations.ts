import { clearanceService, common } from '@aeo/proto';
import { declarationOf } from './declaration-message.ts';
import type { DeclarationRow } from './declaration-row.ts';

type Request = clearanceService.AssessStreamRequest;
type Response = clearanceService.AssessStreamResponse;

/** The client's end of one AssessStream. */
export type AssessChannel = {
  write(request: Request): Promise<void>;
  onAnswer(listener: (answer: Response) => void): void;
};

/** What the stream's client itself saw. Latencies are counted from the intended time of sending. */
export type Transcript = {
  sent: number;
  decided: number;
  refused: { declarationId: string; code: string }[];
  latenciesMs: number[];
  seconds: number;
};

export type SendOptions = {
  perSecond: number;
  /** At most this many declarations wait for their answer. */
  unansweredMax: number;
  deadlineMs: number;
  /** Called with each decision in the order of the answers. */
  onDecision(row: DeclarationRow, response: clearanceService.AssessResponse): void;
  progress(decided: number): void;
};

const attemptsMax = 20;
const retriedCodes = new Set(['unavailable']);

type Pending = { row: DeclarationRow; intendedMs: number; attempts: number };

/**
 * Sends rows on an open-loop schedule and waits for every answer. A refusal for want of a part of ours is sent
 * again with a fresh request id; any other refusal stands.
 */
export async function sendDeclarations(
  channel: AssessChannel,
  rows: DeclarationRow[],
  options: SendOptions,
): Promise<Transcript> {
  const transcript: Transcript = { sent: 0, decided: 0, refused: [], latenciesMs: [], seconds: 0 };
  const waiting = new Map<string, Pending>();
  const startedMs = performance.now();
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const retry = (pending: Pending) => void setTimeout(() => void write(pending), 200);
  const write = async (pending: Pending) => {
    const requestId = `${pending.row.declarationId}/${pending.attempts}`;
    waiting.set(requestId, pending);
    await channel.write(requestOf(pending.row, requestId, options.deadlineMs));
  };
  channel.onAnswer((answer) => {
    const pending = waiting.get(answer.requestId);
    if (pending === undefined) return;
    waiting.delete(answer.requestId);
    if (!settle(answer, pending, transcript, options)) retry({ ...pending, attempts: pending.attempts + 1 });
    else if (transcript.decided + transcript.refused.length === rows.length) finish();
  });
  for (const [index, row] of rows.entries()) {
    const intendedMs = startedMs + (index * 1000) / options.perSecond;
    await pause(intendedMs - performance.now());
    while (waiting.size >= options.unansweredMax) await pause(2);
    transcript.sent += 1;
    await write({ row, intendedMs, attempts: 0 });
  }
  if (rows.length > 0) await finished;
  transcript.seconds = (performance.now() - startedMs) / 1000;
  return transcript;
}

/** False where the declaration must be sent again. */
function settle(answer: Response, pending: Pending, transcript: Transcript, options: SendOptions): boolean {
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
