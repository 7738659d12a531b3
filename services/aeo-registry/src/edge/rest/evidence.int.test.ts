import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  startRegistryWithIssuer,
  type RegistryWithIssuer,
} from '../../../../../tests/setup/registry/registry-with-issuer.ts';

const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(3_000, 'a'), Buffer.from('\n%%EOF\n')]);

let setup: RegistryWithIssuer;

beforeAll(async () => {
  setup = await startRegistryWithIssuer(inject('stack'));
});
afterAll(() => setup.stop());

const evidencePath = (own: string, query: string) =>
  `${own}/evidence/one?programmeId=in-aeo&type=annexure-a${query}`;
const uploading = (content: Buffer, type = 'application/pdf') => ({
  method: 'PUT',
  bytes: { content, type },
});

test('a document is stored once, by its content, and is downloaded unchanged', async () => {
  const { applicant, own, operatorId } = await setup.firm();
  const path = evidencePath(own, '&issuedOn=2026-01-02&validUntil=2027-01-01');
  const stored = await applicant.rest(path, undefined, uploading(pdf, 'text/html'));
  expect(stored).toMatchObject({
    status: 201,
    body: { evidenceId: 'one', bytes: pdf.length, mediaType: 'application/pdf' },
  });
  expect((await applicant.rest(path, undefined, uploading(pdf))).status).toBe(201);
  const got = await applicant.download(`${own}/evidence/one/content`);
  expect(got).toMatchObject({ status: 200, type: 'application/pdf' });
  expect(got.bytes.equals(pdf)).toBe(true);
  const record = await applicant.rest(`${own}/record`);
  expect(record.body).toMatchObject({ evidence: { one: { type: 'annexure-a', validUntil: '2027-01-01' } } });
  const stranger = await setup.caller('stranger', { roles: ['applicant'], operatorIds: [randomUUID()] });
  expect((await stranger.download(`${own}/evidence/one/content`)).status).toBe(404);
  expect((await stranger.rest(path, undefined, uploading(pdf))).status).toBe(404);
  expect(await setup.auditedOf(operatorId)).toBe(2);
});

test('an agency reads the documents of programmes that share them with it, and no others', async () => {
  const { applicant, own } = await setup.firm();
  const put = (programmeId: string, type: string) =>
    applicant.rest(
      `${own}/evidence/${programmeId}?programmeId=${programmeId}&type=${type}`,
      undefined,
      uploading(pdf),
    );
  expect((await put('ma-oea', 'audit-report')).status).toBe(201);
  expect((await put('in-aeo', 'annexure-a')).status).toBe(201);
  const read = async (agencies: string[], id: string) => {
    const agency = await setup.caller('of-an-agency', { roles: ['agency'], agencies });
    return (await agency.download(`${own}/evidence/${id}/content`)).status;
  };
  expect(await read(['tax'], 'ma-oea')).toBe(200);
  expect(await read(['health'], 'ma-oea')).toBe(404);
  expect(await read(['tax'], 'in-aeo')).toBe(404);
});

test('a document that does not fit its type is refused, and nothing is recorded', async () => {
  const { applicant, own, operatorId } = await setup.firm();
  const put = (query: string, content: Buffer) =>
    applicant.rest(evidencePath(own, query), undefined, uploading(content));
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
  expect(await put('', png)).toMatchObject({ status: 415, body: { code: 'EVIDENCE_TYPE' } });
  expect(await put('', Buffer.from('plain text'))).toMatchObject({ status: 415 });
  const large = Buffer.concat([pdf, Buffer.alloc(50_000_000)]);
  expect(await put('', large)).toMatchObject({ status: 413, body: { code: 'EVIDENCE_TOO_LARGE' } });
  expect(await put('', Buffer.alloc(0))).toMatchObject({ status: 400, body: { code: 'EVIDENCE_EMPTY' } });
  const inverted = '&issuedOn=2026-01-02&validUntil=2025-01-01';
  expect(await put(inverted, pdf)).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'validUntil', code: 'FIELD_RANGE' }] },
  });
  expect(await put('&validUntil=9999-01-01', pdf)).toMatchObject({
    status: 400,
    body: { code: 'FIELD_RANGE' },
  });
  const { rows } = await setup.registry.database.query<{ n: bigint }>('SELECT count(*) AS n FROM evidence');
  expect({ recorded: await setup.auditedOf(operatorId), stored: Number(rows[0]?.n) }).toEqual({
    recorded: 1,
    stored: 1,
  });
});
