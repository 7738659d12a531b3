import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grpcClient, loadTls, type GrpcClient } from '@aeo/platform/grpc';
import { connectKafka, type IncomingRecord, type Kafka } from '@aeo/platform/kafka';
import { stopAll } from '@aeo/platform/lifecycle';
import { outboxWriter } from '@aeo/platform/outbox';
import { connectPostgres, type Database } from '@aeo/platform/postgres';
import { common, heartbeatEventType, registryService, registryStatus, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createCertificates } from '../../../../infra/local/services/certificates.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { certified, suspension } from '../../../../tests/setup/registry/registry.ts';
import { startService } from '../service.ts';

const { RegistryServiceService: service, RegistryServiceClient } = registryService;
const { ACTIVE, SUSPENDED } = common.CertificateStatus;
const stack = inject('stack');
const administration = `test-${randomUUID().slice(0, 8)}`;
const brokers = stack.kafkaBrokers.split(',');
const folder = mkdtempSync(join(tmpdir(), 'set-back-'));
const name = `test_${randomUUID().replaceAll('-', '')}`;
const url = Object.assign(new URL(stack.postgresUrl), { pathname: `/${name}` }).href;
const records: IncomingRecord[] = [];
let server: Database;
let kafka: Kafka;
let running: { client: GrpcClient; stop: () => Promise<void> };

const quiet = () => undefined;

async function start(): Promise<void> {
  const config = {
    ADMINISTRATION: administration,
    DATABASE_URL: url,
    KAFKA_BROKERS: brokers,
    GRPC_PORT: 0,
    HTTP_PORT: 0,
    TLS_DIR: folder,
    PROOF_KEY_FILE: join(folder, 'proof.pem'),
  };
  const { parts, grpcPort } = await startService(config, {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: quiet,
  });
  const client = grpcClient(RegistryServiceClient, {
    address: `localhost:${grpcPort}`,
    tls: loadTls(folder, 'officer'),
    defaultDeadlineMs: 10_000,
  });
  const stop = async () => expect((await stopAll([client, ...parts])).failed).toEqual([]);
  running = { client, stop };
}

beforeAll(async () => {
  await createCertificates(folder, ['aeo-registry', 'officer']);
  server = await connectPostgres({ url: stack.postgresUrl, applicationName: 'tests', connectionsMax: 1 });
  await server.query(`CREATE DATABASE ${name}`);
  await start();
  kafka = await connectKafka({ brokers, administration, clientId: 'tests', log: quiet });
  const reader = await kafka.broadcast({
    topics: [topics.operatorStatus.name],
    onRecord: (record) => void records.push(record),
  });
  return () => reader.stop();
});
afterAll(async () => {
  await running.stop();
  await kafka.stop();
  for (const each of [name, `${name}_backup`])
    await server.query(`DROP DATABASE IF EXISTS ${each} WITH (FORCE)`);
  await server.stop();
  rmSync(folder, { recursive: true });
});

const isStatus = ({ headers }: IncomingRecord) => headers['event-type'] !== heartbeatEventType;
const statuses = (from: number) =>
  records
    .slice(from)
    .filter(isStatus)
    .map(({ value }) => registryStatus.OperatorStatus.decode(value));
const copyDatabase = (to: string, from: string) => server.query(`CREATE DATABASE ${to} TEMPLATE ${from}`);
const newestOf = (operatorId: string, from: number) =>
  statuses(from).findLast((status) => status.operatorId === operatorId);

/** A record of before the backup that was not yet sent when it was made. */
async function leaveInOutbox(operatorId: string): Promise<void> {
  const database = await connectPostgres({ url, applicationName: 'tests', connectionsMax: 1 });
  const status = { source: 'registry', operatorId, version: { epoch: 1n, number: 1n } };
  const value = registryStatus.OperatorStatus.encode(
    registryStatus.OperatorStatus.fromPartial(status),
  ).finish();
  const append = outboxWriter([topics.operatorStatus], 'tests');
  const event = { topic: topics.operatorStatus.name, key: operatorId, value, eventType: 'Leftover' };
  await database.transaction((transaction) => append(transaction, [event]));
  await database.stop();
}

const partitions = [0, 1, 2, 3];

/** How many records there are, once all that were published before this call have been read. */
async function everythingRead(): Promise<number> {
  const producer = await kafka.producer();
  const key = randomUUID();
  const marker = { topic: topics.operatorStatus.name, key, value: Buffer.alloc(0) };
  const headers = { 'event-type': heartbeatEventType };
  await producer.send(partitions.map((partition) => ({ ...marker, partition, headers })));
  await producer.stop();
  await eventually(() =>
    expect(records.filter((record) => record.key === key)).toHaveLength(partitions.length),
  );
  return records.length;
}

test('a restored database publishes every status again under the next epoch, before anything else', async () => {
  const one = await certified(running.client);
  const other = await certified(running.client);
  await eventually(() => expect(newestOf(other.operatorId, 0)?.version?.number).toBe(1n));
  await running.stop();
  await copyDatabase(`${name}_backup`, name);

  await start();
  const lost = await certified(running.client);
  await running.client.call(service.suspendCertificate, suspension(one));
  await eventually(() =>
    expect(newestOf(one.operatorId, 0)?.version).toMatchObject({ epoch: 1n, number: 2n }),
  );
  await eventually(() => expect(newestOf(lost.operatorId, 0)?.components).toHaveLength(1));
  await running.stop();

  await server.query(`DROP DATABASE ${name}`);
  await copyDatabase(name, `${name}_backup`);
  await leaveInOutbox(other.operatorId);
  const restoredAt = await everythingRead();
  await start();
  await eventually(() => expect(statuses(restoredAt)).toHaveLength(3));
  const next = (number: bigint) => ({ epoch: 2n, number });
  expect(newestOf(one.operatorId, restoredAt)).toMatchObject({
    version: next(1n),
    components: [{ status: ACTIVE }],
  });
  expect(newestOf(other.operatorId, restoredAt)).toMatchObject({ version: next(1n) });
  expect(newestOf(lost.operatorId, restoredAt)).toMatchObject({
    version: next(0n),
    components: [],
    identifiers: [],
  });

  await running.client.call(service.suspendCertificate, suspension(one));
  await eventually(() =>
    expect(newestOf(one.operatorId, restoredAt)).toMatchObject({
      version: next(2n),
      components: [{ status: SUSPENDED }],
    }),
  );
  expect(statuses(restoredAt).filter(({ version }) => version?.epoch !== 2n)).toEqual([]);
  for (const partition of partitions) {
    const here = records.slice(restoredAt).filter((record) => record.partition === partition);
    const beforeHeartbeats = here.slice(
      0,
      here.findIndex((record) => !isStatus(record)),
    );
    const repeated = here.filter(({ headers }) => headers['event-type'] === 'StatusRepeated');
    expect(beforeHeartbeats).toEqual(repeated);
  }
});

test('a start without a restore keeps the epoch and publishes nothing', async () => {
  await running.stop();
  const before = statuses(0).length;
  await start();
  const { client } = running;
  const { operatorId } = await certified(client);
  await eventually(() =>
    expect(newestOf(operatorId, before)?.version).toMatchObject({ epoch: 2n, number: 1n }),
  );
  expect(statuses(0)).toHaveLength(before + 1);
});
