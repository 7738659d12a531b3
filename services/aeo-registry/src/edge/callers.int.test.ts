import { randomUUID } from 'node:crypto';
import { registryService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  certified,
  commandsFor,
  registration,
  startTestRegistry,
  suspension,
  type TestRegistry,
} from '../../../../tests/setup/registry/registry.ts';
import { anyApplication } from '../../../../tests/setup/registry/certification-commands.ts';

const { RegistryServiceService: service } = registryService;
const denied = { code: 'denied', reason: 'NOT_ALLOWED' };

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry(inject('stack'));
});
afterAll(() => registry.stop());

const auditRows = async () => {
  const { rows } = await registry.database.query<{ n: bigint }>('SELECT count(*) AS n FROM audit');
  return rows[0]?.n;
};

test.each(['border-system', 'trader'])('%s may not command, over gRPC or REST', async (caller) => {
  const certificate = await certified(registry.as('officer'));
  const { operatorId, certificateId } = certificate;
  const before = await auditRows();
  const client = registry.as(caller);
  const application = { applicationId: 'a', operatorId, programmeId: 'demonstration', ...anyApplication };
  const change = { operatorId, certificateId, reason: 'why' };
  const facts = registryService.RecordComplianceFactsRequest.fromPartial({ operatorId, origin: 'history' });
  const calls = [
    client.call(service.registerOperator, registration(randomUUID())),
    client.call(service.recordComplianceFacts, facts),
    client.call(service.submitApplication, application),
    client.call(service.decideApplication, application),
    client.call(service.approveDecision, application),
    client.call(service.suspendCertificate, suspension(certificate)),
    client.call(service.reinstateCertificate, change),
    client.call(service.revokeCertificate, change),
    client.call(service.executeBatch, { commands: commandsFor(randomUUID(), 30) }),
  ];
  for (const outcome of await Promise.allSettled(calls)) expect(outcome).toMatchObject({ reason: denied });
  const path = `/v1/certificates/${certificateId}/suspensions`;
  const body = { operatorId, reason: 'why' };
  expect(await registry.rest(caller, path, body)).toMatchObject({
    status: 403,
    body: { code: 'NOT_ALLOWED' },
  });
  expect(await registry.rest(caller, '/v1/applications', application)).toMatchObject({ status: 403 });
  expect(await auditRows()).toBe(before);
});

test('a system names the person who decides, in letters as others see them', async () => {
  const client = registry.as('officer');
  const operatorId = randomUUID();
  await client.call(service.executeBatch, { commands: commandsFor(operatorId, 30).slice(0, 3) });
  const file = { operatorId, applicationId: `a-${operatorId}` };
  const decided = (actor?: string) =>
    client.call(service.decideApplication, file, actor === undefined ? {} : { actor });
  const unnamed = { code: 'invalid', fields: [{ path: 'actor', code: 'FIELD_REQUIRED' }] };
  await expect(decided()).rejects.toMatchObject(unnamed);
  await expect(decided('officer')).rejects.toMatchObject(unnamed);
  const [deciding] = commandsFor(operatorId, 30).slice(3, 4);
  const spaced = client.call(service.executeBatch, { commands: [{ ...deciding!, actor: 'Ines ' }] });
  await expect(spaced).rejects.toMatchObject({
    fields: [{ path: 'commands[0].actor', code: 'FIELD_FORMAT' }],
  });
  expect(await decided('Ines')).toMatchObject({ proposed: true });
  await expect(client.call(service.approveDecision, file)).rejects.toMatchObject(unnamed);
  await expect(client.call(service.approveDecision, file, { actor: 'Ines' })).rejects.toMatchObject({
    reason: 'SAME_PERSON',
  });
});

test('border posts look an operator up, traders do not, and every caller reads the register', async () => {
  const { operatorId } = await certified(registry.as('officer'));
  const lookUp = (caller: string) => registry.as(caller).call(service.getOperator, { operatorId });
  expect(await lookUp('border-system')).toMatchObject({ status: { operatorId } });
  await expect(lookUp('trader')).rejects.toMatchObject(denied);
  expect(await registry.rest('trader', `/v1/operators/${operatorId}`)).toMatchObject({ status: 403 });
  const page = await registry.as('trader').call(service.listCertificates, { limit: 1, cursor: '' });
  expect(page.items).toHaveLength(1);
});

test('an audit row has the actor and the caller’s certificate, and the caller itself where it names no person', async () => {
  const client = registry.as('officer');
  const [silent, spoken] = [randomUUID(), randomUUID()];
  await client.call(service.registerOperator, registration(silent));
  await client.call(service.registerOperator, registration(spoken), { actor: 'a person' });
  const { rows } = await registry.database.query(
    'SELECT operator_id, actor, caller FROM audit WHERE operator_id = ANY ($1) ORDER BY id',
    [[silent, spoken]],
  );
  expect(rows).toEqual([
    { operator_id: silent, actor: 'officer', caller: 'officer' },
    { operator_id: spoken, actor: 'a person', caller: 'officer' },
  ]);
  const unnamed = client.call(service.registerOperator, registration(randomUUID()), {
    actor: 'x'.repeat(121),
  });
  await expect(unnamed).rejects.toMatchObject({ fields: [{ path: 'actor', code: 'FIELD_FORMAT' }] });
});

test('the commitment of an audit row covers its caller, and commitments of older rows stay the same', async () => {
  const { rows } = await registry.database.query<Record<'held' | 'changed' | 'without' | 'old', Buffer>>(`
    WITH row AS (SELECT * FROM audit WHERE caller IS NOT NULL LIMIT 1),
      changed AS (SELECT id, operator_id, version, actor, event, recorded_at, salt, 'trader' AS caller FROM row),
      without AS (SELECT id, operator_id, version, actor, event, recorded_at, salt, NULL::text AS caller FROM row)
    SELECT (SELECT audit_commitment(row::audit) FROM row) AS held,
      (SELECT audit_commitment(changed::audit) FROM changed) AS changed,
      (SELECT audit_commitment(without::audit) FROM without) AS without,
      (SELECT sha256(salt || convert_to(jsonb_build_array(
         id, operator_id, version, actor, event, extract(epoch FROM recorded_at))::text, 'UTF8')) FROM row) AS old`);
  const { held, changed, without, old } = rows[0]!;
  expect(changed).not.toEqual(held);
  expect(without).not.toEqual(held);
  expect(without).toEqual(old);
});
