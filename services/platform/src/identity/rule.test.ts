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
  ['any certificate', certificate('whoever'), { certificates: 'any' }],
  ['a token with the role', token('auditor'), { roles: ['officer', 'auditor'] }],
  ['a token with one role of two', token('auditor', 'agency'), { certificates: [], roles: ['agency'] }],
])('%s is let in', (_, principal, rule) => {
  expect(() => requireAllowed(principal, rule)).not.toThrow();
});

test('of several roles those count alone that open the door', () => {
  const caller = token('adviser', 'applicant', 'agency');
  expect(requireAllowed(caller, { roles: ['applicant', 'officer'] })).toEqual({
    ...caller,
    roles: ['applicant'],
  });
  expect(requireAllowed(certificate('officer'), { certificates: 'any' })).toEqual(certificate('officer'));
});

test.each<[string, Principal, Rule | undefined]>([
  ['a certificate that is not on the list', certificate('trader'), { certificates: ['officer'] }],
  ['a certificate, where tokens alone are let in', certificate('officer'), { roles: ['officer'] }],
  ['a connection without a certificate', certificate(''), { certificates: 'any' }],
  ['a connection without a certificate', certificate(''), { certificates: [''] }],
  ['a token without the role', token('applicant'), { certificates: 'any', roles: ['officer'] }],
  ['a token without any role', token(), { roles: ['officer'] }],
  ['a token whose subject is the name of a certificate', token(), { certificates: ['officer'] }],
  ['a token, where no role is named', token('officer'), { certificates: 'any' }],
  ['everybody under an empty rule', certificate('officer'), {}],
  ['everybody without a rule', certificate('officer'), undefined],
  ['everybody without a rule', token('officer'), undefined],
])('%s is not let in', (_, principal, rule) => {
  expect(() => requireAllowed(principal, rule)).toThrow(denied);
});

const verifyToken = () => Promise.resolve(token('applicant'));

test('a certificate stands for the roles its service gave it, and for no operator', async () => {
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

test('a token speaks for the caller, whatever certificate the connection has', async () => {
  const credentials = { certificate: 'portal', authorization: 'Bearer abc' };
  expect(await identify(credentials, { verifyToken })).toMatchObject({ kind: 'token', roles: ['applicant'] });
});

test.each(['Basic abc', 'Bearer', 'Bearer a b', ''])('%j is no bearer token', async (authorization) => {
  const work = identify({ certificate: 'officer', authorization }, { verifyToken });
  await expect(work).rejects.toMatchObject({ code: 'denied', reason: 'TOKEN_INVALID' });
});

test('where no issuer is set, a token is refused and not passed over', async () => {
  const work = identify({ certificate: 'officer', authorization: 'Bearer abc' }, {});
  await expect(work).rejects.toMatchObject({ code: 'denied', reason: 'TOKEN_INVALID' });
});

test('who brings neither certificate nor token is not let in', async () => {
  const work = identify({ certificate: '', authorization: undefined }, { verifyToken });
  await expect(work).rejects.toMatchObject({ code: 'denied', reason: 'NOT_ALLOWED' });
});

test('a system says for whom it acts; a token is acted under by its subject alone, and recorded as a token', () => {
  expect(actorOf(certificate('officer'), 'a person')).toBe('a person');
  expect(actorOf(token('officer'), 'a person')).toBe('officer');
  expect([recordedName(certificate('officer')), recordedName(token())]).toEqual(['officer', 'token:officer']);
});
