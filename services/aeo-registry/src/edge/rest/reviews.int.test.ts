import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../../../../../tests/setup/eventually.ts';
import {
  startRegistryWithIssuer,
  type RegistryWithIssuer,
} from '../../../../../tests/setup/registry/registry-with-issuer.ts';

const pdf = Buffer.from('%PDF-1.7\n%%EOF\n');

let setup: RegistryWithIssuer;

beforeAll(async () => {
  setup = await startRegistryWithIssuer(inject('stack'));
});
afterAll(() => setup.stop());

async function officer(sub: string) {
  const { rest } = await setup.caller(sub, { roles: ['officer'] });
  return async (...request: Parameters<typeof rest>) => {
    const answer = await rest(...request);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body;
  };
}

type Ask = Awaited<ReturnType<typeof officer>>;

const competentPerson = (ask: Ask, own: string, id: string) =>
  ask(`${own}/persons/${id}`, { name: id, position: 'customs', leftOn: null }, { method: 'PUT' });
const document = (ask: Ask, own: string, type: string, id: string, person = '') =>
  ask(`${own}/evidence/${id}?programmeId=za-aeo&type=${type}${person}`, undefined, {
    method: 'PUT',
    bytes: { content: pdf, type: 'application/pdf' },
  });

/** A firm that holds the lower tier, whose competence rests on one person. */
async function certifiedFirm(ask: Ask): Promise<{ operatorId: string; own: string; certificateId: string }> {
  const { operatorId, own } = await setup.firm();
  const facts = { offences: [], accountsYearsAllowed: 3, securityMet: true };
  await ask(`${own}/facts`, { programmeId: 'za-aeo', origin: 'authority', facts });
  await competentPerson(ask, own, 'one');
  await document(ask, own, 'self-assessment', 'self');
  await document(ask, own, 'audited-accounts', 'accounts');
  await document(ask, own, 'competency-certificate', 'competency', '&person=one');
  const file = `${own}/applications/${operatorId}`;
  await ask(`${own}/applications`, { applicationId: operatorId, programmeId: 'za-aeo', tiers: ['AEO-C'] });
  const answers = { computerSystem: true, internalControls: true, accountsYears: 3, competentPerson: true };
  await ask(file, { answers }, { method: 'PATCH', headers: { 'if-match': '"1"' } });
  await ask(`${file}/steps`, { step: 'self-assessment', outcome: 'ready' });
  await ask(`${file}/steps`, { step: 'test', outcome: 'passed' });
  await ask(`${file}/submission`, undefined, { method: 'POST' });
  await ask(`${file}/steps`, { step: 'desk', outcome: 'examined' });
  await ask(`/v1/applications/${operatorId}/decision`, { operatorId });
  const second = await officer('second');
  const { certificateId } = await second(`/v1/applications/${operatorId}/approval`, { operatorId });
  return { operatorId, own, certificateId: certificateId as string };
}

async function reviewsOf(ask: Ask): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let cursor: unknown = '';
  do {
    const page = await ask(`/v1/reviews?limit=1&cursor=${encodeURIComponent(String(cursor))}`);
    found.push(...(page['items'] as Record<string, unknown>[]));
    cursor = page['nextCursor'];
  } while (cursor !== null);
  return found;
}

test('a certificate without its competent person is listed for review, keeps its status, and leaves the list once competence is proven again', async () => {
  const ask = await officer('first');
  const [one, other] = [await certifiedFirm(ask), await certifiedFirm(ask)];
  expect(await reviewsOf(ask)).toEqual([]);
  for (const { own } of [one, other])
    await ask(
      `${own}/persons/one`,
      { name: 'one', position: 'customs', leftOn: '2026-01-31' },
      { method: 'PUT' },
    );
  await eventually(async () => expect(await reviewsOf(ask)).toHaveLength(2));
  const reviews = await reviewsOf(ask);
  expect(reviews.map(({ operatorId }) => operatorId).toSorted()).toEqual(
    [one.operatorId, other.operatorId].toSorted(),
  );
  expect(reviews).toContainEqual({
    certificateId: one.certificateId,
    operatorId: one.operatorId,
    programmeId: 'za-aeo',
    component: 'accreditation',
    tier: 'AEO-C',
    status: 'active',
    missedDuties: [],
    lapsedProofs: { competency: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) as unknown },
  });
  await competentPerson(ask, one.own, 'two');
  await document(ask, one.own, 'competency-certificate', 'second', '&person=two');
  await eventually(async () =>
    expect((await reviewsOf(ask)).map(({ operatorId }) => operatorId)).toEqual([other.operatorId]),
  );
  const { entries } = await ask(`/v1/certificates/${one.certificateId}/history`);
  expect((entries as { type: string }[]).map(({ type }) => type)).toEqual([
    'CertificateGranted',
    'ProofLapsed',
    'ProofRestored',
  ]);
});

test('firms do not see the list of reviews', async () => {
  const { rest } = await setup.caller('owner', { roles: ['applicant'] });
  expect(await rest('/v1/reviews')).toMatchObject({
    status: 403,
    body: { code: 'NOT_ALLOWED' },
  });
});
