import { expect, test } from 'vitest';
import { requireAllowed, type Rule } from './rule.ts';
import { identify } from './identify.ts';
import { actorOf, certificatePrincipal, recordedName, type Principal, type Role } from './principal.ts';

const denied = expect.objectContaining({ code: 'denied', reason: 'NOT_ALLOWED' }) as Error;
const certificate = (name: string) => certificatePrincipal(name, { officer: ['officer'] });
const token = (...roles: Role[]): Principal => ({
  kind: 'token',
  subject: 'officer',
  roles,
  operatorIds: [],
  agencies: [],
});

test.each<[string, Principal, Rule]>([
  ['a certificate on the list', certificate('officer'), { certificates: ['a', 'officer'] }],
  ['any certificate', certificate('any-name'), { certificates: 'any' }],
  ['a token with the role', token('auditor'), { roles: ['officer', 'auditor'] }],
  ['a token with one role of two', token('auditor', 'agency'), { certificates: [], roles: ['agency'] }],
])('%s is admitted', (_, principal, rule) => {
  expect(() => requireAllowed(principal, rule)).not.toThrow();
});

test('of several roles only those that the rule names are kept', () => {
  const caller = token('adviser', 'applicant', 'agency');
  expect(requireAllowed(caller, { roles: ['applicant', 'officer'] })).toEqual({
    ...caller,
    roles: ['applicant'],
  });
  expect(requireAllowed(certificate('officer'), { certificates: 'any' })).toEqual(certificate('officer'));
});

test.each<[string, Principal, Rule | undefined]>([
  ['a certificate that is not on the list', certificate('trader'), { certificates: ['officer'] }],
  ['a certificate, under a rule for tokens alone', certificate('officer'), { roles: ['officer'] }],
  ['a connection without a certificate', certificate(''), { certificates: 'any' }],
  ['a connection without a certificate', certificate(''), { certificates: [''] }],
  ['a token without the role', token('applicant'), { certificates: 'any', roles: ['officer'] }],
  ['a token without any role', token(), { roles: ['officer'] }],
  ['a token whose subject is the name of a certificate', token(), { certificates: ['officer'] }],
  ['a token, under a rule for certificates alone', token('officer'), { certificates: 'any' }],
  ['any certificate under an empty rule', certificate('officer'), {}],
  ['a certificate without a rule', certificate('officer'), undefined],
  ['a token without a rule', token('officer'), undefined],
])('%s is refused', (_, principal, rule) => {
  expect(() => requireAllowed(principal, rule)).toThrow(denied);
});

const verifyToken = () => Promise.resolve(token('applicant'));

test('a certificate has the roles its service gives it, and represents no operator', async () => {
  const settings = { certificateRoles: { officer: ['officer'] } } as const;
  expect(await identify({ certificate: 'officer', authorization: undefined }, settings)).toEqual({
    kind: 'certificate',
    subject: 'officer',
    roles: ['officer'],
    operatorIds: [],
    agencies: [],
  });
  const other = await identify({ certificate: 'toString', authorization: undefined }, settings);
  expect(other).toMatchObject({ subject: 'toString', roles: [] });
});

test('a token identifies the caller, whatever certificate the connection has', async () => {
  const credentials = { certificate: 'portal', authorization: 'Bearer abc' };
  expect(await identify(credentials, { verifyToken })).toMatchObject({ kind: 'token', roles: ['applicant'] });
});

test.each(['Basic abc', 'Bearer', 'Bearer a b', ''])('%j is no bearer token', async (authorization) => {
  const work = identify({ certificate: 'officer', authorization }, { verifyToken });
  await expect(work).rejects.toMatchObject({ code: 'denied', reason: 'TOKEN_INVALID' });
});

test('where no issuer is set, a token is refused, not ignored', async () => {
  const work = identify({ certificate: 'officer', authorization: 'Bearer abc' }, {});
  await expect(work).rejects.toMatchObject({ code: 'denied', reason: 'TOKEN_INVALID' });
});

test('a caller with neither certificate nor token is refused', async () => {
  const work = identify({ certificate: '', authorization: undefined }, { verifyToken });
  await expect(work).rejects.toMatchObject({ code: 'denied', reason: 'NOT_ALLOWED' });
});

test('a system states for whom it acts; a token acts for its subject alone, and is recorded as a token', () => {
  expect(actorOf(certificate('officer'), 'a person')).toBe('a person');
  expect(actorOf(token('officer'), 'a person')).toBe('officer');
  expect([recordedName(certificate('officer')), recordedName(token())]).toEqual(['officer', 'token:officer']);
});
