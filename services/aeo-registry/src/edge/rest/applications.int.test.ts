import { randomUUID } from 'node:crypto';
import { registryService } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { certified, type TestRegistry } from '../../../../../tests/setup/registry/registry.ts';
import {
  startRegistryWithIssuer,
  type RegistryWithIssuer,
} from '../../../../../tests/setup/registry/registry-with-issuer.ts';

const { RegistryServiceService: service } = registryService;

let setup: RegistryWithIssuer;
let registry: TestRegistry;

beforeAll(async () => {
  setup = await startRegistryWithIssuer(inject('stack'));
  ({ registry } = setup);
});
afterAll(() => setup.stop());

async function withDraft(programmeId = 'in-aeo', tiers = ['T1']) {
  const made = await setup.firm();
  const begun = await made.applicant.rest(`${made.own}/applications`, {
    applicationId: 'first',
    programmeId,
    tiers,
  });
  expect(begun).toMatchObject({ status: 201, etag: '"1"', body: { status: 'draft', revision: 1 } });
  return { ...made, file: `${made.own}/applications/first` };
}

const patch = (etag: string | undefined) => ({
  method: 'PATCH',
  headers: etag === undefined ? {} : { 'if-match': etag },
});

test('a draft is saved, resumed, and changed only from its present revision', async () => {
  const { applicant, file, operatorId } = await withDraft();
  const first = await applicant.rest(file, { answers: { documentsLastYear: 12 } }, patch('"1"'));
  expect(first).toMatchObject({ status: 200, etag: '"2"', body: { answers: { documentsLastYear: 12 } } });
  const rows = await setup.auditedOf(operatorId);
  expect(await applicant.rest(file, { answers: { solvent: true } }, patch('"1"'))).toMatchObject({
    status: 412,
    body: { code: 'PRECONDITION_FAILED' },
  });
  expect(await applicant.rest(file, { answers: { solvent: true } }, patch(undefined))).toMatchObject({
    status: 428,
    body: { code: 'PRECONDITION_REQUIRED' },
  });
  expect(await setup.auditedOf(operatorId)).toBe(rows);
  const resumed = await applicant.rest(file);
  expect(resumed).toMatchObject({
    etag: '"2"',
    body: { answers: { documentsLastYear: 12 }, status: 'draft' },
  });
  const changed = { answers: { documentsLastYear: null, solvent: true }, tiers: ['T2'] };
  expect(await applicant.rest(file, changed, patch(resumed.etag))).toMatchObject({
    status: 200,
    body: { answers: { solvent: true }, tiers: ['T2'], revision: 3 },
  });
});

test("another firm's application is not found, for reading or writing, except while it is delegated", async () => {
  const { applicant, own, file, operatorId } = await withDraft();
  const stranger = await setup.caller('stranger', { roles: ['applicant'], operatorIds: [randomUUID()] });
  const adviser = await setup.caller(`adviser-${operatorId}`, {
    roles: ['adviser'],
    operatorIds: [operatorId],
  });
  const rows = await setup.auditedOf(operatorId);
  for (const { rest } of [stranger, adviser]) {
    const answers = [
      rest(file),
      rest(`${own}/applications`),
      rest(`${own}/record`),
      rest(`${file}/questions`),
      rest(file, { answers: {} }, patch('"1"')),
      rest(`${file}/submission`, undefined, { method: 'POST' }),
      rest(`${own}/consents/eu-aeo/mutual-recognition`, { given: true }, { method: 'PUT' }),
    ];
    for (const answer of await Promise.all(answers))
      expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  }
  expect(await setup.auditedOf(operatorId)).toBe(rows);
  const delegation = `${own}/delegations/adviser-${operatorId}`;
  expect((await applicant.rest(delegation, {}, { method: 'PUT' })).status).toBe(200);
  expect(await adviser.rest(file, { answers: { solvent: true } }, patch('"1"'))).toMatchObject({
    status: 200,
  });
  expect((await adviser.rest(delegation, {}, { method: 'PUT' })).status).toBe(403);
  // One role does not open a door for what another may do behind it.
  const many = await setup.caller(`adviser-${operatorId}`, {
    roles: ['adviser', 'applicant', 'auditor'],
    operatorIds: [randomUUID()],
  });
  expect((await many.rest(delegation, {}, { method: 'PUT' })).status).toBe(404);
  const other = await setup.caller('auditor', {
    roles: ['applicant', 'auditor'],
    operatorIds: [randomUUID()],
  });
  expect((await other.rest(file, { answers: {} }, patch('"2"'))).status).toBe(404);
  expect((await other.rest(file)).status).toBe(200);
  expect((await applicant.rest(delegation, undefined, { method: 'DELETE' })).status).toBe(200);
  expect((await adviser.rest(file)).status).toBe(404);
});

test('a delegation ends at its time', async () => {
  const { applicant, own, file, operatorId } = await withDraft();
  const adviser = await setup.caller(`brief-${operatorId}`, { roles: ['adviser'] });
  const until = new Date(Date.now() - 1_000).toISOString();
  await applicant.rest(`${own}/delegations/brief-${operatorId}`, { until }, { method: 'PUT' });
  expect((await adviser.rest(file)).status).toBe(404);
});

test('steps are taken by those the programme names, in its order, and clocks run from them', async () => {
  const { applicant, file, operatorId } = await withDraft();
  const officer = await setup.caller('examiner', { roles: ['officer'] });
  expect(await officer.rest(`${file}/steps`, { step: 'completeness', outcome: 'complete' })).toMatchObject({
    status: 409,
    body: { code: 'STEP_NOT_OPEN', fields: [{ path: 'step' }] },
  });
  const submitted = await applicant.rest(`${file}/submission`, undefined, { method: 'POST' });
  expect(submitted).toMatchObject({ status: 200, body: { status: 'submitted', programmeVersion: 2 } });
  const rows = await setup.auditedOf(operatorId);
  const step = { step: 'completeness', outcome: 'complete', note: 'an inner note' };
  for (const roles of [['applicant'], ['auditor'], ['agency']]) {
    const other = await setup.caller(`owner-of-${operatorId}`, { roles, operatorIds: [operatorId] });
    expect(await other.rest(`${file}/steps`, step)).toMatchObject({
      status: 403,
      body: { code: 'NOT_ALLOWED', fields: [{ path: 'step', code: 'NOT_ALLOWED' }] },
    });
  }
  expect(await setup.auditedOf(operatorId)).toBe(rows);
  const taken = await officer.rest(`${file}/steps`, step);
  expect(taken.body['stepsTaken']).toContainEqual(
    expect.objectContaining({ by: 'examiner', note: 'an inner note' }),
  );
  expect(taken.body['clocks']).toContainEqual(
    expect.objectContaining({
      id: 'decision-t1',
      state: expect.objectContaining({ status: 'running' }) as unknown,
    }),
  );
  const seen = JSON.stringify((await applicant.rest(file)).body);
  expect(seen).toContain('"running"');
  expect(seen).not.toMatch(/examiner|inner note/);
});

test('an agency takes its own step, and an officer with a token may not take it, over REST or gRPC', async () => {
  const { applicant, file, operatorId } = await withDraft('do-oea', []);
  expect((await applicant.rest(`${file}/submission`, undefined, { method: 'POST' })).status).toBe(200);
  const health = await setup.caller('of-health', { roles: ['agency'], agencies: ['health'] });
  const said = { step: 'joint', outcome: 'agenciesHeard', favourable: true };
  const rows = await setup.auditedOf(operatorId);
  expect(await health.rest(`${file}/steps`, { ...said, agency: 'agriculture' })).toMatchObject({
    status: 403,
    body: { code: 'NOT_ALLOWED', fields: [{ path: 'agency', code: 'NOT_ALLOWED' }] },
  });
  const { token } = await setup.caller('examiner', { roles: ['officer'] });
  const client = registry.as('officer');
  const joint = { operatorId, applicationId: 'first', ...said, agency: 'health', note: '' };
  const step = registryService.TakeStepRequest.fromPartial(joint);
  const overGrpc = await client.call(service.takeStep, step, { token }).catch((error: unknown) => error);
  expect(overGrpc).toMatchObject({
    code: 'denied',
    reason: 'NOT_ALLOWED',
    fields: [{ path: 'step', code: 'NOT_ALLOWED' }],
  });
  const facts = {
    operatorId,
    programmeId: 'do-oea',
    origin: 'agency',
    facts: { agenciesAgree: { value: { $case: 'truth' as const, value: true } } },
  };
  const found = registryService.RecordFactsRequest.fromPartial(facts);
  await expect(client.call(service.recordFacts, found, { token })).rejects.toMatchObject({
    code: 'denied',
    reason: 'FACT_ORIGIN',
  });
  expect(await setup.auditedOf(operatorId)).toBe(rows);
  expect(await health.rest(`${file}/steps`, { ...said, agency: 'health' })).toMatchObject({ status: 200 });
});

test('a proposal is hidden from the applicant, and its author may not approve it', async () => {
  const { operatorId, applicant, own } = await setup.firm();
  const [one, two] = await Promise.all(
    ['one', 'two'].map((name) => setup.caller(name, { roles: ['officer'] })),
  );
  const period = { operatorId, origin: 'history', declarations: 30n, controls: 30n };
  await registry
    .as('officer')
    .call(service.recordComplianceFacts, registryService.RecordComplianceFactsRequest.fromPartial(period));
  const file = { applicationId: 'a', operatorId, programmeId: 'demonstration' };
  expect((await one!.rest('/v1/applications', file)).status).toBe(201);
  expect(await one!.rest('/v1/applications/a/decision', { operatorId })).toMatchObject({
    body: { proposed: true },
  });
  expect((await one!.rest(`${own}/applications/a`)).body['proposal']).toMatchObject({ by: 'one' });
  expect((await applicant.rest(`${own}/applications/a`)).body['proposal']).toBeNull();
  const rows = await setup.auditedOf(operatorId);
  expect(await one!.rest('/v1/applications/a/approval', { operatorId })).toMatchObject({
    status: 403,
    body: { code: 'SAME_PERSON' },
  });
  expect(await setup.auditedOf(operatorId)).toBe(rows);
  expect((await two!.rest('/v1/applications/a/approval', { operatorId })).status).toBe(200);
});

test('a key repeats the answer to its command, and is refused for another command', async () => {
  const { applicant, file, operatorId } = await withDraft();
  const more = { method: 'PATCH', headers: { 'if-match': '"1"', 'idempotency-key': `k-${operatorId}` } };
  const first = await applicant.rest(file, { answers: { solvent: true } }, more);
  const again = await applicant.rest(file, { answers: { solvent: true } }, more);
  expect({ ...again.body, answeredAt: '' }).toEqual({ ...first.body, answeredAt: '' });
  expect(again.etag).toBe(first.etag);
  const rows = await setup.auditedOf(operatorId);
  expect(await applicant.rest(file, { answers: { solvent: false } }, more)).toMatchObject({
    status: 409,
    body: { code: 'KEY_REUSED' },
  });
  expect(await setup.auditedOf(operatorId)).toBe(rows);
});

test.each([
  ['an unknown programme', { applicationId: 'x', programmeId: 'nowhere' }, 404, 'programmeId NOT_FOUND'],
  [
    'an unknown tier',
    { applicationId: 'x', programmeId: 'in-aeo', tiers: ['T9'] },
    400,
    'tiers[0] FIELD_UNKNOWN_VALUE',
  ],
  ['an unknown field', { applicationId: 'x', programmeId: 'in-aeo', tier: 'T1' }, 400, 'tier FIELD_UNKNOWN'],
  [
    'a control character',
    { applicationId: 'x\u0007', programmeId: 'in-aeo' },
    400,
    'applicationId FIELD_FORMAT',
  ],
])('%s is refused by path and code, and changes nothing', async (_, body, status, problem) => {
  const { applicant, own, operatorId } = await setup.firm();
  const answer = await applicant.rest(`${own}/applications`, body);
  const [field] = answer.body['fields'] as { path: string; code: string }[];
  expect({ status: answer.status, problem: `${field?.path} ${field?.code}` }).toEqual({ status, problem });
  expect(await setup.auditedOf(operatorId)).toBe(1);
});

test.each([
  [
    'sites/one',
    { name: 'A shed\u202e', address: { street: 's', city: 'c', postcode: 'p', country: 'XA' } },
    'name FIELD_FORMAT',
  ],
  ['persons/one', { name: 'Somebody', position: 'clerk', leftOn: '9999-01-01' }, 'leftOn FIELD_RANGE'],
  ['persons/one', { name: 'Somebody', position: 'clerk', leftOn: '2026-02-30' }, 'leftOn FIELD_FORMAT'],
  ['group-firms/one', { name: 'B', relation: 'linked', share: 2, facts: {} }, 'share FIELD_RANGE'],
])('%s with %j is refused', async (path, body, problem) => {
  const { applicant, own, operatorId } = await setup.firm();
  const answer = await applicant.rest(`${own}/${path}`, body, { method: 'PUT' });
  const [field] = answer.body['fields'] as { path: string; code: string }[];
  expect({ status: answer.status, problem: `${field?.path} ${field?.code}` }).toEqual({
    status: 400,
    problem,
  });
  expect(await setup.auditedOf(operatorId)).toBe(1);
});

test('facts are recorded by those who find them, and known facts answer the questions of another programme', async () => {
  const { applicant, own, file, operatorId } = await withDraft();
  await applicant.rest(file, { answers: { recordsKept: true } }, patch('"1"'));
  await applicant.rest(`${file}/submission`, undefined, { method: 'POST' });
  const officer = await setup.caller('examiner', { roles: ['officer'] });
  const facts = { programmeId: 'in-aeo', origin: 'auditor', facts: { seriousCases: [] } };
  expect(await officer.rest(`${own}/facts`, facts)).toMatchObject({
    status: 403,
    body: { code: 'FACT_ORIGIN' },
  });
  expect((await officer.rest(`${own}/facts`, { ...facts, origin: 'authority' })).status).toBe(200);
  expect((await applicant.rest(`${own}/facts`, { ...facts, origin: 'authority' })).status).toBe(403);
  await applicant.rest(`${own}/applications`, { applicationId: 'second', programmeId: 'eu-aeo' });
  const { body } = await applicant.rest(`${own}/applications/second/questions`);
  const questions = body['questions'] as { question: { fact: string }; known: unknown }[];
  expect(questions.find(({ question }) => question.fact === 'recordsAuditable')).toMatchObject({
    known: true,
  });
  expect(questions.find(({ question }) => question.fact === 'staff')).toMatchObject({ known: null });
  expect(await setup.auditedOf(operatorId)).toBe(7);
});

test('an identifier is checked by the rule of its scheme, and is valid for its time', async () => {
  const { operatorId, own } = await setup.firm();
  const officer = await setup.caller('examiner', { roles: ['officer'] });
  const claim = (value: string, more = {}) =>
    officer.rest(`${own}/identifiers`, { identifier: { scheme: 'cnpj', country: 'BR', value }, ...more });
  expect(await claim('16727230000198')).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'identifier', code: 'IDENTIFIER_CHECKSUM' }] },
  });
  expect(await claim('167272300001')).toMatchObject({ status: 400, body: { code: 'IDENTIFIER_FORMAT' } });
  const inverted = { validFrom: '2026-02-01T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' };
  expect(await claim('16727230000197', inverted)).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'validUntil' }] },
  });
  expect(await setup.auditedOf(operatorId)).toBe(1);
  expect((await claim('16727230000197')).status).toBe(200);
  const identifier = { scheme: 'cnpj', country: 'BR', value: '16727230000197' };
  const doubtful = { scheme: 'rfc', country: 'MX', value: 'VACE460910SX6' };
  const warned = await officer.rest(`${own}/identifiers`, { identifier: doubtful });
  expect(warned).toMatchObject({ status: 200 });
  expect(warned.body['identifiers']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ identifier, standing: 'valid' }),
      expect.objectContaining({ identifier: doubtful, standing: 'checksum_warning' }),
    ]),
  );
  const ended = await officer.rest(`${own}/identifiers/end`, { identifier });
  const held = ended.body['identifiers'] as { identifier: object; validUntil: string | null }[];
  expect(held.find((each) => each.validUntil !== null)).toMatchObject({ identifier });
  const register = { operatorId: randomUUID(), name: 'B', sizeClass: 'SIZE_CLASS_SMALL' };
  const identifiers = [{ identifier: { ...identifier, value: '16727230000198' } }];
  expect(await officer.rest('/v1/operators', { ...register, identifiers })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'identifiers[0].identifier', code: 'IDENTIFIER_CHECKSUM' }] },
  });
});

test('consents are given and withdrawn', async () => {
  const { applicant, own } = await setup.firm();
  const path = `${own}/consents/eu-aeo/mutual-recognition`;
  const consents = async () =>
    ((await applicant.rest(`${own}/record`)).body as { consents: object }).consents;
  expect((await applicant.rest(path, { given: true }, { method: 'PUT' })).status).toBe(200);
  expect(Object.values(await consents())).toMatchObject([{ given: true }]);
  expect((await applicant.rest(path, { given: false }, { method: 'PUT' })).status).toBe(200);
  expect(Object.values(await consents())).toMatchObject([{ given: false }]);
  expect(await applicant.rest(path, { given: true, arrangement: 'any' }, { method: 'PUT' })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'arrangement', code: 'FIELD_UNKNOWN' }] },
  });
});

test('the history of a certificate is read as of one instant and as known at another', async () => {
  const { operatorId, certificateId } = await certified(registry.as('officer'));
  const path = `/v1/certificates/${certificateId}/history`;
  const officer = await setup.caller('examiner', { roles: ['officer'] });
  const before = new Date().toISOString();
  const effectiveFrom = new Date(Date.now() + 86_400_000).toISOString();
  const suspended = await officer.rest(`/v1/certificates/${certificateId}/suspensions`, {
    operatorId,
    reason: 'debt',
    reasonId: 'any',
    effectiveFrom,
  });
  expect(suspended.status).toBe(200);
  const statusOf = async (query: string) => {
    const { body } = await officer.rest(`${path}?${query}`);
    return (body['certificate'] as { status: string } | null)?.status ?? null;
  };
  const later = `asOf=${encodeURIComponent(effectiveFrom)}`;
  expect(await statusOf('')).toBe('active');
  expect(await statusOf(later)).toBe('suspended');
  expect(await statusOf(`${later}&knownAt=${before}`)).toBe('active');
  expect(await statusOf('asOf=2020-01-01T00:00:00Z')).toBeNull();
  const holder = await setup.caller('holder', { roles: ['applicant'], operatorIds: [operatorId] });
  const entries = (await holder.rest(path)).body['entries'] as {
    type: string;
    by: string;
    reasonId: string | null;
  }[];
  expect(entries.map(({ type }) => type)).toEqual(['CertificateGranted', 'CertificateSuspended']);
  expect(entries.map(({ reasonId }) => reasonId)).toEqual([null, 'any']);
  expect(entries.every(({ by }) => by === '')).toBe(true);
  const stranger = await setup.caller('stranger', { roles: ['applicant'], operatorIds: [randomUUID()] });
  expect((await stranger.rest(path)).status).toBe(404);
  expect((await officer.rest('/v1/certificates/never-granted/history')).status).toBe(404);
});

test('applications are listed page by page, each once', async () => {
  const { applicant, own } = await setup.firm();
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const applicationId of ids)
    await applicant.rest(`${own}/applications`, { applicationId, programmeId: 'eu-aeo' });
  const listed: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await applicant.rest(`${own}/applications?limit=2&cursor=${encodeURIComponent(cursor)}`);
    listed.push(...(body['items'] as { applicationId: string }[]).map(({ applicationId }) => applicationId));
    cursor = body['nextCursor'] as string | null;
  }
  expect(listed).toEqual(ids);
  const officer = await setup.caller('examiner', { roles: ['officer'] });
  const all = await officer.rest('/v1/applications?status=draft&programmeId=eu-aeo&limit=200');
  expect((all.body['items'] as object[]).length).toBeGreaterThanOrEqual(5);
  expect((await applicant.rest('/v1/applications')).status).toBe(403);
});

test('programmes and their questions are read before there is an application', async () => {
  const anybody = await setup.caller('curious', { roles: ['applicant'] });
  const { body } = await anybody.rest('/v1/programmes');
  const { version } = (body['items'] as { programmeId: string; version: number }[]).find(
    ({ programmeId }) => programmeId === 'in-aeo',
  )!;
  const whole = await anybody.rest(`/v1/programmes/in-aeo/versions/${version}`);
  expect(whole.body).toMatchObject({ id: 'in-aeo', version });
  const counted = async (query: string) => {
    const asked = await anybody.rest(`/v1/programmes/in-aeo/questions?tier=T1${query}`);
    return (asked.body['effort'] as { questions: number }).questions;
  };
  expect(await counted('&size=msme')).toBeLessThan(await counted(''));
  expect(await anybody.rest('/v1/programmes/in-aeo/questions?size=huge')).toMatchObject({
    status: 404,
    body: { fields: [{ path: 'size', code: 'NOT_FOUND' }] },
  });
});
