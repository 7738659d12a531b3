import { grpcClient, type GrpcClient, type TlsFiles } from '@aeo/platform/grpc';
import { common, riskService } from '@aeo/proto';
import { declarationOf } from './declaration-message.ts';
import type { DeclarationRow } from './declaration-row.ts';

const service = riskService.RiskServiceService;
const rowsPerCall = 500;
const rowsPerMessage = 64;
const unansweredMax = 16;

export type RiskClient = {
  importHistory(rows: DeclarationRow[], progress: (done: number) => void): Promise<number>;
  train(seed: number, capacity: number): Promise<riskService.TrainModelResponse>;
  /** Base scores by declaration id; rows the service refused are left out and listed. */
  scores(rows: DeclarationRow[], progress: (done: number) => void): Promise<Scores>;
  stop(): Promise<void>;
};

export type Scores = { base: Map<string, number>; refused: { declarationId: string; code: string }[] };

export function riskClient(address: string, tls: TlsFiles): RiskClient {
  const client = grpcClient(riskService.RiskServiceClient, { address, tls, defaultDeadlineMs: 10_000 });
  return {
    importHistory: (rows, progress) => importHistory(client, rows, progress),
    train: (seed, capacity) => {
      const capacityPermille = Math.round(capacity * 1000);
      return client.call(
        service.trainModel,
        { seed: BigInt(seed), capacityPermille },
        { deadlineMs: 180_000 },
      );
    },
    scores: (rows, progress) => scores(client, rows, progress),
    stop: () => client.stop(),
  };
}

async function importHistory(client: GrpcClient, rows: DeclarationRow[], progress: (done: number) => void) {
  let imported = 0;
  for (let start = 0; start < rows.length; start += rowsPerCall) {
    const batch = rows.slice(start, start + rowsPerCall).map((row) => ({
      declaration: declarationOf(row),
      outcome: outcomeOf(row),
    }));
    const answer = await client.call(service.importHistory, { rows: batch });
    imported += answer.imported;
    progress(start + batch.length);
  }
  return imported;
}

function outcomeOf(row: DeclarationRow): common.ControlOutcome {
  const { CONFORM, FINDING, CRITICAL_FINDING } = common.ControlOutcome;
  return row.critical ? CRITICAL_FINDING : row.finding ? FINDING : CONFORM;
}

async function scores(
  client: GrpcClient,
  rows: DeclarationRow[],
  progress: (done: number) => void,
): Promise<Scores> {
  const stream = client.stream(service.scoreStream);
  const result: Scores = { base: new Map(), refused: [] };
  let unanswered = 0;
  let wake: () => void = () => undefined;
  stream.onMessage(({ answers }) => {
    answers.forEach((answer) => note(result, answer));
    progress(result.base.size + result.refused.length);
    unanswered -= 1;
    wake();
  });
  for (let start = 0; start < rows.length; start += rowsPerMessage) {
    const items = rows.slice(start, start + rowsPerMessage).map(itemOf);
    if (unanswered >= unansweredMax)
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), stream.closed]);
    unanswered += 1;
    await stream.write({ items });
  }
  stream.end();
  await stream.closed;
  return result;
}

function itemOf(row: DeclarationRow): riskService.ScoreItem {
  const { declarationId } = row;
  return riskService.ScoreItem.fromPartial({ requestId: declarationId, declaration: declarationOf(row) });
}

function note(result: Scores, { requestId, result: answer }: riskService.ScoreAnswer): void {
  if (answer?.$case === 'score') result.base.set(requestId, answer.value.scores[0]?.base ?? 0);
  else result.refused.push({ declarationId: requestId, code: answer?.value.reason ?? 'INTERNAL' });
}
