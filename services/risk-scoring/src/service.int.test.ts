import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { connectKafka, type IncomingRecord, type Kafka } from '@aeo/platform/kafka';
import { stopAll } from '@aeo/platform/lifecycle';
import { clearanceControl, clearanceDecision, common, riskService, riskTables, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import { declarationOf } from '../../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../../infra/main-job/input/declarations-file.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/stack/database.ts';
import { eventually } from '../../../tests/setup/eventually.ts';
import { loadRuleSet } from './adapters/rule-file.ts';
import { publishRuleSet } from './application/rules/publish-rule-set.ts';
import { postgresRuleStore } from './adapters/rule-store.postgres.ts';
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
/** Clients of an officer, who trains, and of the decision nodes, which score. */
let client: GrpcClient;
let scoring: GrpcClient;

beforeAll(async () => {
  own = await createTestDatabase(stack.postgresUrl);
  await createCertificates(tlsFolder, ['risk-scoring', 'clearance-priority', 'officer', 'border-system']);
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
    HTTP_PORT: 0,
    TLS_DIR: tlsFolder,
    THRESHOLDS_EVERY_MS: 50,
  };
  running = await startService(config, logger);
  client = clientOf('officer');
  scoring = clientOf('clearance-priority');
});
afterAll(async () => {
  await client.stop();
  await scoring.stop();
  expect((await stopAll(running.parts)).failed).toEqual([]);
  await own.drop();
  rmSync(tlsFolder, { recursive: true });
});

const clientOf = (caller: string) =>
  grpcClient(RiskServiceClient, {
    address: `localhost:${running.grpcPort}`,
    defaultDeadlineMs: 30_000,
    tls: loadTls(tlsFolder, caller),
  });

const train = (request: Partial<riskService.TrainModelRequest> = {}) =>
  client.call(service.trainModel, riskService.TrainModelRequest.fromPartial({ seed: 1n, ...request }));

test('only officers train, import and read, and only decision nodes score', async () => {
  const border = clientOf('border-system');
  const denied = { code: 'denied', reason: 'NOT_ALLOWED' };
  for (const caller of [border, scoring]) {
    const calls = [
      caller.call(service.trainModel, riskService.TrainModelRequest.fromPartial({})),
      caller.call(service.importHistory, { rows: [] }),
      caller.call(service.getThresholdTable, { purpose: 2, version: 0n }),
      caller.call(service.getFeedback, { from: '', until: '' }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(denied);
  }
  for (const caller of [border, client])
    await expect(caller.stream(service.scoreStream).closed).rejects.toMatchObject(denied);
  await border.stop();
});

test('a training without history is refused', async () => {
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
  const { rows: stored } = await own.database.query('SELECT 1 FROM history_item');
  expect(stored).toEqual([]);
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

test('other content under an id already imported is refused, and nothing of its batch is kept', async () => {
  const [first] = past;
  const fresh = { ...first!, declaration: { ...first!.declaration, declarationId: 'never-sent' } };
  const count = async () => (await own.database.query('SELECT 1 FROM history_item')).rowCount;
  const before = await count();
  for (const other of [
    { ...first!, declaration: { ...first!.declaration, importUse: '99' } },
    { ...first!, outcome: first!.outcome === FINDING ? CONFORM : FINDING },
  ])
    await expect(client.call(service.importHistory, { rows: [fresh, other] })).rejects.toMatchObject({
      code: 'conflict',
      reason: 'KEY_REUSED',
      fields: [{ path: 'rows[1].declaration', code: 'KEY_REUSED' }],
    });
  const twice = [fresh, { ...fresh, declaration: { ...fresh.declaration, office: '99' } }];
  await expect(client.call(service.importHistory, { rows: twice })).rejects.toMatchObject({
    reason: 'KEY_REUSED',
  });
  expect(await count()).toBe(before);
});

test('a text that the database cannot store is refused by its path', async () => {
  const [first] = past;
  const bad = { ...first!, declaration: { ...first!.declaration, declarationId: 'nul' } };
  bad.declaration.items = [{ ...first!.declaration.items[0]!, taxType: 'A\u0000' }];
  bad.declaration.parties = [];
  await expect(client.call(service.importHistory, { rows: [bad] })).rejects.toMatchObject({
    code: 'invalid',
    fields: [
      { path: 'rows[0].declaration.parties', code: 'PARTY_MISSING' },
      { path: 'rows[0].declaration.items[0].taxType', code: 'FIELD_FORMAT' },
    ],
  });
});

test('a training is measured on held-out goods, stored, and its thresholds published', async () => {
  const records: IncomingRecord[] = [];
  const log = () => undefined;
  const kafka = await connectKafka({ brokers, administration, clientId: 'tests', log });
  const onRecord = (record: IncomingRecord) => void records.push(record);
  const reader = await kafka.broadcast({ topics: [topics.thresholdTable.name], onRecord });
  const trained = await train();
  expect(trained.rows).toBe(3_000n);
  const auc = trained.metrics.find(({ name }) => name === 'groupedAreaUnderCurve')?.value ?? 0;
  expect(auc).toBeGreaterThan(0.53);
  // With near-copies on both sides it would be higher than on goods never seen.
  expect(auc).toBeLessThan(0.58);
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

test('a capacity of zero is not replaced by the default', async () => {
  const { thresholds } = await train({ scoreCapacityPermille: 0 });
  expect(thresholds).toMatchObject({ capacityPermille: 0, offices: [], pooled: { red: 1001 } });
  expect((await train()).thresholds?.capacityPermille).toBe(100);
});

test('a capacity above 1000 permille is refused', async () => {
  await expect(train({ capacityPermille: 1_001 })).rejects.toMatchObject({
    fields: [{ path: 'capacityPermille' }],
  });
  await expect(train({ scoreCapacityPermille: -1 })).rejects.toMatchObject({
    fields: [{ path: 'scoreCapacityPermille', code: 'FIELD_RANGE' }],
  });
});

test('a score lists its features, and a bad item fails alone', async () => {
  const stream = scoring.stream(service.scoreStream);
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
  const answer = client.call(service.getThresholdTable, { purpose: common.Purpose.OTHER_LEGAL, version: 0n });
  await expect(answer).rejects.toMatchObject({ code: 'not_found' });
  for (const purpose of [0, 99] as common.Purpose[])
    await expect(client.call(service.getThresholdTable, { purpose, version: 0n })).rejects.toMatchObject({
      code: 'invalid',
      fields: [{ path: 'purpose', code: 'FIELD_UNKNOWN_VALUE' }],
    });
  const purpose = common.Purpose.FISCAL_COMPLIANCE;
  await expect(client.call(service.getThresholdTable, { purpose, version: -1n })).rejects.toMatchObject({
    code: 'invalid',
    fields: [{ path: 'version', code: 'FIELD_RANGE' }],
  });
});

async function withKafka<T>(work: (kafka: Kafka) => Promise<T>): Promise<T> {
  const kafka = await connectKafka({ brokers, administration, clientId: 'tests', log: () => undefined });
  try {
    return await work(kafka);
  } finally {
    await kafka.stop();
  }
}

const newestTable = async () =>
  (await client.call(service.getThresholdTable, { purpose: common.Purpose.FISCAL_COMPLIANCE, version: 0n }))
    .table;

test('the mandatory rules are published once, as one set', () =>
  withKafka(async (kafka) => {
    const rules: riskTables.MandatoryRule[] = [];
    const reader = await kafka.broadcast({
      topics: [topics.mandatoryRule.name],
      onRecord: ({ value }) => void rules.push(riskTables.MandatoryRule.decode(value)),
    });
    await reader.ready;
    await eventually(() => expect(rules).toHaveLength(3));
    const { LEGAL_CONTROL, SPECIFIC_THREAT } = common.RuleClass;
    expect(rules.map(({ ruleClass }) => ruleClass)).toEqual([LEGAL_CONTROL, LEGAL_CONTROL, SPECIFIC_THREAT]);
    expect(rules.every(({ setVersion, setSize }) => setVersion === 1 && setSize === 3)).toBe(true);
    await reader.stop();
  }));

test('a rule set that changes its content without a higher version is refused', async () => {
  const store = postgresRuleStore(own.database, () => Promise.resolve());
  const set = loadRuleSet('services/risk-scoring/rules', 'demonstration');
  await publishRuleSet(store, set);
  const changed = { ...set, rules: set.rules.slice(1) };
  await expect(publishRuleSet(store, changed)).rejects.toMatchObject({ reason: 'VERSION_CONFLICT' });
});

test('a score carries the rules its goods meet', async () => {
  const [first] = past;
  const [item] = first?.declaration.items ?? [];
  const animals = { ...first?.declaration, items: [{ ...item, hs6: '010619' }] };
  const stream = scoring.stream(service.scoreStream);
  const answers: riskService.ScoreAnswer[] = [];
  stream.onMessage((message) => answers.push(...message.answers));
  await stream.write({
    items: [riskService.ScoreItem.fromPartial({ requestId: 'one', declaration: animals })],
  });
  stream.end();
  await stream.closed;
  expect(answers[0]?.result?.value).toMatchObject({
    ruleSetVersion: 1,
    ruleHits: [{ ruleId: 'live-animals', ruleClass: common.RuleClass.LEGAL_CONTROL, factsRead: ['hs2'] }],
  });
});

/** Decisions of one office and day whose scores are far above those of the training. */
function decisions(count: number, probe: boolean, day: string) {
  const thresholdRed = 300;
  return Array.from({ length: count }, (_, index) => {
    const base = 600 + (index % 300);
    const assessments = [{ purpose: common.Purpose.FISCAL_COMPLIANCE, base, thresholdRed }];
    const declarationId = `${probe ? 'probe' : 'live'}-${day}-${index}`;
    const declaredOn = index === 0 ? '9999-01-01' : day;
    return clearanceDecision.Decision.fromPartial({
      declarationId,
      office: '40',
      declaredOn,
      probe,
      assessments,
    });
  });
}

const send = (kafka: Kafka, messages: clearanceDecision.Decision[]) =>
  kafka.producer().then(async (producer) => {
    const outgoing = messages.map((message) => ({
      topic: topics.decision.name,
      key: message.declarationId,
      headers: { 'event-id': message.declarationId, 'event-type': 'DeclarationDecided' },
      value: clearanceDecision.Decision.encode(message).finish(),
    }));
    await producer.send(outgoing);
    await producer.stop();
  });

test('thresholds follow the scores of decisions, each once, in their own time; probes do not count', () =>
  withKafka(async (kafka) => {
    const before = await newestTable();
    await send(kafka, decisions(300, true, '2021-05-20'));
    const live = decisions(600, false, '2021-03-20');
    await send(kafka, live);
    await send(kafka, live);
    await eventually(async () => {
      const table = await newestTable();
      expect(table?.windowEndsOn).toBe('2021-03-20');
      const office = table?.offices.find((each) => each.office === '40')?.thresholds;
      expect(office?.red).toBe(900);
      // The last few may not have changed a threshold, and then no table counts them.
      expect(office?.windowDeclarations).toBeLessThanOrEqual(599n);
    });
    expect((await newestTable())?.version).toBeGreaterThan(before?.version ?? 0n);
    expect((await newestTable())?.capacityPermille).toBe(100);
    await eventually(async () => {
      const { rows: kept } = await own.database.query(
        "SELECT split_part(declaration_id, '-', 1) AS kind, count(*) FROM recorded_score WHERE live GROUP BY 1",
      );
      expect(kept).toEqual([{ kind: 'live', count: 600n }]);
    });
  }));

test('a retraining makes its table from the window of decided declarations', async () => {
  const { thresholds } = await train();
  expect(thresholds?.windowEndsOn).toBe('2021-03-20');
  expect(thresholds?.offices.find(({ office }) => office === '40')?.thresholds?.red).toBe(900);
});

test('results of controls are counted once, by the reason of selection', () =>
  withKafka(async (kafka) => {
    const producer = await kafka.producer();
    const { RANDOM, SCORE } = common.SelectionReason;
    const control = (id: number, extra: Partial<clearanceControl.ControlResult>) => {
      const message = clearanceControl.ControlResult.fromPartial({
        controlId: `control-${id}`,
        declarationId: `live-${id}`,
        declaredOn: '2021-03-20',
        outcome: CONFORM,
        selection: SCORE,
        ...extra,
      });
      return {
        topic: topics.control.name,
        key: message.declarationId,
        headers: { 'event-id': `${id}`, 'event-type': 'ControlRecorded' },
        value: clearanceControl.ControlResult.encode(message).finish(),
      };
    };
    const found = { outcome: FINDING };
    const sent = [control(1, found), control(2, {}), control(3, { selection: RANDOM, ...found })];
    await producer.send([...sent, ...sent, control(4, { probe: true })]);
    await producer.stop();
    await eventually(async () => {
      const { counts } = await client.call(service.getFeedback, { from: '2021-03-20', until: '' });
      expect(counts).toMatchObject([
        { selection: RANDOM, controls: 1n, findings: 1n },
        { selection: SCORE, controls: 2n, findings: 1n },
      ]);
    });
    const none = await client.call(service.getFeedback, { from: '', until: '2021-03-19' });
    expect(none.counts).toEqual([]);
    await expect(client.call(service.getFeedback, { from: 'today', until: '' })).rejects.toMatchObject({
      fields: [{ path: 'from', code: 'FIELD_FORMAT' }],
    });
  }));
