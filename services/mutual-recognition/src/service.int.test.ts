import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { connectKafka, type IncomingRecord, type Kafka } from '@aeo/platform/kafka';
import { stopAll } from '@aeo/platform/lifecycle';
import { common, exchangeService, exchangeStatus, registryStatus, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createCertificates } from '../../../infra/local/certificates.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/database.ts';
import { eventually } from '../../../tests/setup/eventually.ts';
import { startService, type RunningService } from './service.ts';

const service = exchangeService.ExchangeServiceService;
const stack = inject('stack');
const brokers = stack.kafkaBrokers.split(',');
const folder = mkdtempSync(join(tmpdir(), 'exchange-'));
const link = join(folder, 'link');
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const arrangementId = 'demonstration';

type Side = { own: TestDatabase; running: RunningService; client: GrpcClient; kafka: Kafka };
let partner: Side;
let home: Side;
let records: IncomingRecord[] = [];

async function startSide(administration: string, partnerUrl?: string): Promise<Side> {
  const tlsFolder = join(folder, administration);
  await createCertificates(tlsFolder, ['mutual-recognition', 'officer']);
  const own = await createTestDatabase(stack.postgresUrl);
  const config = {
    ADMINISTRATION: administration,
    DATABASE_URL: own.url,
    KAFKA_BROKERS: brokers,
    GRPC_PORT: 0,
    HTTP_PORT: 0,
    TLS_DIR: tlsFolder,
    EXCHANGE_TLS_DIR: link,
    ARRANGEMENT: arrangementId,
    SIGNING_KEY_FILE: join(folder, `${administration}-signing.pem`),
    PROOF_KEY_FILE: join(folder, `${administration}-proof.pem`),
    PARTNER_URL: partnerUrl,
  };
  const running = await startService(config, quiet);
  const client = grpcClient(exchangeService.ExchangeServiceClient, {
    address: `localhost:${running.grpcPort}`,
    tls: loadTls(tlsFolder, 'officer'),
    defaultDeadlineMs: 20_000,
  });
  const kafka = await connectKafka({ brokers, administration, clientId: 'test', log: () => undefined });
  return { own, running, client, kafka };
}

beforeAll(async () => {
  await createCertificates(link, ['home', 'partner', 'stranger']);
  partner = await startSide('partner');
  home = await startSide('home', `https://localhost:${partner.running.httpPort}`);
  const reader = await home.kafka.broadcast({
    topics: [topics.partnerStatus.name],
    onRecord: (record) => {
      if (record.headers['event-type'] !== 'heartbeat') records.push(record);
    },
  });
  home.running.parts.unshift(reader);
});
afterAll(async () => {
  for (const side of [home, partner]) {
    await side.client.stop();
    expect((await stopAll([...side.running.parts, side.kafka])).failed).toEqual([]);
    await side.own.drop();
  }
  rmSync(folder, { recursive: true });
});

const { ACTIVE, SUSPENDED } = common.CertificateStatus;
let number = 0n;

/** Publishes as the partner's registry would: statuses, then a heartbeat of a later time on each partition. */
async function publish(statuses: Record<string, common.CertificateStatus>): Promise<void> {
  number += 1n;
  const producer = await partner.kafka.producer();
  const headers = { 'event-id': randomUUID(), 'event-type': 'CertificateGranted' };
  const topic = topics.operatorStatus.name;
  await producer.send(
    Object.entries(statuses).map(([operatorId, status]) => {
      const message = registryStatus.OperatorStatus.fromPartial({
        source: 'registry',
        operatorId,
        version: { epoch: 1n, number },
        identifiers: [
          { identifier: { scheme: 'national-trader-id', country: 'XB', value: operatorId.toUpperCase() } },
        ],
        components: [{ component: 'compliance', tier: 'tier-1', status }],
      });
      return {
        topic,
        key: operatorId,
        headers,
        value: registryStatus.OperatorStatus.encode(message).finish(),
      };
    }),
  );
  const asOf = new Date(Date.now() + 60_000);
  const beats = [0, 1, 2, 3].map((partition) => ({
    topic,
    partition,
    key: `heartbeat/${partition}`,
    headers: { ...headers, 'event-type': 'heartbeat' },
    value: common.Heartbeat.encode({ asOf, partition }).finish(),
  }));
  await producer.send(beats);
  await producer.stop();
}

const issue = () => partner.client.call(service.issueList, { arrangementId });
const pull = () => home.client.call(service.pullList, { arrangementId });

async function recordsOfPull() {
  records = [];
  const answer = await pull();
  const activations = answer.refused.length === 0 ? 4 : 0;
  const read = await eventually(() => {
    const messages = records.map(({ value, partition }) => ({
      partition,
      record: exchangeStatus.PartnerStatus.decode(value).record,
    }));
    expect(messages.filter(({ record }) => record?.$case === 'activated')).toHaveLength(activations);
    return messages;
  });
  const of = (kind: string) => read.filter(({ record }) => record?.$case === kind);
  return { answer, memberships: of('membership'), suspensions: of('suspension'), activated: of('activated') };
}

async function forge(sql: string): Promise<() => Promise<void>> {
  const keep = await partner.own.database.query<{ header: unknown; signature: string; rows: unknown }>(
    'SELECT header, signature, rows FROM list_issued ORDER BY sequence DESC LIMIT 1',
  );
  const newest = '(SELECT max(sequence) FROM list_issued)';
  await partner.own.database.query(`UPDATE list_issued SET ${sql} WHERE sequence = ${newest}`);
  const { header, signature, rows } = keep.rows[0] ?? {};
  return async () => {
    await partner.own.database.query(
      `UPDATE list_issued SET header = $1, signature = $2, rows = $3 WHERE sequence = ${newest}`,
      [JSON.stringify(header), signature, JSON.stringify(rows)],
    );
  };
}

test('a signed list crosses over and is activated on every partition', async () => {
  await publish({ p1: ACTIVE, p2: ACTIVE, p3: SUSPENDED });
  expect(await issue()).toMatchObject({ sequence: 1n, count: 3n });
  const { answer, memberships, suspensions, activated } = await recordsOfPull();
  expect(answer).toMatchObject({ sequence: 1n, listed: 3n, recognised: 2n, refused: [] });
  expect(memberships).toHaveLength(3);
  expect(suspensions).toMatchObject([{ record: { value: { partnerOperatorId: 'p3', status: SUSPENDED } } }]);
  const counts = activated.map(({ record }) =>
    record?.$case === 'activated' ? Number(record.value.partitionCount) : 0,
  );
  expect(counts.reduce((sum, each) => sum + each, 0)).toBe(3);
  for (const { partition, record } of activated) {
    if (record?.$case !== 'activated') continue;
    const here = memberships.filter((each) => each.partition === partition).length;
    expect(record.value).toMatchObject({ sequence: 1n, count: 3n, partitionCount: BigInt(here) });
  }
  const { rows } = await partner.own.database.query('SELECT peer, outcome FROM acknowledgement');
  expect(rows).toEqual([{ peer: 'home', outcome: 'accepted' }]);
});

test('the next list publishes only what changed, and suspensions ahead of it', async () => {
  await publish({ p2: SUSPENDED });
  expect(await issue()).toMatchObject({ sequence: 2n });
  const { memberships, suspensions, activated } = await recordsOfPull();
  expect(memberships).toMatchObject([
    {
      record: {
        value: { partnerOperatorId: 'p2', slots: [{ sequence: 1n }, { sequence: 2n, status: SUSPENDED }] },
      },
    },
  ]);
  expect(suspensions).toMatchObject([{ record: { value: { partnerOperatorId: 'p2', status: SUSPENDED } } }]);
  expect(activated[0]?.record).toMatchObject({ value: { sequence: 2n } });
});

test('pulling the list in force again changes nothing', async () => {
  records = [];
  expect(await pull()).toMatchObject({ sequence: 2n, refused: [] });
  expect(records).toEqual([]);
});

test.each([
  ['SIGNATURE_INVALID', `header = jsonb_set(header, '{issuedAt}', '"2026-01-01T00:00:00.000Z"')`],
  ['LIST_COUNT_MISMATCH', `rows = rows - 0`],
  ['LIST_DIGEST_MISMATCH', `rows = jsonb_set(rows, '{0,tier}', '"tier-2"')`],
  ['FIELD_FORMAT', `rows = jsonb_set(rows, '{0,status}', '"friendly"')`],
  ['PARTNER_UNKNOWN', `header = jsonb_set(header, '{issuer}', '"stranger"')`],
])('a list with %s is refused and the old one stays', async (code, sql) => {
  await issue();
  const mend = await forge(sql);
  records = [];
  const before = await home.client.call(service.getArrangement, { arrangementId });
  const answer = await pull();
  expect(answer.refused).toMatchObject([{ code, count: 1n }]);
  const after = await home.client.call(service.getArrangement, { arrangementId });
  expect(after.receivedSequence).toBe(before.receivedSequence);
  expect(after.refused.map((refusal) => refusal.code)).toContain(code);
  expect(records).toEqual([]);
  await mend();
});

test('a list older than the one held is refused', async () => {
  expect((await pull()).refused).toEqual([]);
  const held = await home.client.call(service.getArrangement, { arrangementId });
  await partner.own.database.query('DELETE FROM list_issued WHERE sequence > 1');
  expect(await pull()).toMatchObject({
    sequence: held.receivedSequence,
    refused: [{ code: 'SEQUENCE_REGRESSION', count: 1n }],
  });
});

test('an unknown arrangement and an unknown peer are refused', async () => {
  await expect(home.client.call(service.pullList, { arrangementId: 'other' })).rejects.toMatchObject({
    code: 'not_found',
    reason: 'PARTNER_UNKNOWN',
  });
  const url = `https://localhost:${partner.running.httpPort}/mra/v1/arrangements/${arrangementId}/lists`;
  const asked = { timeoutMs: 5_000, bytesMax: 100_000 };
  const stranger = await mutualTlsRequest(url, { ...asked, tls: loadTls(link, 'stranger') });
  expect(stranger.status).toBe(403);
  expect(JSON.parse(stranger.body.toString())).toMatchObject({ code: 'PEER_NOT_REGISTERED' });
  const known = await mutualTlsRequest(url, { ...asked, tls: loadTls(link, 'home') });
  expect(known.status).toBe(200);
});
