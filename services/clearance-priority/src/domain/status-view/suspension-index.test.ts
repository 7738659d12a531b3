import { common, exchangeStatus, registryStatus } from '@aeo/proto';
import { expect, test } from 'vitest';
import { createSuspensionIndex } from './suspension-index.ts';

const { ACTIVE, REVOKED, SUSPENDED } = common.CertificateStatus;
const boundMs = 2_000;
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
let number = 0n;
const version = () => ({ epoch: 1n, number: (number += 1n) });
const operator = (...components: Parameters<typeof registryStatus.StatusComponent.fromPartial>[0][]) =>
  registryStatus.OperatorStatus.fromPartial({ operatorId: 'o', version: version(), components });
const match = (component = 'one', certificateId = 'c') => ({
  source: 'registry',
  operatorId: 'o',
  component,
  certificateId,
});

test('a suspension holds for its component once it was answered and the bound has passed', () => {
  const index = createSuspensionIndex(boundMs);
  index.noteOperator(operator({ status: SUSPENDED, component: 'one', certificateId: 'c' }), at(10));
  expect(index.isSuspended(match(), at(12))).toBe(false);
  expect(index.isSuspended(match(), at(13))).toBe(true);
  expect(index.isSuspended(match('one', 'another certificate'), at(13))).toBe(true);
  expect(index.isSuspended(match('two'), at(13))).toBe(false);
  expect(index.isSuspended({ ...match(), operatorId: 'another operator' }, at(13))).toBe(false);
});

test('a suspension that takes effect later holds from then on, and a lifted one no longer', () => {
  const index = createSuspensionIndex(boundMs);
  const times = { effectiveFrom: at(30) };
  index.noteOperator(operator({ status: SUSPENDED, component: 'one', times }), at(10));
  expect(index.isSuspended(match(), at(31))).toBe(false);
  expect(index.isSuspended(match(), at(32))).toBe(true);
  index.noteOperator(operator({ status: ACTIVE, component: 'one' }), at(50));
  expect(index.isSuspended(match(), at(49))).toBe(true);
  expect(index.isSuspended(match(), at(50))).toBe(false);
});

test('a later record of the same suspension does not make it begin later', () => {
  const index = createSuspensionIndex(boundMs);
  index.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(10));
  index.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(40));
  expect(index.isSuspended(match(), at(20))).toBe(true);
});

test('an older record that comes late lifts nothing', () => {
  const index = createSuspensionIndex(boundMs);
  const older = operator({ status: ACTIVE, component: 'one' });
  index.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(10));
  index.noteOperator(older, at(11));
  expect(index.isSuspended(match(), at(20))).toBe(true);
});

test('a revocation holds for its certificate alone', () => {
  const index = createSuspensionIndex(boundMs);
  index.noteOperator(operator({ status: REVOKED, component: 'one', certificateId: 'c' }), at(10));
  expect(index.isSuspended(match('one', 'c'), at(20))).toBe(true);
  expect(index.isSuspended(match('one', 'd'), at(20))).toBe(false);
});

test("a partner's suspension holds for the operator under that arrangement", () => {
  const index = createSuspensionIndex(boundMs);
  const named = { arrangementId: 'a', partnerOperatorId: 'o' };
  const told = (status: common.CertificateStatus) =>
    exchangeStatus.PartnerSuspension.fromPartial({ ...named, version: version(), status });
  index.noteSuspension(told(SUSPENDED), at(10));
  expect(index.isSuspended({ ...match(), source: 'a' }, at(20))).toBe(true);
  expect(index.isSuspended({ ...match(), source: 'b' }, at(20))).toBe(false);
  index.noteSuspension(told(ACTIVE), at(30));
  expect(index.isSuspended({ ...match(), source: 'a' }, at(40))).toBe(false);
});

test('takeEarliestMs returns the earliest beginning noted since the last call', () => {
  const index = createSuspensionIndex(boundMs);
  index.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(10));
  expect(index.takeEarliestMs()).toBe(at(13).getTime());
  expect(index.takeEarliestMs()).toBeUndefined();
  expect(index.operatorIds()).toEqual(['o']);
});
