import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import type { Database } from '@aeo/platform/postgres';
import { clearanceDecision, clearanceService, common, type declaration } from '@aeo/proto';
import { declarationOf } from '../../infra/local/run/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/local/run/declarations-file.ts';

type Request = clearanceService.AssessRequest;
type Answer = clearanceService.AssessResponse;

const service = clearanceService.ClearanceServiceService;
const rows = readDeclarationsFile('infra/data/2021-q1.csv').rows;

/** A question at presentation about a declaration like those of the sample. */
export function questionOf(
  changes: Partial<declaration.Declaration> & { declarationId: string },
  extra: Partial<Request> = {},
): Request {
  const declared = { ...declarationOf(rows[0]!), ...changes };
  const stage = common.Stage.PRESENTATION;
  return clearanceService.AssessRequest.fromPartial({ declaration: declared, stage, ...extra });
}

/** What clients asked and really got; questions without an answer are in it with the error they ended in. */
export type Exchange = { question: Request; answer?: Answer; error?: unknown };

export type Border = {
  exchanges: Exchange[];
  ask(node: GrpcClient, question: Request, deadlineMs?: number): Promise<Answer>;
  /** Deadlines of a stream's messages are the node's to keep: an answer that is late all the same still arrives. */
  openStream(node: GrpcClient): BorderStream;
};

export type BorderStream = { ask(question: Request, deadlineMs?: number): Promise<Answer>; end(): void };

/** A border post that keeps a note of everything it was told. */
export function borderPost(): Border {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    ask: async (node, question, deadlineMs = 30_000) => {
      const exchange: Exchange = { question };
      exchanges.push(exchange);
      try {
        return (exchange.answer = await node.call(service.assess, question, { deadlineMs }));
      } catch (error) {
        exchange.error = error;
        throw error;
      }
    },
    openStream: (node) => openStream(node, exchanges),
  };
}

function openStream(node: GrpcClient, exchanges: Exchange[]): BorderStream {
  const stream = node.stream(service.assessStream);
  const waiting = new Map<string, (result: clearanceService.AssessStreamResponse['result']) => void>();
  stream.onMessage(({ requestId, result }) => waiting.get(requestId)?.(result));
  return {
    ask: (question, deadlineMs = 30_000) =>
      new Promise((resolve, reject) => {
        const exchange: Exchange = { question };
        exchanges.push(exchange);
        const requestId = randomUUID();
        waiting.set(requestId, (result) => {
          if (result?.$case === 'assessed') return resolve((exchange.answer = result.value));
          exchange.error = result?.value;
          reject(new Error(result?.value.reason));
        });
        const message = { requestId, deadlineMs, assess: question };
        void stream.write(clearanceService.AssessStreamRequest.fromPartial(message));
      }),
    end: () => stream.end(),
  };
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
export async function ledgerLike(database: Database, ids: string): Promise<LedgerRow[]> {
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

const keyOf = (id: string, version: number, revision: number) => `${id}/${version}/${revision}`;

/** Answers that claim to be on record while the ledger holds no such row, or one of other bytes or another time. */
export async function answersNotOnRecord(database: Database, { exchanges }: Border): Promise<string[]> {
  const held = await ledgerLike(database, '%');
  const byKey = new Map(held.map((row) => [keyOf(row.declarationId, row.version, row.revision), row]));
  return exchanges.flatMap(({ answer }) => {
    if (answer?.decision === undefined || answer.decidedAt === undefined) return [];
    const { declarationId, version, revision } = answer.decision;
    const key = keyOf(declarationId, version, revision);
    const row = byKey.get(key);
    const same =
      row?.record.equals(bytesOf(answer)) && row.decidedAt.getTime() === answer.decidedAt.getTime();
    return same ? [] : [key];
  });
}
