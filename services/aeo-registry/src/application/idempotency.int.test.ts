import { createHash, randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import { registryService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  certified,
  commandsFor,
  identifier,
  registration,
  startTestRegistry,
  suspension,
  type TestRegistry,
} from '../../../../tests/setup/registry/registry.ts';
import { deleteOldAnswers } from '../adapters/retention.postgres.ts';

const { RegistryServiceService: service, RegistryCommand } = registryService;

let registry: TestRegistry;
let client: GrpcClient;

beforeAll(async () => {
  registry = await startTestRegistry(inject('stack'));
  client = registry.as('officer');
});
afterAll(() => registry.stop());

type Command = NonNullable<registryService.RegistryCommand['command']>;
type Named = { operatorId: string; certificateId: string };

const keyed = (command: Command, idempotencyKey: string) =>
  RegistryCommand.fromPartial({ command, idempotencyKey });
const suspending = (certificate: Named, key: string, reason = 'debt') =>
  keyed({ $case: 'suspendCertificate', value: suspension(certificate, reason) }, key);
const reinstating = (certificate: Named, key: string) =>
  keyed({ $case: 'reinstateCertificate', value: { ...certificate, reason: 'paid' } }, key);

async function batch(commands: registryService.RegistryCommand[], caller = client) {
  const { results } = await caller.call(service.executeBatch, { commands });
  return results.map(({ result }) => {
    if (result !== undefined && 'answeredAt' in result.value) result.value.answeredAt = undefined;
    return result;
  });
}

const reasons = (results: Awaited<ReturnType<typeof batch>>) =>
  results.map((result) => (result?.$case === 'problem' ? result.value.reason : result?.$case));

const eventsOf = async ({ operatorId }: { operatorId: string }, type: string) => {
  const { rowCount } = await registry.database.query(
    "SELECT 1 FROM audit WHERE operator_id = $1 AND event->>'type' = $2",
    [operatorId, type],
  );
  return rowCount;
};

test('a retried batch answers each keyed command as before and changes nothing again', async () => {
  const certificate = await certified(client);
  const [one, two] = [randomUUID(), randomUUID()];
  const commands = [suspending(certificate, one), reinstating(certificate, two)];
  const first = await batch(commands);
  expect(reasons(first)).toEqual(['suspendCertificate', 'reinstateCertificate']);
  expect(await batch(commands)).toEqual(first);
  expect(await batch([commands[1]!])).toEqual([first[1]]);
  expect(await eventsOf(certificate, 'CertificateSuspended')).toBe(1);
});

test('a key of a batch is refused for another command, and the others of the batch go on', async () => {
  const certificate = await certified(client);
  const key = randomUUID();
  await batch([suspending(certificate, key)]);
  const results = await batch([suspending(certificate, key, 'another'), reinstating(certificate, '')]);
  expect(reasons(results)).toEqual(['KEY_REUSED', 'reinstateCertificate']);
});

test('a key repeated in a batch is executed once, and refused where the commands differ', async () => {
  const certificate = await certified(client);
  const key = randomUUID();
  const twice = suspending(certificate, key);
  const results = await batch([twice, twice, reinstating(certificate, key)]);
  expect(reasons(results)).toEqual(['suspendCertificate', 'suspendCertificate', 'KEY_REUSED']);
  expect(results[1]).toEqual(results[0]);
  expect(await eventsOf(certificate, 'CertificateSuspended')).toBe(1);
});

test('a key of a batch is known to the single command, and a key for the whole batch is refused', async () => {
  const certificate = await certified(client);
  const idempotencyKey = randomUUID();
  const [inBatch] = await batch([suspending(certificate, idempotencyKey)]);
  const single = await client.call(service.suspendCertificate, suspension(certificate), { idempotencyKey });
  expect({ ...single, answeredAt: undefined }).toEqual(inBatch?.value);
  const commands = commandsFor(randomUUID(), 30);
  const whole = client.call(service.executeBatch, { commands }, { idempotencyKey: 'whole' });
  await expect(whole).rejects.toMatchObject({ fields: [{ path: 'idempotency-key', code: 'FIELD_UNKNOWN' }] });
  const unusable = await batch([suspending(certificate, 'a b')]);
  const fields = [{ path: 'idempotencyKey', code: 'FIELD_FORMAT' }];
  expect(unusable).toMatchObject([{ $case: 'problem', value: { code: 'invalid', fields } }]);
});

test('first uses of one key at the same instant all get the first answer', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [operatorId, idempotencyKey] = [randomUUID(), randomUUID()];
    const register = () =>
      client.call(service.registerOperator, registration(operatorId), { idempotencyKey });
    const [first, ...others] = await Promise.all(Array.from({ length: 6 }, register));
    for (const other of others) expect(other).toEqual(first);
    expect(await eventsOf({ operatorId }, 'OperatorRegistered')).toBe(1);
  }
});

test('registrations of one operator at the same instant are one registration, also without a key', async () => {
  for (let round = 0; round < 5; round += 1) {
    const operatorId = randomUUID();
    const register = () => client.call(service.registerOperator, registration(operatorId));
    const answers = await Promise.all(Array.from({ length: 6 }, register));
    expect(new Set(answers.map(({ version }) => version?.number))).toEqual(new Set([1n]));
    expect(await eventsOf({ operatorId }, 'OperatorRegistered')).toBe(1);
  }
});

test('one key at the same instant for two operators is accepted for one of them', async () => {
  for (let round = 0; round < 5; round += 1) {
    const idempotencyKey = randomUUID();
    const certificates = [await certified(client), await certified(client)];
    const suspends = certificates.map((each) =>
      client.call(service.suspendCertificate, suspension(each), { idempotencyKey }),
    );
    const outcomes = await Promise.allSettled(suspends);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'conflict', reason: 'KEY_REUSED' } }]);
    const suspended = await Promise.all(certificates.map((each) => eventsOf(each, 'CertificateSuspended')));
    expect(suspended.toSorted()).toEqual([0, 1]);
  }
});

test('a key used over REST is known over gRPC, and the reverse', async () => {
  const certificate = await certified(client);
  const [one, two] = [randomUUID(), randomUUID()];
  const { operatorId, certificateId } = certificate;
  const suspensions = `/v1/certificates/${certificateId}/suspensions`;
  const more = (key: string) => ({ headers: { 'idempotency-key': key } });
  const overRest = await registry.rest('officer', suspensions, { operatorId, reason: 'debt' }, more(one));
  const overGrpc = await client.call(service.suspendCertificate, suspension(certificate), {
    idempotencyKey: one,
  });
  expect(registryService.SuspendCertificateResponse.toJSON(overGrpc)).toEqual({
    ...overRest.body,
    answeredAt: expect.any(String) as unknown,
  });
  const other = registration(randomUUID());
  const first = await client.call(service.registerOperator, other, { idempotencyKey: two });
  const body = { ...(registryService.RegisterOperatorRequest.toJSON(other) as object) };
  expect(await registry.rest('officer', '/v1/operators', body, more(two))).toMatchObject({
    status: 201,
    body: { minVersion: first.minVersion },
  });
  expect(await eventsOf(certificate, 'CertificateSuspended')).toBe(1);
  expect(await eventsOf(other, 'OperatorRegistered')).toBe(1);
});

const storeAnswer = (key: string, hashed: Uint8Array | string, answer: Uint8Array | string) =>
  registry.database.query(
    'INSERT INTO idempotency (caller, key, request_hash, answer) VALUES ($1, $2, $3, $4)',
    ['officer', key, createHash('sha256').update(hashed).digest(), Buffer.from(answer)],
  );

test('an answer stored as a message by an earlier version answers a retry over gRPC and REST', async () => {
  const certificate = await certified(client);
  const idempotencyKey = randomUUID();
  const command = { $case: 'suspendCertificate' as const, value: suspension(certificate) };
  const message = RegistryCommand.encode(RegistryCommand.fromPartial({ command })).finish();
  const value = { version: { epoch: 1n, number: 7n }, minVersion: 'of then', effectiveFrom: new Date(0) };
  const result = { $case: 'suspendCertificate' as const, value: { ...value, answeredAt: undefined } };
  await storeAnswer(
    idempotencyKey,
    message,
    registryService.RegistryCommandResult.encode({ result }).finish(),
  );
  const suspend = (reason?: string) =>
    client.call(service.suspendCertificate, suspension(certificate, reason), { idempotencyKey });
  expect(await suspend()).toMatchObject({ ...value, answeredAt: expect.any(Date) as unknown });
  expect(await batch([suspending(certificate, idempotencyKey)])).toMatchObject([{ value }]);
  const { operatorId, certificateId } = certificate;
  const path = `/v1/certificates/${certificateId}/suspensions`;
  const headers = { 'idempotency-key': idempotencyKey };
  expect(await registry.rest('officer', path, { operatorId, reason: 'debt' }, { headers })).toMatchObject({
    status: 200,
    body: { version: { number: '7' }, minVersion: 'of then', effectiveFrom: '1970-01-01T00:00:00.000Z' },
  });
  await expect(suspend('another reason')).rejects.toMatchObject({ reason: 'KEY_REUSED' });
  expect(await eventsOf(certificate, 'CertificateSuspended')).toBe(0);
});

test('a registration stored as a message by an earlier version answers a retry over REST', async () => {
  const [operatorId, idempotencyKey] = [randomUUID(), randomUUID()];
  const body = {
    operatorId,
    name: 'A firm',
    identifiers: [{ identifier }],
    sizeClass: 'SIZE_CLASS_LARGE',
  };
  const validity = { validFrom: undefined, validUntil: undefined };
  const value = registryService.RegisterOperatorRequest.fromPartial({
    ...registration(operatorId),
    identifiers: [{ ...body.identifiers[0], validity }],
  });
  const message = RegistryCommand.fromPartial({ command: { $case: 'registerOperator', value } });
  const answer = { version: { epoch: 1n, number: 7n }, minVersion: 'of then' };
  const result = { $case: 'registerOperator' as const, value: answer };
  await storeAnswer(
    idempotencyKey,
    RegistryCommand.encode(message).finish(),
    registryService.RegistryCommandResult.encode({ result }).finish(),
  );
  const headers = { 'idempotency-key': idempotencyKey };
  expect(await registry.rest('officer', '/v1/operators', body, { headers })).toMatchObject({
    status: 201,
    body: { version: { number: '7' }, minVersion: 'of then' },
  });
  expect(await eventsOf({ operatorId }, 'OperatorRegistered')).toBe(0);
});

test('an answer stored as JSON by an earlier version answers a retry over REST', async () => {
  const { operatorId } = await certified(client);
  const idempotencyKey = randomUUID();
  // As it stood in the table: the fields of the command in this order.
  const command = `{"type":"RecordConsent","programmeId":"eu-aeo","consentId":"mutual-recognition","arrangement":"","given":true}`;
  const answer = { operatorId, consents: {}, minVersion: 'of then' };
  await storeAnswer(idempotencyKey, `["asked","${operatorId}",${command}]`, JSON.stringify(answer));
  const path = `/v1/operators/${operatorId}/consents/eu-aeo/mutual-recognition`;
  const more = { method: 'PUT', headers: { 'idempotency-key': idempotencyKey } };
  const consent = (given: boolean) => registry.rest('officer', path, { given }, more);
  expect(await consent(true)).toMatchObject({ status: 200, body: answer });
  expect(await consent(false)).toMatchObject({ status: 409, body: { code: 'KEY_REUSED' } });
  expect(await eventsOf({ operatorId }, 'ConsentRecorded')).toBe(0);
});

test('a key belongs to its caller, whichever person the caller acts for', async () => {
  const [one, two] = [await certified(client), await certified(client)];
  const idempotencyKey = randomUUID();
  const elsewhere = 'INSERT INTO idempotency (caller, key, request_hash, answer) VALUES ($1, $2, $3, $3)';
  await registry.database.query(elsewhere, ['another-caller', idempotencyKey, Buffer.from('another')]);
  const call = (certificate: Named, actor: string) =>
    client.call(service.suspendCertificate, suspension(certificate), { idempotencyKey, actor });
  expect((await call(one, 'another-caller')).version?.number).toBe(2n);
  await expect(call(two, 'somebody')).rejects.toMatchObject({ reason: 'KEY_REUSED' });
});

test('operators with applications of one name get certificates of two, and the register shows both', async () => {
  const operators = [randomUUID(), randomUUID()];
  const commands = operators.flatMap((operatorId) => commandsFor(operatorId, 30, 'the-same-application'));
  const results = await batch(commands);
  const ids = results.flatMap((result) =>
    result?.$case === 'approveDecision' ? [result.value.certificateId] : [],
  );
  expect(new Set(ids).size).toBe(2);
  const listed: string[] = [];
  let cursor = '';
  do {
    const page = await client.call(service.listCertificates, { limit: 1, cursor });
    listed.push(...page.items.map(({ operatorId }) => operatorId));
    cursor = page.nextCursor;
  } while (cursor !== '');
  expect(listed).toEqual(expect.arrayContaining(operators));
});

test('old answers are deleted a bounded number at a time, and younger ones are kept', async () => {
  const { database } = registry;
  const count = async () =>
    (await database.query<{ n: bigint }>("SELECT count(*) AS n FROM idempotency WHERE caller LIKE 'aged-%'"))
      .rows[0]?.n;
  const aged = (days: number) =>
    `clock_timestamp() - interval '${days} days' FROM generate_series(1, 1100) AS n`;
  await database.query(`INSERT INTO idempotency SELECT 'aged-31', n::text, '', '', ${aged(31)}`);
  await database.query(`INSERT INTO idempotency SELECT 'aged-29', n::text, '', '', ${aged(29)}`);
  expect(await deleteOldAnswers(database)).toBe(true);
  expect(await count()).toBe(1200n);
  expect(await deleteOldAnswers(database)).toBe(false);
  expect(await count()).toBe(1100n);
});
