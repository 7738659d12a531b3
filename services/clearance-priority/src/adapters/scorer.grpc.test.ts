import {
  grpcClient,
  grpcService,
  serveGrpc,
  type GrpcClient,
  type GrpcServer,
  type MessageStream,
} from '@aeo/platform/grpc';
import { declaration, riskService } from '@aeo/proto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestCertificates } from '../../../../tests/setup/http/certificate-authority.ts';
import type { Request } from '../ports.ts';
import { grpcScorer } from './scorer.grpc.ts';

const { RiskServiceService: definition, RiskServiceClient: Client } = riskService;

let server: GrpcServer;
let client: GrpcClient;
let scorer: ReturnType<typeof grpcScorer>;
let streams = 0;
/** How many declarations came in each message. */
let received: number[] = [];

beforeEach(async () => {
  streams = 0;
  received = [];
  const allow = { certificates: ['there'] };
  const refuse = { allow, handle: () => Promise.reject(new Error('not called here')) };
  const scoreStream = async ({ messages, send }: MessageStream<riskService.ScoreStreamRequest, unknown>) => {
    streams += 1;
    for await (const { items } of messages) {
      received.push(items.length);
      await send({ answers: items.map(answerTo) });
    }
  };
  const service = grpcService(definition, {
    unary: { importHistory: refuse, trainModel: refuse, getThresholdTable: refuse, getFeedback: refuse },
    bidi: { scoreStream: { allow, handle: scoreStream } },
  });
  const { here, there } = await createTestCertificates('here', 'there');
  server = await serveGrpc({ port: 0, tls: here, services: [service] });
  client = grpcClient(Client, { address: `localhost:${server.port}`, tls: there });
  scorer = grpcScorer(client);
});
afterEach(async () => {
  await scorer.stop();
  await client.stop();
  await server.stop();
});

/** The version of the model says how many items the declaration arrived with. */
function answerTo({ requestId, declaration: declared }: riskService.ScoreItem): riskService.ScoreAnswer {
  const modelVersion = BigInt(declared?.items.length ?? 0);
  return { requestId, result: { $case: 'score', value: riskService.Score.fromPartial({ modelVersion }) } };
}

function requestOf(itemCount: number, taxType = 'A'): Request {
  const item = {
    hs6: '440890',
    countryOfOrigin: 'XB',
    originIndicator: 'G',
    taxRateBasisPoints: 800,
    taxType,
    netMassGrams: 99_000n,
    price: { currency: 'XTS', minorUnits: 999_999n },
  };
  const items = Array.from({ length: itemCount }, (_, index) => ({ number: index + 1, ...item }));
  return {
    declaration: declaration.Declaration.fromPartial({ declarationId: 'one', items }),
    contentHash: Buffer.alloc(32),
    stage: 2,
    probe: false,
    correlationId: '',
    inTrace: (work) => work(),
  };
}

const itemsSeen = async (requests: Request[]) =>
  (await scorer.score(requests, 10_000)).map((score) => score && Number(score.modelVersion));

test('a batch of the largest declarations is scored over one stream', async () => {
  const batch = Array.from({ length: 64 }, () => requestOf(999));
  expect(await itemsSeen(batch)).toEqual(batch.map(() => 999));
  expect(streams).toBe(1);
  expect(received.length).toBeGreaterThan(4);
});

test('small declarations share a message, as many as the server takes', async () => {
  const batch = Array.from({ length: 300 }, () => requestOf(1));
  expect(await itemsSeen(batch)).toEqual(batch.map(() => 1));
  expect(received).toEqual([256, 44]);
});

test('a declaration that no message can carry goes without a score at once, and the others keep theirs', async () => {
  const started = performance.now();
  const batch = [
    requestOf(1),
    requestOf(2, 'x'.repeat(600_000)),
    requestOf(3),
    requestOf(1, 'x'.repeat(700_000)),
  ];
  expect(await itemsSeen(batch)).toEqual([1, undefined, 3, 1]);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(streams).toBe(1);
});
