import { expect, test } from 'vitest';
import type { CertificateEvent } from './event.ts';
import { historyOf, type Recorded } from './history.ts';

const day = (number: number) => `2026-03-${String(number).padStart(2, '0')}T00:00:00.000Z`;

const granted: CertificateEvent = {
  type: 'CertificateGranted',
  at: day(1),
  applicationId: 'a',
  effectiveFrom: day(1),
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
  type: 'CertificateSuspended',
  at: day(5),
  certificateId: 'c',
  reason: 'debt',
  reasonId: 'tax-debt',
  effectiveFrom: day(10),
  notifiedAt: day(6),
};
const reinstated: CertificateEvent = {
  type: 'CertificateReinstated',
  at: day(12),
  certificateId: 'c',
  reason: 'paid',
};

const recorded = (...events: CertificateEvent[]): Recorded[] =>
  events.map((event) => ({ event, recordedAt: event.at, actor: 'an officer' }));

const statusAsOf = (number: number, rows: Recorded[]) =>
  historyOf(rows, 'c', day(number)).certificate?.status;

test('a certificate has the status of the events that had taken effect at the instant', () => {
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

test('a certificate is active as it was known before its suspension was recorded', () => {
  expect(statusAsOf(11, recorded(granted))).toBe('active');
});

test('a certificate past its end is expired before its deadline is processed, unless a renewal continues it', () => {
  expect(statusAsOf(27, recorded(granted))).toBe('active');
  expect(statusAsOf(28, recorded(granted))).toBe('expired');
  const continued: CertificateEvent = {
    type: 'CertificateContinued',
    at: day(20),
    certificateId: 'c',
    applicationId: 'b',
  };
  expect(statusAsOf(28, recorded(granted, continued))).toBe('active');
});

test('an entry of the history has the instants of decision, notification, effect and record', () => {
  const [, entry] = historyOf(
    [...recorded(granted), { event: suspended, recordedAt: day(7), actor: 'an officer' }],
    'c',
    day(8),
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

test('the history has no event of another certificate', () => {
  expect(historyOf(recorded(granted, suspended), 'another', day(20))).toEqual({
    certificate: undefined,
    entries: [],
  });
});
