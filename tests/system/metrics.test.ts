import { loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { connectKafka, type Kafka, type Producer } from '@aeo/platform/kafka';
import { declaredMetrics } from '@aeo/platform/declared-metrics';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { clearanceService, common, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declarationOf, homeIdentifier } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { findPersonalData, metricTexts, type Text } from '../../infra/auditor/personal-data.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { eventually } from '../setup/eventually.ts';
import { startProcesses, type TestProcesses } from '../setup/services/processes.ts';
import { scrape } from '../setup/telemetry/scrape.ts';
import { serviceClients } from '../setup/services/service-clients.ts';
import { trainOnHistory } from '../setup/services/train-on-history.ts';
import { receiveSpans } from '../setup/telemetry/span-receiver.ts';

const service = clearanceService.ClearanceServiceService;
const [row] = readDeclarationsFile('infra/data/2021-q1.csv').rows;
const identifier = homeIdentifier('IMPORTER-OF-METRICS');
let receiver: Awaited<ReturnType<typeof receiveSpans>>;
let processes: TestProcesses;
let clients: { clearance: GrpcClient; registry: GrpcClient; risk: GrpcClient };
let kafka: Kafka;
let database: Database;
let producer: Producer;

beforeAll(async () => {
  receiver = await receiveSpans();
  processes = await startProcesses(inject('stack'), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  const { tlsDirectory, administration } = processes;
  const connect = serviceClients(tlsDirectory);
  clients = {
    clearance: connect.clearance(processes.clearance),
    registry: connect.registry(processes.registry),
    risk: connect.risk(processes.risk),
  };
  const brokers = inject('stack').kafkaBrokers.split(',');
  kafka = await connectKafka({ brokers, administration, clientId: 'tests', log: () => undefined });
  producer = await kafka.producer();
  database = await connectPostgres({ url: processes.clearance.databaseUrl, applicationName: 'tests' });
  await trainOnHistory(clients.risk);
});
afterAll(async () => {
  await database.stop();
  await producer.stop();
  await kafka.stop();
  for (const client of Object.values(clients)) await client.stop();
  await processes.stop();
  await receiver.stop();
});

const scraped = (from: 'risk' | 'registry' | 'clearance') =>
  scrape(processes[from].httpAddress, loadTls(processes.tlsDirectory, 'border-system'));

let asked = 0;

/** A declaration of the importer's, as yet unseen. */
async function assess() {
  const declaration = { ...declarationOf(row!), declarationId: `metrics-${(asked += 1)}` };
  const [first, ...others] = declaration.parties;
  const parties = [{ ...first!, identifier }, ...others];
  const { decision } = await clients.clearance.call(
    service.assess,
    clearanceService.AssessRequest.fromPartial({
      declaration: { ...declaration, parties },
      stage: common.Stage.PRESENTATION,
    }),
  );
  return decision!;
}

const isCredited = ({ assessments }: Awaited<ReturnType<typeof assess>>) =>
  assessments.some(({ creditedMatch }) => creditedMatch >= 0);
let trader: Awaited<ReturnType<typeof certifiedTrader>>;

test('decisions are counted with the credit that was used, and without credit after a suspension', async () => {
  trader = await certifiedTrader(clients.registry, identifier);
  await eventually(async () => expect(isCredited(await assess())).toBe(true));
  await trader.suspend('for a test');
  await eventually(async () => expect(isCredited(await assess())).toBe(false));
  const again = await assess();
  expect(isCredited(again)).toBe(false);
  // Decisions are re-evaluated meanwhile, degraded ones for example.
  await eventually(async () => {
    const { rows } = await database.query<{ all: number; credited: number }>(
      `SELECT count(*)::integer AS all, (count(*) FILTER (WHERE credited_source = 'registry'))::integer AS credited
       FROM ledger WHERE NOT probe`,
    );
    const { sum } = await scraped('clearance');
    expect(rows[0]!.credited).toBeGreaterThanOrEqual(1);
    expect(sum('aeo_decision_count_total', { outcome: 'recorded', probe: 'false' })).toBe(rows[0]!.all);
    expect(sum('aeo_decision_count_total', { credit: 'registry' })).toBe(rows[0]!.credited);
  });
  const after = await scraped('clearance');
  expect(after.sum('aeo_decision_duration_count', { mode: 'once', outcome: 'recorded' })).toBe(asked);
  expect(after.sum('aeo_decision_staleness_count', { source: 'registry' })).toBeGreaterThanOrEqual(1);
  const mean =
    after.sum('aeo_decision_staleness_sum', { source: 'registry' })! /
    after.sum('aeo_decision_staleness_count', { source: 'registry' })!;
  expect(mean).toBeLessThan(2);
});

test('an unreadable record is counted as a dead letter at every service that reads the topic', async () => {
  const send = (topic: string, key: string) =>
    producer.send([{ topic, key, value: Buffer.from([0xff]), headers: { 'event-id': `bad-${topic}` } }]);
  await send(topics.declarationLodged.name, 'bad');
  await send(topics.operatorStatus.name, 'an-unknown-operator');
  await eventually(
    async () => {
      const { sum } = await scraped('clearance');
      expect(sum('aeo_quarantine_depth', { topic: topics.declarationLodged.name })).toBe(1);
      expect(sum('aeo_quarantine_depth', { topic: topics.operatorStatus.name })).toBe(1);
      expect(sum('messaging_process_duration_count', { error_type: 'invalid' })).toBe(1);
    },
    { timeoutMs: 30_000 },
  );
});

test('a node reports the lag of each partition, which grows where no heartbeat arrives', async () => {
  await eventually(async () => {
    const { samples } = await scraped('clearance');
    const lags = samples.filter(({ name }) => name === 'aeo_projection_lag');
    expect(lags).toHaveLength(topics.operatorStatus.partitions + topics.partnerStatus.partitions);
    for (const { labels, value } of lags)
      if (labels['topic'] === topics.operatorStatus.name) expect(value).toBeLessThan(2);
      // This administration has no exchange.
      else expect(value).toBeGreaterThan(2);
  });
});

test('the balance metrics are zero after a normal run, and no benefit follows a suspension', async () => {
  await eventually(async () => {
    const { samples, sum } = await scraped('clearance');
    const imbalance = samples.filter(({ name }) => name === 'aeo_ledger_imbalance');
    expect(imbalance.map(({ labels, value }) => [labels['between'], value]).toSorted()).toEqual([
      ['decision_ledger', 0],
      ['ledger_event', 0],
      ['ledger_seal', 0],
    ]);
    expect(sum('aeo_benefit_after_suspension')).toBe(0);
    expect(sum('aeo_outbox_oldest_age')).toBeLessThan(5);
  });
});

test('every declared metric is exposed by the services it belongs to', async () => {
  const all = [await scraped('risk'), await scraped('registry'), await scraped('clearance')];
  const written = (name: string) => name.replaceAll('.', '_');
  const suffix = { histogram: '_count', counter: '_total', gauge: '' };
  const missing = Object.entries(declaredMetrics)
    .filter(([name, { kind }]) => !all.some(({ sum }) => sum(written(name) + suffix[kind]) !== undefined))
    .map(([name]) => name);
  // A counter is there once it has counted; without an exchange there is no partner's list.
  const none = ['aeo.decision.unrecorded', 'aeo.list.age', 'aeo.list.interval'];
  expect(missing.filter((name) => !none.includes(name))).toEqual([]);
  for (const { sum } of all) {
    expect(sum('db_client_operation_duration_count')).toBeGreaterThan(0);
    expect(sum('messaging_client_operation_duration_count')).toBeGreaterThan(0);
    expect(sum('aeo_outbox_oldest_age')).toBeDefined();
  }
  const [, , clearance] = all;
  expect(clearance!.sum('rpc_server_call_duration_count', { rpc_response_status_code: 'OK' })).toBe(asked);
  const recorded = clearance!.sum('db_client_operation_duration_count', {
    db_query_summary: 'decision-record',
  });
  expect(recorded).toBeGreaterThanOrEqual(asked);
});

test('no span and no metric contains a personal value', async () => {
  const forbidden = new Map([
    [identifier.value, 'identifier'],
    [trader.operatorId, 'operator'],
    [`application-${trader.operatorId}`, 'application'],
    ['A trader', 'name'],
    ...Array.from({ length: asked }, (_, index): [string, string] => [`metrics-${index + 1}`, 'declaration']),
    ...[row!.declarant, row!.seller].map((value): [string, string] => [value, 'identifier']),
  ]);
  // They are sent once a second.
  await eventually(() => expect(receiver.spans.length).toBeGreaterThan(20));
  const texts: Text[] = receiver.spans.map(({ service: from, name, attributes }) => ({
    place: `span ${name} of ${from}`,
    text: JSON.stringify([name, attributes]),
  }));
  for (const from of ['risk', 'registry', 'clearance'] as const)
    texts.push(...metricTexts(from, (await scraped(from)).text));
  expect(findPersonalData(forbidden, texts)).toEqual([]);
});
