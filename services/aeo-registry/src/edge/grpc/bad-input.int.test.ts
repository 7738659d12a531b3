import { randomUUID } from 'node:crypto';
import type { GrpcClient } from '@aeo/platform/grpc';
import { registryService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  certified,
  commandsFor,
  identifier,
  registration,
  startTestRegistry,
  type TestRegistry,
} from '../../../../../tests/setup/registry/registry.ts';

const { RegistryServiceService: service } = registryService;
const nul = 'a\u0000b';

let registry: TestRegistry;
let client: GrpcClient;

beforeAll(async () => {
  registry = await startTestRegistry(inject('stack'));
  client = registry.as('officer');
});
afterAll(() => registry.stop());

const invalid = (path: string) => ({ code: 'invalid', fields: [{ path, code: 'FIELD_FORMAT' }] });

const auditRows = async () => {
  const { rows } = await registry.database.query<{ n: bigint }>('SELECT count(*) AS n FROM audit');
  return rows[0]?.n;
};

test.each([nul, '!!', ''])('%j is refused as an operator id', async (operatorId) => {
  const before = await auditRows();
  await expect(client.call(service.getOperator, { operatorId })).rejects.toMatchObject(invalid('operatorId'));
  const registering = client.call(service.registerOperator, registration(operatorId));
  await expect(registering).rejects.toMatchObject(invalid('operatorId'));
  const keyed = client.call(service.registerOperator, registration(operatorId), { idempotencyKey: 'k' });
  await expect(keyed).rejects.toMatchObject(invalid('operatorId'));
  expect(await auditRows()).toBe(before);
});

test('an invalid operator id does not affect the other commands of its batch', async () => {
  const good = randomUUID();
  const commands = [...commandsFor(nul, 30), ...commandsFor(good, 30)];
  const { results } = await client.call(service.executeBatch, { commands });
  expect(results[0]?.result).toMatchObject({ $case: 'problem', value: invalid('operatorId') });
  expect(results[9]?.result).toMatchObject({ $case: 'approveDecision', value: { tier: 'tier-2' } });
});

test('an invalid cursor is refused', async () => {
  for (const cursor of [nul, '\u0000', '!!']) {
    const listing = client.call(service.listCertificates, { limit: 1, cursor });
    await expect(listing).rejects.toMatchObject(invalid('cursor'));
  }
  const refused = { status: 400, body: { fields: [{ path: 'cursor', code: 'FIELD_FORMAT' }] } };
  expect(await registry.rest('officer', '/v1/certificates?cursor=%00')).toMatchObject(refused);
  expect(await registry.rest('officer', '/v1/operators/%00')).toMatchObject({ status: 400 });
});

test('half a character in a name or reason is refused over REST', async () => {
  const half = String.fromCharCode(0xd83d);
  const certificate = await certified(client);
  const before = await auditRows();
  const body = { operatorId: randomUUID(), name: half, identifiers: [{ identifier }] };
  const sizeClass = 'SIZE_CLASS_SMALL';
  expect(await registry.rest('officer', '/v1/operators', { ...body, sizeClass })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'name', code: 'FIELD_FORMAT' }] },
  });
  const path = `/v1/certificates/${certificate.certificateId}/revocations`;
  const revocation = { operatorId: certificate.operatorId, reason: half };
  expect(await registry.rest('officer', path, revocation)).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'reason', code: 'FIELD_FORMAT' }] },
  });
  expect(await auditRows()).toBe(before);
});

test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])(
  '%s is not found until it is used as an id, and then works like any other id',
  async (name) => {
    const { operatorId } = await certified(client);
    const unknown = { operatorId, certificateId: name, reason: 'why' };
    await expect(client.call(service.revokeCertificate, unknown)).rejects.toMatchObject({
      reason: 'NOT_FOUND',
    });
    const file = { operatorId, applicationId: name };
    const undecided = client.call(service.decideApplication, file, { actor: 'somebody' });
    await expect(undecided).rejects.toMatchObject({ reason: 'NOT_FOUND' });
    const other = randomUUID();
    const { results } = await client.call(service.executeBatch, { commands: commandsFor(other, 30, name) });
    expect(results[4]?.result).toMatchObject({ $case: 'approveDecision', value: { tier: 'tier-2' } });
  },
);
