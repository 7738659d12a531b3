import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { connectKafka, type IncomingRecord, type Kafka, type Producer } from '@aeo/platform/kafka';
import { stopAll } from '@aeo/platform/lifecycle';
import { outboxWriter } from '@aeo/platform/outbox';
import { common, exchangeService, exchangeStatus, registryStatus, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createCertificates } from '../../../infra/local/services/certificates.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/setup/stack/database.ts';
import { eventually } from '../../../tests/setup/eventually.ts';
import { fileSigner } from './adapters/signatures.ts';
import { digestOf, headerText, type ListHeader, type ListRow } from './domain/list/list.ts';
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
const markers = new Set<string>();

async function startSide(administration: string, partnerUrl?: string, linkFolder = link): Promise<Side> {
  const tlsFolder = join(folder, administration);
  await createCertificates(tlsFolder, ['mutual-recognition', 'officer', 'border-system']);
  const own = await createTestDatabase(stack.postgresUrl);
  const config = {
    ADMINISTRATION: administration,
    DATABASE_URL: own.url,
    KAFKA_BROKERS: brokers,
    GRPC_PORT: 0,
    HTTP_PORT: 0,
    TLS_DIR: tlsFolder,
    EXCHANGE_TLS_DIR: linkFolder,
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
      const kind = record.headers['event-type'];
      if (kind === 'Marker') markers.add(`${record.key}/${record.partition}`);
      else if (kind !== 'heartbeat') records.push(record);
    },
  });
  home.running.parts.unshift(reader);
});
afterAll(async () => {
  for (const side of [home, partner]) await stopSide(side);
  rmSync(folder, { recursive: true });
});

async function stopSide(side: Side): Promise<void> {
  await side.client.stop();
  expect((await stopAll([...side.running.parts, side.kafka])).failed).toEqual([]);
  await side.own.drop();
}

const { ACTIVE, SUSPENDED } = common.CertificateStatus;
let number = 0n;

/** Publishes statuses as the partner's registry would; undefined: no certificate any more. */
async function publish(
  statuses: Record<string, common.CertificateStatus | undefined>,
  sharing: registryStatus.Sharing = registryStatus.Sharing.ALL,
): Promise<void> {
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
        components:
          status === undefined
            ? []
            : [
                {
                  component: 'compliance',
                  tier: 'tier-1',
                  status,
                  sharing,
                  purposes: [common.Purpose.FISCAL_COMPLIANCE],
                },
              ],
      });
      return {
        topic,
        key: operatorId,
        headers,
        value: registryStatus.OperatorStatus.encode(message).finish(),
      };
    }),
  );
  await producer.stop();
}

/** Heartbeats of the partner's registry: everything published so far is complete. */
async function beat(producer: Producer): Promise<void> {
  const asOf = new Date();
  await producer.send(
    [0, 1, 2, 3].map((partition) => ({
      topic: topics.operatorStatus.name,
      partition,
      key: `heartbeat/${partition}`,
      headers: { 'event-type': 'heartbeat' },
      value: common.Heartbeat.encode({ asOf, partition }).finish(),
    })),
  );
}

/** A list is complete only up to a heartbeat later than the call. */
async function issue(meanwhile: (answer: Promise<unknown>) => Promise<void> = () => Promise.resolve()) {
  const ended = { yet: false };
  const answer = partner.client.call(service.issueList, { arrangementId }).finally(() => (ended.yet = true));
  await meanwhile(answer);
  const producer = await partner.kafka.producer();
  while (!ended.yet) await beat(producer);
  await producer.stop();
  return answer;
}

const pull = (actor = 'clerk') => home.client.call(service.pullList, { arrangementId }, { actor });
const append = outboxWriter([topics.partnerStatus], 'tests');

/**
 * Waits until everything our exchange has committed was read: a record of ours goes through the same outbox after
 * it, on every partition.
 */
async function everythingRead(): Promise<void> {
  const key = randomUUID();
  const marker = { topic: topics.partnerStatus.name, key, value: Buffer.alloc(0), eventType: 'Marker' };
  const partitions = [0, 1, 2, 3];
  await home.own.database.transaction((transaction) =>
    append(
      transaction,
      partitions.map((partition) => ({ ...marker, partition })),
    ),
  );
  await eventually(() => {
    for (const partition of partitions) expect(markers).toContain(`${key}/${partition}`);
  });
}

async function recordsOf<Answer>(act: () => Promise<Answer>) {
  records = [];
  const answer = await act();
  await everythingRead();
  const read = records.map(({ value, partition }) => ({
    partition,
    record: exchangeStatus.PartnerStatus.decode(value).record,
  }));
  const of = (kind: string) => read.filter(({ record }) => record?.$case === kind);
  return { answer, memberships: of('membership'), suspensions: of('suspension'), activated: of('activated') };
}

const newest = '(SELECT max(sequence) FROM list_issued)';

/** Changes the partner's newest list in its database; the returned function restores it. */
async function forge(sql: string, values: unknown[] = []): Promise<() => Promise<void>> {
  const keep = await partner.own.database.query<{ header: unknown; signature: string; rows: unknown }>(
    'SELECT header, signature, rows FROM list_issued ORDER BY sequence DESC LIMIT 1',
  );
  await partner.own.database.query(`UPDATE list_issued SET ${sql} WHERE sequence = ${newest}`, values);
  const { header, signature, rows } = keep.rows[0] ?? {};
  return async () => {
    await partner.own.database.query(
      `UPDATE list_issued SET header = $1, signature = $2, rows = $3 WHERE sequence = ${newest}`,
      [JSON.stringify(header), signature, JSON.stringify(rows)],
    );
  };
}

/** As `forge`, but the partner itself signs what its rows have become. */
async function resign(change: (rows: ListRow[]) => unknown[]): Promise<() => Promise<void>> {
  const { rows: found } = await partner.own.database.query<{ header: ListHeader; rows: ListRow[] }>(
    'SELECT header, rows FROM list_issued ORDER BY sequence DESC LIMIT 1',
  );
  const rows = change(found[0]?.rows ?? []);
  const header = {
    ...(found[0] as { header: ListHeader }).header,
    count: rows.length,
    digest: digestOf(rows),
  };
  const signature = await fileSigner(join(folder, 'partner-signing.pem')).sign(headerText(header));
  return forge('header = $1, signature = $2, rows = $3', [
    JSON.stringify(header),
    signature,
    JSON.stringify(rows),
  ]);
}

test('a signed list crosses over and is activated on every partition', async () => {
  await publish({ p1: ACTIVE, p2: ACTIVE, p3: SUSPENDED });
  expect(await issue()).toMatchObject({ sequence: 1n, count: 3n });
  const { answer, memberships, suspensions, activated } = await recordsOf(pull);
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
  expect(activated[0]?.record).toMatchObject({ value: { terms: { demonstration: true } } });
  expect(memberships[0]?.record).toMatchObject({
    value: { slots: [{ identifiers: [{ scheme: 'national-trader-id', country: 'XB' }] }] },
  });
  const { rows } = await partner.own.database.query('SELECT peer, outcome FROM acknowledgement');
  expect(rows).toEqual([{ peer: 'home', outcome: 'accepted' }]);
});

test('the next list publishes only what changed, and suspensions ahead of it', async () => {
  await publish({ p2: SUSPENDED });
  expect(await issue()).toMatchObject({ sequence: 2n });
  const { memberships, suspensions, activated } = await recordsOf(pull);
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

test('a status is published again where an older record follows it on the topic', async () => {
  const past: IncomingRecord[] = [];
  const reader = await home.kafka.broadcast({
    topics: [topics.partnerStatus.name],
    onRecord: (record) => void past.push(record),
  });
  await reader.ready;
  await reader.stop();
  const [old, present] = past.filter(({ key }) => key === `membership/${arrangementId}/p2`);
  const [oldActivation, activation] = past.filter(({ key }) => key === `activated/${arrangementId}/1`);
  records = [];
  const producer = await home.kafka.producer();
  await producer.send([old, oldActivation].flatMap((record) => record ?? []));
  await producer.stop();
  await eventually(() => expect(records).toHaveLength(4));
  const last = (key = '') => records.findLast((record) => record.key === key);
  expect(last(present?.key)?.value).toEqual(present?.value);
  expect(last(activation?.key)).toMatchObject({ value: activation?.value, partition: 1 });
});

test('pulling the list in force again changes nothing', async () => {
  const { answer } = await recordsOf(pull);
  expect(answer).toMatchObject({ sequence: 2n, refused: [] });
  expect(records).toEqual([]);
});

test.each([
  ['SIGNATURE_INVALID', `header = jsonb_set(header, '{issuedAt}', '"2026-01-01T00:00:00.000Z"')`],
  ['LIST_COUNT_MISMATCH', `rows = rows - 0`],
  ['LIST_DIGEST_MISMATCH', `rows = jsonb_set(rows, '{0,tier}', '"tier-2"')`],
  ['FIELD_FORMAT', `header = jsonb_set(header, '{digest}', '"\\u0001"')`],
  ['PARTNER_UNKNOWN', `header = jsonb_set(header, '{issuer}', '"stranger"')`],
])('a list with %s is refused and the old one stays', async (code, sql) => {
  await publish({ p1: number % 2n === 0n ? ACTIVE : SUSPENDED });
  await issue();
  const mend = await forge(sql);
  const before = await home.client.call(service.getArrangement, { arrangementId });
  const { answer } = await recordsOf(pull);
  expect(answer.refused).toMatchObject([{ code, count: 1n }]);
  const after = await home.client.call(service.getArrangement, { arrangementId });
  expect(after.receivedSequence).toBe(before.receivedSequence);
  expect(after.refused.map((refusal) => refusal.code)).toContain(code);
  expect(records).toEqual([]);
  await mend();
});

test('an operator that withdraws its consent is not on the next list, and the partner removes it', async () => {
  await publish({ p9: ACTIVE });
  await issue();
  const before = await recordsOf(pull);
  const { sequence, listed } = before.answer;
  await publish({ p9: ACTIVE }, registryStatus.Sharing.NOBODY);
  await issue();
  const { answer, memberships } = await recordsOf(pull);
  expect(answer).toMatchObject({ sequence: sequence + 1n, listed: listed - 1n, refused: [] });
  const slots = [
    { sequence, listed: true },
    { sequence: sequence + 1n, listed: false },
  ];
  expect(memberships).toMatchObject([{ record: { value: { partnerOperatorId: 'p9', slots } } }]);
});

test('a list with a row that cannot be used is refused by its path, but its suspensions act', async () => {
  await publish({ p1: ACTIVE, p2: ACTIVE });
  await issue();
  expect((await pull()).refused).toEqual([]);
  await publish({ p1: SUSPENDED });
  await issue();
  const mend = await resign((rows) =>
    rows.map((row) => (row.operatorId === 'p2' ? { ...row, tier: '\u0001' } : row)),
  );
  const { answer, memberships, suspensions, activated } = await recordsOf(pull);
  expect(answer.refused).toEqual([
    exchangeService.ListRefusal.fromPartial({ code: 'LIST_ROW_UNUSABLE', count: 1n, path: 'rows.1.tier' }),
  ]);
  expect(suspensions).toMatchObject([{ record: { value: { partnerOperatorId: 'p1', status: SUSPENDED } } }]);
  expect([...memberships, ...activated]).toEqual([]);
  const [{ header } = { header: {} }] = (
    await partner.own.database.query<{ header: Partial<ListHeader> }>(
      `SELECT header FROM list_issued WHERE sequence = ${newest}`,
    )
  ).rows;
  const trace = await home.own.database.query(
    'SELECT code, sequence::integer, digest FROM list_refusal ORDER BY id DESC LIMIT 1',
  );
  expect(trace.rows).toEqual([
    { code: 'LIST_ROW_UNUSABLE', sequence: header.sequence, digest: header.digest },
  ]);
  await mend();
  expect((await pull()).refused).toEqual([]);
});

test('a list that removes too many waits for a second person, and its suspensions do not', async () => {
  const crowd = Array.from({ length: 9 }, (_, index) => `q${index}`);
  const all = (status: common.CertificateStatus | undefined) =>
    Object.fromEntries(crowd.map((operatorId) => [operatorId, status]));
  await publish({ ...all(ACTIVE), p3: ACTIVE });
  await issue();
  expect((await pull()).refused).toEqual([]);
  await publish({ ...all(undefined), p3: SUSPENDED });
  const { sequence } = await issue();
  const pulled = await recordsOf(pull);
  expect(pulled.answer.refused).toMatchObject([{ code: 'REMOVALS_NEED_APPROVAL' }]);
  expect(pulled.suspensions).toMatchObject([{ record: { value: { partnerOperatorId: 'p3' } } }]);
  expect([...pulled.memberships, ...pulled.activated]).toEqual([]);
  const waiting = await home.client.call(service.getArrangement, { arrangementId });
  expect(waiting.held).toMatchObject([{ sequence, removed: 9n, heldBy: 'clerk' }]);
  const release = { arrangementId, sequence, decision: 1 as const, reason: 'the partner confirmed it' };
  const decide = (actor: string) => () => home.client.call(service.decideHeldList, release, { actor });
  await expect(decide('clerk')()).rejects.toMatchObject({ code: 'denied', reason: 'NOT_ALLOWED' });
  await expect(decide('')()).rejects.toMatchObject({ code: 'invalid', reason: 'FIELD_REQUIRED' });
  const released = await recordsOf(decide('second officer'));
  expect(released.answer).toMatchObject({ sequence, heldBy: 'clerk', decidedBy: 'second officer' });
  expect(released.memberships).toHaveLength(10);
  expect(released.activated).toHaveLength(4);
  await publish({ p3: ACTIVE });
  await issue();
  expect(await pull()).toMatchObject({ sequence: sequence + 1n, refused: [] });
});

test('a list older than the last accepted one is refused', async () => {
  expect((await pull()).refused).toEqual([]);
  const present = await home.client.call(service.getArrangement, { arrangementId });
  await partner.own.database.query(`DELETE FROM list_issued WHERE sequence = ${newest}`);
  expect(await pull()).toMatchObject({
    sequence: present.receivedSequence,
    refused: [{ code: 'SEQUENCE_REGRESSION', count: 1n }],
  });
});

test('an unknown arrangement and an unknown peer are refused', async () => {
  await expect(home.client.call(service.pullList, { arrangementId: 'other' })).rejects.toMatchObject({
    code: 'not_found',
    reason: 'PARTNER_UNKNOWN',
  });
  const url = `https://localhost:${partner.running.httpPort}/mra/v1/arrangements/${arrangementId}/lists`;
  const options = { timeoutMs: 5_000, bytesMax: 100_000 };
  const stranger = await mutualTlsRequest(url, { ...options, tls: loadTls(link, 'stranger') });
  expect(stranger.status).toBe(403);
  expect(JSON.parse(stranger.body.toString())).toMatchObject({ code: 'PEER_NOT_REGISTERED' });
  const known = await mutualTlsRequest(url, { ...options, tls: loadTls(link, 'home') });
  expect(known.status).toBe(200);
  const unknown = { sequence: 1_000_000, outcome: 'accepted' };
  const receipt = await mutualTlsRequest(url.replace(/lists$/, 'acknowledgements'), {
    ...options,
    tls: loadTls(link, 'home'),
    json: unknown,
  });
  expect(receipt.status).toBe(404);
});

test('only an officer may pull lists, issue them or decide on them', async () => {
  const client = grpcClient(exchangeService.ExchangeServiceClient, {
    address: `localhost:${home.running.grpcPort}`,
    tls: loadTls(join(folder, 'home'), 'border-system'),
  });
  const named = { arrangementId };
  const calls = [
    client.call(service.pullList, named),
    client.call(service.issueList, named),
    client.call(service.getArrangement, named),
    client.call(service.decideHeldList, { ...named, sequence: 1n, decision: 1, reason: 'x' }),
  ];
  for (const call of calls)
    await expect(call).rejects.toMatchObject({ code: 'denied', reason: 'NOT_ALLOWED' });
  await client.stop();
});

test('a list is not accepted from another administration with a certificate of the same authority', async () => {
  const posing = join(folder, 'posing');
  mkdirSync(posing);
  for (const [from, to] of [
    ['ca.pem', 'ca.pem'],
    ['stranger.pem', 'partner.pem'],
    ['stranger.key.pem', 'partner.key.pem'],
  ] as const)
    copyFileSync(join(link, from), join(posing, to));
  const impostor = await startSide('partner', undefined, posing);
  const deceived = await startSide('home', `https://localhost:${impostor.running.httpPort}`);
  try {
    const answer = await deceived.client.call(service.pullList, { arrangementId });
    expect(answer.refused).toMatchObject([{ code: 'PEER_NOT_REGISTERED' }]);
  } finally {
    for (const side of [deceived, impostor]) await stopSide(side);
  }
});

test('a list holds everything committed before the call, however late it is received', async () => {
  // A topic may hold what a run before this one published.
  const late = `late${randomUUID().slice(0, 8)}`;
  await publish({ [late]: ACTIVE });
  await issue();
  await issue(async (answer) => {
    // Long enough to sign a list, were nothing waited for.
    await Promise.race([answer, pause(2_000)]);
    await publish({ [late]: SUSPENDED });
  });
  const { rows } = await partner.own.database.query<{ status: string }>(
    `SELECT listed->>'status' AS status FROM list_issued, jsonb_array_elements(rows) AS listed
     WHERE sequence = ${newest} AND listed->>'operatorId' = $1`,
    [late],
  );
  expect(rows).toEqual([{ status: 'suspended' }]);
});
