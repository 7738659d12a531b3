import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import { connectKafka, type BroadcastReader, type Kafka } from '@aeo/platform/kafka';
import { clearanceControl, common, registryService, registryStatus, topics } from '@aeo/proto';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { eventually } from '../../../tests/setup/eventually.ts';
import {
  certified,
  commandsFor,
  identifier,
  registration,
  startTestRegistry,
  suspension,
  type TestRegistry,
} from '../../../tests/setup/registry/registry.ts';

const { RegistryServiceService: service } = registryService;
const stack = inject('stack');
const published: registryStatus.OperatorStatus[] = [];
const heartbeats: Date[] = [];

let registry: TestRegistry;
let client: GrpcClient;
let kafka: Kafka;
let reader: BroadcastReader;

beforeAll(async () => {
  registry = await startTestRegistry(stack);
  client = registry.as('officer');
  kafka = await connectKafka({
    brokers: stack.kafkaBrokers.split(','),
    administration: registry.administration,
    clientId: 'tests',
    log: () => undefined,
  });
  reader = await kafka.broadcast({
    topics: [topics.operatorStatus.name],
    onRecord: ({ headers, value }) => {
      if (headers['event-type'] !== 'heartbeat') published.push(registryStatus.OperatorStatus.decode(value));
      else heartbeats.push(common.Heartbeat.decode(value).asOf ?? new Date(0));
    },
  });
});
afterEach(() => void vi.useRealTimers());
afterAll(async () => {
  await reader.stop();
  await kafka.stop();
  await registry.stop();
});

const databaseNow = async () => {
  const { rows } = await registry.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]!.now.getTime();
};
const statusesOf = (operatorId: string) => published.filter((each) => each.operatorId === operatorId);

test('a certificate reaches the topic with everything a border post needs', async () => {
  const { operatorId } = await certified(client);
  await eventually(() => expect(statusesOf(operatorId)).toHaveLength(1));
  expect(statusesOf(operatorId)[0]).toMatchObject({
    source: 'registry',
    version: { epoch: 1n, number: 1n },
    identifiers: [{ identifier }],
    components: [{ tier: 'tier-2', status: common.CertificateStatus.ACTIVE, validated: true }],
  });
  const credit = {
    purpose: common.Purpose.FISCAL_COMPLIANCE,
    role: common.PartyRole.IMPORTER,
    sharePermille: 650,
  };
  expect(statusesOf(operatorId)[0]?.components[0]?.credits).toContainEqual(expect.objectContaining(credit));
});

test('the published status has the validity of each identifier', async () => {
  const operatorId = randomUUID();
  const validity = { validFrom: new Date('2026-01-01'), validUntil: new Date('2026-07-01') };
  const identifiers = [
    { identifier, validity },
    {
      identifier: { ...identifier, value: 'OPEN' },
      validity: { validFrom: undefined, validUntil: undefined },
    },
  ];
  await client.call(service.registerOperator, { ...registration(operatorId), identifiers });
  await eventually(() => expect(statusesOf(operatorId)[0]).toMatchObject({ identifiers }));
});

test('a suspension is published with a higher version, and a heartbeat later than the answer follows it', async () => {
  const { operatorId, certificateId } = await certified(client);
  const request = { operatorId, certificateId, reason: 'debt', effectiveFrom: undefined };
  const { version, answeredAt, minVersion } = await client.call(service.suspendCertificate, request);
  expect(common.StatusPosition.decode(Buffer.from(minVersion, 'base64url'))).toMatchObject({
    source: 'registry',
    aggregate: operatorId,
    version,
  });
  expect(version?.number).toBe(2n);
  await eventually(() => expect(statusesOf(operatorId).at(-1)?.version?.number).toBe(2n));
  expect(statusesOf(operatorId).at(-1)?.components[0]?.status).toBe(common.CertificateStatus.SUSPENDED);
  await eventually(() =>
    expect(heartbeats.filter((asOf) => asOf > (answeredAt ?? asOf)).length).toBeGreaterThan(3),
  );
});

test('a suspension takes effect by the database clock, however far ahead the clock of a node is', async () => {
  const certificate = await certified(client);
  const before = await databaseNow();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 });
  const { effectiveFrom, answeredAt } = await client.call(
    service.suspendCertificate,
    suspension(certificate),
  );
  vi.useRealTimers();
  const after = await databaseNow();
  for (const time of [effectiveFrom, answeredAt]) {
    expect(time!.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(time!.getTime()).toBeLessThanOrEqual(after);
  }
  await eventually(() => expect(statusesOf(certificate.operatorId)).toHaveLength(2));
  const times = statusesOf(certificate.operatorId)[1]?.components[0]?.times;
  expect(times).toMatchObject({ decidedAt: effectiveFrom, effectiveFrom });
});

test('an older status after a newer one on the topic is followed by the present one again', async () => {
  const { operatorId, certificateId } = await certified(client);
  await eventually(() => expect(statusesOf(operatorId)).toHaveLength(1));
  await client.call(service.suspendCertificate, {
    operatorId,
    certificateId,
    reason: 'debt',
    effectiveFrom: undefined,
  });
  await eventually(() => expect(statusesOf(operatorId).at(-1)?.version?.number).toBe(2n));
  const old = statusesOf(operatorId)[0] ?? registryStatus.OperatorStatus.fromPartial({});
  const producer = await kafka.producer();
  const value = registryStatus.OperatorStatus.encode(old).finish();
  const headers = { 'event-id': randomUUID(), 'event-type': 'CertificateGranted' };
  await producer.send([{ topic: topics.operatorStatus.name, key: operatorId, value, headers }]);
  await producer.stop();
  const numbers = () => statusesOf(operatorId).map(({ version }) => version?.number);
  await eventually(() => expect(numbers()).toEqual([1n, 2n, 1n, 2n]));
  expect(statusesOf(operatorId)[3]).toEqual(statusesOf(operatorId)[1]);
});

test('a status without its sharing rule is published again', async () => {
  const { operatorId } = await certified(client);
  await eventually(() => expect(statusesOf(operatorId)).toHaveLength(1));
  const [present] = statusesOf(operatorId);
  const { UNSPECIFIED } = registryStatus.Sharing;
  const old = {
    ...present!,
    components: present!.components.map((each) => ({ ...each, sharing: UNSPECIFIED })),
  };
  const producer = await kafka.producer();
  const value = registryStatus.OperatorStatus.encode(old).finish();
  const headers = { 'event-id': randomUUID(), 'event-type': 'CertificateGranted' };
  await producer.send([{ topic: topics.operatorStatus.name, key: operatorId, value, headers }]);
  await producer.stop();
  await eventually(() => expect(statusesOf(operatorId)).toHaveLength(3));
  expect(statusesOf(operatorId)[2]).toMatchObject({
    version: present!.version,
    components: [{ sharing: registryStatus.Sharing.ALL }],
  });
});

test('repeated commands change nothing and publish nothing', async () => {
  const operatorId = randomUUID();
  const commands = commandsFor(operatorId, 30);
  const first = await client.call(service.executeBatch, { commands });
  const again = await client.call(service.executeBatch, { commands });
  const answer = ({ results }: registryService.ExecuteBatchResponse) =>
    results.map(({ result }) => result?.$case);
  expect(answer(again)).toEqual(answer(first));
  const { rows } = await registry.database.query('SELECT 1 FROM audit WHERE operator_id = $1', [operatorId]);
  // Registered, recorded, submitted, proposed; then the step, the grant and the certificate of its approval.
  expect(rows).toHaveLength(7);
  await eventually(() => expect(statusesOf(operatorId)).toHaveLength(1));
});

test('one refused command leaves the others of its batch alone', async () => {
  const [good, bad] = [randomUUID(), randomUUID()];
  const commands = [...commandsFor(bad, 9).slice(1, 2), ...commandsFor(good, 12)];
  const { results } = await client.call(service.executeBatch, { commands });
  expect(results[0]?.result).toMatchObject({ $case: 'problem', value: { code: 'not_found' } });
  expect(results[5]?.result).toMatchObject({ $case: 'approveDecision', value: { tier: 'tier-1' } });
});

test("a fault with one operator of a batch fails that operator's commands alone", async () => {
  const [good, bad, other] = [randomUUID(), randomUUID(), randomUUID()];
  await registry.database.query(`
    CREATE FUNCTION break_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'secret'; END $$;
    CREATE TRIGGER breaks BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.operator_id = '${bad}')
    EXECUTE FUNCTION break_down()`);
  const commands = [good, bad, other].flatMap((operatorId) => commandsFor(operatorId, 30));
  const { results } = await client.call(service.executeBatch, { commands });
  const problem = { code: 'internal', reason: 'INTERNAL', detail: '', fields: [] };
  for (const { result } of results.slice(5, 10))
    expect(result).toMatchObject({ $case: 'problem', value: problem });
  for (const index of [4, 14])
    expect(results[index]?.result).toMatchObject({ $case: 'approveDecision', value: { tier: 'tier-2' } });
  for (const operatorId of [good, other])
    expect(await client.call(service.getOperator, { operatorId })).toMatchObject({ status: { operatorId } });
  await expect(client.call(service.getOperator, { operatorId: bad })).rejects.toMatchObject({
    code: 'not_found',
  });
  await registry.database.query('DROP FUNCTION break_down CASCADE');
});

test('bad fields are named and nothing is stored', async () => {
  const operatorId = randomUUID();
  const request = { ...registration(operatorId, 'evil\u202Ename'), sizeClass: 99 as common.SizeClass };
  await expect(client.call(service.registerOperator, request)).rejects.toMatchObject({
    code: 'invalid',
    fields: [
      { path: 'name', code: 'FIELD_FORMAT' },
      { path: 'sizeClass', code: 'FIELD_UNKNOWN_VALUE' },
    ],
  });
  await expect(client.call(service.getOperator, { operatorId })).rejects.toMatchObject({ code: 'not_found' });
});

test('a registration with other content is refused, and so is a command out of order', async () => {
  const { operatorId, certificateId } = await certified(client);
  await expect(
    client.call(service.registerOperator, registration(operatorId, 'Another')),
  ).rejects.toMatchObject({
    reason: 'KEY_REUSED',
  });
  const request = { operatorId, certificateId, reason: 'paid' };
  await expect(client.call(service.reinstateCertificate, request)).rejects.toMatchObject({
    reason: 'OUT_OF_ORDER',
  });
});

test('a batch over the limit is refused whole', async () => {
  const operatorId = randomUUID();
  const commands = Array.from({ length: 101 }, () => commandsFor(operatorId, 30)).flat();
  await expect(client.call(service.executeBatch, { commands })).rejects.toMatchObject({
    reason: 'BATCH_TOO_LARGE',
  });
  await expect(client.call(service.getOperator, { operatorId })).rejects.toMatchObject({ code: 'not_found' });
});

test('the register is read page by page, each certificate once', async () => {
  for (let index = 0; index < 3; index += 1) await certified(client);
  const seen: string[] = [];
  let cursor = '';
  do {
    const page = await client.call(service.listCertificates, { limit: 2, cursor });
    seen.push(...page.items.map(({ certificateId }) => certificateId));
    cursor = page.nextCursor;
  } while (cursor !== '');
  const { rows } = await registry.database.query<{ n: bigint }>(
    "SELECT count(*) AS n FROM operator, jsonb_each(state->'certificates')",
  );
  expect(BigInt(seen.length)).toBe(rows[0]?.n);
  expect(new Set(seen).size).toBe(seen.length);
});

test('a retry under the same key is answered like the first and changes nothing again', async () => {
  const certificate = await certified(client);
  const idempotencyKey = randomUUID();
  const ask = (reason: string) =>
    client.call(service.suspendCertificate, suspension(certificate, reason), {
      idempotencyKey,
      actor: 'officer-1',
    });
  const first = await ask('debt');
  const again = await ask('debt');
  expect({ ...again, answeredAt: undefined }).toEqual({ ...first, answeredAt: undefined });
  await expect(ask('another reason')).rejects.toMatchObject({ reason: 'KEY_REUSED' });
  const { rows } = await registry.database.query(
    "SELECT 1 FROM audit WHERE operator_id = $1 AND event->>'type' = 'CertificateSuspended'",
    [certificate.operatorId],
  );
  expect(rows).toHaveLength(1);
});

test('a refusal does not use up its key', async () => {
  const certificate = await certified(client);
  const idempotencyKey = randomUUID();
  const reinstate = () =>
    client.call(service.reinstateCertificate, { ...certificate, reason: 'paid' }, { idempotencyKey });
  await expect(reinstate()).rejects.toMatchObject({ reason: 'OUT_OF_ORDER' });
  await client.call(service.suspendCertificate, suspension(certificate, 'debt'));
  expect((await reinstate()).version?.number).toBe(3n);
});

test('a control is added once to the record of each of our operators on the declaration', async () => {
  const { operatorId } = await certified(client);
  const { CRITICAL_FINDING, CONFORM } = common.ControlOutcome;
  const control = (id: number, extra: Partial<clearanceControl.ControlResult>) => {
    const parties = [{ operatorId }, { operatorId }, { operatorId: '' }, { operatorId: 'nobody' }];
    const message = clearanceControl.ControlResult.fromPartial({
      controlId: `${operatorId}-${id}`,
      declaredOn: `2026-03-0${id}`,
      outcome: CONFORM,
      ...extra,
      parties,
    });
    const headers = { 'event-id': randomUUID(), 'event-type': 'ControlRecorded' };
    const value = clearanceControl.ControlResult.encode(message).finish();
    return { topic: topics.control.name, key: `${id}`, headers, value };
  };
  const producer = await kafka.producer();
  const sent = [control(2, { outcome: CRITICAL_FINDING }), control(1, {})];
  await producer.send([...sent, ...sent, control(3, { probe: true })]);
  await producer.stop();
  const facts = async () => {
    const { rows } = await registry.database.query<{ facts: unknown }>(
      "SELECT state->'facts'->'controls' AS facts FROM operator WHERE operator_id = $1",
      [operatorId],
    );
    return rows[0]?.facts;
  };
  await eventually(async () =>
    expect(await facts()).toEqual({
      from: '2026-03-01T00:00:00.000Z',
      until: '2026-03-03T00:00:00.000Z',
      declarations: 0,
      controls: 2,
      findings: 1,
      criticalFindings: 1,
    }),
  );
  expect(statusesOf(operatorId)).toHaveLength(1);
});

const rest = (path: string, json?: unknown) => registry.rest('officer', path, json);

test('the same commands over REST, from registration to revocation', async () => {
  const operatorId = randomUUID();
  const registered = {
    operatorId,
    name: 'A firm',
    identifiers: [{ identifier }],
    sizeClass: 'SIZE_CLASS_LARGE',
  };
  expect(await rest('/v1/operators', registered)).toMatchObject({
    status: 201,
    body: { version: { number: '1' } },
  });
  await client.call(
    service.recordComplianceFacts,
    registryService.RecordComplianceFactsRequest.fromPartial({
      operatorId,
      origin: 'history',
      declarations: 30n,
      controls: 30n,
    }),
  );
  const applicationId = `r-${operatorId}`;
  const application = { applicationId, operatorId, programmeId: 'demonstration' };
  expect(await rest('/v1/applications', application)).toMatchObject({ status: 201 });
  const as = (actor: string) => ({ headers: { actor } });
  const decision = `/v1/applications/${applicationId}/decision`;
  const decided = await registry.rest('officer', decision, { operatorId }, as('first-officer'));
  expect(decided).toMatchObject({ status: 200, body: { proposed: true } });
  const approval = `/v1/applications/${applicationId}/approval`;
  expect(await registry.rest('officer', approval, { operatorId }, as('first-officer'))).toMatchObject({
    status: 403,
    body: { code: 'SAME_PERSON' },
  });
  const granted = await registry.rest('officer', approval, { operatorId }, as('second-officer'));
  expect(granted).toMatchObject({ status: 200, body: { tier: 'tier-2' } });
  const path = `/v1/certificates/${String(granted.body['certificateId'])}`;
  const change = { operatorId, reason: 'a reason' };
  for (const act of ['suspensions', 'reinstatements', 'revocations'])
    expect(await rest(`${path}/${act}`, change)).toMatchObject({ status: 200 });
  expect(await rest(`${path}/revocations`, change)).toMatchObject({
    status: 409,
    body: { code: 'OUT_OF_ORDER' },
  });
  expect(await rest(`/v1/operators/${operatorId}`)).toMatchObject({
    body: { status: { components: [{ status: 'CERTIFICATE_STATUS_REVOKED' }] } },
  });
  const page = await rest('/v1/certificates?limit=1');
  expect(page.body).toMatchObject({ items: { length: 1 }, nextCursor: expect.any(String) as string });
});

test('over REST a bad field is named by its path, and nothing is stored', async () => {
  const operatorId = randomUUID();
  const body = { operatorId, name: 'A firm', identifiers: [{ identifier }], sizeClass: 'HUGE' };
  expect(await rest('/v1/operators', body)).toMatchObject({
    status: 400,
    body: { code: 'FIELD_UNKNOWN_VALUE', fields: [{ path: 'sizeClass' }] },
  });
  const malformed = {
    ...body,
    sizeClass: 'SIZE_CLASS_SMALL',
    identifiers: [{ identifier: { ...identifier, value: '?' } }],
  };
  expect(await rest('/v1/operators', malformed)).toMatchObject({
    body: { fields: [{ path: 'identifiers[0].identifier', code: 'IDENTIFIER_FORMAT' }] },
  });
  expect(await rest('/v1/certificates?limit=1000')).toMatchObject({ body: { fields: [{ path: 'limit' }] } });
  expect(await rest(`/v1/operators/${operatorId}`)).toMatchObject({ status: 404 });
});
