import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { connectKafka, type IncomingRecord } from '@aeo/platform/kafka';
import { stopAll } from '@aeo/platform/lifecycle';
import { common, riskService, riskTables, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createCertificates } from '../../../infra/local/certificates.ts';
import { declarationOf } from '../../../infra/local/run/declaration-message.ts';
import { readDeclarationsFile } from '../../../infra/local/run/declarations-file.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/database.ts';
import { eventually } from '../../../tests/setup/eventually.ts';
import { startService, type RunningService } from './service.ts';

const { RiskServiceService: service, RiskServiceClient } = riskService;
const stack = inject('stack');
const brokers = stack.kafkaBrokers.split(',');
const administration = `test-${process.pid}`;
const tlsFolder = mkdtempSync(join(tmpdir(), 'risk-'));
const rows = readDeclarationsFile('infra/data/2020.csv').rows.slice(0, 3_000);
const { CONFORM, FINDING } = common.ControlOutcome;
const past = rows.map((row) => ({
  declaration: declarationOf(row),
  outcome: row.finding ? FINDING : CONFORM,
}));

let own: TestDatabase;
let running: RunningService;
let client: GrpcClient;

beforeAll(async () => {
  own = await createTestDatabase(stack.postgresUrl);
  await createCertificates(tlsFolder, ['risk-scoring', 'border-system']);
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const config = {
    ADMINISTRATION: administration,
    DATABASE_URL: own.url,
    KAFKA_BROKERS: brokers,
    GRPC_PORT: 0,
    TLS_DIR: tlsFolder,
  };
  running = await startService(config, logger);
  const tls = loadTls(tlsFolder, 'border-system');
  client = grpcClient(RiskServiceClient, {
    address: `localhost:${running.grpcPort}`,
    tls,
    defaultDeadlineMs: 30_000,
  });
});
afterAll(async () => {
  await client.stop();
  expect((await stopAll(running.parts)).failed).toEqual([]);
  await own.drop();
  rmSync(tlsFolder, { recursive: true });
});

const train = (request: Partial<riskService.TrainModelRequest> = {}) =>
  client.call(service.trainModel, riskService.TrainModelRequest.fromPartial({ seed: 1n, ...request }));

test('without history there is nothing to train on', async () => {
  await expect(train()).rejects.toMatchObject({ code: 'conflict', reason: 'NO_HISTORY' });
});

test('a bad row is named by its path and nothing of its batch is kept', async () => {
  const bad = structuredClone(past.slice(0, 3));
  const item = bad[1]?.declaration.items[0];
  if (item) item.netMassGrams = -1n;
  await expect(client.call(service.importHistory, { rows: bad })).rejects.toMatchObject({
    code: 'invalid',
    reason: 'FIELD_RANGE',
    fields: [{ path: 'rows[1].declaration.items[0].netMassGrams', code: 'FIELD_RANGE' }],
  });
  const { rows: held } = await own.database.query('SELECT 1 FROM history_item');
  expect(held).toEqual([]);
});

test('an unknown outcome and a batch over the limit are refused', async () => {
  const unknown = [{ ...past[0], outcome: 99 as common.ControlOutcome }] as typeof past;
  await expect(client.call(service.importHistory, { rows: unknown })).rejects.toMatchObject({
    fields: [{ path: 'rows[0].outcome', code: 'FIELD_UNKNOWN_VALUE' }],
  });
  await expect(client.call(service.importHistory, { rows: past.slice(0, 501) })).rejects.toMatchObject({
    reason: 'BATCH_TOO_LARGE',
  });
});

test('history counts once, however often it is sent', async () => {
  const imports = [];
  for (let start = 0; start < past.length; start += 500) imports.push(past.slice(start, start + 500));
  for (const batch of imports) {
    expect(await client.call(service.importHistory, { rows: batch })).toMatchObject({
      imported: 500,
      alreadyHeld: 0,
    });
  }
  expect(await client.call(service.importHistory, { rows: imports[0] ?? [] })).toMatchObject({
    imported: 0,
    alreadyHeld: 500,
  });
});

test('a training is measured on goods held back, stored, and its thresholds published', async () => {
  const records: IncomingRecord[] = [];
  const log = () => undefined;
  const kafka = await connectKafka({ brokers, administration, clientId: 'tests', log });
  const onRecord = (record: IncomingRecord) => void records.push(record);
  const reader = await kafka.broadcast({ topics: [topics.thresholdTable.name], onRecord });
  const trained = await train();
  expect(trained.rows).toBe(3_000n);
  const auc = trained.metrics.find(({ name }) => name === 'groupedAreaUnderCurve')?.value ?? 0;
  expect(auc).toBeGreaterThan(0.53);
  await eventually(() => expect(records).toHaveLength(1));
  const published = riskTables.ThresholdTable.decode(records[0]?.value ?? Buffer.alloc(0));
  expect(published).toEqual(trained.thresholds);
  const purpose = common.Purpose.FISCAL_COMPLIANCE;
  const { table } = await client.call(service.getThresholdTable, { purpose, version: 0n });
  expect(table).toEqual(published);
  await reader.stop();
  await kafka.stop();
});

test('a second training of the same history gives the same data hash and a higher version', async () => {
  const [first, second] = [await train(), await train()];
  expect(second.dataHash).toEqual(first.dataHash);
  expect(second.metrics).toEqual(first.metrics);
  expect(second.modelVersion).toBe(first.modelVersion + 1n);
  expect(second.thresholds?.version).toBe((first.thresholds?.version ?? 0n) + 1n);
});

test('a share beyond all is refused', async () => {
  await expect(train({ capacityPermille: 1_001 })).rejects.toMatchObject({
    fields: [{ path: 'capacityPermille' }],
  });
});

test('a score explains itself, and a bad item does not spoil the others', async () => {
  const stream = client.stream(service.scoreStream);
  const answers: riskService.ScoreAnswer[] = [];
  stream.onMessage((message) => answers.push(...message.answers));
  const good = past[0]?.declaration;
  const items = [
    riskService.ScoreItem.fromPartial({ requestId: 'good', declaration: good ?? {} }),
    riskService.ScoreItem.fromPartial({
      requestId: 'bad',
      declaration: { ...good, declaredOn: '2020-13-01' },
    }),
  ];
  await stream.write({ items });
  stream.end();
  await stream.closed;
  const [scored, refused] = answers;
  expect(scored?.result?.$case === 'score' && scored.result.value).toMatchObject({
    scores: [{ purpose: common.Purpose.FISCAL_COMPLIANCE, base: expect.any(Number) as number }],
    features: { length: 22 },
  });
  expect(refused?.result?.value).toMatchObject({
    reason: 'FIELD_FORMAT',
    fields: [{ path: 'declaration.declaredOn', code: 'FIELD_FORMAT' }],
  });
});

test('an unknown table is not found', async () => {
  const asked = client.call(service.getThresholdTable, { purpose: common.Purpose.OTHER_LEGAL, version: 0n });
  await expect(asked).rejects.toMatchObject({ code: 'not_found' });
});
