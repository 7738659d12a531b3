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

test('a suspension bars its component once it was answered and the bound has passed', () => {
  const bars = createSuspensionIndex(boundMs);
  bars.noteOperator(operator({ status: SUSPENDED, component: 'one', certificateId: 'c' }), at(10));
  expect(bars.isBarred(match(), at(12))).toBe(false);
  expect(bars.isBarred(match(), at(13))).toBe(true);
  expect(bars.isBarred(match('one', 'another certificate'), at(13))).toBe(true);
  expect(bars.isBarred(match('two'), at(13))).toBe(false);
  expect(bars.isBarred({ ...match(), operatorId: 'somebody else' }, at(13))).toBe(false);
});

test('one that takes effect later bars from then on, and a lifted one no longer', () => {
  const bars = createSuspensionIndex(boundMs);
  const times = { effectiveFrom: at(30) };
  bars.noteOperator(operator({ status: SUSPENDED, component: 'one', times }), at(10));
  expect(bars.isBarred(match(), at(31))).toBe(false);
  expect(bars.isBarred(match(), at(32))).toBe(true);
  bars.noteOperator(operator({ status: ACTIVE, component: 'one' }), at(50));
  expect(bars.isBarred(match(), at(49))).toBe(true);
  expect(bars.isBarred(match(), at(50))).toBe(false);
});

test('a later record of the same suspension does not make it begin later', () => {
  const bars = createSuspensionIndex(boundMs);
  bars.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(10));
  bars.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(40));
  expect(bars.isBarred(match(), at(20))).toBe(true);
});

test('an older record that comes late lifts nothing', () => {
  const bars = createSuspensionIndex(boundMs);
  const older = operator({ status: ACTIVE, component: 'one' });
  bars.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(10));
  bars.noteOperator(older, at(11));
  expect(bars.isBarred(match(), at(20))).toBe(true);
});

test('a revocation bars its certificate alone', () => {
  const bars = createSuspensionIndex(boundMs);
  bars.noteOperator(operator({ status: REVOKED, component: 'one', certificateId: 'c' }), at(10));
  expect(bars.isBarred(match('one', 'c'), at(20))).toBe(true);
  expect(bars.isBarred(match('one', 'd'), at(20))).toBe(false);
});

test("a partner's suspension bars the operator under that arrangement", () => {
  const bars = createSuspensionIndex(boundMs);
  const named = { arrangementId: 'a', partnerOperatorId: 'o' };
  const told = (status: common.CertificateStatus) =>
    exchangeStatus.PartnerSuspension.fromPartial({ ...named, version: version(), status });
  bars.noteSuspension(told(SUSPENDED), at(10));
  expect(bars.isBarred({ ...match(), source: 'a' }, at(20))).toBe(true);
  expect(bars.isBarred({ ...match(), source: 'b' }, at(20))).toBe(false);
  bars.noteSuspension(told(ACTIVE), at(30));
  expect(bars.isBarred({ ...match(), source: 'a' }, at(40))).toBe(false);
});

test('what was noted since the last look is asked for once, from its earliest on', () => {
  const bars = createSuspensionIndex(boundMs);
  bars.noteOperator(operator({ status: SUSPENDED, component: 'one' }), at(10));
  expect(bars.takeEarliestMs()).toBe(at(13).getTime());
  expect(bars.takeEarliestMs()).toBeUndefined();
  expect(bars.operatorIds()).toEqual(['o']);
});
