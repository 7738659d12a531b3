import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import type { Database } from '@aeo/platform/postgres';
import { clearanceDecision, clearanceService, common, type declaration } from '@aeo/proto';
import { expect } from 'vitest';
import { declarationOf } from '../../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../../infra/main-job/input/declarations-file.ts';
import { recordTranscript, type Transcript } from '../../../infra/auditor/transcript.ts';

type Request = clearanceService.AssessRequest;
type Answer = clearanceService.AssessResponse;

const service = clearanceService.ClearanceServiceService;
const rows = readDeclarationsFile('infra/data/2021-q1.csv').rows;

/** A question at presentation about a declaration like those of the sample. */
export function assessRequestOf(
  changes: Partial<declaration.Declaration> & { declarationId: string },
  extra: Partial<Request> = {},
): Request {
  const declared = { ...declarationOf(rows[0]!), ...changes };
  const stage = common.Stage.PRESENTATION;
  return clearanceService.AssessRequest.fromPartial({ declaration: declared, stage, ...extra });
}

export type RecordedAssessments = {
  /** What was asked and what really came of it. */
  transcript: Transcript;
  assess(node: GrpcClient, question: Request, deadlineMs?: number): Promise<Answer>;
  /** Deadlines of a stream's messages are the node's to keep: an answer that is late all the same still arrives. */
  openStream(node: GrpcClient): AssessmentStream;
};

export type AssessmentStream = {
  assess(question: Request, deadlineMs?: number): Promise<Answer>;
  end(): void;
};

/** A border post that records every answer it received. */
export function recordedAssessments(): RecordedAssessments {
  const transcript = recordTranscript();
  return {
    transcript,
    assess: (node, question, deadlineMs = 30_000) =>
      transcript.assess(question, () => node.call(service.assess, question, { deadlineMs })),
    openStream: (node) => openStream(node, transcript),
  };
}

function openStream(node: GrpcClient, transcript: Transcript): AssessmentStream {
  const stream = node.stream(service.assessStream);
  const waiting = new Map<string, (result: clearanceService.AssessStreamResponse['result']) => void>();
  stream.onMessage(({ requestId, result }) => waiting.get(requestId)?.(result));
  const asked = (question: Request, deadlineMs: number) =>
    new Promise<Answer>((resolve, reject) => {
      const requestId = randomUUID();
      waiting.set(requestId, (result) => {
        if (result?.$case === 'assessed') resolve(result.value);
        else reject(new Error(result?.value.reason));
      });
      const message = { requestId, deadlineMs, assess: question };
      void stream.write(clearanceService.AssessStreamRequest.fromPartial(message));
    });
  return {
    assess: (question, deadlineMs = 30_000) => transcript.assess(question, () => asked(question, deadlineMs)),
    end: () => stream.end(),
  };
}

/** Waits until every question has ended; none may have ended without an answer. */
export async function allAnswered(asked: readonly Promise<Answer>[]): Promise<Answer[]> {
  const endings = await Promise.allSettled(asked);
  const without = endings.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  expect(without).toEqual([]);
  return endings.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

export type LedgerRow = {
  declarationId: string;
  version: number;
  revision: number;
  decidedAt: Date;
  creditedOperator: string;
  record: Buffer;
};

/** Rows of the ledger about declarations whose ids are like this, as SQL's LIKE reads it. */
export async function ledgerRowsLike(database: Database, ids: string): Promise<LedgerRow[]> {
  const { rows: held } = await database.query<LedgerRow>(
    `SELECT declaration_id AS "declarationId", version, revision, decided_at AS "decidedAt",
       credited_operator AS "creditedOperator", record
     FROM ledger WHERE declaration_id LIKE $1 ORDER BY declaration_id, version, revision`,
    [ids],
  );
  return held;
}

export function bytesOf({ decision }: Answer): Buffer {
  if (decision === undefined) throw new Error('an answer without a decision');
  return Buffer.from(clearanceDecision.Decision.encode(decision).finish());
}

export function creditOf({ decision }: Answer): number {
  return Math.max(0, ...(decision?.assessments ?? []).map(({ credit }) => credit));
}
