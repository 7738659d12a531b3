import { expect, test } from 'vitest';
import type { CertificateEvent } from './event.ts';
import { historyOf, type Recorded } from './history.ts';

const day = (number: number) => `2026-03-${String(number).padStart(2, '0')}T00:00:00.000Z`;

const granted: CertificateEvent = {
  ...({ type: 'CertificateGranted', at: day(1), applicationId: 'a', effectiveFrom: day(1) } as const),
  validUntil: day(28),
  granted: {
    certificateId: 'c',
    programmeId: 'p',
    programmeVersion: 1,
    component: 'status',
    purposes: [],
    tier: 'first',
    credits: {},
  },
};
/** Decided on the fifth, for the tenth. */
const suspended: CertificateEvent = {
  ...({ type: 'CertificateSuspended', at: day(5), certificateId: 'c', reason: 'debt' } as const),
  reasonId: 'tax-debt',
  effectiveFrom: day(10),
  notifiedAt: day(6),
};
const reinstated: CertificateEvent = {
  ...({ type: 'CertificateReinstated', at: day(12), certificateId: 'c', reason: 'paid' } as const),
};

const recorded = (...events: CertificateEvent[]): Recorded[] =>
  events.map((event) => ({ event, recordedAt: event.at, actor: 'an officer' }));

const statusAsOf = (number: number, rows: Recorded[]) =>
  historyOf(rows, 'c', day(number)).certificate?.status;

test('it stands as what had taken effect by then made it', () => {
  const rows = recorded(granted, suspended, reinstated);
  expect([0, 1, 9, 10, 11, 12].map((number) => statusAsOf(number, rows))).toEqual([
    undefined,
    'active',
    'active',
    'suspended',
    'suspended',
    'active',
  ]);
});

test('known before the suspension, it is active on a day that the suspension reached later', () => {
  expect(statusAsOf(11, recorded(granted))).toBe('active');
});

test('past its end it is expired, whether or not the clock has looked, unless a renewal keeps it going', () => {
  expect(statusAsOf(27, recorded(granted))).toBe('active');
  expect(statusAsOf(28, recorded(granted))).toBe('expired');
  const continued: CertificateEvent = {
    ...({ type: 'CertificateContinued', at: day(20), certificateId: 'c', applicationId: 'b' } as const),
  };
  expect(statusAsOf(28, recorded(granted, continued))).toBe('active');
});

test('an entry keeps apart when it was decided, told, in effect and recorded', () => {
  const [, entry] = historyOf(
    [...recorded(granted), { event: suspended, recordedAt: day(7), actor: 'an officer' }],
    ...(['c', day(8)] as const),
  ).entries;
  expect(entry).toEqual({
    type: 'CertificateSuspended',
    decidedAt: day(5),
    notifiedAt: day(6),
    effectiveFrom: day(10),
    recordedAt: day(7),
    by: 'an officer',
    reason: 'debt',
    reasonId: 'tax-debt',
  });
});

test('nothing of another certificate is told', () => {
  expect(historyOf(recorded(granted, suspended), 'another', day(20))).toEqual({
    certificate: undefined,
    entries: [],
  });
});
